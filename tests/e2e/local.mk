# SPDX-License-Identifier: Apache-2.0
# An end-to-end test is one line here and an executable sh script; it ends
# with 77 when it cannot run, and says why.  It may write below $builddir
# and nowhere below $srcdir.
e2e_tests = \
	%D%/02-verify-evidence.sh \
	%D%/10-ldap-provider.sh \
	%D%/11-http-provider.sh \
	%D%/12-exec-provider.sh \
	%D%/13-worker.sh \
	%D%/20-joiner.sh \
	%D%/21-mover.sh \
	%D%/22-leaver.sh \
	%D%/23-rehire.sh \
	%D%/24-leave-return.sh \
	%D%/25-future.sh \
	%D%/26-rename.sh \
	%D%/27-bad-feeds.sh \
	%D%/28-hold.sh \
	%D%/29-plan-apply.sh \
	%D%/30-reconcile.sh \
	%D%/31-owner.sh \
	%D%/32-dead-system.sh \
	%D%/33-restart.sh \
	%D%/34-secrets.sh \
	%D%/35-second-daemon.sh \
	%D%/36-reload.sh \
	%D%/37-defaults.sh \
	%D%/38-broken-store.sh \
	%D%/40-notices.sh \
	%D%/41-kill-sweep.sh \
	%D%/42-secrets-nowhere.sh \
	%D%/43-letters.sh \
	%D%/44-event-wait.sh \
	%D%/45-restore.sh \
	%D%/46-rekey-restore.sh \
	%D%/50-quickstart.sh \
	%D%/51-build-folder.sh
TESTS += $(e2e_tests)
EXTRA_DIST += $(e2e_tests) %D%/lib.sh %D%/needles.py \
	%D%/rows.py

# What a test left for whoever looks into it.
clean-local:
	-rm -rf %D%/*.work
