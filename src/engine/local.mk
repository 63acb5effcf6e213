# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libengine.a
%C%_libengine_a_SOURCES = \
	%D%/admin.c \
	%D%/ask.c \
	%D%/command.c \
	%D%/command.h \
	%D%/compensate.c \
	%D%/effect.c \
	%D%/engine.c \
	%D%/engine.h \
	%D%/expand.c \
	%D%/guard.c \
	%D%/hold.c \
	%D%/phase.c \
	%D%/inside.h \
	%D%/matter.c \
	%D%/meta.h \
	%D%/note.c \
	%D%/outgoing.h \
	%D%/pipe.c \
	%D%/pipe.h \
	%D%/policy.h \
	%D%/reply.c \
	%D%/run.c \
	%D%/run.h \
	%D%/settle.c \
	%D%/settle.h \
	%D%/step.c \
	%D%/step.h \
	%D%/tick.c \
	%D%/tick.h \
	%D%/verb.c \
	%D%/verb.h
