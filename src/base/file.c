/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
failed(struct err *e, const char *path, int why)
{
	enum err_class cls = ERR_INPUT;

	if (why == ENOENT)
		cls = ERR_GONE;
	else if (why == EACCES || why == EPERM || why == EROFS)
		cls = ERR_DENIED;
	else if (why == ENOSPC || why == EDQUOT)
		cls = ERR_FULL;
	else if (why == EMFILE || why == ENFILE)
		cls = ERR_BUSY;
	return err_set(e, cls, "%s: %s", path, strerror(why));
}

int
fd_write(int fd, const void *from, size_t n)
{
	const char *p = from;

	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int
fd_read(int fd, void *to, size_t n)
{
	char *p = to;
	size_t left = n;

	while (left > 0) {
		ssize_t got = read(fd, p, left);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0 && left == n)
			return 0;
		if (got == 0) {
			errno = EBADMSG;
			return -1;
		}
		p += got;
		left -= (size_t)got;
	}
	return 1;
}

/* The rest of the file; a file larger than max is not read to its end. */
static int
slurp(int fd, struct buf *b, size_t max)
{
	char piece[16384];
	ssize_t got;

	while ((got = read(fd, piece, sizeof(piece))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		buf_add(b, piece, (size_t)got);
		if (b->len > max)
			return EFBIG;
	}
	return 0;
}

char *
file_read(struct arena *a, const char *path, size_t max, size_t *n,
    struct err *e)
{
	struct buf b = { .arena = a };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return failed(e, path, errno), NULL;
	int why = slurp(fd, &b, max);
	close(fd);
	if (why == EFBIG)
		return err_set(e, ERR_INPUT, "%s: larger than %zu bytes", path,
			   max),
		       NULL;
	if (why != 0)
		return failed(e, path, why), NULL;
	buf_add(&b, "", 0);
	if (n != NULL)
		*n = b.len;
	return b.at;
}

/* Makes a renaming in the folder of path durable. */
static int
folder_sync(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dir = slash == NULL ? "." :
	    slash == path		? "/" :
			    arena_mem(a, path, (size_t)(slash - path));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	int why = fsync(fd) == 0 ? 0 : errno;
	close(fd);
	return why;
}

/* A new file with these bytes, synced; 0 or errno.  What a crash left under
   that name is removed. */
static int
file_make(const char *path, const void *from, size_t n, mode_t mode)
{
	unlink(path);
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	int why = 0;
	if (fchmod(fd, mode) != 0 || fd_write(fd, from, n) != 0 ||
	    fsync(fd) != 0)
		why = errno;
	if (close(fd) != 0 && why == 0)
		why = errno;
	return why;
}

int
file_replace(const char *path, const void *from, size_t n, mode_t mode,
    struct err *e)
{
	struct arena a = { NULL, 0 };
	const char *slash = strrchr(path, '/');
	int dir = slash == NULL ? 0 : (int)(slash - path) + 1;
	const char *tmp = arena_printf(&a, "%.*s.%s.new", dir, path,
	    path + dir);
	int why = file_make(tmp, from, n, mode);

	if (why == 0 && rename(tmp, path) != 0)
		why = errno;
	if (why != 0)
		unlink(tmp);
	else
		why = folder_sync(&a, path);
	arena_fini(&a);
	return why == 0 ? 0 : failed(e, path, why);
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n >= m && strcmp(name + n - m, suffix) == 0;
}

int
file_list(struct arena *a, const char *dir, const char *suffix,
    const char ***names, size_t *n, struct err *e)
{
	size_t room = 0;
	DIR *d = opendir(dir);

	*n = 0;
	*names = NULL;
	if (d == NULL)
		return failed(e, dir, errno);
	for (struct dirent *f; (errno = 0, f = readdir(d)) != NULL;) {
		if (f->d_name[0] == '.' || !has_suffix(f->d_name, suffix))
			continue;
		if (*n == room) {
			size_t more = room == 0 ? 16 : 2 * room;

			*names = arena_grow(a, *names, room * sizeof(**names),
			    more * sizeof(**names));
			room = more;
		}
		(*names)[(*n)++] = arena_str(a, f->d_name);
	}
	int why = errno;
	closedir(d);
	if (why != 0)
		return failed(e, dir, why);
	if (*n > 0)
		qsort(*names, *n, sizeof(**names), name_order);
	return 0;
}

int
file_readable(const char *path, struct err *e)
{
	return access(path, R_OK) == 0 ?
	    0 :
	    err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
}
