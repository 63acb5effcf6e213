/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jq programs in the real muster-eval, asked through the supervisor: what
 * they answer, what they may not do, and that a bad one costs its own cell
 * and nothing else.
 */
#include <signal.h>
#include <time.h>

#include "inbox.h"

#include "base/log.h"
#include "base/secret.h"
#include "eval/program.h"

#define ASKED_MOST 1024 /* programs of a question */
/* No test fails before because others want the processors, too. */
#define PATIENCE (10 * MINUTE)

static char program[512]; /* muster-eval */

static int
evaluator_open(void **state)
{
	struct inbox *h = calloc(1, sizeof(*h));

	*state = h;
	return inbox_open(h, NULL, program, "best-effort", 16000);
}

/* One that gives up what is stuck after half a second of processor time. */
static int
brief_open(void **state)
{
	struct inbox *h = calloc(1, sizeof(*h));

	*state = h;
	return inbox_open(h, NULL, program, "best-effort", 2000);
}

/* Asks, and waits for what comes; it is valid until the next question. */
static struct got *
answer(struct inbox *h, const char **programs, size_t np, const char **inputs,
    size_t ni)
{
	forget_all(h);
	ask(h, 77, (struct texts){ np, programs },
	    (struct texts){ ni, inputs });
	struct got *g = next(h, INCOMING_ANSWER, PATIENCE);
	assert_non_null(g);
	assert_int_equal(g->call, 77);
	return g;
}

static void
expect(struct inbox *h, const char *text, const char *input, const char *want)
{
	struct got *a = answer(h, &text, 1, &input, 1);

	assert_int_equal(a->why.cls, ERR_NONE);
	if (*want == '~' || *want == '+') {
		if (strstr(a->out, want + 1) == NULL)
			print_error("%s: %s\n", text, a->out);
		assert_non_null(strstr(a->out, want + 1));
		assert_int_equal(strstr(a->out, "\"error\":") != NULL,
		    *want == '~');
	} else {
		assert_string_equal(a->out, want);
	}
}

