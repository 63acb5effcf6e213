/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration sets: a good one, and what is wrong with each of many bad
 * ones, word for word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"
#include "model/config.h"

static char dir[] = "/tmp/t_config.XXXXXX";
static struct arena arena;

#define MUSTER \
	"{\n" \
	"  // who may do what\n" \
	"  \"instance\": \"acme\", \"gap\": \"P3D\",\n" \
	"  \"access\": [ { \"role\": \"admin\", \"uids\": [\"root\"] } ],\n" \
	"  \"names\": { \"pattern\": \"[.given]\", \"tombstone\": \"P30D\" },\n" \
	"  \"protected\": [ \"corp/root\", \".kind == \\\"service\\\"\" ],\n" \
	"  \"channels\": [ { \"name\": \"mail\", \"type\": \"exec\",\n" \
	"    \"program\": \"/bin/cat\" } ] }\n"

#define CORP \
	"{ \"system\": \"corp\", /* the\n" \
	"  directory */ \"provider\": \"ldap\", \"mode\": \"enforce\",\n" \
	"  \"modes\": { \"delete\": \"propose\" },\n" \
	"  \"url\": \"ldaps://10.0.0.5\", // not a comment inside\n" \
	"  \"bind\": { \"dn\": \"cn=muster\",\n" \
	"    \"password\": { \"file\": \"ldap.pw\" } },\n" \
	"  \"rate\": \"200/s\" }\n"

#define ENGINEER \
	"[ { \"role\": \"engineer\", \"when\": \".unit == \\\"eng\\\"\",\n" \
	"    \"accounts\": { \"corp/primary\": { \"id\": \".username\",\n" \
	"      \"attributes\": { \"cn\": \".display\" },\n" \
	"      \"password\": \"generate\", \"deliver\": \"file\",\n" \
	"      \"deliver_to\": \"/var/lib/letters\" } },\n" \
	"    \"entitlements\": { \"corp\": [\"cn=eng\", \"cn=vpn\"] },\n" \
	"    \"overlap\": \"P14D\" },\n" \
	"  { \"role\": \"everyone\", \"when\": \"true\" } ]\n"

#define LEAVER \
	"{ \"workflow\": \"leaver\", \"on\": \"leaver\", \"steps\": {\n" \
	"    \"cut\": { \"do\": \"account.disable\",\n" \
	"      \"for_each\": \".accounts[]\" },\n" \
	"    \"tell\": { \"do\": \"ldap:poke\", \"system\": \"corp\",\n" \
	"      \"after\": [\"cut\"], \"on_failure\": \"stop\" } },\n" \
	"  \"retention\": \"P90D\" }\n"

#define HR \
	"{ \"feed\": \"hr\", \"map\": \"{key: .id}\", \"zone\": \"UTC\",\n" \
	"  \"absent_leaves\": true, \"path\": \"hr.csv\" }\n"

static const struct file {
	const char *name, *text;
} good[] = { { "muster.json", MUSTER }, { "systems/corp.json", CORP },
	{ "roles/engineer.json", ENGINEER },
	{ "workflows/leaver.json", LEAVER }, { "feeds/hr.json", HR },
	{ "ldap.pw", "s3cr\"et\\\n" }, { NULL, NULL } };

static const char *
path_of(const char *name)
{
	return arena_printf(&arena, "%s/%s", dir, name);
}

static void
put(const char *name, const char *text)
{
	struct err e = { 0 };

	if (text == NULL)
		(void)unlink(path_of(name));
	else if (file_replace(path_of(name), text, strlen(text), 0600, &e))
		fail_msg("%s", e.text);
}

static int
good_put(void **state)
{
	(void)state;
	for (const struct file *f = good; f->name != NULL; f++)
		put(f->name, f->text);
	return 0;
}

static int
begin(void **state)
{
	static const char *const folders[] = { "systems", "roles", "workflows",
		"feeds" };

	if (mkdtemp(dir) == NULL)
		return -1;
	for (size_t i = 0; i < 4; i++)
		if (mkdir(path_of(folders[i]), 0700) != 0)
			return -1;
	return good_put(state);
}

static int
end(void **state)
{
	(void)state;
	for (const struct file *f = good; f->name != NULL; f++)
		put(f->name, NULL);
	(void)rmdir(path_of("systems"));
	(void)rmdir(path_of("roles"));
	(void)rmdir(path_of("workflows"));
	(void)rmdir(path_of("feeds"));
	int ret = rmdir(dir);
	arena_fini(&arena);
	return ret;
}

static struct config *
load(void)
{
	struct err e = { 0 };
	struct config *c = config_load(dir, NULL, NULL, &e);

	if (c == NULL)
		fail_msg("%s", e.text);
	return c;
}

