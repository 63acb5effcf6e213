# SPDX-License-Identifier: Apache-2.0
# A unit test is one line here and a file of that name.
unit_tests = \
	%D%/t_sandbox

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
