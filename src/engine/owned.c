/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who answers for a non-human identity, as the feeds name them: by a key,
 * which may come in later than what it owns.  A key that two identities
 * have names nobody; owner.c opens the case.
 */
#include "engine/intake.h"

struct owned {
	int64_t id, owner;
};

static const struct field owned_fields[] = { FIELD(struct owned, id, 0),
	FIELD(struct owned, owner, 0), FIELD_END };

int
owner_find(struct engine *e, const char *key, int64_t *identity,
    struct err *err)
{
	struct by_name k = { key };
	struct many rows = { 0 };

	*identity = 0;
	if (key == NULL)
		return 0;
	if (store_list(e->store, e->arena, STMT_OWNER_OF_KEY, by_name_fields,
		&k, by_id_fields, sizeof(struct by_id), 0, &rows, err) != 0)
		return -1;
	if (rows.n == 1)
		*identity = ((const struct by_id *)rows.item)->id;
	return 0;
}

int
owner_arrived(struct engine *e, const char *key, struct err *err)
{
	struct by_name k = { key };
	struct many rows = { 0 };
	int64_t owner = 0;

	if (store_list(e->store, e->arena, STMT_OWNER_WAITING, by_name_fields,
		&k, by_id_fields, sizeof(struct by_id), 0, &rows, err) != 0)
		return -1;
	if (rows.n == 0)
		return 0;
	if (owner_find(e, key, &owner, err) != 0)
		return -1;
	for (size_t i = 0; owner != 0 && i < rows.n; i++) {
		struct owned o = { ((const struct by_id *)rows.item)[i].id,
			owner };

		if (o.id == owner)
			continue;
		if (store_put(e->store, STMT_OWNER_SET, owned_fields, &o,
			err) != 0 ||
		    identity_touch(e, o.id, e->now, err) != 0)
			return -1;
	}
	return 0;
}
