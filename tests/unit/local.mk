# SPDX-License-Identifier: Apache-2.0
# A unit test is one line here and a file of that name.
unit_tests = \
	%D%/t_action \
	%D%/t_api \
	%D%/t_arena \
	%D%/t_bundle \
	%D%/t_children \
	%D%/t_clock \
	%D%/t_converge \
	%D%/t_config \
	%D%/t_csv \
	%D%/t_deliver \
	%D%/t_description \
	%D%/t_desired \
	%D%/t_digest \
	%D%/t_directory \
	%D%/t_err \
	%D%/t_eval \
	%D%/t_evidence \
	%D%/t_feeds \
	%D%/t_field \
	%D%/t_file \
	%D%/t_fold \
	%D%/t_frame \
	%D%/t_guard \
	%D%/t_http \
	%D%/t_intake \
	%D%/t_turn \
	%D%/t_json \
	%D%/t_jump \
	%D%/t_jsonl \
	%D%/t_late \
	%D%/t_load \
	%D%/t_load_held \
	%D%/t_merkle \
	%D%/t_name \
	%D%/t_note \
	%D%/t_phase \
	%D%/t_pipe \
	%D%/t_plan \
	%D%/t_program \
	%D%/t_reply \
	%D%/t_sandbox \
	%D%/t_scan \
	%D%/t_secret \
	%D%/t_show \
	%D%/t_step \
	%D%/t_steprow \
	%D%/t_store \
	%D%/t_supervisor \
	%D%/t_ahead \
	%D%/t_workers \
	%D%/t_zone

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests) %D%/fake_child
TESTS += $(unit_tests)
endif
EXTRA_DIST += %D%/files.h %D%/fresh_dir.h %D%/fresh_log.h %D%/house.h \
	%D%/inbox.h %D%/mapping.h

%C%_t_description_SOURCES = %D%/t_description.c \
	providers/http_description.c providers/http_program.c \
	providers/http_template.c
%C%_t_description_CPPFLAGS = $(AM_CPPFLAGS)
