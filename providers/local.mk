# SPDX-License-Identifier: Apache-2.0
# One module a provider:
#   providers_LTLIBRARIES += %D%/NAME.la
#   %C%_NAME_la_SOURCES = %D%/NAME.c
#   %C%_NAME_la_LDFLAGS = $(PROVIDER_LINK)
providers_LTLIBRARIES += %D%/null.la
%C%_null_la_SOURCES = \
	%D%/null.c \
	%D%/null.h \
	%D%/null_account.c \
	%D%/null_fault.c \
	%D%/null_fault.h \
	%D%/null_holding.c \
	%D%/null_store.c \
	%D%/null_store.h
%C%_null_la_LDFLAGS = $(PROVIDER_LINK)

providers_LTLIBRARIES += %D%/ldap.la
%C%_ldap_la_SOURCES = \
	%D%/ldap.c \
	%D%/ldap_provider.h \
	%D%/ldap_account.c \
	%D%/ldap_attribute.c \
	%D%/ldap_ensure.c \
	%D%/ldap_entry.c \
	%D%/ldap_group.c \
	%D%/ldap_lock.c \
	%D%/ldap_members.c \
	%D%/ldap_members.h \
	%D%/ldap_password.c
%C%_ldap_la_LDFLAGS = $(PROVIDER_LINK)

providers_LTLIBRARIES += %D%/http.la
%C%_http_la_SOURCES = \
	%D%/http.c \
	%D%/http_description.c \
	%D%/http_description.h \
	%D%/http_program.c \
	%D%/http_program.h \
	%D%/http_run.c \
	%D%/http_run.h \
	%D%/http_template.c \
	%D%/http_template.h
%C%_http_la_LDFLAGS = $(PROVIDER_LINK)
%C%_http_la_LIBADD = $(JQ_LIBS)

providers_LTLIBRARIES += %D%/exec.la
%C%_exec_la_SOURCES = \
	%D%/exec.c
%C%_exec_la_LDFLAGS = $(PROVIDER_LINK)
