/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: musterd [--config DIR] [--state DIR] [--socket PATH]\n"
    "               [--private] [--once] [--debug]\n"
    "       musterd --help | --version\n"
    "\n"
    "  --config DIR   configuration set (default " SYSCONFDIR "/muster)\n"
    "  --state DIR    store, keys and spool, instead of muster.json's\n"
    "  --socket PATH  the API's socket, instead of muster.json's\n"
    "  --private      whoever runs musterd has every role: for a laptop or\n"
    "                 a trial, never for a shared machine\n"
    "  --once         do all work that is due, then end\n"
    "  --debug        say more on standard error\n"
    "  --libexec DIR, --providers DIR\n"
    "                 run the children and providers of a build folder\n";

enum {
	CONFIG = 1,
	STATE,
	SOCKET,
	PRIVATE,
	ONCE,
	DEBUG,
	LIBEXEC,
	PROVIDERS,
	HELP,
	VERSION
};

static const struct option longs[] = { { "config", required_argument, NULL,
					   CONFIG },
	{ "state", required_argument, NULL, STATE },
	{ "socket", required_argument, NULL, SOCKET },
	{ "private", no_argument, NULL, PRIVATE },
	{ "once", no_argument, NULL, ONCE },
	{ "debug", no_argument, NULL, DEBUG },
	{ "libexec", required_argument, NULL, LIBEXEC },
	{ "providers", required_argument, NULL, PROVIDERS },
	{ "help", no_argument, NULL, HELP },
	{ "version", no_argument, NULL, VERSION }, { NULL, 0, NULL, 0 } };

int
options_read(int argc, char **argv, struct options *o)
{
	const char *libexec = getenv("MUSTER_LIBEXECDIR");
	const char *providers = getenv("MUSTER_PROVIDERDIR");
	int c;

	*o = (struct options){ .config = SYSCONFDIR "/muster",
		.libexec = libexec != NULL ? libexec : PKGLIBEXECDIR,
		.providers = providers != NULL ? providers :
						 PKGLIBDIR "/providers" };
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case CONFIG:
			o->config = optarg;
			break;
		case STATE:
			o->state = optarg;
			break;
		case SOCKET:
			o->socket = optarg;
			break;
		case PRIVATE:
			o->private_ = true;
			break;
		case ONCE:
			o->once = true;
			break;
		case DEBUG:
			o->debug = true;
			break;
		case LIBEXEC:
			o->libexec = optarg;
			break;
		case PROVIDERS:
			o->providers = optarg;
			break;
		case HELP:
			fputs(usage, stdout);
			return 0;
		case VERSION:
			puts("musterd " MUSTER_VERSION);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "musterd: %s: not an option\n", argv[optind]);
		fputs(usage, stderr);
		return 2;
	}
	return -1;
}
