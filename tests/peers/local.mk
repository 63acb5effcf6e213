# SPDX-License-Identifier: Apache-2.0
# Servers and drivers that tests talk to.
EXTRA_DIST += \
	%D%/rest.py \
	%D%/slapd.sh \
	%D%/smtp.py \
	%D%/table.sh \
	%D%/webhook.py

check_PROGRAMS += %D%/drive
%C%_drive_LDADD = $(BASE_LIBS)
