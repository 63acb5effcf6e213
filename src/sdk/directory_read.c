/* SPDX-License-Identifier: Apache-2.0 */
/* The LDAP client asks: searches by pages, single entries, comparisons. */
#include <string.h>

#include "base/digest.h"
#include "base/json_scan.h"
#include "sdk/directory.h"

/* Whether a value can stand in JSON as it is. */
static bool
is_text(const struct berval *v)
{
	const char *at = v->bv_val, *end = at + v->bv_len;

	while (at < end) {
		size_t n = (unsigned char)*at < 0x80 ? 1 : utf8_length(at, end);

		if (n == 0 || *at == '\0')
			return false;
		at += n;
	}
	return true;
}

struct texts
directory_texts(struct arena *a, struct berval *const *values)
{
	struct texts t = { 0 };
	size_t n = 0;

	while (values != NULL && values[n] != NULL)
		n++;
	t.item = arena_zero(a, n + 1, sizeof(*t.item));
	for (; t.n < n; t.n++) {
		const struct berval *v = values[t.n];

		t.item[t.n] = is_text(v) ?
		    arena_mem(a, v->bv_val, v->bv_len) :
		    arena_printf(a, "base64:%s",
			base64_encode(a, v->bv_val, v->bv_len));
	}
	return t;
}

static size_t
attributes_count(LDAP *ld, LDAPMessage *m)
{
	BerElement *ber = NULL;
	size_t n = 0;

	for (char *name = ldap_first_attribute(ld, m, &ber); name != NULL;
	     name = ldap_next_attribute(ld, m, ber)) {
		ldap_memfree(name);
		n++;
	}
	ber_free(ber, 0);
	return n;
}

static void
value_first(struct texts *t, const struct berval *name)
{
	for (size_t i = 1; i < t->n; i++) {
		const char *v = t->item[i];

		if (strlen(v) != name->bv_len ||
		    strncasecmp(v, name->bv_val, name->bv_len) != 0)
			continue;
		t->item[i] = t->item[0];
		t->item[0] = v;
		return;
	}
}

