/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that speaks JSON: one run for each call, without a shell and
 * with an empty environment.  On standard input it gets
 *	{"verb": ..., "in": {...}, "config": {...}}
 * and on standard output it answers one of
 *	{"out": {...}}
 *	{"failure": "busy", "text": ..., "after_ms": ...}
 * A listing answers {"out": {"rows": [...]}}.  What it says on standard
 * error goes to musterd's log.
 */
#include <stdlib.h>
#include <string.h>

#include <muster/program.h>
#include <muster/provider.h>

struct op_def {
	const char *verb, *effect;
};

struct config {
	const char *program;
	struct texts args, reads, writes;
	struct json settings;
	struct json secrets;
	struct many ops;
	int64_t max_output;
};

static const char *const effect_words[] = {
	"reads",
	"repeatable",
	"once",
	NULL,
};

static const struct field op_fields[] = {
	FIELD(struct op_def, verb, F_NEED, .help = "standard, or name:verb"),
	FIELD(struct op_def, effect, 0, .words = effect_words,
	    .fallback = "\"once\"", .help = "what a second call does"),
	FIELD_END,
};

static const struct field config_fields[] = {
	FIELD(struct config, program, F_NEED, .help = "absolute path"),
	FIELD(struct config, args, 0, .help = "its arguments"),
	FIELD_LIST(struct config, ops, F_NEED, struct op_def, op_fields,
	    .help = "what it can do"),
	FIELD(struct config, settings, 0,
	    .help = "object that it gets as config"),
	FIELD(struct config, secrets, F_SECRET,
	    .help = "object whose members join config, as {\"file\": path}"),
	FIELD(struct config, reads, 0,
	    .help = "more files and folders that it may read"),
	FIELD(struct config, writes, 0,
	    .help = "files and folders that it may write"),
	FIELD(struct config, max_output, 0, .fallback = "1048576",
	    .help = "bytes of an answer"),
	FIELD_END,
};

struct answer {
	struct json out;
	const char *failure, *text;
	int64_t after_ms;
};

static const struct field answer_fields[] = {
	FIELD(struct answer, out, 0),
	FIELD(struct answer, failure, 0),
	FIELD(struct answer, text, 0),
	FIELD(struct answer, after_ms, 0),
	FIELD_END,
};

struct exec {
	struct program_def program;
	const char *config; /* JSON that the program gets */
	struct op *ops;
	struct arena arena;
};

static const struct op *
op_find(const struct exec *x, const char *verb)
{
	for (const struct op *o = x->ops; o->verb != NULL; o++)
		if (strcmp(o->verb, verb) == 0)
			return o;
	return NULL;
}

static const char *
input_make(const struct exec *x, struct arena *a, const char *verb,
    const char *in)
{
	struct buf b = { .arena = a };

	buf_str(&b, "{\"verb\":");
	json_string(&b, verb);
	buf_str(&b, ",\"in\":");
	buf_str(&b, in);
	buf_str(&b, ",\"config\":");
	buf_str(&b, x->config);
	buf_str(&b, "}\n");
	return buf_text(&b);
}

static int
failure_take(const struct answer *an, enum err_class unsure, struct err *e)
{
	enum err_class cls = err_named(an->failure);

	if (cls == ERR_BUG || cls == ERR_NONE || cls == ERR_FULL)
		return err_set(e, unsure,
		    "answered with the failure "
		    "\"%.40s\", which is none",
		    an->failure);
	err_set(e, cls, "%s", an->text != NULL ? an->text : an->failure);
	e->after_ms = an->after_ms;
	return -1;
}

static int
row_send(void *ctx, const char *key, const char *value, struct err *e)
{
	(void)key;
	return muster_row(ctx, NULL, &(struct json){ value }, e);
}

/* Whether what it answered has the shape of its verb. */
static int
out_check(struct arena *a, const struct shape *sh, const char *out,
    struct err *e)
{
	if (sh == NULL || (sh->flags & OP_STREAMS) != 0)
		return out[0] == '{' ?
		    0 :
		    err_set(e, ERR_INPUT, "out: wants an object");
	void *decoded = arena_zero(a, 1, sh->out_size + 1);
	return json_decode(a, sh->out, out, strlen(out), decoded, e);
}