static void
a_good_set_holds(void **state)
{
	(void)state;
	struct config *c = load();
	const struct system_def *corp = config_system(c, "corp");
	const struct role_def *r = config_role(c, "engineer");
	const struct workflow_def *w = config_workflow_on(c, "leaver");
	const struct feed_def *f = config_feed(c, "hr");

	assert_non_null(corp);
	assert_string_equal(corp->provider, "ldap");
	assert_string_equal(system_mode(corp, "delete"), "propose");
	assert_string_equal(system_mode(corp, "create"), "enforce");
	assert_int_equal(corp->concurrency, 4);
	assert_int_equal(corp->timeout, 30 * SECOND);
	assert_int_equal(corp->rate.calls, 200);
	assert_int_equal(corp->rate.per, SECOND);
	assert_string_equal(corp->config.text,
	    "{\"url\":\"ldaps://10.0.0.5\","
	    "\"bind\":{\"dn\":\"cn=muster\",\"password\":{\"file\":"
	    "\"ldap.pw\"}}}");
	assert_non_null(r);
	assert_int_equal(r->account.n, 1);
	const struct role_account *a = r->account.item;
	assert_string_equal(a->system, "corp");
	assert_string_equal(a->kind, "primary");
	assert_string_equal(a->attribute.item[0], "cn");
	assert_string_equal(a->program.item[0], ".display");
	assert_int_equal(r->holding.n, 2);
	const struct role_holding *h = r->holding.item;
	assert_string_equal(h[1].system, "corp");
	assert_string_equal(h[1].kind, "primary");
	assert_string_equal(h[1].entitlement, "cn=vpn");
	assert_non_null(config_role(c, "everyone"));
	assert_non_null(w);
	assert_ptr_equal(w, config_workflow(c, "leaver"));
	assert_string_equal(w->class_, "leave");
	const struct workflow_step *s = w->step.item;
	assert_string_equal(s[0].name, "cut");
	assert_string_equal(s[0].on_failure, "continue");
	assert_string_equal(s[1].on_failure, "stop");
	assert_non_null(f);
	assert_int_equal(f->overlap, 80);
	assert_true(f->absent_leaves);
	assert_int_equal(c->settings.gap, 3 * DAY);
	assert_int_equal(c->settings.tombstone, 30 * DAY);
	assert_int_equal(c->settings.guards.n, 3);
	assert_null(config_system(c, "prod"));
	assert_null(config_workflow_on(c, "joiner"));
	assert_int_equal(c->sources.n, 5);
	config_free(c);
}

/* As a provider describes its configuration. */
#define SCHEMA \
	"{\"properties\":{\"url\":{\"type\":\"string\"},\"bind\":{\"allOf\":" \
	"[{\"properties\":{\"dn\":{\"type\":\"string\"},\"password\":{" \
	"\"writeOnly\":true}}}]},\"keys\":{\"type\":\"array\",\"items\":{" \
	"\"properties\":{\"of\":{},\"value\":{\"writeOnly\":true}}}}," \
	"\"secrets\":{\"writeOnly\":true},\"settings\":{}}}"

static void
secrets_are_filled_in(void **state)
{
	(void)state;
	struct config *c = load();
	struct err e = { 0 };
	char *text = config_secrets(c, config_system(c, "corp"), SCHEMA, &e);

	assert_non_null(text);
	assert_string_equal(text,
	    "{\"url\":\"ldaps://10.0.0.5\","
	    "\"bind\":{\"dn\":\"cn=muster\",\"password\":"
	    "\"s3cr\\\"et\\\\\"}}");
	secret_free(text);
	put("ldap.pw", "\xff");
	assert_null(config_secrets(c, config_system(c, "corp"), SCHEMA, &e));
	assert_non_null(strstr(e.text, "bind.password: "));
	assert_non_null(strstr(e.text, "/ldap.pw: is no UTF-8 text"));
	config_free(c);
}

/* What would end up in the stored set is refused, and what is no secret is
   not taken for one. */
