# SPDX-License-Identifier: Apache-2.0
dist_man1_MANS += %D%/muster.1
dist_man8_MANS += %D%/musterd.8
dist_man5_MANS = %D%/muster.json.5
dist_doc_DATA = \
	README NEWS SECURITY CONTRIBUTING \
	%D%/ARCHITECTURE \
	%D%/CONFIGURATION \
	%D%/PROVIDERS

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = contrib/completion/muster

# What is printed from the tables stands in the tree, so that it can be read
# there; tests/lint/documents.sh compares.  After a change of a table:
# make documents.
.PHONY: documents
documents: muster$(EXEEXT)
	./muster help muster --man > $(srcdir)/%D%/muster.1
	./muster help muster.json --man > $(srcdir)/%D%/muster.json.5
	./muster help --completion > $(srcdir)/contrib/completion/muster
	./muster schema --dir $(srcdir)/schemas
