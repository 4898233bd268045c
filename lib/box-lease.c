/* box-lease.c: two ids of our own, and the record that outlives a crash */
/* SPDX-License-Identifier: ISC */
/*
 * A file is the lease of two ids, its lock and its write-ahead record at once.
 * It is never unlinked: two runs could then hold locks on two files of one
 * number.  What it says was written before the first thing that it names was
 * made, and is taken away after the last of them is gone; so who holds the lock
 * of one that says something knows that its run is over and what it left.
 *
 * Process numbers in it are for people.  Nothing is ever killed by number: a
 * cgroup is, and whose that is the lock says.
 */
#include "box-lease.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "scope.h"
#include "text.h"

#define HINT	 BND_BOX_DIR "/next"
#define SUB_MAX	 65536
#define ID_FIRST 65536 /* below are the ids of people and services */
#define LOOKS	 5     /* at a text that is being written */

/* ---- the ids ---- */

struct range {
	uint64_t first, count;
};

/* USER:FIRST:COUNT (subuid(5)) */
static bool
is_range(struct bnd_str line, struct bnd_str *user, struct range *r)
{
	struct bnd_str first;

	*user = bnd_str_until(line, ':');
	if (user->len == line.len)
		return false;
	line = bnd_str_from(line, user->len + 1);
	first = bnd_str_until(line, ':');
	return first.len < line.len &&
	    bnd_text_u64(first, UINT32_MAX, &r->first) &&
	    bnd_text_u64(
		bnd_str_from(line, first.len + 1), UINT32_MAX, &r->count);
}

static bool
do_meet(const struct range *a, const struct range *b)
{
	return a->first < b->first + b->count && b->first < a->first + a->count;
}

static int
own_range(
    struct bnd_str text, const char *path, struct range *r, struct bnd_err *err)
{
	struct bnd_str line, user;
	bool whole;

	while (bnd_text_line(&text, &line, &whole))
		if (is_range(line, &user, r) && bnd_str_is(user, BND_BOX_USER))
			break;
		else
			*r = (struct range){ 0 };
	if (r->count == 0)
		return bnd_fail(err, BND_E_INPUT,
		    "/%s has no line of " BND_BOX_USER " (sbx-run(1))", path);
	if (r->count < BND_BOX_IDS || r->first < ID_FIRST ||
	    r->first + r->count >= UINT32_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "/%s: " BND_BOX_USER " needs %d ids from %d on", path,
		    BND_BOX_IDS, ID_FIRST);
	return 0;
}

/* Who has one of them, too, could signal a payload, or be signalled by it. */
static int
check_alone(struct bnd_str text, const char *path, const struct range *ours,
    struct bnd_err *err)
{
	struct bnd_str line, user;
	struct range r;
	bool whole, seen = false;

	while (bnd_text_line(&text, &line, &whole)) {
		if (!is_range(line, &user, &r) || !do_meet(&r, ours))
			continue;
		if (!seen && bnd_str_is(user, BND_BOX_USER))
			seen = true;
		else
			return bnd_fail(err, BND_E_INPUT,
			    "/%s gives ids of " BND_BOX_USER " to %.*s", path,
			    (int)user.len, user.p);
	}
	return 0;
}

static int
read_range(const struct bnd_root *root, const char *path, struct range *r,
    struct bnd_err *err)
{
	SCOPED_FREE char *buf = malloc(SUB_MAX);
	size_t len;

	*r = (struct range){ 0 };
	if (buf == NULL)
		return bnd_fail_errno(err, "cannot read /%s", path);
	if (bnd_file_read(root, path, 0022, buf, SUB_MAX, &len, err) != 0 ||
	    own_range((struct bnd_str){ buf, len }, path, r, err) != 0)
		return -1;
	return check_alone((struct bnd_str){ buf, len }, path, r, err);
}

int
bnd_lease_range(const struct bnd_root *root, uid_t *first, struct bnd_err *err)
{
	struct range u, g;

	if (read_range(root, "etc/subuid", &u, err) != 0 ||
	    read_range(root, "etc/subgid", &g, err) != 0)
		return -1;
	if (u.first != g.first)
		return bnd_fail(err, BND_E_INPUT,
		    "/etc/subuid and /etc/subgid give " BND_BOX_USER
		    " other ids");
	*first = (uid_t)u.first;
	return 0;
}