static void
a_secret_stands_in_a_file(void **state)
{
	static const struct {
		const char *members, *wrong; /* wrong: the path, or NULL */
	} rows[] = {
		{ "\"bind\":{\"dn\":\"d\",\"password\":\"hunter2\"}",
		    "bind.password: " },
		{ "\"bind\":{\"password\":{\"file\":\"ldap.pw\"}}", NULL },
		{ "\"bind\":{\"dn\":\"hunter2\"}", NULL },
		{ "\"keys\":[{\"of\":\"x\"},{\"value\":\"hunter2\"}]",
		    "keys.value: " },
		{ "\"keys\":[{\"value\":{\"file\":\"ldap.pw\"}}]", NULL },
		{ "\"secrets\":{\"pin\":\"hunter2\"}", "secrets.pin: " },
		{ "\"secrets\":{\"a\":[{\"pin\":4711}]}", "secrets.a.pin: " },
		{ "\"secrets\":{\"pin\":{\"file\":\"ldap.pw\",\"x\":1}}",
		    "secrets.pin.file: " },
		{ "\"secrets\":{\"pin\":{\"file\":\"ldap.pw\"}}", NULL },
		{ "\"settings\":{\"pin\":\"hunter2\"}", NULL },
		{ "\"config\":{\"secrets\":\"hunter2\"}", "secrets: " },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err e = { 0 };

		snprintf(text, sizeof(text),
		    "{\"system\":\"corp\",\"provider\":\"x\",%s}",
		    rows[i].members);
		put("systems/corp.json", text);
		struct config *c = load();
		char *made = config_secrets(c, config_system(c, "corp"), SCHEMA,
		    &e);
		if ((made == NULL) != (rows[i].wrong != NULL))
			fail_msg("%s: %s", rows[i].members, e.text);
		if (rows[i].wrong != NULL) {
			assert_int_equal(e.cls, ERR_INPUT);
			assert_int_equal(strncmp(e.text, rows[i].wrong,
					     strlen(rows[i].wrong)),
			    0);
			assert_non_null(strstr(e.text, "{ \"file\": "));
			assert_null(strstr(e.text, "hunter2"));
		}
		secret_free(made);
		config_free(c);
	}
}

static void
programs_name_their_place(void **state)
{
	static const struct {
		const char *text, *place;
	} want[] = {
		{ "[.given]", "muster.json:5: names.pattern" },
		{ ".kind == \"service\"", "muster.json:6: protected[1]" },
		{ ".unit == \"eng\"",
		    "roles/engineer.json:1: role engineer: when" },
		{ ".username",
		    "roles/engineer.json:2: role engineer: "
		    "accounts.corp/primary.id" },
		{ ".display",
		    "roles/engineer.json:3: role engineer: "
		    "accounts.corp/primary.attributes.cn" },
		{ "true", "roles/engineer.json:8: role everyone: when" },
		{ "{key: .id}", "feeds/hr.json:1: map" },
	};
	struct config *c = load();
	struct many got;

	(void)state;
	config_programs(c, &arena, &got);
	const struct program *p = got.item;
	assert_int_equal(got.n, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < got.n; i++) {
		assert_string_equal(p[i].text, want[i].text);
		assert_string_equal(config_place(c, &arena, &p[i].at),
		    want[i].place);
	}
	config_free(c);
}

/* Comments and blanks do not count, the order of steps does. */
static void
the_digest_is_of_the_meaning(void **state)
{
	(void)state;
	struct config *c = load();
	char was[80];

	snprintf(was, sizeof(was), "%s", c->digest);
	assert_int_equal(strlen(was), 64);
	config_free(c);
	put("feeds/hr.json", "// a remark\n" HR);
	c = load();
	assert_string_equal(c->digest, was);
	config_free(c);
	put("feeds/hr.json", "{ \"feed\": \"hr\", \"map\": \"{key: .nr}\" }");
	c = load();
	assert_string_not_equal(c->digest, was);
	config_free(c);
}

static char *
digest_now(void)
{
	struct config *c = load();
	char *digest = arena_str(&arena, c->digest);

	config_free(c);
	return digest;
}

/* What others may read is no secret, and says how a system is spoken to. */
static void
the_digest_sees_files_that_are_no_secrets(void **state)
{
	(void)state;
	char *first = digest_now(), *plain;

	put("ldap.pw", "another");
	assert_string_equal(digest_now(), first);
	assert_int_equal(chmod(path_of("ldap.pw"), 0640), 0);
	plain = digest_now();
	assert_string_not_equal(plain, first);
	assert_string_equal(digest_now(), plain);
	put("ldap.pw", "third");
	assert_int_equal(chmod(path_of("ldap.pw"), 0640), 0);
	assert_string_not_equal(digest_now(), plain);
}

