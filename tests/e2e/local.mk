# SPDX-License-Identifier: Apache-2.0
# An end-to-end test is one line here and an executable sh script; it ends
# with 77 when it cannot run, and says why.  It may write below $builddir
# and nowhere below $srcdir.
e2e_tests = \
	%D%/02-verify-evidence.sh \
	%D%/10-ldap-provider.sh \
	%D%/11-http-provider.sh \
	%D%/12-exec-provider.sh \
	%D%/13-worker.sh
TESTS += $(e2e_tests)
EXTRA_DIST += $(e2e_tests)
