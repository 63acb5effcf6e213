# SPDX-License-Identifier: Apache-2.0

default_setdir = $(pkgdatadir)/defaults
dist_default_set_DATA = %D%/defaults/README %D%/defaults/muster.json
default_workflowsdir = $(default_setdir)/workflows
dist_default_workflows_DATA = \
	%D%/defaults/workflows/joiner.json \
	%D%/defaults/workflows/leave.json \
	%D%/defaults/workflows/leaver.json \
	%D%/defaults/workflows/mover.json \
	%D%/defaults/workflows/rehire.json \
	%D%/defaults/workflows/return.json
default_systemsdir = $(default_setdir)/systems
dist_default_systems_DATA = %D%/defaults/systems/corp.json
default_rolesdir = $(default_setdir)/roles
dist_default_roles_DATA = \
	%D%/defaults/roles/employee.json \
	%D%/defaults/roles/engineer.json \
	%D%/defaults/roles/service.json
default_feedsdir = $(default_setdir)/feeds
dist_default_feeds_DATA = %D%/defaults/feeds/hr.json

default_httpdir = $(pkgdatadir)/http
dist_default_http_DATA = %D%/http/rest.json %D%/http/scim.json

EXTRA_DIST += %D%/example-provider/Makefile %D%/example-provider/README \
	%D%/example-provider/passwd.c

# For auditors: verifies a bundle without any code of ours.
dist_pkgdata_SCRIPTS = %D%/verify-evidence

# The sample company; its daemon reads the configuration from the sources.
EXTRA_DIST += \
	%D%/packages.sh \
	%D%/test \
	%D%/quickstart \
	%D%/quickstart.d/config/feeds/hr.json \
	%D%/quickstart.d/config/feeds/services.json \
	%D%/quickstart.d/config/muster.json \
	%D%/quickstart.d/config/roles/people.json \
	%D%/quickstart.d/config/roles/services.json \
	%D%/quickstart.d/config/systems/corp.json \
	%D%/quickstart.d/groups.ldif \
	%D%/quickstart.d/hr/edit.awk \
	%D%/quickstart.d/hr/people.csv \
	%D%/quickstart.d/hr/services.csv

systemdunitdir = $(prefix)/lib/systemd/system
systemdunit_DATA = %D%/musterd.service
EXTRA_DIST += %D%/musterd.service.in
CLEANFILES += %D%/musterd.service
%D%/musterd.service: %D%/musterd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && sed -e 's|@bindir[@]|$(bindir)|g' \
	    -e 's|@sbindir[@]|$(sbindir)|g' \
	    -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
	    $(srcdir)/%D%/musterd.service.in >$@
