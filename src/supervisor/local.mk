# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libsupervisor.a
%C%_libsupervisor_a_SOURCES = \
	%D%/supervisor.h
