/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/inside.h"

static const char *const stmt_sql[STMT_COUNT] = {
#define STMT(id, sql) [STMT_##id] = sql,
#include "store/evidence.def"
#include "store/session.def"
#include "store/stmts.def"
#undef STMT
};

static const char *const stmt_names[STMT_COUNT] = {
#define STMT(id, sql) [STMT_##id] = #id,
#include "store/evidence.def"
#include "store/session.def"
#include "store/stmts.def"
#undef STMT
};

const struct field by_id_fields[] = { FIELD(struct by_id, id, F_NEED),
	FIELD_END };

const struct field by_name_fields[] = { FIELD(struct by_name, name, F_NEED),
	FIELD_END };

struct text_list {
	struct texts list;
};

static const struct field text_list_fields[] = {
	FIELD(struct text_list, list, F_NEED), FIELD_END
};

/* A statement's name is told only where it is for muster's makers. */
static int
failed(struct store *s, enum stmt id, struct err *e)
{
	int code = sqlite3_errcode(s->db) & 0xff;

	store_failed(s->db, s->path, e);
	if (s->open && sqlite3_get_autocommit(s->db) && s->lost == ERR_NONE)
		s->lost = e->cls;
	return e->cls != ERR_BUG || code == SQLITE_CORRUPT ||
		code == SQLITE_NOTADB || code == SQLITE_IOERR ?
	    -1 :
	    err_within(e, "%s: ", stmt_names[id]);
}

/* Prepares on first use; the maps have room for what the text has. */
static int
prepare(struct store *s, enum stmt id, struct err *e)
{
	struct ready *r = &s->ready[id];

	if (sqlite3_prepare_v3(s->db, stmt_sql[id], -1,
		SQLITE_PREPARE_PERSISTENT, &r->st, NULL) != SQLITE_OK)
		return failed(s, id, e);
	r->slot_count = sqlite3_bind_parameter_count(r->st);
	r->slots = arena_zero(&s->arena, (size_t)r->slot_count,
	    sizeof(*r->slots));
	r->column_count = sqlite3_column_count(r->st);
	r->columns = arena_zero(&s->arena, (size_t)r->column_count,
	    sizeof(*r->columns));
	return 0;
}

static const struct field *
named(enum stmt id, const struct field *table, const char *name, struct err *e)
{
	const struct field *f = name == NULL || table == NULL ?
	    NULL :
	    field_find(table, name, strlen(name));

	if (f == NULL)
		err_set(e, ERR_BUG, "%s: no member called %s", stmt_names[id],
		    name == NULL ? "?" : name);
	return f;
}

static int
map_slots(struct ready *r, enum stmt id, const struct field *table,
    struct err *e)
{
	for (int i = 0; i < r->slot_count; i++) {
		const char *name = sqlite3_bind_parameter_name(r->st, i + 1);

		r->slots[i] = named(id, table, name == NULL ? NULL : name + 1,
		    e);
		if (r->slots[i] == NULL)
			return -1;
	}
	r->key_table = table;
	return 0;
}

static int
map_columns(struct ready *r, enum stmt id, const struct field *table,
    struct err *e)
{
	for (int i = 0; i < r->column_count; i++) {
		r->columns[i] = named(id, table, sqlite3_column_name(r->st, i),
		    e);
		if (r->columns[i] == NULL)
			return -1;
	}
	r->row_table = table;
	return 0;
}

static int
bind_text(sqlite3_stmt *st, int slot, const char *text)
{
	return text == NULL ?
	    sqlite3_bind_null(st, slot) :
	    sqlite3_bind_text(st, slot, text, -1, SQLITE_STATIC);
}

static const char *
texts_encode(struct arena *a, const struct texts *t)
{
	struct buf b = { .arena = a };

	buf_char(&b, '[');
	for (size_t i = 0; i < t->n; i++) {
		if (i > 0)
			buf_char(&b, ',');
		json_string(&b, t->item[i]);
	}
	buf_char(&b, ']');
	return buf_text(&b);
}

/* The values stay where they are: a statement is reset before its caller
   gets control back, and bound anew before it runs again. */
static int
bind(struct store *s, sqlite3_stmt *st, int slot, const struct field *f,
    const void *key)
{
	const void *p = (const char *)key + f->at;

	switch (f->kind) {
	case FIELD_TEXT:
		return bind_text(st, slot, *(const char *const *)p);
	case FIELD_INT:
		return sqlite3_bind_int64(st, slot, *(const int64_t *)p);
	case FIELD_BOOL:
		return sqlite3_bind_int(st, slot, *(const bool *)p);
	case FIELD_JSON:
		return bind_text(st, slot, ((const struct json *)p)->text);
	case FIELD_TEXTS:
		return bind_text(st, slot, texts_encode(&s->scratch, p));
	case FIELD_ONE:
	case FIELD_MANY:
		break;
	}
	return SQLITE_MISMATCH;
}

