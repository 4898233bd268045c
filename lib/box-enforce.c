/* box-enforce.c: running sandboxes obey a mode (sbx.md 12) */
/* SPDX-License-Identifier: ISC */
/*
 * No supervisor is relied on: it may be stopped or dead.  What runs is what
 * the kernel has below bnd-sbx; the lease of the same number says under which
 * policy.  Without a policy that can be read it is too loose.
 *
 * Whoever starts a sandbox publishes lease and leaf, and reads the mode again
 * before the payload's first instruction; whoever changes the mode publishes
 * it before he comes here.  So a leaf in which nothing lives yet need not be
 * waited for: it will see the mode.
 */
#include "box-enforce.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "scope.h"
#include "state.h"

#define LEAVES	"bnd-sbx" /* below the root of the v2 hierarchy */
#define PASSES	5
#define DEAD_MS 1000 /* from the kill to nothing populated */
#define WORDS	256  /* of cgroup.events */

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
		if (bnd_text_word(&line, &word) && bnd_str_is(word, key))
			return bnd_str_is(line, "1");
	return -1;
}

/* Whether it comes to be so in time; each change of the file wakes poll(). */
static bool
becomes(int dir, const char *key, int want, unsigned wait_ms)
{
	SCOPED_FD int fd =
	    openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	uint64_t end = bnd_clock_ms() + wait_ms, now;

	while (event(fd, key) != want) {
		now = bnd_clock_ms();
		if (fd < 0 || now >= end)
			return false;
		(void)poll(&p, 1, (int)(end - now));
	}
	return true;
}

static int
put(int dir, const char *file, struct bnd_err *err)
{
	SCOPED_FD int fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || write(fd, "1", 1) != 1)
		return bnd_fail_errno(err, "cannot write %s", file);
	return 0;
}

/* ---- where sandboxes are ---- */

/* The directory of all leaves, -1 if there is none (errno ENOENT). */
static int
open_leaves(void)
{
	static const char *const at[] = { "/sys/fs/cgroup",
		"/sys/fs/cgroup/unified", "/run/bnd/cgroup2" };
	struct statfs fs;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		SCOPED_FD int top =
		    open(at[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (top >= 0 && fstatfs(top, &fs) == 0 &&
		    fs.f_type == CGROUP2_SUPER_MAGIC)
			return openat(top, LEAVES,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	}
	errno = ENOENT;
	return -1;
}

/* A lease that is in use where no sandbox can be seen: who knows. */
static int
none_is_leased(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, BND_BOX_DIR, O_RDONLY | O_DIRECTORY, 0, &why);
	SCOPED_DIR DIR *dir = NULL;
	const struct dirent *e;
	struct stat st;

	if (fd < 0 && why.errnum == ENOENT)
		return 0;
	dir = bnd_dir_of(&fd);
	if (dir == NULL)
		return bnd_fail_errno(err, "cannot read /" BND_BOX_DIR);
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[strspn(e->d_name, "0123456789")] == '\0' &&
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    st.st_size > 0)
			return bnd_fail(err, BND_E_ENFORCER,
			    "sandbox %.8s is leased, and no cgroup v2 "
			    "hierarchy is found",
			    e->d_name);
	}
	return 0;
}

/* ---- LOCKDOWN, and what cannot be judged ---- */

static unsigned
count(int leaves)
{
	SCOPED_FD int again = openat(
	    leaves, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	SCOPED_DIR DIR *dir = bnd_dir_of(&again);
	const struct dirent *e;
	unsigned n = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		SCOPED_FD int leaf = e->d_name[0] == '.'
		    ? -1
		    : openat(dirfd(dir), e->d_name, O_PATH | O_DIRECTORY);

		n += leaf >= 0 && becomes(leaf, "populated", 1, 0);
	}
	return n;
}

/* One write reaches every sandbox, the relays too. */
static int
kill_all(int leaves, struct bnd_box_acts *acts, struct bnd_err *err)
{
	acts->did[BND_DID_KILLED] = count(leaves);
	for (acts->passes = 1; acts->passes <= PASSES; acts->passes++) {
		if (put(leaves, "cgroup.kill", err) == -1)
			return -1;
		if (becomes(leaves, "populated", 0, DEAD_MS)) {
			acts->obeyed = true;
			return 0;
		}
	}
	acts->running = count(leaves);
	return bnd_fail(err, BND_E_ENFORCER,
	    "%u sandboxes live on after they were killed", acts->running);
}

static void
ask_state(
    const struct bnd_root *root, enum bnd_mode m, struct bnd_box_acts *acts)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };

	*acts = (struct bnd_box_acts){ 0 };
	acts->no_state = bnd_state_load(root, &s, &err) == -1;
	acts->mode = bnd_mode_max(m, s.effective);
}

static int
sweep(const struct bnd_root *root, bool look, struct bnd_box_acts *acts,
    struct bnd_err *err)
{
	SCOPED_FD int leaves = open_leaves();

	if (leaves < 0 && errno != ENOENT)
		return bnd_fail_errno(err, "cannot open " LEAVES);
	acts->possible = leaves >= 0;
	acts->obeyed = leaves < 0 ? none_is_leased(root, err) == 0
				  : becomes(leaves, "populated", 0, 0);
	if (acts->obeyed)
		return 0;
	if (leaves < 0)
		return -1;
	acts->running = count(leaves);
	if (look)
		return bnd_fail(err, BND_E_ENFORCER, "%u sandboxes are running",
		    acts->running);
	return kill_all(leaves, acts, err);
}

int
bnd_box_enforce(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_acts *acts, struct bnd_err *err)
{
	ask_state(root, m, acts);
	return sweep(root, false, acts, err);
}

int
bnd_box_obeys(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_acts *acts, struct bnd_err *err)
{
	ask_state(root, m, acts);
	return sweep(root, true, acts, err);
}
