# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libmodel.a
%C%_libmodel_a_SOURCES = \
	%D%/account.h \
	%D%/call.h \
	%D%/config.h \
	%D%/event.h \
	%D%/identity.h \
	%D%/matter.h \
	%D%/plan.h \
	%D%/run.h