/* The statement with key bound; NULL when it cannot run. */
static struct ready *
start(struct store *s, enum stmt id, const struct field *table, const void *key,
    struct err *e)
{
	struct ready *r = &s->ready[id];

	if (s->open && s->lost != ERR_NONE)
		return err_set(e, s->lost,
			   "%s: the transaction was rolled back before",
			   stmt_names[id]),
		       NULL;
	if (r->st == NULL && prepare(s, id, e) != 0)
		return NULL;
	if (r->slot_count == 0)
		return r;
	if (table == NULL || key == NULL)
		return err_set(e, ERR_BUG, "%s: nothing to bind",
			   stmt_names[id]),
		       NULL;
	if (r->key_table != table && map_slots(r, id, table, e) != 0)
		return NULL;
	for (int i = 0; i < r->slot_count; i++)
		if (bind(s, r->st, i + 1, r->slots[i], key) != SQLITE_OK)
			return err_set(e, ERR_BUG, "%s: %s cannot be bound",
				   stmt_names[id], r->slots[i]->name),
			       NULL;
	return r;
}

static void
finish(struct store *s, struct ready *r)
{
	sqlite3_reset(r->st);
	if (s->scratch.used > 0)
		arena_reset(&s->scratch);
}

static int
texts_read(struct arena *a, const char *text, struct texts *out, struct err *e)
{
	struct text_list list = { 0 };
	const char *whole = arena_printf(a, "{\"list\":%s}", text);

	if (json_decode(a, text_list_fields, whole, strlen(whole), &list, e) !=
	    0)
		return -1;
	*out = list.list;
	return 0;
}

static char *
text_read(struct arena *a, sqlite3_stmt *st, int column)
{
	const void *text = sqlite3_column_text(st, column);

	return text == NULL ?
	    NULL :
	    arena_mem(a, text, (size_t)sqlite3_column_bytes(st, column));
}

static int
column_read(struct arena *a, sqlite3_stmt *st, int column,
    const struct field *f, void *out, struct err *e)
{
	void *to = (char *)out + f->at;
	const char *text;

	switch (f->kind) {
	case FIELD_TEXT:
		*(const char **)to = text_read(a, st, column);
		return 0;
	case FIELD_INT:
		*(int64_t *)to = sqlite3_column_int64(st, column);
		return 0;
	case FIELD_BOOL:
		*(bool *)to = sqlite3_column_int(st, column) != 0;
		return 0;
	case FIELD_JSON:
		((struct json *)to)->text = text_read(a, st, column);
		return 0;
	case FIELD_TEXTS:
		text = (const char *)sqlite3_column_text(st, column);
		return text == NULL ? 0 : texts_read(a, text, to, e);
	case FIELD_ONE:
	case FIELD_MANY:
		break;
	}
	return err_set(e, ERR_BUG, "%s: not a column's kind", f->name);
}

static size_t
kind_size(const struct field *f)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return sizeof(const char *);
	case FIELD_INT:
		return sizeof(int64_t);
	case FIELD_BOOL:
		return sizeof(bool);
	case FIELD_JSON:
		return sizeof(struct json);
	case FIELD_TEXTS:
		return sizeof(struct texts);
	case FIELD_MANY:
		return sizeof(struct many);
	case FIELD_ONE:
		break;
	}
	return 0;
}

/* Zeroes what the table names, nested structs too: nobody here knows the
   struct's size. */
static void
row_clear(const struct field *table, void *out)
{
	for (const struct field *f = table; f->name != NULL; f++) {
		void *to = (char *)out + f->at;

		if (f->kind == FIELD_ONE)
			row_clear(f->sub, to);
		else
			memset(to, 0, kind_size(f));
	}
}

/* Into a row that is zero. */
static int
row_read(struct arena *a, struct ready *r, enum stmt id,
    const struct field *table, void *out, struct err *e)
{
	if (r->row_table != table && map_columns(r, id, table, e) != 0)
		return -1;
	for (int i = 0; i < r->column_count; i++)
		if (column_read(a, r->st, i, r->columns[i], out, e) != 0)
			return err_within(e, "%s: ", stmt_names[id]);
	return 0;
}

int
store_put(struct store *s, enum stmt id, const struct field *table,
    const void *key, struct err *e)
{
	struct ready *r = start(s, id, table, key, e);

	if (r == NULL)
		return -1;
	int rc = sqlite3_step(r->st), ret = 0;
	if (rc == SQLITE_ROW)
		ret = err_set(e, ERR_BUG, "%s: answers rows", stmt_names[id]);
	else if (rc != SQLITE_DONE)
		ret = failed(s, id, e);
	finish(s, r);
	return ret;
}

