# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/arena.c \
	%D%/buf.c \
	%D%/calendar.c \
	%D%/calendar.h \
	%D%/clock.c \
	%D%/clock.h \
	%D%/digest.c \
	%D%/digest.h \
	%D%/digest_text.c \
	%D%/err.c \
	%D%/field.c \
	%D%/field_print.c \
	%D%/file.c \
	%D%/file.h \
	%D%/frame.c \
	%D%/frame.h \
	%D%/json_canonical.c \
	%D%/json_check.c \
	%D%/json_decode.c \
	%D%/json_doc.c \
	%D%/json_encode.c \
	%D%/json_scan.c \
	%D%/json_scan.h \
	%D%/json_text.c \
	%D%/keyring.c \
	%D%/landlock.c \
	%D%/landlock.h \
	%D%/locked.c \
	%D%/locked.h \
	%D%/log.c \
	%D%/log.h \
	%D%/program.c \
	%D%/sandbox.c \
	%D%/sandbox.h \
	%D%/seccomp.c \
	%D%/seccomp.h \
	%D%/secret.c \
	%D%/secret.h \
	%D%/shape.c \
	%D%/wire.c \
	%D%/wire.h \
	%D%/zone.c \
	%D%/zone.h \
	%D%/zone_decode.c \
	%D%/zone_rule.c
