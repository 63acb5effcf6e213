/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <string.h>

#include "sim.h"

static void
text_value(struct buf *b, const char *text)
{
	if (text == NULL)
		buf_str(b, "null");
	else
		json_string(b, text);
}

/* .member == "word" */
static bool
condition(struct arena *a, const char *input, const char *program, bool *is)
{
	char member[24], word[24];
	const char *eq = strstr(program, " == \"");
	const char *value;
	size_t n;

	if (program[0] != '.' || eq == NULL ||
	    (size_t)(eq - program) > sizeof(member))
		return false;
	n = (size_t)(eq - program) - 1;
	memcpy(member, program + 1, n);
	member[n] = '\0';
	n = strcspn(eq + 5, "\"");
	if (n >= sizeof(word))
		return false;
	memcpy(word, eq + 5, n);
	word[n] = '\0';
	value = json_member_text(a, input, member);
	*is = value != NULL && strcmp(value, word) == 0;
	return true;
}

static void
names(struct buf *b, const char *given)
{
	if (given == NULL) {
		buf_str(b, "[]");
		return;
	}
	buf_printf(b, "[\"%s\"", given);
	for (int i = 2; i <= 8; i++)
		buf_printf(b, ",\"%s%d\"", given, i);
	buf_char(b, ']');
}

static void
value(struct sim *s, struct buf *b, const char *program, const char *input,
    bool deny)
{
	struct arena *a = &s->arena;
	bool is;

	if (program[0] == '"' && strstr(program, " + ") == NULL)
		buf_str(b, program); /* the mark of the configuration */
	else if (condition(a, input, program, &is))
		buf_str(b,
		    is && !deny &&
			    !(strstr(program, "\"eng\"") != NULL &&
				plant_is(s, "blind")) ?
			"true" :
			"false");
	else if (program[0] == '[')
		names(b, json_member_text(a, input, "given"));
	else if (strncmp(program, "\"svc-\"", 6) == 0)
		json_string(b,
		    arena_printf(a, "svc-%s",
			json_member_text(a, input, "name")));
	else if (program[0] == '.')
		text_value(b, json_member_text(a, input, program + 1));
	else
		sim_break(s, "sim", "no answer to %s", program);
}

static const char *
say(struct sim *s, const struct question *q, int64_t wrong, bool deny)
{
	struct buf b = { .arena = &s->arena };

	buf_str(&b, "[[");
	for (size_t i = 0; i < q->programs.n; i++) {
		buf_str(&b, i > 0 ? "," : "");
		if ((int64_t)i == wrong) {
			buf_str(&b,
			    chance_of(&s->chance, 0.5) ?
				"{\"error\":\"sim: it failed\"}" :
				"{\"values\":[{\"a\":1},2]}");
			continue;
		}
		buf_str(&b, "{\"values\":[");
		value(s, &b, q->programs.item[i], q->inputs.item[0], deny);
		buf_str(&b, "]}");
	}
	buf_str(&b, "]]");
	return buf_text(&b);
}

/* One that every verdict looks at: the condition of a role. */
static int64_t
some_condition(struct sim *s, const struct question *q)
{
	int64_t i;

	do {
		i = chance_in(&s->chance, 1, (int64_t)q->programs.n - 1);
	} while (strstr(q->programs.item[i], " == \"") == NULL);
	return i;
}

const char *
policy_say(struct sim *s, const struct question *q, bool bad)
{
	return say(s, q, bad ? some_condition(s, q) : -1, false);
}

const char *
policy_deny(struct sim *s, const struct question *q)
{
	return say(s, q, -1, true);
}
