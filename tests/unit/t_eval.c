/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jq programs in the real muster-eval, asked through the supervisor: what
 * they answer, what they may not do, and that a bad one costs its own cell
 * and nothing else.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "eval/program.h"
#include "supervisor/supervisor.h"

#define ASKED_MOST	1024	/* programs of a question */

static char program[512];	/* muster-eval */
static char lock[64];
static int64_t time_limit = 4000;

struct answer {
	int64_t id;
	struct err why;
	char *out;
	int n;
};

static void
keep(void *ctx, const struct incoming *in)
{
	struct answer *a = ctx;

	assert_int_equal(in->kind, INCOMING_ANSWER);
	free(a->out);
	a->id = in->call;
	a->why = in->why;
	a->out = in->out == NULL ? NULL : strdup(in->out);
	a->n++;
}

static int
evaluator_open(void **state)
{
	struct err e = { ERR_NONE, 0, "" };
	const struct supervisor_paths paths = { .worker = "/nonexistent",
	    .eval = program, .providers = "/nonexistent", .lock = lock,
	    .sandbox = "best-effort", .eval_timeout = time_limit,
	    .eval_workers = 1 };

	*state = supervisor_open(&paths, &e);
	if (*state == NULL)
		print_error("%s\n", e.text);
	return *state == NULL ? -1 : 0;
}

static int
evaluator_close(void **state)
{
	supervisor_close(*state);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return unlink(lock);
}

static void
wait_for(struct supervisor *s, struct answer *a, int count, int64_t ms)
{
	int64_t until = clock_boot() + ms;

	while (a->n < count) {
		struct pollfd p = { .fd = supervisor_fd(s),
		    .events = POLLIN };
		int64_t now = clock_boot(), wait = supervisor_due(s) - now;

		assert_true(now < until);
		if (wait > until - now)
			wait = until - now;
		poll(&p, 1, wait < 0 ? 0 : (int)wait);
		supervisor_poll(s, 16, keep, a);
	}
}

/* Asks, and answers what came; the caller frees out. */
static struct answer
ask(struct supervisor *s, const char **programs, size_t np,
    const char **inputs, size_t ni)
{
	const struct question q = { .id = 77, .programs = { np, programs },
	    .inputs = { ni, inputs } };
	struct answer a = { 0 };

	supervisor_ask(s, &q);
	wait_for(s, &a, 1, 60000);
	assert_int_equal(a.id, 77);
	return a;
}

static void
expect(struct supervisor *s, const char *text, const char *input,
    const char *want)
{
	struct answer a = ask(s, &text, 1, &input, 1);

	assert_int_equal(a.why.cls, ERR_NONE);
	if (*want == '~' || *want == '+') {
		if (strstr(a.out, want + 1) == NULL)
			print_error("%s: %s\n", text, a.out);
		assert_non_null(strstr(a.out, want + 1));
		assert_int_equal(strstr(a.out, "\"error\":") != NULL,
		    *want == '~');
	} else {
		assert_string_equal(a.out, want);
	}
	free(a.out);
}

