/* SPDX-License-Identifier: Apache-2.0 */
#include "base/locked.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"

static size_t
whole_pages(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (n + page - 1) / page * page;
}

void *
locked_new(size_t n)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;

	if (n == 0 || n > SIZE_MAX / 4)
		return NULL;
	n = whole_pages(n);
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	(void)madvise(p, n, MADV_DONTDUMP);
	if (mlock(p, n) != 0 && !atomic_flag_test_and_set(&told))
		log_warn("secrets: memory cannot be locked and may be"
			 " swapped out (raise the memlock limit)");
	return p;
}

void
locked_free(void *p, size_t n)
{
	if (p == NULL)
		return;
	explicit_bzero(p, n);
	(void)munmap(p, whole_pages(n));
}