void
directory_name_first(struct directory_entry *en)
{
	LDAPDN dn = NULL;

	if (ldap_str2dn(en->dn, &dn, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS ||
	    dn == NULL)
		return;
	for (LDAPAVA **ava = dn[0]; ava != NULL && *ava != NULL; ava++)
		for (size_t i = 0; i < en->n; i++) {
			const char *name = en->attr[i].name;
			size_t n = strlen(name);

			if (n == (*ava)->la_attr.bv_len &&
			    strncasecmp(name, (*ava)->la_attr.bv_val, n) == 0)
				value_first(&en->attr[i].values,
				    &(*ava)->la_value);
		}
	ldap_dnfree(dn);
}

void
directory_entry_read(LDAP *ld, struct arena *a, LDAPMessage *m,
    struct directory_entry *out)
{
	char *dn = ldap_get_dn(ld, m);
	BerElement *ber = NULL;

	*out = (struct directory_entry){ .dn = arena_str(a, dn ? dn : "") };
	ldap_memfree(dn);
	out->attr = arena_zero(a, attributes_count(ld, m) + 1,
	    sizeof(*out->attr));
	for (char *name = ldap_first_attribute(ld, m, &ber); name != NULL;
	     name = ldap_next_attribute(ld, m, ber)) {
		struct berval **v = ldap_get_values_len(ld, m, name);

		out->attr[out->n++] = (struct directory_attr){
			arena_str(a, name), directory_texts(a, v)
		};
		ldap_value_free_len(v);
		ldap_memfree(name);
	}
	ber_free(ber, 0);
	directory_name_first(out);
}

struct texts
directory_values(const struct directory_entry *en, const char *name)
{
	for (size_t i = 0; i < en->n; i++)
		if (strcasecmp(en->attr[i].name, name) == 0)
			return en->attr[i].values;
	return (struct texts){ 0 };
}

const char *
directory_value(const struct directory_entry *en, const char *name)
{
	struct texts t = directory_values(en, name);

	return t.n != 0 ? t.item[0] : NULL;
}

/* A search on its way: its pages, and who gets the entries. */
struct search {
	struct directory *d;
	struct muster_call *c;
	const struct directory_query *q;
	int (*each)(void *, struct arena *, const struct directory_entry *,
	    struct err *);
	void *ctx;
	struct berval cookie;
	struct arena arena; /* of one entry */
	bool elsewhere;	    /* a part of it is on another server */
};

static int
page_ask(struct search *s, int *id, struct err *e)
{
	static const int scopes[] = { LDAP_SCOPE_BASE, LDAP_SCOPE_ONELEVEL,
		LDAP_SCOPE_SUBTREE };
	LDAPControl *page = NULL;
	LDAP *ld = s->d->ld;
	int rc = ldap_create_page_control(ld, s->d->page, &s->cookie, 0, &page);

	if (rc == LDAP_SUCCESS) {
		LDAPControl *all[] = { page, NULL };

		rc = ldap_search_ext(ld, s->q->base, scopes[s->q->scope],
		    s->q->filter, (char **)s->q->attrs, 0,
		    s->q->scope == DIRECTORY_ENTRY ? NULL : all, NULL, NULL,
		    LDAP_NO_LIMIT, id);
		ldap_control_free(page);
	}
	if (rc == LDAP_SUCCESS)
		return 0;
	if (rc == LDAP_SERVER_DOWN)
		directory_drop(s->d);
	return directory_fail(s->d, rc, "search", NULL, e);
}

/* Takes the cookie of the next page; an empty one says that all is told. */
static int
page_end(struct search *s, LDAPMessage *m, struct err *e)
{
	LDAPControl **controls = NULL;
	char *text = NULL;
	int code,
	    rc = ldap_parse_result(s->d->ld, m, &code, NULL, &text, NULL,
		&controls, 0);

	ber_memfree(s->cookie.bv_val);
	s->cookie = (struct berval){ 0, NULL };
	LDAPControl *page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS,
	    controls, NULL);
	ber_int_t total;
	if (rc == LDAP_SUCCESS && page != NULL)
		rc = ldap_parse_pageresponse_control(s->d->ld, page, &total,
		    &s->cookie);
	if (rc == LDAP_SUCCESS)
		rc = code;
	if (rc != LDAP_SUCCESS)
		directory_fail(s->d, rc, "search", text, e);
	ldap_memfree(text);
	ldap_controls_free(controls);
	return rc == LDAP_SUCCESS ? 0 : -1;
}

static int
entry_give(struct search *s, LDAPMessage *m, struct err *e)
{
	struct directory_entry en;

	arena_reset(&s->arena);
	directory_entry_read(s->d->ld, &s->arena, m, &en);
	return s->each(s->ctx, &s->arena, &en, e);
}

static int
page_read(struct search *s, int id, struct err *e)
{
	for (;;) {
		LDAPMessage *m = NULL;
		int rc = 0;

		if (directory_wait(s->d, s->c, id, ERR_BUSY, "search", &m, e))
			return -1;
		int type = ldap_msgtype(m);
		if (type == LDAP_RES_SEARCH_ENTRY)
			rc = entry_give(s, m, e);
		else if (type == LDAP_RES_SEARCH_RESULT)
			rc = page_end(s, m, e);
		else if (type == LDAP_RES_SEARCH_REFERENCE)
			s->elsewhere = true;
		ldap_msgfree(m);
		if (rc != 0 || type == LDAP_RES_SEARCH_RESULT)
			return rc;
	}
}

static int
search_run(struct search *s, struct err *e)
{
	struct directory *d = s->d;
	int id = 0, rc;

	if (directory_connect(d, s->c, e) != 0)
		return -1;
	do {
		rc = page_ask(s, &id, e);
		if (rc == 0)
			rc = page_read(s, id, e);
	} while (rc == 0 && s->cookie.bv_len != 0);
	/* Entries that nobody wants any more may still be on their way. */
	if (rc != 0 && d->code == LDAP_SUCCESS)
		directory_drop(d);
	ber_memfree(s->cookie.bv_val);
	arena_fini(&s->arena);
	return rc;
}

