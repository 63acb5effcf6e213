# SPDX-License-Identifier: Apache-2.0
schemadir = $(pkgdatadir)/schemas
dist_schema_DATA = \
	%D%/feed.schema.json \
	%D%/muster.schema.json \
	%D%/person.schema.json \
	%D%/role.schema.json \
	%D%/system.schema.json \
	%D%/workflow.schema.json