int
store_add(struct store *s, enum stmt id, const struct field *table,
    const void *key, int64_t *row, struct err *e)
{
	if (store_put(s, id, table, key, e) != 0)
		return -1;
	*row = sqlite3_last_insert_rowid(s->db);
	return 0;
}

int64_t
store_changed(const struct store *s)
{
	return sqlite3_changes64(s->db);
}

int
store_find(struct store *s, struct arena *a, enum stmt id,
    const struct field *key_table, const void *key, const struct field *table,
    void *out, struct err *e)
{
	struct ready *r = start(s, id, key_table, key, e);

	if (r == NULL)
		return -1;
	int ret = 0;
	switch (sqlite3_step(r->st)) {
	case SQLITE_ROW:
		row_clear(table, out);
		ret = row_read(a, r, id, table, out, e) == 0 ? 1 : -1;
		break;
	case SQLITE_DONE:
		break;
	default:
		ret = failed(s, id, e);
	}
	finish(s, r);
	return ret;
}

int
store_get(struct store *s, struct arena *a, enum stmt id,
    const struct field *key_table, const void *key, const struct field *table,
    void *out, struct err *e)
{
	int found = store_find(s, a, id, key_table, key, table, out, e);

	if (found == 0)
		return err_set(e, ERR_GONE, "there is none");
	return found < 0 ? -1 : 0;
}

/* Makes room for one more; what was outgrown stays in the arena. */
static void *
list_grow(struct arena *a, struct many *list, size_t *room, size_t size)
{
	if (list->n == *room) {
		size_t more = *room == 0 ? 8 : *room * 2;
		void *item = arena_zero(a, more, size);

		if (list->n > 0)
			memcpy(item, list->item, list->n * size);
		list->item = item;
		*room = more;
	}
	return (char *)list->item + list->n++ * size;
}

int
store_list(struct store *s, struct arena *a, enum stmt id,
    const struct field *key_table, const void *key, const struct field *table,
    size_t size, size_t max, struct many *out, struct err *e)
{
	struct ready *r = start(s, id, key_table, key, e);
	size_t room = 0;
	int ret = 0, rc = SQLITE_DONE;

	*out = (struct many){ 0 };
	if (r == NULL)
		return -1;
	while (ret == 0 && (max == 0 || out->n < max) &&
	    (rc = sqlite3_step(r->st)) == SQLITE_ROW)
		ret = row_read(a, r, id, table, list_grow(a, out, &room, size),
		    e);
	if (ret == 0 && rc != SQLITE_ROW && rc != SQLITE_DONE)
		ret = failed(s, id, e);
	finish(s, r);
	return ret;
}

int
store_begin(struct store *s, struct err *e)
{
	if (s->open)
		return err_set(e, ERR_BUG, "begin: a transaction is open");
	if (store_put(s, STMT_BEGIN, NULL, NULL, e) != 0)
		return -1;
	s->open = true;
	s->lost = ERR_NONE;
	return 0;
}

int
store_commit(struct store *s, struct err *e)
{
	if (!s->open)
		return err_set(e, ERR_BUG, "commit: no transaction is open");
	if (store_put(s, STMT_COMMIT, NULL, NULL, e) == 0) {
		s->open = false;
		return 0;
	}
	store_rollback(s);
	return -1;
}

void
store_rollback(struct store *s)
{
	struct err ignored;

	if (!sqlite3_get_autocommit(s->db)) {
		s->lost = ERR_NONE;
		if (store_put(s, STMT_ROLLBACK, NULL, NULL, &ignored) != 0)
			s->lost = ERR_BUG;
	}
	s->open = false;
}

int
store_mark(struct store *s, struct err *e)
{
	if (!s->open)
		return err_set(e, ERR_BUG, "mark: no transaction is open");
	return store_put(s, STMT_MARK, NULL, NULL, e);
}

int
store_keep(struct store *s, struct err *e)
{
	return store_put(s, STMT_KEEP, NULL, NULL, e);
}

int
store_undo(struct store *s, struct err *e)
{
	if (store_put(s, STMT_UNDO, NULL, NULL, e) != 0)
		return -1;
	return store_put(s, STMT_KEEP, NULL, NULL, e);
}

/* A deferred BEGIN takes its snapshot with its first read. */
int
store_look(struct store *s, struct err *e)
{
	struct arena a = { 0 };
	struct by_id seen;

	if (store_put(s, STMT_LOOK, NULL, NULL, e) != 0)
		return -1;
	int ret = store_get(s, &a, STMT_TABLES, NULL, NULL, by_id_fields, &seen,
	    e);
	arena_fini(&a);
	if (ret != 0)
		store_unlook(s);
	return ret;
}

void
store_unlook(struct store *s)
{
	store_rollback(s);
}