/* References are not followed: to whom would our password go?  So what was
   found is not all that there is. */
static int
elsewhere(const struct directory_query *q, struct err *e)
{
	return err_set(e, ERR_REFUSED,
	    "%s: a part of it is on another server, which is not asked",
	    q->base);
}

int
directory_each(struct directory *d, struct muster_call *c,
    const struct directory_query *q,
    int (*each)(void *, struct arena *, const struct directory_entry *,
	struct err *),
    void *ctx, struct err *e)
{
	struct search s = { .d = d, .c = c, .q = q, .each = each, .ctx = ctx };

	if (search_run(&s, e) != 0)
		return -1;
	return s.elsewhere ? elsewhere(q, e) : 0;
}

struct found {
	struct arena *a;
	struct directory_entry *entry;
	size_t n;
};

static void
entry_copy(struct arena *a, const struct directory_entry *from,
    struct directory_entry *to)
{
	*to = (struct directory_entry){ .dn = arena_str(a, from->dn),
		.n = from->n };
	to->attr = arena_zero(a, from->n + 1, sizeof(*to->attr));
	for (size_t i = 0; i < from->n; i++) {
		const struct texts *v = &from->attr[i].values;
		const char **item = arena_zero(a, v->n + 1, sizeof(*item));

		for (size_t k = 0; k < v->n; k++)
			item[k] = arena_str(a, v->item[k]);
		to->attr[i] = (struct directory_attr){
			arena_str(a, from->attr[i].name), { v->n, item }
		};
	}
}

static int
first_keep(void *ctx, struct arena *one, const struct directory_entry *en,
    struct err *e)
{
	struct found *f = ctx;

	(void)one;
	if (f->n++ != 0)
		return err_set(e, ERR_CONFLICT, "%s: more than one entry",
		    en->dn);
	entry_copy(f->a, en, f->entry);
	return 0;
}

int
directory_find(struct directory *d, struct muster_call *c, struct arena *a,
    const struct directory_query *q, struct directory_entry *out, struct err *e)
{
	struct found f = { .a = a, .entry = out };
	struct search s = { .d = d,
		.c = c,
		.q = q,
		.each = first_keep,
		.ctx = &f };

	if (search_run(&s, e) != 0)
		return -1;
	if (f.n == 0 && s.elsewhere)
		return elsewhere(q, e);
	if (f.n == 0)
		return err_set(e, ERR_GONE, "no entry %s",
		    q->filter != NULL ? q->filter : q->base);
	return 0;
}

int
directory_compare(struct directory *d, struct muster_call *c, const char *dn,
    const char *name, const char *value, bool *same, struct err *e)
{
	struct berval v = { strlen(value), (char *)value };
	LDAPMessage *m = NULL;
	char *text = NULL;
	int id, code = LDAP_SUCCESS;

	if (directory_connect(d, c, e) != 0)
		return -1;
	int rc = ldap_compare_ext(d->ld, dn, name, &v, NULL, NULL, &id);
	if (rc != LDAP_SUCCESS)
		return directory_fail(d, rc, dn, NULL, e);
	if (directory_wait(d, c, id, ERR_BUSY, dn, &m, e) != 0)
		return -1;
	rc = ldap_parse_result(d->ld, m, &code, NULL, &text, NULL, NULL, 1);
	if (rc == LDAP_SUCCESS)
		rc = code;
	*same = rc == LDAP_COMPARE_TRUE;
	if (rc == LDAP_COMPARE_TRUE || rc == LDAP_COMPARE_FALSE ||
	    rc == LDAP_NO_SUCH_ATTRIBUTE)
		rc = LDAP_SUCCESS;
	if (rc != LDAP_SUCCESS)
		directory_fail(d, rc, dn, text, e);
	ldap_memfree(text);
	return rc == LDAP_SUCCESS ? 0 : -1;
}