/* ---- the lock ---- */

int
bnd_lease_try(const struct bnd_root *root, unsigned n, struct bnd_lease *lease,
    struct bnd_err *err)
{
	char path[sizeof(BND_BOX_DIR) + 16];
	SCOPED_FD int fd = -1;

	(void)snprintf(path, sizeof(path), BND_BOX_DIR "/%u", n);
	fd = bnd_root_openat(root, path, O_RDWR | O_CREAT, 0600, err);
	if (fd < 0 || bnd_root_check_file(root, fd, path, 0077, err) != 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			return 0;
		return bnd_fail_errno(err, "cannot lock %s", path);
	}
	lease->n = n;
	lease->fd = take_fd(&fd);
	return 1;
}

int
bnd_lease_look(const struct bnd_root *root, unsigned n, struct bnd_err *err)
{
	char path[sizeof(BND_BOX_DIR) + 16];

	(void)snprintf(path, sizeof(path), BND_BOX_DIR "/%u", n);
	return bnd_root_open_trusted(root, path, 0077, err);
}

int
bnd_lease_numbers(const struct bnd_root *root, bool has[static BND_BOX_LEASES],
    struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_open_dir(root, BND_BOX_DIR, err);
	const struct dirent *e;
	uint64_t n;
	DIR *dir;

	memset(has, 0, BND_BOX_LEASES * sizeof(*has));
	if (fd < 0)
		return err->errnum == ENOENT ? 0 : -1;
	dir = fdopendir(fd);
	if (dir == NULL)
		return bnd_fail_errno(err, "cannot read /" BND_BOX_DIR);
	(void)take_fd(&fd);
	while ((e = readdir(dir)) != NULL)
		if (bnd_text_u64(
			(struct bnd_str){ e->d_name, strlen(e->d_name) },
			BND_BOX_LEASES - 1, &n))
			has[n] = true;
	(void)closedir(dir);
	return 0;
}

/* Clean now, or not ours: 1 or 0. */
static int
make_clean(const struct bnd_root *root, bnd_lease_clean *clean,
    const struct bnd_lease *lease, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_lease_text *was = malloc(sizeof(*was));
	int said;

	if (was == NULL)
		return bnd_fail_errno(err, "cannot read a lease");
	said = bnd_lease_read(lease->fd, was, err);
	if (said == 1)
		return 1;
	return clean(root, lease, said == 0 ? was : NULL, err) == 0;
}

/* Without a lock: two that read the same number begin at the same place. */
static unsigned
hint_read(int fd)
{
	char buf[16];
	ssize_t n = pread(fd, buf, sizeof(buf), 0);
	uint64_t next;

	if (n > 0 &&
	    bnd_text_u64(
		(struct bnd_str){ buf, (size_t)n }, BND_BOX_LEASES - 1, &next))
		return (unsigned)next;
	return 0;
}

static void
hint_write(int fd, unsigned n)
{
	char buf[16];
	int len = snprintf(buf, sizeof(buf), "%u", n % BND_BOX_LEASES);

	/* It is only a hint. */
	if (pwrite(fd, buf, (size_t)len, 0) == len)
		(void)!ftruncate(fd, len);
}

/* Where leases are, made by the first run of a boot; each one looks at it. */
static int
make_dir(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_open_dir(root, BND_BOX_DIR, err);

	if (fd >= 0)
		return 0;
	if (err->errnum != ENOENT)
		return -1;
	return bnd_root_mkdir(root, "run/bnd", 0755, err) != 0
	    ? -1
	    : bnd_root_mkdir(root, BND_BOX_DIR, 0700, err);
}

int
bnd_lease_take(const struct bnd_root *root, bnd_lease_clean *clean,
    struct bnd_lease *lease, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int hint = -1;
	unsigned from;
	uid_t first;

	if (bnd_lease_range(root, &first, err) != 0 || make_dir(root, err) != 0)
		return -1;
	hint = bnd_root_openat(root, HINT, O_RDWR | O_CREAT, 0600, err);
	if (hint < 0)
		return -1;
	from = hint_read(hint);
	for (unsigned i = 0; i < BND_BOX_LEASES; i++) {
		unsigned n = (from + i) % BND_BOX_LEASES;
		int got = bnd_lease_try(root, n, lease, err);

		if (got == -1)
			return -1;
		if (got == 0)
			continue;
		if (make_clean(root, clean, lease, &why) == 1) {
			lease->base = first + 2 * n;
			hint_write(hint, n + 1);
			return 0;
		}
		(void)close(lease->fd);
	}
	lease->fd = -1;
	return bnd_fail(err, BND_E_BUSY, "no lease is free%s%s",
	    why.text[0] != '\0' ? ": " : "", why.text);
}

