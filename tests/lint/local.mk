# SPDX-License-Identifier: Apache-2.0
lint_tests = \
	%D%/documents.sh \
	%D%/layers.sh \
	%D%/pages.sh
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests) %D%/layers.txt
