/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/file.h"
#include "base/locked.h"
#include "base/log.h"

#define HEAP_BYTES ((size_t)1 << 20) /* a power of two */
#define HEAP_PIECE ((size_t)32)
/* Of values of ours.  They take up to twice as much of it; the rest is for
   OpenSSL's own keys and generators, which cannot do without. */
#define HEAP_OURS (HEAP_BYTES / 4)
#define FILE_MAX ((size_t)64 << 10)

/* Before each value; keeps it on 16 bytes. */
struct head {
	size_t n;    /* how much there is to wipe */
	size_t heap; /* bytes of OpenSSL's heap; 0: pages of its own */
};

static atomic_size_t in_heap; /* bytes of ours */

void
secret_init(void)
{
	const struct rlimit none = { 0, 0 };
	int ok = CRYPTO_secure_malloc_init(HEAP_BYTES, HEAP_PIECE);

	if (ok == 0 && !CRYPTO_secure_malloc_initialized())
		log_warn("secrets: no secure heap");
	else if (ok == 2)
		log_warn("secrets: memory cannot be locked and may be"
			 " swapped out (raise the memlock limit)");
	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0) != 0)
		log_warn("secrets: core dumps cannot be turned off: %s",
		    strerror(errno));
}

/* Small values share OpenSSL's heap, which does not grow; NULL when ours
   have had their part of it. */
static struct head *
heap_take(size_t n)
{
	struct head *h = NULL;

	if (!CRYPTO_secure_malloc_initialized() || n > HEAP_OURS)
		return NULL;
	if (atomic_fetch_add(&in_heap, n) <= HEAP_OURS - n)
		h = OPENSSL_secure_zalloc(n);
	if (h == NULL)
		atomic_fetch_sub(&in_heap, n);
	else
		h->heap = n;
	return h;
}

char *
secret_new(size_t n)
{
	size_t all = n < SIZE_MAX / 4 ? sizeof(struct head) + n + 1 : SIZE_MAX;
	struct head *h = heap_take(all);

	if (h == NULL)
		h = locked_new(all);
	if (h == NULL) {
		log_error("secrets: out of memory");
		abort();
	}
	h->n = n;
	return (char *)(h + 1);
}

char *
secret_copy(const char *s)
{
	if (s == NULL)
		return NULL;
	size_t n = strlen(s);
	return memcpy(secret_new(n), s, n);
}

void
secret_free(char *s)
{
	if (s == NULL)
		return;
	struct head *h = (struct head *)(void *)s - 1;
	size_t all = sizeof(*h) + h->n + 1, heap = h->heap;

	if (heap == 0) {
		locked_free(h, all);
		return;
	}
	OPENSSL_secure_clear_free(h, all);
	atomic_fetch_sub(&in_heap, heap);
}

static int
load_refused(const char *path, const struct stat *st, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_INPUT, "%s: not a file", path);
	if ((st->st_mode & 077) != 0)
		return err_set(e, ERR_INPUT,
		    "%s: others than its owner have"
		    " rights on it; chmod 600 it",
		    path);
	if ((size_t)st->st_size > FILE_MAX)
		return err_set(e, ERR_INPUT, "%s: larger than %zu bytes", path,
		    FILE_MAX);
	return 0;
}

char *
secret_load_bytes(const char *path, size_t *n, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_GONE : ERR_DENIED,
			   "%s: %s", path, strerror(errno)),
		       NULL;
	if (fstat(fd, &st) != 0 || load_refused(path, &st, e) != 0) {
		close(fd);
		return NULL;
	}
	size_t len = (size_t)st.st_size;
	char *s = secret_new(len);
	int got = len == 0 ? 1 : fd_read(fd, s, len);
	close(fd);
	if (got != 1) {
		secret_free(s);
		return err_set(e, ERR_BUSY, "%s: changed while it was read",
			   path),
		       NULL;
	}
	*n = len;
	return s;
}

char *
secret_load(const char *path, size_t *n, struct err *e)
{
	size_t len;
	char *s = secret_load_bytes(path, &len, e);

	if (s == NULL)
		return NULL;
	if (len > 0 && s[len - 1] == '\n')
		s[--len] = '\0';
	if (n != NULL)
		*n = len;
	return s;
}

/* Without 0 O 1 l I, and without what shells, quotes or LDAP treat. */
static const char *const classes[] = { "abcdefghijkmnopqrstuvwxyz",
	"ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_.:=@%^" };
#define CLASSES (sizeof(classes) / sizeof(*classes))

static void
private_bytes(void *out, size_t n)
{
	if (RAND_priv_bytes_ex(NULL, out, n, 0) != 1)
		abort();
}

/* One character of all classes, each as likely as the others; *class gets
   where it is from. */
static char
draw(unsigned *class)
{
	unsigned all = 0;
	unsigned char byte;

	for (size_t i = 0; i < CLASSES; i++)
		all += (unsigned)strlen(classes[i]);
	do
		private_bytes(&byte, 1);
	while (byte >= 256 / all * all);
	unsigned at = byte % all;
	for (*class = 0; at >= strlen(classes[*class]); ++*class)
		at -= (unsigned)strlen(classes[*class]);
	return classes[*class][at];
}

char *
secret_generate(size_t n)
{
	char *s = secret_new(n < CLASSES ? n = CLASSES : n);
	unsigned seen;

	do {
		seen = 0;
		for (size_t i = 0; i < n; i++) {
			unsigned class;

			s[i] = draw(&class);
			seen |= 1u << class;
		}
	} while (seen != (1u << CLASSES) - 1);
	return s;
}
