/* SPDX-License-Identifier: Apache-2.0 */
/* Letters: each account has a file of its own, whatever its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fresh_dir.h"

#include "base/file.h"
#include "base/secret.h"
#include "daemon/deliver.h"

struct office {
	struct arena a;
	char dir[sizeof(DIR_TEMPLATE)];
	struct keyring *keys;
};

static void
letter_send(struct office *o, int64_t id, const char *name, const char *secret)
{
	const struct role_account d = { .deliver = "file",
		.deliver_to = o->dir };
	const struct account acc = { .id = id,
		.system = "corp",
		.kind = "primary",
		.name = name };
	const char *context = arena_printf(&o->a, "account/%lld",
	    (long long)id);
	const struct secret s = { .purpose = "first password",
		.sealed = keyring_seal(o->keys, &o->a, context, secret,
		    strlen(secret)) };
	struct err e = { 0 };

	if (deliver(o->keys, &s, &acc, &d, &o->a, &e) != 0)
		fail_msg("%s: %s", name, e.text);
}

static void
no_letter_is_written_over_another(void **unused)
{
	static const struct {
		const char *name, *file;
	} rows[] = {
		{ "ada.l", "corp.ada.l.json" },
		{ "a_b", "corp.a_b.json" },
		{ "a/b", "corp.a%2Fb.json" },
		{ "a b", "corp.a%20b.json" },
		{ "a%2Fb", "corp.a%252Fb.json" },
		{ "../../x", "corp.%2E.%2F..%2Fx.json" },
		{ "Zoë", "corp.Zoë.json" },
	};
	struct office o = { .keys = NULL };
	struct err e = { 0 };
	size_t n;

	(void)unused;
	dir_make(o.dir);
	o.keys = keyring_open(arena_printf(&o.a, "%s/key", o.dir), 1, &e);
	assert_non_null(o.keys);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		letter_send(&o, (int64_t)i + 1, rows[i].name,
		    arena_printf(&o.a, "first-%zu", i));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *text = file_read(&o.a,
		    arena_printf(&o.a, "%s/%s", o.dir, rows[i].file), 65536, &n,
		    &e);

		if (text == NULL)
			fail_msg("%s", e.text);
		assert_string_equal(json_member_text(&o.a, text, "account"),
		    rows[i].name);
		assert_string_equal(json_member_text(&o.a, text, "secret"),
		    arena_printf(&o.a, "first-%zu", i));
	}
	keyring_close(o.keys);
	arena_fini(&o.a);
	dir_remove(o.dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_letter_is_written_over_another),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
