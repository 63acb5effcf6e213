/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grant.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "model/config.h"

static unsigned
role_bit(const char *word)
{
	for (unsigned i = 0; role_words[i] != NULL; i++)
		if (strcmp(role_words[i], word) == 0)
			return 1u << i;
	return 0;
}

static bool
number_read(const char *text, id_t *id)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 9 || text[digits] != '\0')
		return false;
	*id = (id_t)strtoul(text, NULL, 10);
	return true;
}

static bool
id_lookup(const char *text, bool group, id_t *id)
{
	char room[16384];
	struct passwd pw, *user = NULL;
	struct group gr, *found = NULL;

	if (number_read(text, id))
		return true;
	if (group && getgrnam_r(text, &gr, room, sizeof(room), &found) == 0 &&
	    found != NULL)
		return *id = gr.gr_gid, true;
	if (!group && getpwnam_r(text, &pw, room, sizeof(room), &user) == 0 &&
	    user != NULL)
		return *id = pw.pw_uid, true;
	return false;
}

static void
grants_add(struct grants *g, unsigned role, const struct texts *ids, bool group)
{
	for (size_t i = 0; i < ids->n; i++) {
		id_t id;

		if (!id_lookup(ids->item[i], group, &id)) {
			log_warn("access: no %s is called %s",
			    group ? "group" : "user", ids->item[i]);
			continue;
		}
		struct grant *more = realloc(g->grant,
		    (g->n + 1) * sizeof(*more));
		if (more == NULL)
			abort();
		g->grant = more;
		g->grant[g->n++] = (struct grant){ role, group, id };
	}
}

void
grants_load(struct grants *g, const struct settings *s)
{
	const struct access *a = s->access.item;

	grants_free(g);
	for (size_t i = 0; i < s->access.n; i++) {
		unsigned role = role_bit(a[i].role);

		grants_add(g, role, &a[i].uids, false);
		grants_add(g, role, &a[i].gids, true);
	}
}

void
grants_free(struct grants *g)
{
	free(g->grant);
	*g = (struct grants){ NULL, 0 };
}

static bool
matches(const struct grant *g, uid_t uid, const gid_t *gids, size_t n)
{
	if (!g->group)
		return g->id == uid;
	for (size_t i = 0; i < n; i++)
		if (gids[i] == g->id)
			return true;
	return false;
}

unsigned
grants_roles(const struct grants *g, uid_t uid, const gid_t *gids, size_t n)
{
	unsigned roles = 0;

	for (size_t i = 0; i < g->n; i++)
		if (matches(&g->grant[i], uid, gids, n))
			roles |= g->grant[i].role;
	return roles;
}

static void
peer_name(struct peer *p)
{
	char room[16384];
	struct passwd pw, *user = NULL;

	if (getpwuid_r(p->uid, &pw, room, sizeof(room), &user) == 0 &&
	    user != NULL)
		snprintf(p->name, sizeof(p->name), "uid:%u %.60s",
		    (unsigned)p->uid, pw.pw_name);
	else
		snprintf(p->name, sizeof(p->name), "uid:%u", (unsigned)p->uid);
}

int
peer_read(int fd, struct peer *p, struct err *e)
{
	struct ucred who;
	socklen_t n = sizeof(who), room = sizeof(p->gids) - sizeof(gid_t);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
		return err_set(e, ERR_DENIED, "nobody can say who you are");
	p->uid = who.uid;
	p->gids[0] = who.gid;
	p->n = 1;
	/* Linux 4.13; with more groups than fit, only the first one counts. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, p->gids + 1, &room) == 0)
		p->n += room / sizeof(gid_t);
	peer_name(p);
	return 0;
}

unsigned
peer_roles(const struct peer *p, const struct grants *g, bool private_)
{
	if (p->uid == geteuid())
		return private_ ? ~0u : 0;
	return grants_roles(g, p->uid, p->gids, p->n);
}

const char *
roles_text(struct arena *a, unsigned roles)
{
	struct buf b = { .arena = a };

	for (unsigned i = 0; role_words[i] != NULL; i++)
		if ((roles & (1u << i)) != 0)
			buf_printf(&b, "%s%s", b.len == 0 ? "" : ", ",
			    role_words[i]);
	return b.len == 0 ? "none" : buf_text(&b);
}