static const struct bad {
	const char *file, *text, *error;
} bad[] = {
	{ "muster.json", NULL, "DIR/muster.json: No such file or directory" },
	{ "muster.json", "{ \"instance\": \"a\",\n\"instance\": \"b\" }",
	    "muster.json:2: an object has a key twice" },
	{ "muster.json", "{\n\n nonsense }", "muster.json:3: " },
	{ "muster.json", "{ /* no end\n }",
	    "muster.json:1: the comment does not end" },
	{ "muster.json", "{\n\"colour\": 1 }",
	    "muster.json:2: colour: unknown" },
	{ "muster.json", "{ \"access\": [\n { \"role\": \"king\" } ] }",
	    "muster.json:2: access[0].role: unknown word 'king'" },
	{ "muster.json", "{ \"access\": [ { \"role\": \"admin\" } ] }",
	    "muster.json:1: access[0]: wants uids or gids" },
	{ "muster.json", "{ \"guards\": [ { \"effect\": \"create\" } ] }",
	    "muster.json:1: guards[0]: wants max or percent" },
	{ "muster.json",
	    "{ \"guards\": [ { \"effect\": \"delete\",\n"
	    "\"percent\": 101 } ] }",
	    "muster.json:2: guards[0].percent: wants 0 to 100" },
	{ "muster.json",
	    "{ \"guards\": [ { \"effect\": \"delete\", \"max\": 1,"
	    "\n\"system\": \"crop\" } ] }",
	    "muster.json:2: guards[0].system: no system is called 'crop'" },
	{ "muster.json", "{ \"protected\": [\n\"crop/root\" ] }",
	    "muster.json:2: protected[0]: no system is called 'crop'" },
	{ "muster.json", "{ \"listen\": \"0.0.0.0:9469\" }",
	    "muster.json:1: listen: wants a loopback address and port, such "
	    "as 127.0.0.1:9469" },
	{ "muster.json", "{ \"gap\": \"3 days\" }", "muster.json:1: gap: " },
	{ "muster.json", "{ \"gap\": \"P900D\" }",
	    "muster.json:1: gap: wants 0s to 365d" },
	{ "muster.json",
	    "{ \"channels\": [ { \"name\": \"m\", \"type\": "
	    "\"webhook\", \"url\": \"http://10.0.0.1/\", \"secret_file\": "
	    "\"ldap.pw\" } ] }",
	    "muster.json:1: channels[0].url: wants https://, or http:// on "
	    "loopback" },
	{ "muster.json",
	    "{ \"channels\": [ { \"name\": \"m\", \"type\": "
	    "\"webhook\", \"url\": \"https://a.test/\", \"url_file\": "
	    "\"ldap.pw\", \"secret_file\": \"ldap.pw\" } ] }",
	    "muster.json:1: channels[0]: wants either url or url_file" },
	{ "muster.json",
	    "{ \"channels\": [ { \"name\": \"m\", \"type\": "
	    "\"smtp\", \"url\": \"smtp://a.test\", \"from\": \"a@a.test\", "
	    "\"to\": [ \"a@a.test\" ], \"url_file\": \"ldap.pw\" } ] }",
	    "muster.json:1: channels[0].url_file: is for a webhook" },
	{ "muster.json",
	    "{ \"channels\": [ { \"name\": \"m\", \"type\": "
	    "\"exec\", \"program\": \"cat\" } ] }",
	    "muster.json:1: channels[0].program: wants an absolute path" },
	{ "systems/corp.json", "{ \"provider\": \"ldap\" }",
	    "systems/corp.json:1: system: missing" },
	{ "systems/corp.json",
	    "{ \"system\": \"Corp\", "
	    "\"provider\": \"ldap\" }",
	    "systems/corp.json:1: system: wants lower-case letters, digits, "
	    "- and _" },
	{ "systems/corp.json",
	    "[ { \"system\": \"corp\", \"provider\": "
	    "\"ldap\" },\n { \"system\": \"corp\", \"provider\": \"http\" } ]",
	    "systems/corp.json:2: system: 'corp' is defined in "
	    "systems/corp.json too" },
	{ "systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": "
	    "\"ldap\",\n\n\"mode\": \"enforced\" }",
	    "systems/corp.json:3: mode: unknown word 'enforced'" },
	{ "systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": "
	    "\"ldap\", \"rate\": \"fast\" }",
	    "systems/corp.json:1: rate: wants calls and a time, such as "
	    "200/s" },
	{ "systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": "
	    "\"ldap\", \"concurrency\": 0 }",
	    "systems/corp.json:1: concurrency: wants 1 to 64" },
	{ "systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": "
	    "\"ldap\", \"ahead\": 9 }",
	    "systems/corp.json:1: ahead: wants 1 to 8" },
	{ "systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": "
	    "\"ldap\", \"concurrency\": 1, \"ahead\": 2 }",
	    "systems/corp.json:1: ahead: wants a concurrency of 2 or more" },
	{ "systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": "
	    "\"ldap\", \"timeout\": \"2d\" }",
	    "systems/corp.json:1: timeout: wants 10ms to 1h" },
	{ "systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": "
	    "\"ldap\", \"fed_by\": \"ad\" }",
	    "systems/corp.json:1: fed_by: no system is called 'ad'" },
	{ "systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": "
	    "\"ldap\", \"fed_by\": \"corp\" }",
	    "systems/corp.json:1: fed_by: it would feed itself" },
	{ "systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": "
	    "\"ldap\", \"password\": { \"file\": \"none.pw\" } }",
	    "systems/corp.json:1: password: DIR/none.pw: No such file or "
	    "directory" },
	{ "systems/corp.json", "[ 1 ]",
	    "systems/corp.json:1: wants an "
	    "object, or a list of them" },
	{ "roles/engineer.json", "{ \"role\": \"x\" }",
	    "roles/engineer.json:1: when: missing" },
	{ "roles/engineer.json",
	    "{ \"role\": \"x\", \"when\": \"true\",\n"
	    "\"accounts\": {\n\"prod\": {} } }",
	    "roles/engineer.json:3: accounts.prod: no system is called "
	    "'prod'" },
	{ "roles/engineer.json",
	    "{ \"role\": \"x\", \"when\": \"true\",\n"
	    "\"accounts\": {\n\"corp/boss\": {} } }",
	    "roles/engineer.json:3: accounts.corp/boss: no account is of "
	    "kind 'boss'" },
	{ "roles/engineer.json",
	    "{ \"role\": \"x\", \"when\": \"true\", "
	    "\"accounts\": { \"corp\": { \"attributes\": {\n\"sn\": 1 } } } }",
	    "roles/engineer.json:2: accounts.corp.attributes.sn: wants a jq "
	    "program as a text" },
	{ "roles/engineer.json",
	    "{ \"role\": \"x\", \"when\": \"true\", "
	    "\"accounts\": { \"corp\": {\n\"colour\": 1 } } }",
	    "roles/engineer.json:2: accounts.corp.colour: unknown" },
	{ "roles/engineer.json",
	    "{ \"role\": \"x\", \"when\": \"true\", "
	    "\"accounts\": { \"corp\": { \"password\": \"generate\" } } }",
	    "roles/engineer.json:1: accounts.corp: password and deliver go "
	    "together" },
	{ "roles/engineer.json",
	    "{ \"role\": \"x\", \"when\": \"true\", "
	    "\"entitlements\": { \"prod\": [\"a\"] } }",
	    "roles/engineer.json:1: entitlements.prod: no system is called "
	    "'prod'" },
	{ "roles/engineer.json",
	    "{ \"role\": \"x\", \"when\": \"true\", "
	    "\"entitlements\": { \"corp\": \"a\" } }",
	    "roles/engineer.json:1: entitlements.corp: wants a list of "
	    "texts" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"on\": \"fired\","
	    " \"steps\": {} }",
	    "workflows/leaver.json:1: on: unknown word 'fired'" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"steps\": {\n"
	    "\"a\": { \"do\": \"account.disabel\",\n\"system\": \"corp\" } } }",
	    "workflows/leaver.json:2: steps.a.do: no operation is called "
	    "'account.disabel'" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"steps\": {\n"
	    "\"a\": {} } }",
	    "workflows/leaver.json:2: steps.a: wants do" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"steps\": {\n"
	    "\"a\": { \"do\": \"account.disable\" } } }",
	    "workflows/leaver.json:2: steps.a: wants system or for_each" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"steps\":"
	    " { \"a\": { \"run\": \"x\" } } }",
	    "workflows/leaver.json:1: steps.a.run: a step cannot start a "
	    "workflow; name an operation with do" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"steps\": { \"a\":"
	    " { \"do\": \"session.revoke\", \"for_each\": \".accounts[]\" } } }",
	    "workflows/leaver.json:1: steps.a.do: session.revoke is not done "
	    "for each of a list; name a system" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"steps\": { \"a\":"
	    " { \"do\": \"account.disable\", \"for_each\": \".people[]\" } } }",
	    "workflows/leaver.json:1: steps.a.for_each: unknown word "
	    "'.people[]'" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"steps\": { \"a\":"
	    " { \"do\": \"system.check\", \"system\": \"crop\" } } }",
	    "workflows/leaver.json:1: steps.a.system: no system is called "
	    "'crop'" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"steps\": { \"a\":"
	    " { \"do\": \"system.check\", \"system\": \"corp\", \"after\": "
	    "[\"b\"] } } }",
	    "workflows/leaver.json:1: steps.a.after[0]: no step is called "
	    "'b'" },
	{ "workflows/leaver.json",
	    "{ \"workflow\": \"x\", \"steps\": { \"a\":"
	    " { \"do\": \"system.check\", \"system\": \"corp\", \"after\": "
	    "[\"b\"] },\n\"b\": { \"do\": \"system.check\", \"system\": "
	    "\"corp\", \"after\": [\"a\"] } } }",
	    "workflows/leaver.json:1: steps.a.after: it would wait for "
	    "itself" },
	{ "workflows/leaver.json",
	    "[" LEAVER ", { \"workflow\": \"x\", "
	    "\"on\": \"leaver\", \"steps\": {} } ]",
	    "workflows/leaver.json:7: on: workflow 'leaver' is on leaver "
	    "too" },
	{ "feeds/hr.json", "{ \"feed\": \"hr\" }",
	    "feeds/hr.json:1: map: missing" },
	{ "feeds/hr.json",
	    "{ \"feed\": \"hr\", \"map\": \".\", \"zone\": "
	    "\"Mars/Base\" }",
	    "feeds/hr.json:1: zone: " },
	{ "feeds/hr.json",
	    "{ \"feed\": \"hr\", \"map\": \".\", \"as\": "
	    "\"events\", \"absent_leaves\": true }",
	    "feeds/hr.json:1: absent_leaves: only a snapshot shows who is "
	    "absent" },
	{ "feeds/hr.json",
	    "{ \"feed\": \"hr\", \"map\": \".\", "
	    "\"separator\": \"--\" }",
	    "feeds/hr.json:1: separator: wants one character" },
	{ "feeds/hr.json",
	    "{ \"feed\": \"hr\", \"map\": \".\", "
	    "\"overlap\": 120 }",
	    "feeds/hr.json:1: overlap: wants 0 to 100" },
};

