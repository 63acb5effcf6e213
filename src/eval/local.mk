# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libeval.a
%C%_libeval_a_SOURCES =
