/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence-verify: a bundle verified, beside `openssl dgst -sha256` of the
 * same bytes.
 *
 *   evidence_verify BUNDLE [ROUNDS]
 *
 * Both run in turn, ROUNDS times (3); medians count.  The file is read once
 * before, so that neither pays for the disk.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "evidence/bundle.h"

#define ROUNDS_MAX 99

extern char **environ;

static double
ours(const char *path, int64_t *records)
{
	struct bundle_want want = { 0 };
	struct bundle_report r;
	struct err e;
	int64_t began = clock_micros();
	FILE *f = fopen(path, "r");

	if (f == NULL || bundle_verify(f, &want, &r, &e) != 0 || !r.good) {
		fprintf(stderr, "evidence_verify: %s: not verified\n", path);
		exit(1);
	}
	fclose(f);
	*records = r.records;
	return (double)(clock_micros() - began) / 1e6;
}

static double
reference(char *path)
{
	char name[] = "openssl", verb[] = "dgst", what[] = "-sha256";
	char out[] = "-out", nowhere[] = "/dev/null";
	char *argv[] = { name, verb, what, out, nowhere, path, NULL };
	int64_t began = clock_micros();
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "evidence_verify: openssl dgst failed\n");
		exit(1);
	}
	return (double)(clock_micros() - began) / 1e6;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_size);
	return v[n / 2];
}

int
main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 3;
	double mine[ROUNDS_MAX], theirs[ROUNDS_MAX];
	struct rusage use;
	int64_t records = 0;

	if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX)
		return fprintf(stderr, "evidence_verify BUNDLE [ROUNDS]\n"), 2;
	reference(argv[1]);
	for (int i = 0; i < rounds; i++) {
		mine[i] = ours(argv[1], &records);
		theirs[i] = reference(argv[1]);
	}
	double a = median(mine, rounds), b = median(theirs, rounds);
	getrusage(RUSAGE_SELF, &use);
	printf("{\"name\":\"evidence-verify\",\"unit\":\"s\",\"ours\":%.3f,"
	       "\"reference\":%.3f,\"ratio\":%.2f,\"records\":%lld,"
	       "\"peak_kb\":%ld,\"what\":\"openssl dgst -sha256 of the same "
	       "bytes\"}\n",
	    a, b, a / b, (long long)records, use.ru_maxrss);
	return 0;
}