/* DIR in an expectation is where the set is; a text that ends in ": " is
   the beginning of what another module says. */
static void
error_matches(const char *got, const char *want)
{
	char real[4096];
	const char *at = strstr(want, "DIR");

	assert_non_null(realpath(dir, real));
	if (at != NULL)
		want = arena_printf(&arena, "%.*s%s%s", (int)(at - want), want,
		    real, at + 3);
	size_t n = strlen(want);
	if (n > 2 && strcmp(want + n - 2, ": ") == 0)
		assert_memory_equal(got, want, n);
	else if (strcmp(want, got) != 0)
		fail_msg("says: %s\nwant: %s", got, want);
}

static void
each_bad_set_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = { 0 };
		struct config *c;

		put(bad[i].file, bad[i].text);
		c = config_load(dir, NULL, NULL, &e);
		if (c != NULL)
			fail_msg("accepted: %s", bad[i].text);
		assert_int_equal(e.cls,
		    bad[i].text == NULL ? ERR_GONE : ERR_INPUT);
		error_matches(e.text, bad[i].error);
		good_put(NULL);
	}
	config_free(load()); /* the control: it was the one file */
}

static void
count_one(void *ctx, const struct err *e)
{
	(void)e;
	++*(int *)ctx;
}

static void
all_errors_are_told(void **state)
{
	struct err e = { 0 };
	int n = 0;

	(void)state;
	put("feeds/hr.json",
	    "{ \"feed\": \"hr\", \"map\": \".\", "
	    "\"overlap\": 120, \"max_bad\": 120 }");
	put("roles/engineer.json", "{ \"role\": \"x\" }");
	assert_null(config_load(dir, count_one, &n, &e));
	assert_int_equal(n, 3);
}

