/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do what.  The kernel says who is at the other end of the socket
 * (SO_PEERCRED, SO_PEERGROUPS); the settings map user and group ids to
 * roles.  The daemon's own user has no role, so that whoever takes over the
 * daemon's account still cannot release a hold; a private instance gives it
 * all of them.
 */
#ifndef API_GRANT_H
#define API_GRANT_H

#include <stdbool.h>
#include <sys/types.h>

#include "engine/command.h"
#include "engine/engine.h"

struct settings;

struct grant {
	unsigned role; /* one bit */
	bool group;
	id_t id;
};

struct grants {
	struct grant *grant; /* heap */
	size_t n;
};

/* Looks the names up; a name that nobody has is logged and left out. */
void grants_load(struct grants *, const struct settings *);
void grants_free(struct grants *);
unsigned grants_roles(const struct grants *, uid_t, const gid_t *, size_t n);

struct peer {
	uid_t uid;
	gid_t gids[64];
	size_t n;
	char name[96]; /* "uid:1000 alice" */
};

/* ERR_DENIED when the kernel does not say. */
int peer_read(int fd, struct peer *, struct err *)
    __attribute__((warn_unused_result));
unsigned peer_roles(const struct peer *, const struct grants *, bool private_);

/* "viewer, operator" for messages; "none" for 0. */
const char *roles_text(struct arena *, unsigned roles);

#endif