static void
evaluates(void **state)
{
	static const struct {
		const char *program, *input, *want; /* ~: error with, +:
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
		{ "[limit(3; repeat(1))]", "{}", "[[{\"values\":[[1,1,1]]}]]" },
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
		{ "(if . then 1)", "{}", "~an 'if' has no 'end'" },
		{ "if . then 1", "{}", "~an 'if' has no 'end'" },
		{ "if . then {end:1} else 2 end", "1",
		    "[[{\"values\":[{\"end\":1}]}]]" },
		{ "range(2000)", "{}", "~more than 1000 values" },
		{ "[range(100000)]", "{}", "~too large" },
		{ "\"x\" * 300000", "{}", "~too large" },
		{ "reduce range(40) as $i (1; [.])", "{}", "~too deep" },
		{ "\"a\\u0000b\"", "{}", "~NUL" },
		{ "[55296] | implode", "{}", "[[{\"values\":[\"\ufffd\"]}]]" },
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
		"env",
		"$ENV",
		"$ENV.PATH",
		"{$ENV}",
		"$ ENV",
		"[inputs]",
		"input",
		"debug",
		"stderr",
		"input_filename",
		"now",
		"input_line_number",
		"halt",
		"halt_error",
		"\"a\" | halt_error",
		"import \"a\" as a; .",
		"include \"a\"; .",
		"import \"a\" as $a; .",
		"get_search_list",
		"module {}; .",
		"\"a\" | modulemeta",
		"$__prog_args",
		"$__muster_v",
		"\"\\(env)\"",
		"\"\\(\"\\(env)\")\"",
		"@json \"\\(env)\"",
		"{(env | tostring): 1}",
		"{a: env}",
		".a | {b: (1, env)}",
		"def env: 1; .",
		"# \\\nenv",
		"[.env, env]",
		"..env",
		"{a: if . then 1, now else 2 end}",
		"{a: if . then 1 elif . then 1, env else 2 end}",
	};
	static const char *const fine[] = {
		".env",
		"{env}",
		"{a: .env, env: 1}",
		"{if: 1, end: .end}",
		"[if .a then .b, {end: 1} elif .c then 2 else .if end]",
		"\"env\"",
		"# env\n.",
		". as {env: $env} | $env",
		"\"\\\"\\(1) env\"",
		".\"env\"?",
		"{\"env\": 1}",
		"def f($input): 1; f(2)",
		"@text \"now\"",
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
		struct got *a = answer(*state, programs, 3, inputs, 4);

		print_message("%s\n", bad[i]);
		assert_int_equal(a->why.cls, ERR_NONE);
		assert_string_equal(a->out,
		    "[[{\"values\":[11]},{\"values\":[1]},{\"values\":[21]}],"
		    "[{\"values\":[12]},{\"values\":[2]},{\"values\":[22]}],"
		    "[{\"values\":[13]},{\"error\":\"no verdict: it takes too "
		    "long or needs too much memory\"},{\"values\":[23]}],"
		    "[{\"values\":[14]},{\"values\":[4]},{\"values\":[24]}]]");
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
	struct got *a = answer(*state, programs, 2, inputs, 40);
	assert_int_equal(a->why.cls, ERR_NONE);
	for (const char *s = a->out; (s = strstr(s, "[7]")) != NULL; s++)
		verdicts++;
	for (const char *s = a->out; (s = strstr(s, "no verdict")) != NULL; s++)
		errors++;
	assert_int_equal(verdicts, 40);
	assert_int_equal(errors, 40);
}

static void
answers_in_slices(void **state)
{
	static const struct {
		const char *what, *program;
		size_t inputs, bytes; /* of each input */
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
		struct got *a = answer(*state, programs, 1, in, rows[i].inputs);
		assert_int_equal(a->why.cls, ERR_NONE);
		for (const char *s = a->out;
		     (s = strstr(s, rows[i].want)) != NULL; s++)
			n++;
		assert_int_equal(n, rows[i].inputs == 0 ? 1 : rows[i].inputs);
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
	struct got *a = answer(*state, programs, ASKED_MOST + 1, &one, 1);
	assert_int_equal(a->why.cls, ERR_INPUT);
	memset(text, '1', 600000);
	a = answer(*state, &one, 1, (const char *[]){ text }, 1);
	assert_int_equal(a->why.cls, ERR_INPUT);
	free(text);
	a = answer(*state, programs, ASKED_MOST, &one, 0); /* control */
	assert_int_equal(a->why.cls, ERR_NONE);
}

/* The one child of this process that lives; 0 if there is none. */
static pid_t
evaluator_pid(void)
{
	char path[64], line[512];
	int pid = 0;

	for (int i = 1; i < 4194304 && pid == 0; i++) {
		int ppid = 0;
		char how;

		if (kill(i, 0) != 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/stat", i);
		FILE *f = fopen(path, "re");
		if (f == NULL)
			continue;
		if (fgets(line, sizeof(line), f) != NULL &&
		    sscanf(strrchr(line, ')') + 2, "%c %d", &how, &ppid) == 2 &&
		    how != 'Z' && ppid == getpid())
			pid = i;
		fclose(f);
	}
	return pid;
}

/* An evaluator that is lost, or does not answer, is not the question's
   fault: it is asked once more. */
static void
is_asked_once_more(void **state)
{
	static const int ends[] = { SIGKILL, 0 };
	const char *text = ". + 1", *one = "1";

	for (size_t i = 0; i < 2; i++) {
		expect(*state, ".", "1", "[[{\"values\":[1]}]]");
		pid_t pid = evaluator_pid();
		assert_true(pid > 0);
		assert_int_equal(kill(pid, SIGSTOP), 0);
		forget_all(*state);
		ask(*state, 5, (struct texts){ 1, &text },
		    (struct texts){ 1, &one });
		if (ends[i] != 0)
			kill(pid, ends[i]);
		struct got *g = next(*state, INCOMING_ANSWER, PATIENCE);
		assert_non_null(g);
		assert_int_equal(g->why.cls, ERR_NONE);
		assert_string_equal(g->out, "[[{\"values\":[2]}]]");
		assert_int_not_equal(evaluator_pid(), pid);
	}
}

/* What a scripted evaluator does instead of answering. */
static void
loses_its_evaluator(void **state)
{
	static const struct {
		const char *mode;
		enum err_class cls;
		const char *text;
	} rows[] = {
		{ "good", ERR_NONE, "" }, /* control */
		{ "crash", ERR_REFUSED, "signal 11" },
		{ "hang", ERR_REFUSED, "deadline" },
		{ "burns", ERR_REFUSED, "deadline" },
		{ "starved", ERR_NONE, "" }, /* it takes, but not uses, time */
		{ "garbage", ERR_REFUSED, "broke the rules" },
		{ "other-id", ERR_REFUSED, "broke the rules" },
		{ "no-rows", ERR_REFUSED, "broke the rules" },
		{ "many-rows", ERR_REFUSED, "broke the rules" },
		{ "no-cells", ERR_REFUSED, "broke the rules" },
		{ "odd-cell", ERR_REFUSED, "broke the rules" },
		{ "stuck-elsewhere", ERR_REFUSED, "broke the rules" },
		{ "stuck-beyond", ERR_REFUSED, "broke the rules" },
		{ "stuck", ERR_REFUSED, "broke the rules" },
		{ "no-start", ERR_BUSY, "signal 11" },
		{ "refuses", ERR_BUSY, "broke the rules" },
	};
	const char *text = ".";
	char fake[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct inbox h = { 0 };

		print_message("%s\n", rows[i].mode);
		assert_int_equal(inbox_open(&h, NULL,
				     built(fake, "tests/unit/fake_child"),
				     rows[i].mode, 300),
		    0);
		ask(&h, 5, (struct texts){ 1, &text },
		    (struct texts){ 1, &text });
		struct got *g = next(&h, INCOMING_ANSWER, PATIENCE);
		assert_non_null(g);
		assert_int_equal(g->call, 5);
		assert_int_equal(g->why.cls, rows[i].cls);
		assert_non_null(strstr(g->why.text, rows[i].text));
		assert_null(next(&h, INCOMING_ANSWER, 50));
		inbox_close(&h);
	}
}

/* Several wait in one evaluator: whoever ends it costs only itself. */
static void
the_others_lose_nothing(void **state)
{
	const char *good[] = { ". + 1" }, *bad[] = { "[recurse(. + 1)]" };
	const char *one = "1";
	struct inbox *h = *state;
	bool seen[8] = { false };

	forget_all(h);
	for (int64_t id = 0; id < 8; id++)
		ask(h, id + 1,
		    (struct texts){ 1, id == 1 || id == 2 ? bad : good },
		    (struct texts){ 1, &one });
	for (int i = 0; i < 8; i++) {
		struct got *g = next(h, INCOMING_ANSWER, PATIENCE);

		assert_non_null(g);
		assert_in_range(g->call, 1, 8);
		assert_false(seen[g->call - 1]);
		seen[g->call - 1] = true;
		assert_int_equal(g->why.cls, ERR_NONE);
		if (g->call == 2 || g->call == 3)
			assert_non_null(strstr(g->out, "no verdict"));
		else
			assert_string_equal(g->out, "[[{\"values\":[2]}]]");
	}
}

/* Microseconds of processor time. */
static int64_t
used_by(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(pid, &clock), 0);
	assert_int_equal(clock_gettime(clock, &t), 0);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
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
	programs[100] = ".a +"; /* and a bad one among them */
	expect(*state, ".", "1", "[[{\"values\":[1]}]]"); /* it is there */
	pid_t pid = evaluator_pid();
	int64_t t0 = used_by(pid);
	struct got *a = answer(*state, programs, 200, &one, 1);
	assert_non_null(strstr(a->out, "{\"values\":[204]}"));
	assert_non_null(strstr(a->out, "{\"values\":[104]},{\"error\":"));
	int64_t t1 = used_by(pid);
	for (int i = 0; i < 10; i++) {
		struct got *again = answer(*state, programs, 101, &one, 1);

		assert_int_equal(again->why.cls, ERR_NONE);
	}
	int64_t t2 = used_by(pid);
	print_message("first %d us, then %d us each\n", (int)(t1 - t0),
	    (int)(t2 - t1) / 10);
	assert_true((t2 - t1) / 10 < (t1 - t0));
}

/* Runs muster-eval --check over a text; answers its exit status. */
static int
check_run(const char *in, char *out, size_t room)
{
	int to[2], from[2], status;

	assert_int_equal(pipe(to) + pipe(from), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[1]);
		execl(program, program, "--check", (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	assert_int_equal(write(to[1], in, strlen(in)), (ssize_t)strlen(in));
	close(to[1]);
	ssize_t n = read(from[0], out, room - 1);
	out[n < 0 ? 0 : n] = '\0';
	close(from[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* The check says of each program the same as a question would. */
static void
checks(void **state)
{
	char out[1024];

	(void)state;
	assert_int_equal(check_run("[\".a\",\".a +\",\"env\",\"nosuch\","
				   "\"# x\\n.\"]",
			     out, sizeof(out)),
	    0);
	assert_string_equal(out,
	    "[null,\"syntax error, unexpected end, "
	    "line 1\",\"line 1: 'env' is not allowed: an expression sees its "
	    "input and $now only\",\"nosuch/0 is not defined, line 1\","
	    "null]\n");
	assert_int_equal(check_run("{", out, sizeof(out)), 1);
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evaluates),
		cmocka_unit_test(reaches_nothing),
		cmocka_unit_test(answers_in_slices),
		cmocka_unit_test(refuses_what_can_never_be_put),
		cmocka_unit_test(is_asked_once_more),
		cmocka_unit_test(keeps_what_it_compiled),
		cmocka_unit_test(checks),
	};
	const struct CMUnitTest stuck[] = {
		cmocka_unit_test(leaves_out_what_is_stuck),
		cmocka_unit_test(leaves_out_a_program),
		cmocka_unit_test(the_others_lose_nothing),
	};
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(loses_its_evaluator),
	};

	built(program, "muster-eval");
	secret_init();
	log_open("t_eval", LOG_LEVEL_ERROR);
	int failed = cmocka_run_group_tests(tests, evaluator_open, fake_close);
	failed += cmocka_run_group_tests(stuck, brief_open, fake_close);
	return failed + cmocka_run_group_tests(alone, NULL, NULL);
}
