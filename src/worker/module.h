/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one provider module of this process: loaded, found to be what was
 * asked for, and never unloaded.
 */
#ifndef WORKER_MODULE_H
#define WORKER_MODULE_H

#include <muster/provider.h>

struct module {
	const struct muster_provider *provider;
	const void *config; /* decoded; lives as long as the process */
	void *self;	    /* the provider's own */
};

/* ERR_INPUT if path is not a provider of this contract, or not the one
   called name (NULL: any). */
int module_load(const char *path, const char *name, struct module *,
    struct err *) __attribute__((warn_unused_result));

/* Decodes the configuration by the provider's table, and opens it. */
int module_open(struct module *, struct arena *, const char *config, size_t n,
    struct err *) __attribute__((warn_unused_result));

/* The operation called so, or NULL. */
const struct op *module_op(const struct module *, const char *verb);
/* All operations as struct wire_op. */
struct many module_ops(const struct module *, struct arena *);

/*
 * The paths that the named members of the configuration hold (a text, or a
 * list of them), ending with NULL; in front of them those in fixed.
 */
const char *const *module_paths(const struct module *, struct arena *,
    const char *const *names, const char *const *fixed);

#endif
