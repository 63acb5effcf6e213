/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster: the command line.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/action.h"
#include "cli/args.h"
#include "cli/manual.h"
#include "cli/text.h"

static void
terminal_read(struct cli *cli)
{
	struct winsize w;

	cli->tty = isatty(STDOUT_FILENO) == 1;
	cli->color = cli->tty && getenv("NO_COLOR") == NULL;
	if (cli->tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0)
		cli->width = w.ws_col;
}

static int
act(struct cli *cli, struct err *e)
{
	const struct action *a = cli->action;

	if (a->run != NULL)
		return a->run(cli, e);
	return a->command != NULL ? run_tell(cli, e) : run_read(cli, e);
}

static int
work(struct cli *cli, int argc, char **argv, struct err *e)
{
	struct general g = { 0 };
	const char *socket = getenv("MUSTER_SOCKET");

	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		return printf("muster %s\n", MUSTER_VERSION) < 0 ? -1 : 0;
	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		argv[1] = arena_str(&cli->arena, "help");
	if (args_read(cli, argc, argv, &g, e) != 0)
		return -1;
	cli->socket = g.socket != NULL	      ? g.socket :
	    socket != NULL && *socket != '\0' ? socket :
						RUNSTATEDIR
	    "/muster/muster.sock";
	cli->json = g.json;
	cli->wait = g.wait;
	cli->all = g.all;
	if (cli->group != NULL)
		return manual_group(cli, cli->group), 0;
	if (g.help)
		return manual_usage(cli, cli->action), 0;
	return act(cli, e);
}

int
main(int argc, char **argv)
{
	struct cli cli = { .out = stdout };
	struct err e = { ERR_NONE };

	/* Names of people are UTF-8 whatever the terminal's language. */
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		setlocale(LC_CTYPE, "");
	terminal_read(&cli);
	int ret = work(&cli, argc, argv, &e);
	if (fflush(stdout) != 0 && ret == 0)
		ret = err_set(&e, ERR_FULL, "the output cannot be written");
	if (ret != 0 && e.text[0] != '\0')
		fprintf(stderr, "muster: %s\n", text_plain(&cli.arena, e.text));
	arena_fini(&cli.arena);
	return ret == 0 ? 0 : err_meanings[e.cls].exit;
}
