/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel says of the memory at an address.
 */
#ifndef TESTS_MAPPING_H
#define TESTS_MAPPING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What /proc/self/smaps says about the mapping of p: whether a flag stands
   in its line of flags. */
static inline bool
mapping_has(const void *p, const char *flag)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[512], word[8];
	unsigned long from, to;
	bool here = false, has = false;

	assert_non_null(f);
	snprintf(word, sizeof(word), " %s", flag);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from <= (uintptr_t)p && (uintptr_t)p < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			has = strstr(line, word) != NULL;
	}
	fclose(f);
	return has;
}

/* The address sanitizer turns mlock() into nothing. */
static inline bool
is_locked(const void *at)
{
	const char *sanitized = getenv("sanitized");

	return (sanitized != NULL && strcmp(sanitized, "yes") == 0) ||
	    mapping_has(at, "lo");
}

#endif
