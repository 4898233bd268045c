/* box-leaves.c: the v2 leaves of all sandboxes, and what the kernel says of each */
/* SPDX-License-Identifier: ISC */
#include "box-leaves.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "box-cghost.h"
#include "box-mounts.h"
#include "clock.h"
#include "scope.h"
#include "text.h"

#define WORDS 256 /* of cgroup.events */

/* ---- what the kernel says ---- */

/* cgroup.events (cgroup-v2.rst): 1 yes, 0 no, -1 gone or not telling. */
static int
event(int events, const char *key)
{
	char buf[WORDS];
	ssize_t n = pread(events, buf, sizeof(buf), 0);
	struct bnd_str text = { buf, n > 0 ? (size_t)n : 0 }, line, word;
	bool whole;

	while (bnd_text_line(&text, &line, &whole))
		if (bnd_text_word(&line, &word) && bnd_str_is(word, key) &&
		    bnd_text_word(&line, &word))
			return bnd_str_is(word, "1");
	return -1;
}

/* Each change of the file wakes poll(). */
bool
bnd_leaf_is(int dir, const char *key, int want, unsigned wait_ms)
{
	SCOPED_FD int fd =
	    openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	uint64_t end = bnd_clock_ms() + wait_ms, now;
	int is;

	while ((is = event(fd, key)) != want) {
		now = bnd_clock_ms();
		if (is == -1 || now >= end)
			return is == -1 && want == 0;
		(void)poll(&p, 1, (int)(end - now));
	}
	return true;
}

/* ---- where sandboxes are ---- */

static int
open_v2(const char *path)
{
	SCOPED_FD int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) != 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
		return -1;
	return take_fd(&fd);
}

/* Mounted where nobody would look first. */
static int
search_v2(void)
{
	SCOPED_FILE FILE *f = fopen("/proc/self/mountinfo", "re");
	SCOPED_FREE char *line = NULL;
	struct bnd_mount_line m;
	size_t size = 0;
	ssize_t n;
	int fd = -1;

	while (fd < 0 && f != NULL && (n = getline(&line, &size, f)) > 1)
		if (bnd_mount_parse(
			(struct bnd_str){ line, (size_t)n - 1 }, &m) &&
		    bnd_str_is(m.fstype, "cgroup2") && strcmp(m.root, "/") == 0)
			fd = open_v2(m.point);
	return fd;
}

int
bnd_leaves_open(void)
{
	static const char *const at[] = { "/sys/fs/cgroup",
		"/sys/fs/cgroup/unified", "/run/bnd/cgroup2" };
	SCOPED_FD int top = -1;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]) && top < 0; i++)
		top = open_v2(at[i]);
	if (top < 0)
		top = search_v2();
	errno = ENOENT;
	return top < 0 ? -1
		       : openat(top, BND_CG_TREE,
			     O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int
bnd_leaf_open(int leaves, const char *name)
{
	if (name[0] == '.')
		return -1;
	return openat(
	    leaves, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

bool
bnd_leaf_lease(const char *name, unsigned *lease, bool *relay)
{
	struct bnd_str s = { name, strlen(name) };
	uint64_t n;
	bool ends = s.len > 0 && s.p[s.len - 1] == 'r';

	s.len -= ends;
	*relay = false;
	if (!bnd_text_u64(s, UINT32_MAX, &n))
		return false;
	*relay = ends;
	*lease = (unsigned)n;
	return true;
}

unsigned
bnd_leaves_count(int leaves)
{
	SCOPED_FD int again = openat(
	    leaves, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	SCOPED_DIR DIR *dir = bnd_dir_of(&again);
	const struct dirent *e;
	unsigned n = 0, lease;
	bool relay;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		SCOPED_FD int leaf = bnd_leaf_open(dirfd(dir), e->d_name);

		n += leaf >= 0 && bnd_leaf_is(leaf, "populated", 1, 0) &&
		    !(bnd_leaf_lease(e->d_name, &lease, &relay) && relay);
	}
	return n;
}
