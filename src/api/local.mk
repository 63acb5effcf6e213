# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libapi.a
%C%_libapi_a_SOURCES =
