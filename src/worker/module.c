/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/module.h"

#include <dlfcn.h>
#include <string.h>

#include "base/wire.h"

int
module_load(const char *path, const char *name, struct module *m, struct err *e)
{
	*m = (struct module){ .provider = NULL };
	if (strchr(path, '/') == NULL)
		return err_set(e, ERR_INPUT, "%s: wants a path", path);
	void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (so == NULL)
		return err_set(e, ERR_INPUT, "%s", dlerror());
	const struct muster_provider *p = dlsym(so, "muster_provider");
	if (p == NULL)
		return err_set(e, ERR_INPUT, "%s: not a provider", path);
	if (p->abi != MUSTER_PROVIDER_ABI)
		return err_set(e, ERR_INPUT,
		    "%s: made for contract %d, "
		    "this is %d: build it again",
		    path, p->abi, MUSTER_PROVIDER_ABI);
	if (p->name == NULL || p->ops == NULL)
		return err_set(e, ERR_INPUT, "%s: no name or no operations",
		    path);
	if (name != NULL && strcmp(name, p->name) != 0)
		return err_set(e, ERR_INPUT, "%s: is provider %s, not %s", path,
		    p->name, name);
	m->provider = p;
	return 0;
}

int
module_open(struct module *m, struct arena *a, const char *config, size_t n,
    struct err *e)
{
	const struct muster_provider *p = m->provider;
	void *decoded = arena_zero(a, 1, p->config_size + 1);

	if (json_decode(a, p->config != NULL ? p->config : nothing_fields,
		config, n, decoded, e) != 0)
		return -1;
	m->config = decoded;
	if (p->open == NULL)
		return 0;
	e->cls = ERR_NONE;
	if (p->open(decoded, &m->self, e) != 0)
		return e->cls != ERR_NONE ?
		    -1 :
		    err_set(e, ERR_BUG, "%s: open failed", p->name);
	return 0;
}

const struct op *
module_op(const struct module *m, const char *verb)
{
	for (const struct op *o = m->provider->ops; o->verb != NULL; o++)
		if (strcmp(o->verb, verb) == 0)
			return o;
	if (m->provider->more_ops == NULL)
		return NULL;
	return m->provider->more_ops(m->self, verb);
}

static size_t
ops_count(const struct op *o)
{
	size_t n = 0;

	while (o != NULL && o[n].verb != NULL)
		n++;
	return n;
}

static struct wire_op *
ops_copy(struct wire_op *to, const struct op *o)
{
	for (; o != NULL && o->verb != NULL; o++)
		*to++ = (struct wire_op){ o->verb, o->flags };
	return to;
}

struct many
module_ops(const struct module *m, struct arena *a)
{
	const struct op *own = m->provider->ops, *more = NULL;

	if (m->provider->more_ops != NULL)
		more = m->provider->more_ops(m->self, NULL);
	struct many all = { .n = ops_count(own) + ops_count(more) };
	all.item = arena_zero(a, all.n, sizeof(struct wire_op));
	ops_copy(ops_copy(all.item, own), more);
	return all;
}

/* What the configuration holds under a name, as a list. */
static struct texts
member_texts(const struct module *m, struct arena *a, const char *name)
{
	const struct field *f = field_find(m->provider->config, name,
	    strlen(name));
	const char *at = m->config;
	struct texts list = { 0 };

	if (f == NULL)
		return list;
	if (f->kind == FIELD_TEXTS) {
		memcpy(&list, at + f->at, sizeof(list));
	} else if (f->kind == FIELD_TEXT) {
		list.item = arena_zero(a, 1, sizeof(*list.item));
		memcpy(list.item, at + f->at, sizeof(*list.item));
		list.n = list.item[0] != NULL;
	}
	return list;
}

const char *const *
module_paths(const struct module *m, struct arena *a, const char *const *names,
    const char *const *fixed)
{
	size_t n = 0;

	while (fixed != NULL && fixed[n] != NULL)
		n++;
	size_t room = n;
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		room += member_texts(m, a, names[i]).n;
	const char **all = arena_zero(a, room + 1, sizeof(*all));
	if (n != 0)
		memcpy(all, fixed, n * sizeof(*all));
	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		struct texts t = member_texts(m, a, names[i]);

		for (size_t k = 0; k < t.n; k++)
			all[n++] = t.item[k];
	}
	return all;
}