static void
keep_one(void *ctx, const struct err *e)
{
	buf_printf(ctx, "%s\n", e->text);
}

/* A system that is wrong does not make a program of its accounts. */
static void
an_account_is_no_program(void **state)
{
	struct many programs;
	size_t errors = 0;
	struct err e = { 0 };

	(void)state;
	put("systems/corp.json",
	    "{ \"system\": \"corp\", \"provider\": \"ldap\", "
	    "\"mode\": \"on\" }");
	struct config *c = config_load_whole(dir, NULL, NULL, &errors, &e);
	assert_non_null(c);
	assert_int_equal(errors, 1);
	assert_int_equal(c->systems.n, 0);
	config_programs(c, &arena, &programs);
	const struct program *p = programs.item;
	for (size_t i = 0; i < programs.n; i++)
		assert_string_not_equal(p[i].text, "corp/root");
	/* The control: it lists the program beside it. */
	assert_string_equal(p[1].text, ".kind == \"service\"");
	config_free(c);
}

/* Of one object too, each with its line, and wherever in it; what is right
   in itself can still be looked at. */
static void
all_errors_of_an_object_are_told(void **state)
{
	struct buf told = { .arena = &arena };
	size_t errors = 0;
	struct err e = { 0 };

	(void)state;
	put("muster.json",
	    "{ \"one\": 1,\n\"gap\": 3,\n\"access\": [ { \"two\": {} },\n"
	    "{ \"role\": \"king\", \"three\": [] } ],\n"
	    "\"names\": { \"four\": 4 } }");
	put("workflows/leaver.json",
	    "{ \"workflow\": \"leaver\", \"steps\": {\n"
	    "\"a\": { \"five\": 5,\n\"six\": 6 } } }");
	struct config *c = config_load_whole(dir, keep_one, &told, &errors, &e);
	assert_non_null(c);
	assert_string_equal(buf_text(&told),
	    "muster.json:1: one: unknown\n"
	    "muster.json:2: gap: wants a text\n"
	    "muster.json:3: access[0].two: unknown\n"
	    "muster.json:3: access[0].role: missing\n"
	    "muster.json:4: access[1].role: unknown word 'king'\n"
	    "muster.json:4: access[1].three: unknown\n"
	    "muster.json:5: names.four: unknown\n"
	    "workflows/leaver.json:2: steps.a.five: unknown\n"
	    "workflows/leaver.json:3: steps.a.six: unknown\n");
	assert_int_equal(errors, 9);
	assert_int_equal(c->workflows.n, 0);
	assert_int_equal(c->systems.n, 1);
	assert_int_equal(c->roles.n, 2);
	config_free(c);
}