/* ---- what it says ---- */

int
bnd_lease_write(const struct bnd_lease *lease, const struct bnd_lease_text *t,
    struct bnd_err *err)
{
	SCOPED_FREE char *buf = malloc(BND_LEASE_MAX);
	size_t len;

	if (buf == NULL)
		return bnd_fail_errno(err, "cannot write the lease");
	if (bnd_lease_pack(t, buf, BND_LEASE_MAX, &len, err) != 0)
		return -1;
	if (lseek(lease->fd, 0, SEEK_SET) != 0)
		return bnd_fail_errno(err, "cannot write the lease");
	if (bnd_file_write_all(lease->fd, "the lease", buf, len, err) != 0)
		return -1;
	if (ftruncate(lease->fd, (off_t)len) != 0)
		return bnd_fail_errno(err, "cannot write the lease");
	return 0;
}

/* Not moved: it may be the holder's own descriptor. */
static int
read_all(int fd, char *buf, size_t *len, struct bnd_err *err)
{
	ssize_t n;

	for (*len = 0; *len < BND_LEASE_MAX; *len += (size_t)n) {
		n = pread(fd, buf + *len, BND_LEASE_MAX - *len, (off_t)*len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return bnd_fail_errno(err, "cannot read a lease");
		else if (n == 0)
			return 0;
	}
	return bnd_fail(err, BND_E_CORRUPT, "it is too long for a lease");
}

int
bnd_lease_read(int fd, struct bnd_lease_text *t, struct bnd_err *err)
{
	SCOPED_FREE char *buf = malloc(BND_LEASE_MAX);
	struct timespec nap = { 0, 500000 };
	size_t len;

	if (buf == NULL)
		return bnd_fail_errno(err, "cannot read a lease");
	for (int i = 0; i < LOOKS; i++) {
		if (i > 0)
			nanosleep(&nap, NULL);
		if (read_all(fd, buf, &len, err) != 0)
			return -1;
		if (len == 0)
			return 1;
		if (bnd_lease_unpack((struct bnd_str){ buf, len }, t, err) == 0)
			return 0;
	}
	return -1;
}

size_t
bnd_lease_leaves(int fd, char path[static BND_LEASE_PATHS][BND_BOX_PATH])
{
	SCOPED_FREE char *buf = malloc(BND_LEASE_MAX);
	size_t len;

	/* Of what is too long, the beginning will do. */
	if (buf == NULL ||
	    (read_all(fd, buf, &len, &(struct bnd_err){ 0 }) != 0 &&
		len < BND_LEASE_MAX))
		return 0;
	return bnd_lease_salvage((struct bnd_str){ buf, len }, path);
}

int
bnd_lease_free(struct bnd_lease *lease, struct bnd_err *err)
{
	int fd = lease->fd;

	lease->fd = -1;
	if (ftruncate(fd, 0) != 0) {
		(void)bnd_fail_errno(err, "cannot empty the lease");
		(void)close(fd);
		return -1;
	}
	(void)close(fd);
	return 0;
}

uint64_t
bnd_lease_started(pid_t pid)
{
	char path[32], buf[1024];
	struct bnd_str rest = { NULL, 0 }, word;
	SCOPED_FD int fd = -1;
	uint64_t start = 0;
	const char *name_end;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));
	/* The name is the process's own: anything, brackets and all. */
	name_end = n > 0 ? memrchr(buf, ')', (size_t)n) : NULL;
	if (name_end == NULL)
		return 0;
	rest = (struct bnd_str){ name_end + 1,
		(size_t)n - (size_t)(name_end + 1 - buf) };
	for (int field = 3; bnd_text_word(&rest, &word); field++)
		if (field == 22)
			return bnd_text_u64(word, UINT64_MAX, &start) ? start
								      : 0;
	return 0;
}
