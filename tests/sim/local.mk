# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += %D%/sim
%C%_sim_SOURCES = \
	%D%/chance.h \
	%D%/check.c \
	%D%/check.h \
	%D%/company.c \
	%D%/daemon.c \
	%D%/main.c \
	%D%/operator.c \
	%D%/operator.h \
	%D%/people.c \
	%D%/people.h \
	%D%/plant.c \
	%D%/plant.h \
	%D%/policy.c \
	%D%/policy.h \
	%D%/rest.c \
	%D%/rows.c \
	%D%/rows.h \
	%D%/sim.h \
	%D%/wire.c \
	%D%/wire.h \
	%D%/world.c \
	%D%/world.h
%C%_sim_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/%D%
%C%_sim_LDADD = $(ENGINE_LIBS)

TESTS += %D%/run.sh %D%/planted.sh
EXTRA_DIST += %D%/run.sh %D%/planted.sh \
	%D%/company/feeds/hr.json \
	%D%/company/muster.json \
	%D%/company/roles/engineer.json \
	%D%/company/roles/operator.json \
	%D%/company/roles/person.json \
	%D%/company/roles/service.json \
	%D%/company/systems/dir.json \
	%D%/company/systems/doors.json \
	%D%/company/systems/lab.json \
	%D%/company/workflows/badge.json
