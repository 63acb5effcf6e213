# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libfeeds.a
%C%_libfeeds_a_SOURCES =