/* A misspelt folder is told, and what else stands beside a set is not. */
static void
definitions_are_not_overlooked(void **state)
{
	static const struct {
		const char *folder, *file, *text, *error; /* NULL: none */
	} rows[] = {
		{ "role", "role/b.json",
		    "// b\n{\n\"role\": \"b\", \"when\": \"1\"}",
		    "role/b.json:3: role: folder 'role' is not read: those of "
		    "a set are systems, roles, workflows, feeds; '.role' may "
		    "keep it aside" },
		{ "system", "system/b.json",
		    "[ {},\n{ \"provider\": \"ldap\", \"system\": \"b\" } ]",
		    "system/b.json:2: system: folder 'system' " },
		{ "Workflows", "Workflows/b.json", LEAVER,
		    "Workflows/b.json:1: workflow: folder 'Workflows' " },
		{ "feed", "feed/b.json", HR, "feed/b.json:1: feed: folder " },
		{ "roles/eng", "roles/eng/b.json",
		    "{\"role\": \"b\", \"when\": \"1\"}",
		    "roles/eng/b.json:1: role: folder 'roles/eng' is not read: "
		    "those of a set are systems, roles, workflows, feeds; "
		    "'roles/.eng' may keep it aside" },
		{ NULL, "b.json", "{\n\"role\": \"b\", \"when\": \"1\"}",
		    "b.json:2: role: file 'b.json' is not read: the folders of "
		    "a set are systems, roles, workflows, feeds; '.b.json' "
		    "may keep it aside" },
		{ NULL, ".b.json", "{\"role\": \"b\", \"when\": \"1\"}", NULL },
		{ NULL, "b.json", "{\"note\": \"b\"}", NULL },
		{ "roles/.eng", "roles/.eng/b.json",
		    "{\"role\": \"b\", \"when\": \"1\"}", NULL },
		{ ".role", ".role/b.json", "{\"role\": \"b\", \"when\": \"1\"}",
		    NULL },
		{ "role", "role/b.txt", "{\"role\": \"b\", \"when\": \"1\"}",
		    NULL },
		/* A letter, a description, and what is not for us. */
		{ "letters", "letters/corp.b.json",
		    "{\"system\": \"corp\", \"account\": \"b\"}", NULL },
		{ "http", "http/b.json", "{\"operations\": {}}", NULL },
		{ "state", "state/b.json", "[ 1, \"role\" ]", NULL },
		{ "state", "state/c.json", "{ no JSON", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err e = { 0 };

		if (rows[i].folder != NULL)
			assert_int_equal(mkdir(path_of(rows[i].folder), 0700),
			    0);
		put(rows[i].file, rows[i].text);
		struct config *c = config_load(dir, NULL, NULL, &e);
		if ((c == NULL) != (rows[i].error != NULL))
			fail_msg("%s: %s", rows[i].file, e.text);
		if (c == NULL)
			assert_memory_equal(e.text, rows[i].error,
			    strlen(rows[i].error));
		config_free(c);
		put(rows[i].file, NULL);
		if (rows[i].folder != NULL)
			assert_int_equal(rmdir(path_of(rows[i].folder)), 0);
	}
}

static void
a_secret_is_only_its_owners(void **state)
{
	static const struct {
		const char *schema;
		mode_t mode;
		bool taken;
	} rows[] = {
		{ SCHEMA, 0644, false },
		{ SCHEMA, 0600, true },
		/* Who knows what it is? */
		{ NULL, 0644, false },
		{ NULL, 0600, true },
		{ "{\"properties\":{\"bind\":{}}}", 0644, true },
	};
	struct config *c = load();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err e = { 0 };

		assert_int_equal(chmod(path_of("ldap.pw"), rows[i].mode), 0);
		char *made = config_secrets(c, config_system(c, "corp"),
		    rows[i].schema, &e);
		assert_int_equal(made != NULL, rows[i].taken);
		if (made == NULL)
			assert_non_null(strstr(e.text,
			    "/ldap.pw: others than its owner have "
			    "rights on it"));
		secret_free(made);
	}
	config_free(c);
	assert_int_equal(mkdir(path_of("folder"), 0700), 0);
	put("systems/corp.json",
	    "{\"system\":\"corp\",\"provider\":\"x\","
	    "\"a\":{\"file\":\"folder\"}}");
	struct err e = { 0 };
	assert_null(config_load(dir, NULL, NULL, &e));
	assert_non_null(strstr(e.text, "/folder: not a file"));
	assert_int_equal(rmdir(path_of("folder")), 0);
}