static void
evaluates(void **state)
{
	static const struct {
		const char *program, *input, *want;	/* ~: error with, +:
						   any with */
	} rows[] = {
		{ ".a", "{\"a\":1}", "[[{\"values\":[1]}]]" },
		{ ".a,.b", "{\"b\":\"x\"}", "[[{\"values\":[null,\"x\"]}]]" },
		{ "empty", "{}", "[[{\"values\":[]}]]" },
		{ "{b:1,a:2}", "{}", "[[{\"values\":[{\"a\":2,\"b\":1}]}]]" },
		{ "# all of it\n.", "5", "[[{\"values\":[5]}]]" },
		{ "def f(x): x + 1; f(.a) # end", "{\"a\":1}",
		    "[[{\"values\":[2]}]]" },
		{ "{env:.env,input:1} | .input, .env", "{\"env\":3}",
		    "[[{\"values\":[1,3]}]]" },
		{ "$now", "{\"now\":\"2026-01-01\"}",
		    "[[{\"values\":[\"2026-01-01\"]}]]" },
		{ "$now", "[]", "[[{\"values\":[null]}]]" },
		{ ".a | ascii_downcase", "{\"a\":\"\u00dcBER \U0001f600\"}",
		    "[[{\"values\":[\"\u00dcber \U0001f600\"]}]]" },
		{ "length", "\"\u00e9\U0001f600\"", "[[{\"values\":[2]}]]" },
		{ "0 | strftime(\"%H %Z\")", "{}",
		    "[[{\"values\":[\"00 UTC\"]}]]" },
		{ "0 | localtime | mktime", "{}", "[[{\"values\":[0]}]]" },
		{ "\"2026-03-01T00:00:00Z\" | fromdate", "{}",
		    "[[{\"values\":[1772323200]}]]" },
		{ "[limit(3; repeat(1))]", "{}",
		    "[[{\"values\":[[1,1,1]]}]]" },
		{ "nan, infinite", "{}",
		    "[[{\"values\":[null,1.7976931348623157e+308]}]]" },
		{ ".a.b", "{\"a\":1}", "~Cannot index number" },
		{ "error(\"no \\u00e4\")", "{}", "~no \u00e4" },
		{ "error({code:1})", "{}", "~code" },
		{ "1, error(\"late\")", "{}", "~late" },
		{ ".a +", "{}", "~unexpected end, line 1" },
		{ "nosuch", "{}", "~nosuch/0 is not defined, line 1" },
		{ "1\n+\n%", "{}", "~line 3" },
		{ ".a) , (.b", "{}", "~closes nothing" },
		{ "range(2000)", "{}", "~more than 1000 values" },
		{ "[range(100000)]", "{}", "~too large" },
		{ "\"x\" * 300000", "{}", "~too large" },
		{ "reduce range(40) as $i (1; [.])", "{}", "~too deep" },
		{ "\"a\\u0000b\"", "{}", "~NUL" },
		{ "[55296] | implode", "{}",
		    "[[{\"values\":[\"\ufffd\"]}]]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("%s\n", rows[i].program);
		expect(*state, rows[i].program, rows[i].input, rows[i].want);
	}
}

static void
reaches_nothing(void **state)
{
	static const char *const rows[] = {
		"env", "$ENV", "$ENV.PATH", "{$ENV}", "$ ENV", "[inputs]",
		"input", "debug", "stderr", "input_filename", "now",
		"input_line_number", "halt", "halt_error", "\"a\" | halt_error",
		"import \"a\" as a; .", "include \"a\"; .",
		"import \"a\" as $a; .", "get_search_list", "module {}; .",
		"\"a\" | modulemeta", "$__prog_args", "$__muster_v",
		"\"\\(env)\"", "\"\\(\"\\(env)\")\"", "@json \"\\(env)\"",
		"{(env | tostring): 1}", "{a: env}", ".a | {b: (1, env)}",
		"def env: 1; .", "# \\\nenv", "[.env, env]", "..env",
	};
	static const char *const fine[] = {
		".env", "{env}", "{a: .env, env: 1}", "\"env\"", "# env\n.",
		". as {env: $env} | $env", "\"\\\"\\(1) env\"", ".\"env\"?",
		"{\"env\": 1}", "def f($input): 1; f(2)", "@text \"now\"",
	};
	struct err e;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("%s\n", rows[i]);
		assert_int_equal(program_vet(rows[i], &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		expect(*state, rows[i], "{}", "~");
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
		print_message("%s\n", fine[i]);
		assert_int_equal(program_vet(fine[i], &e), 0);
		expect(*state, fine[i], "{\"env\":1}", "+values");
	}
}

/* A bad run costs its own cell; the rest of the question is answered. */
static void
leaves_out_what_is_stuck(void **state)
{
	static const char *const bad[] = {
		"if . == 3 then [recurse(. + 1)] else . end",
		"if . == 3 then reduce range(31) as $i (\"x\"; . + .) | length"
		    " else . end",
		"if . == 3 then reduce range(3000000) as $i (1; [.]) else . "
		    "end",
	};
	const char *inputs[] = { "1", "2", "3", "4" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *programs[] = { ". + 10", bad[i], ". + 20" };
		struct answer a = ask(*state, programs, 3, inputs, 4);

		print_message("%s\n", bad[i]);
		assert_int_equal(a.why.cls, ERR_NONE);
		assert_string_equal(a.out,
		    "[[{\"values\":[11]},{\"values\":[1]},{\"values\":[21]}],"
		    "[{\"values\":[12]},{\"values\":[2]},{\"values\":[22]}],"
		    "[{\"values\":[13]},{\"error\":\"no verdict: it takes too "
		    "long or needs too much memory\"},{\"values\":[23]}],"
		    "[{\"values\":[14]},{\"values\":[4]},{\"values\":[24]}]]");
		free(a.out);
	}
}

/* One that is stuck over everything is given up as a whole. */
static void
leaves_out_a_program(void **state)
{
	const char *programs[] = { "last(repeat(1))", "." };
	const char *inputs[40];
	size_t verdicts = 0, errors = 0;

	for (size_t i = 0; i < 40; i++)
		inputs[i] = "7";
	struct answer a = ask(*state, programs, 2, inputs, 40);
	assert_int_equal(a.why.cls, ERR_NONE);
	for (const char *s = a.out; (s = strstr(s, "[7]")) != NULL; s++)
		verdicts++;
	for (const char *s = a.out; (s = strstr(s, "no verdict")) != NULL;
	    s++)
		errors++;
	assert_int_equal(verdicts, 40);
	assert_int_equal(errors, 40);
	free(a.out);
}

static void
answers_in_slices(void **state)
{
	static const struct {
		const char *what, *program;
		size_t inputs, bytes;	/* of each input */
		const char *want;
	} rows[] = {
		{ "many", "1", 50000, 2, "{\"values\":[1]}" },
		{ "large", "length", 12, 300000, "{\"values\":[299998]}" },
		{ "large answers", ".", 12, 200000, "aaaaaaaa\"]}" },
		{ "none", ".", 0, 0, "[]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char **in = calloc(rows[i].inputs + 1, sizeof(*in));
		char *text = calloc(1, rows[i].bytes + 1);
		size_t n = 0;

		print_message("%s\n", rows[i].what);
		memset(text, 'a', rows[i].bytes);
		if (rows[i].bytes > 0)
			text[0] = text[rows[i].bytes - 1] = '"';
		for (size_t k = 0; k < rows[i].inputs; k++)
			in[k] = text;
		const char *programs[] = { rows[i].program };
		struct answer a = ask(*state, programs, 1, in,
		    rows[i].inputs);
		assert_int_equal(a.why.cls, ERR_NONE);
		for (const char *s = a.out; (s = strstr(s, rows[i].want)) !=
		    NULL; s++)
			n++;
		assert_int_equal(n, rows[i].inputs == 0 ? 1
		    : rows[i].inputs);
		free(a.out);
		free(text);
		free(in);
	}
}

static void
refuses_what_can_never_be_put(void **state)
{
	const char *programs[ASKED_MOST + 1], *one = ".";
	char *text = calloc(1, 600001);

	for (size_t i = 0; i <= ASKED_MOST; i++)
		programs[i] = ".";
	struct answer a = ask(*state, programs, ASKED_MOST + 1, &one, 1);
	assert_int_equal(a.why.cls, ERR_INPUT);
	memset(text, '1', 600000);
	a = ask(*state, &one, 1, (const char *[]) { text }, 1);
	assert_int_equal(a.why.cls, ERR_INPUT);
	free(text);
	a = ask(*state, programs, ASKED_MOST, &one, 0);	/* control */
	assert_int_equal(a.why.cls, ERR_NONE);
	free(a.out);
}

/* The one child of this process; 0 if there is none. */
static pid_t
evaluator_pid(void)
{
	char path[64], line[512];
	int pid = 0;

	for (int i = 1; i < 4194304 && pid == 0; i++) {
		int ppid = 0;

		if (kill(i, 0) != 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/stat", i);
		FILE *f = fopen(path, "re");
		if (f == NULL)
			continue;
		if (fgets(line, sizeof(line), f) != NULL &&
		    sscanf(strrchr(line, ')') + 2, "%*c %d", &ppid) == 1 &&
		    ppid == getpid())
			pid = i;
		fclose(f);
	}
	return pid;
}

/* An evaluator that is lost, or does not answer, is asked once more; a
   second loss is no verdict. */
static void
is_asked_once_more(void **state)
{
	const char *slow = "last(range(2500000))", *one = "1";
	const struct question q = { .id = 5, .programs = { 1, &slow },
	    .inputs = { 1, &one } };
	struct supervisor *s = *state;

	for (int losses = 1; losses <= 2; losses++) {
		struct answer a = { 0 };

		expect(s, ".", "1", "[[{\"values\":[1]}]]");
		supervisor_ask(s, &q);
		assert_int_equal(kill(evaluator_pid(), SIGKILL), 0);
		if (losses == 2) {
			pid_t first = evaluator_pid(), pid = first;

			while (pid == first || pid == 0) {
				supervisor_poll(s, 16, keep, &a);
				usleep(20000);
				pid = evaluator_pid();
			}
			/* It is asked as soon as it is ready. */
			for (int i = 0; i < 5; i++) {
				supervisor_poll(s, 16, keep, &a);
				usleep(20000);
			}
			assert_int_equal(a.n, 0);
			kill(pid, SIGKILL);
		}
		wait_for(s, &a, 1, 20000);
		if (losses == 1)
			assert_string_equal(a.out,
			    "[[{\"values\":[2499999]}]]");
		else
			assert_int_equal(a.why.cls, ERR_REFUSED);
		free(a.out);
	}
}

static void
is_killed_when_it_hangs(void **state)
{
	const char *text = ".";
	const struct question q = { .id = 5, .programs = { 1, &text },
	    .inputs = { 1, &text } };
	const struct question next = { .id = 6, .programs = { 1, &text },
	    .inputs = { 0, NULL } };
	struct answer a = { 0 };
	void *s = NULL;

	(void)state;
	time_limit = 600;
	assert_int_equal(evaluator_open(&s), 0);
	time_limit = 4000;
	expect(s, ".", "1", "[[{\"values\":[1]}]]");
	assert_int_equal(kill(evaluator_pid(), SIGSTOP), 0);
	int64_t before = clock_boot();
	const char *one = "1";
	struct question slow = q;
	slow.inputs = (struct texts){ 1, &one };
	supervisor_ask(s, &slow);
	wait_for(s, &a, 1, 20000);
	assert_int_equal(a.why.cls, ERR_NONE);
	assert_string_equal(a.out, "[[{\"values\":[1]}]]");
	assert_true(clock_boot() - before >= 600);
	supervisor_ask(s, &next);
	wait_for(s, &a, 2, 1000);
	assert_string_equal(a.out, "[]");
	free(a.out);
	supervisor_close(s);
}

/* New programs are compiled together, and kept. */
static void
keeps_what_it_compiled(void **state)
{
	const char *programs[200], *one = "{\"a\":5}";
	char text[200][32];

	for (int i = 0; i < 200; i++) {
		snprintf(text[i], sizeof(text[i]), ".a + %d", i);
		programs[i] = text[i];
	}
	programs[100] = ".a +";		/* and a bad one among them */
	int64_t t0 = clock_boot();
	struct answer a = ask(*state, programs, 200, &one, 1);
	int64_t t1 = clock_boot();
	for (int i = 0; i < 10; i++) {
		struct answer again = ask(*state, programs, 101, &one, 1);

		assert_int_equal(again.why.cls, ERR_NONE);
		free(again.out);
	}
	int64_t t2 = clock_boot();
	print_message("first %d ms, then %d ms each\n", (int)(t1 - t0),
	    (int)(t2 - t1) / 10);
	assert_non_null(strstr(a.out, "{\"values\":[204]}"));
	assert_non_null(strstr(a.out, "{\"values\":[104]},{\"error\":"));
	assert_true((t2 - t1) / 10 < (t1 - t0));
	free(a.out);
}

/* The check says of each program the same as a question would. */
static void
checks(void **state)
{
	char command[1024], line[512] = "";

	(void)state;
	snprintf(command, sizeof(command), "printf '%%s' '[\".a\","
	    "\".a +\",\"env\",\"nosuch\",\"# x\\n.\"]' | %s --check",
	    program);
	FILE *f = popen(command, "re");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_int_equal(pclose(f), 0);
	assert_string_equal(line, "[null,\"syntax error, unexpected end, "
	    "line 1\",\"line 1: 'env' is not allowed: an expression sees its "
	    "input and $now only\",\"nosuch/0 is not defined, line 1\","
	    "null]\n");
	snprintf(command, sizeof(command), "printf '{' | %s --check "
	    "2>/dev/null", program);
	assert_int_not_equal(system(command), 0);
}

int
main(void)
{
	const char *dir = getenv("builddir");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evaluates),
		cmocka_unit_test(reaches_nothing),
		cmocka_unit_test(leaves_out_what_is_stuck),
		cmocka_unit_test(leaves_out_a_program),
		cmocka_unit_test(answers_in_slices),
		cmocka_unit_test(refuses_what_can_never_be_put),
		cmocka_unit_test(is_asked_once_more),
		cmocka_unit_test(keeps_what_it_compiled),
		cmocka_unit_test(checks),
	};
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(is_killed_when_it_hangs),
	};

	snprintf(program, sizeof(program), "%s/muster-eval",
	    dir == NULL ? "." : dir);
	snprintf(lock, sizeof(lock), "/tmp/t_eval.%d", (int)getpid());
	secret_init();
	log_open("t_eval", LOG_LEVEL_ERROR);
	int failed = cmocka_run_group_tests(tests, evaluator_open,
	    evaluator_close);
	failed += cmocka_run_group_tests(alone, NULL, NULL);
	unlink(lock);
	return failed;
}
