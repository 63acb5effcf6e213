# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libcli.a
%C%_libcli_a_SOURCES =