/* A description of a system may be long, and everybody's to read. */
static void
a_file_without_secrets_may_be_large(void **state)
{
	size_t n = 200000;
	char *text = malloc(n + 1);
	struct err e = { 0 };

	(void)state;
	assert_non_null(text);
	memset(text, 'x', n);
	text[n] = '\0';
	put("ldap.pw", text);
	assert_int_equal(chmod(path_of("ldap.pw"), 0644), 0);
	struct config *c = load();
	char *made = config_secrets(c, config_system(c, "corp"),
	    "{\"properties\":{\"bind\":{}}}", &e);
	assert_non_null(made);
	assert_non_null(strstr(made, text));
	secret_free(made);
	/* Control: as a secret it is too large. */
	assert_int_equal(chmod(path_of("ldap.pw"), 0600), 0);
	assert_null(config_secrets(c, config_system(c, "corp"), SCHEMA, &e));
	assert_non_null(strstr(e.text, "larger than 65536"));
	config_free(c);
	free(text);
}

/* A file outside of the set is taken only if nobody else can write it. */
static void
a_link_does_not_lead_out(void **state)
{
	char away[] = "/tmp/t_config_away.XXXXXX";
	struct err e = { 0 };
	int fd = mkstemp(away);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	put("ldap.pw", NULL);
	assert_int_equal(symlink(away, path_of("ldap.pw")), 0);
	config_free(load());
	assert_int_equal(chmod(away, 0622), 0);
	assert_null(config_load(dir, NULL, NULL, &e));
	assert_non_null(strstr(e.text,
	    ": lies outside of the set, and others "
	    "can write it"));
	unlink(away);
}

static void
a_file_for_everybody_to_write_is_refused(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(chmod(path_of("feeds/hr.json"), 0666), 0);
	assert_null(config_load(dir, NULL, NULL, &e));
	assert_non_null(strstr(e.text,
	    "feeds/hr.json: everybody can write "
	    "it"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_good_set_holds, good_put),
		cmocka_unit_test_teardown(secrets_are_filled_in, good_put),
		cmocka_unit_test_teardown(a_secret_stands_in_a_file, good_put),
		cmocka_unit_test_teardown(a_file_without_secrets_may_be_large,
		    good_put),
		cmocka_unit_test_teardown(programs_name_their_place, good_put),
		cmocka_unit_test_teardown(the_digest_is_of_the_meaning,
		    good_put),
		cmocka_unit_test_teardown(
		    the_digest_sees_files_that_are_no_secrets, good_put),
		cmocka_unit_test_teardown(each_bad_set_is_named, good_put),
		cmocka_unit_test_teardown(all_errors_are_told, good_put),
		cmocka_unit_test_teardown(all_errors_of_an_object_are_told,
		    good_put),
		cmocka_unit_test_teardown(an_account_is_no_program, good_put),
		cmocka_unit_test_teardown(definitions_are_not_overlooked,
		    good_put),
		cmocka_unit_test_teardown(a_secret_is_only_its_owners,
		    good_put),
		cmocka_unit_test_teardown(a_link_does_not_lead_out, good_put),
		cmocka_unit_test_teardown(
		    a_file_for_everybody_to_write_is_refused, good_put),
	};

	secret_init();
	return cmocka_run_group_tests(tests, begin, end);
}
