# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libengine.a
%C%_libengine_a_SOURCES = \
	%D%/command.h \
	%D%/engine.h \
	%D%/inside.h \
	%D%/policy.h \
	%D%/settle.h \
	%D%/verb.h
