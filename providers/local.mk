# SPDX-License-Identifier: Apache-2.0
# One module a provider:
#   providers_LTLIBRARIES += %D%/NAME.la
#   %C%_NAME_la_SOURCES = %D%/NAME.c
#   %C%_NAME_la_LDFLAGS = $(PROVIDER_LINK)
