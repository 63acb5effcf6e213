/* SPDX-License-Identifier: Apache-2.0 */
/*
 * musterd: wiring only.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/house.h"
#include "daemon/ready.h"

static void
signals_block(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int
main(int argc, char **argv)
{
	struct house h = { 0 };
	struct err err = { 0 };
	int status = options_read(argc, argv, &h.options);

	if (status >= 0)
		return status;
	umask(077);
	signals_block();
	secret_init();
	log_open("musterd", h.options.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (house_open(&h, &err) != 0) {
		log_error("musterd does not start: %s", err.text);
		status = err_meanings[err.cls].exit;
	} else {
		log_info("ready: socket %s, configuration %s", h.socket,
		    h.config->digest);
		ready_tell();
		status = house_run(&h);
	}
	house_close(&h);
	return status;
}