static int
exec_call(void *self, struct muster_call *c, struct arena *a, const void *in,
    void *out, struct err *e)
{
	const struct exec *x = self;
	const struct op *op = op_find(x, muster_verb(c));
	const char *text = input_make(x, a, op->verb,
	    ((const struct json *)in)->text);
	enum err_class unsure = op->flags & OP_READS ? ERR_BUSY : ERR_UNKNOWN;
	struct answer an = { 0 };
	size_t n;

	char *said = program_run(&x->program, muster_left(c), a, text, unsure,
	    &n, e);
	if (said == NULL)
		return -1;
	if (json_decode(a, answer_fields, said, n, &an, e) == 0 &&
	    an.failure != NULL)
		return failure_take(&an, unsure, e);
	if (an.out.text == NULL)
		return err_set(e, unsure, "%s: answered no out, no failure",
		    x->program.path);
	if (out_check(a, shape_find(op->verb), an.out.text, e) != 0) {
		e->cls = unsure;
		return err_within(e, "%s: ", x->program.path);
	}
	*(struct json *)out = an.out;
	if ((op->flags & OP_STREAMS) == 0)
		return 0;
	const char *rows = json_member(a, an.out.text, "rows");
	return rows == NULL ? err_set(e, unsure, "out.rows: missing") :
			      json_each(a, rows, row_send, c, e);
}

static unsigned
flags_of(const struct op_def *d)
{
	const struct shape *sh = shape_find(d->verb);
	unsigned flags = sh != NULL ? sh->flags : 0;

	if (strcmp(d->effect, "reads") == 0)
		flags |= OP_READS;
	if (strcmp(d->effect, "repeatable") == 0)
		flags |= OP_REPEATABLE;
	return flags;
}

static int
ops_make(struct exec *x, const struct many *defs, struct err *e)
{
	const struct op_def *d = defs->item;

	x->ops = arena_zero(&x->arena, defs->n + 1, sizeof(*x->ops));
	for (size_t i = 0; i < defs->n; i++) {
		if (shape_find(d[i].verb) == NULL &&
		    strchr(d[i].verb, ':') == NULL)
			return err_set(e, ERR_INPUT,
			    "ops[%zu].verb: not a "
			    "standard verb; one of your own is written as "
			    "name:verb",
			    i);
		x->ops[i] = (struct op){ .verb = d[i].verb,
			.flags = flags_of(&d[i]),
			.call = exec_call };
	}
	return 0;
}

static int
exec_open(const void *config, void **self, struct err *e)
{
	const struct config *k = config;
	const char *settings = k->settings.text != NULL ? k->settings.text :
							  "{}";
	struct exec *x = calloc(1, sizeof(*x));

	if (x == NULL)
		abort();
	x->program = (struct program_def){ k->program, k->args,
		(size_t)(k->max_output > 0 ? k->max_output : 0) };
	arena_lock(&x->arena);
	x->config = json_merge(&x->arena, settings,
	    k->secrets.text != NULL ? k->secrets.text : "{}", e);
	if (x->config == NULL || program_check(&x->program, e) != 0 ||
	    ops_make(x, &k->ops, e) != 0) {
		arena_fini(&x->arena);
		free(x);
		return -1;
	}
	*self = x;
	return 0;
}

static void
exec_close(void *self)
{
	struct exec *x = self;

	arena_fini(&x->arena);
	free(x);
}

static const struct op *
more_ops(void *self, const char *verb)
{
	const struct exec *x = self;

	return verb == NULL ? x->ops : op_find(x, verb);
}

static const char *const read_paths[] = { "reads", NULL };
static const char *const write_paths[] = { "writes", NULL };
static const char *const exec_paths[] = { "program", NULL };
static const struct op none[] = { { .verb = NULL } };

const struct muster_provider muster_provider = {
	.abi = MUSTER_PROVIDER_ABI,
	.name = "exec",
	.help = "A program that speaks JSON on standard input and output",
	.needs = NEED_NETWORK | NEED_EXEC,
	.config = config_fields,
	.config_size = sizeof(struct config),
	.open = exec_open,
	.close = exec_close,
	.ops = none,
	.read_paths = read_paths,
	.exec_paths = exec_paths,
	.more_ops = more_ops,
	.write_paths = write_paths,
};
