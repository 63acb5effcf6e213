# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libevidence.a
%C%_libevidence_a_SOURCES = \
	%D%/evidence.h
