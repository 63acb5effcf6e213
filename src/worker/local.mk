# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libworker.a
%C%_libworker_a_SOURCES =
