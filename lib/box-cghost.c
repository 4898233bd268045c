/* box-cghost.c: which cgroup hierarchies this host has, and where we are in them */
/* SPDX-License-Identifier: ISC */
/*
 * v2 is there on every host since the controllers of v1 can be used beside it,
 * if need be without a controller: kill, freeze and "is it empty" need none.
 * A limit is v2's if v2 hands its controller down, else v1's, below our own
 * path: the limits of whoever calls hold as well then.
 *
 * Everything is opened by name where it is on nearly every host.  Making a mount
 * of cgroup2 costs milliseconds each time, so that is done once, if ever.
 */
#include "box-cghost.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "box-cgfile.h"
#include "scope.h"
#include "text.h"

#define MOUNTED	 "/run/bnd/cgroup2" /* by us, if it was nowhere */
#define DOWN	 "cgroup.subtree_control"
#define DIR_ONLY (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)

static const char *const names[BND_CG_FACILITIES] = {
	[BND_CG_NONE] = "none",
	[BND_CG_MEMORY] = "memory",
	[BND_CG_SWAP] = "swap",
	[BND_CG_PIDS] = "pids",
	[BND_CG_CPU] = "cpu",
	[BND_CG_USAGE] = "usage",
};

const char *
bnd_cg_facility_name(enum bnd_cg_facility f)
{
	return names[f];
}

/* A controller has one name on v1 and v2. */
static const struct {
	const char *name;
	unsigned rows;
} controllers[] = {
	{ "memory", BND_CG_BIT(BND_CG_MEMORY) | BND_CG_BIT(BND_CG_SWAP) },
	{ "pids", BND_CG_BIT(BND_CG_PIDS) },
	{ "cpu", BND_CG_BIT(BND_CG_CPU) },
};
#define CONTROLLERS (sizeof(controllers) / sizeof(controllers[0]))

/* ---- mountinfo: proc_pid_mountinfo(5) ---- */

struct mounted {
	char root[BND_BOX_PATH], path[BND_BOX_PATH];
};

/* Whether "rw,cpu,cpuacct" holds all of "cpu,cpuacct", in this order. */
static bool
has_option(const char *opts, const char *want)
{
	const size_t len = strlen(want);
	const char *p = opts;

	while ((p = strstr(p, want)) != NULL) {
		if ((p == opts || p[-1] == ',') &&
		    (p[len] == '\0' || p[len] == ','))
			return true;
		p += len;
	}
	return false;
}

static bool
is_mount(char *line, const char *type, const char *option, struct mounted *m)
{
	char *tail = strstr(line, " - "), is[32], opts[512];

	if (tail == NULL)
		return false;
	if (sscanf(tail + 3, "%31s %*s %511s", is, opts) != 2 ||
	    strcmp(is, type) != 0 ||
	    (option != NULL && !has_option(opts, option)))
		return false;
	*tail = '\0';
	/* Blanks and backslashes are spelt \040 and so on: passed over. */
	return sscanf(line, "%*s %*s %*s %255s %255s", m->root, m->path) == 2 &&
	    strchr(m->root, '\\') == NULL && strchr(m->path, '\\') == NULL;
}

/* What is listed may be hidden below another mount: it must be what is opened. */
typedef int open_mount(
    const struct mounted *m, const char *own, char path[static BND_BOX_PATH]);

static int
each_mount(const char *type, const char *option, open_mount *open_it,
    const char *own, char path[static BND_BOX_PATH])
{
	SCOPED_FILE FILE *f = fopen("/proc/self/mountinfo", "re");
	SCOPED_FREE char *line = NULL;
	struct mounted m = { "", "" };
	size_t size = 0;
	int fd = -1;

	while (f != NULL && fd < 0 && getline(&line, &size, f) != -1)
		if (is_mount(line, type, option, &m))
			fd = open_it(&m, own, path);
	return fd;
}

/* A directory of this kind of file system, or -1. */
static int
open_typed(const char *path, long magic)
{
	SCOPED_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) != 0 || (long)fs.f_type != magic)
		return -1;
	return take_fd(&fd);
}

/* ---- v2 ---- */

static int
mount_v2(struct bnd_err *err)
{
	if ((mkdir("/run/bnd", 0755) != 0 && errno != EEXIST) ||
	    (mkdir(MOUNTED, 0700) != 0 && errno != EEXIST) ||
	    mount("cgroup2", MOUNTED, "cgroup2",
		MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
		return bnd_fail_errno(err, "no cgroup v2, and cannot mount it");
	return 0;
}

/* Only where its root is: bnd-sbx is there for all. */
static int
open_v2(
    const struct mounted *m, const char *own, char path[static BND_BOX_PATH])
{
	(void)own;
	(void)snprintf(path, BND_BOX_PATH, "%s", m->path);
	return strcmp(m->root, "/") == 0
	    ? open_typed(m->path, CGROUP2_SUPER_MAGIC)
	    : -1;
}

static int
find_v2(struct bnd_cg_host *host, struct bnd_err *err)
{
	static const char *const usual[] = { "/sys/fs/cgroup",
		"/sys/fs/cgroup/unified", MOUNTED };

	for (size_t i = 0; host->v2 < 0 && i < 3; i++) {
		(void)snprintf(
		    host->v2_path, sizeof(host->v2_path), "%s", usual[i]);
		host->v2 = open_typed(usual[i], CGROUP2_SUPER_MAGIC);
	}
	if (host->v2 < 0)
		host->v2 =
		    each_mount("cgroup2", NULL, open_v2, NULL, host->v2_path);
	if (host->v2 >= 0)
		return 0;
	if (mount_v2(err) != 0)
		return -1;
	(void)snprintf(host->v2_path, sizeof(host->v2_path), MOUNTED);
	host->v2 = open_typed(MOUNTED, CGROUP2_SUPER_MAGIC);
	return host->v2 >= 0 ? 0 : bnd_fail_errno(err, "cannot open " MOUNTED);
}

/* Of text's words, the facilities that they stand for. */
static unsigned
rows_of(const char *text)
{
	unsigned rows = 0;

	for (size_t i = 0; i < CONTROLLERS; i++)
		if (bnd_cg_has_word(text, controllers[i].name))
			rows |= controllers[i].rows;
	return rows;
}

static int
read_rows(int dir, const char *file, unsigned *rows, struct bnd_err *err)
{
	char text[BND_CG_TEXT];

	if (bnd_cg_file_read(dir, file, text, err) != 0)
		return -1;
	*rows = rows_of(text);
	return 0;
}

/* dir hands down what it has of ours. */
static int
ask_down(int dir, struct bnd_err *err)
{
	unsigned have, down;
	char word[16];

	if (read_rows(dir, "cgroup.controllers", &have, err) != 0 ||
	    read_rows(dir, DOWN, &down, err) != 0)
		return -1;
	for (size_t i = 0; i < CONTROLLERS; i++) {
		if ((controllers[i].rows & have & ~down) == 0)
			continue;
		(void)snprintf(word, sizeof(word), "+%s", controllers[i].name);
		/* One each, so that one that is refused takes no other along. */
		if (bnd_cg_file_write(dir, DOWN, word, err) != 0)
			return -1;
	}
	return 0;
}

/* What is there and not handed down yet is asked for, once a boot. */
static int
hand_down(int v2, int dir, unsigned *down, struct bnd_err *err)
{
	unsigned have;

	*down = 0;
	if (read_rows(v2, "cgroup.controllers", &have, err) != 0 ||
	    (have != 0 && read_rows(dir, DOWN, down, err) != 0))
		return -1;
	if ((have & ~*down) == 0)
		return 0;
	if (ask_down(v2, err) != 0 || ask_down(dir, err) != 0)
		return -1;
	return read_rows(dir, DOWN, down, err);
}

int
bnd_cg_hand_down(int v2, int *tree, unsigned *has2, struct bnd_err *err)
{
	SCOPED_FD int dir = -1;

	/* Looked for first: making it waits for whoever makes another there. */
	dir = openat(v2, BND_CG_TREE, DIR_ONLY);
	if (dir < 0 && errno == ENOENT) {
		if (mkdirat(v2, BND_CG_TREE, 0755) != 0 && errno != EEXIST)
			return bnd_fail_errno(
			    err, "cannot make cgroup " BND_CG_TREE);
		dir = openat(v2, BND_CG_TREE, DIR_ONLY);
	}
	if (dir < 0)
		return bnd_fail_errno(err, "cannot open cgroup " BND_CG_TREE);
	if (hand_down(v2, dir, has2, err) != 0)
		return -1;
	if (bnd_cg_file_has(dir, "cpu.stat"))
		*has2 |= BND_CG_BIT(BND_CG_USAGE);
	*tree = take_fd(&dir);
	return 0;
}

/* ---- v1 ---- */

/* One of "N:cpu,cpuacct:/path" that has the controller. */
static bool
is_own(struct bnd_str line, const char *controller, struct bnd_str *all,
    struct bnd_str *path)
{
	struct bnd_str s = bnd_str_until(line, ':'), each;

	if (s.len == line.len)
		return false;
	line = bnd_str_from(line, s.len + 1);
	*all = bnd_str_until(line, ':');
	if (all->len == line.len)
		return false;
	*path = bnd_str_from(line, all->len + 1);
	for (s = *all; s.len > 0;
	     s = bnd_str_from(s, each.len < s.len ? each.len + 1 : s.len)) {
		each = bnd_str_until(s, ',');
		if (bnd_str_is(each, controller))
			return true;
	}
	return false;
}

static bool
look_own(const char *text, const char *controller, char all[static 32],
    char path[static BND_BOX_PATH])
{
	struct bnd_str rest = { text, strlen(text) }, line, a, p;
	bool whole;

	while (bnd_text_line(&rest, &line, &whole))
		if (is_own(line, controller, &a, &p))
			return bnd_str_copy(a, all, 32) &&
			    bnd_str_copy(p, path, BND_BOX_PATH);
	return false;
}

static int
open_below(const char *mount, const char *own, char path[static BND_BOX_PATH])
{
	int n = snprintf(path, BND_BOX_PATH, "%s%s", mount,
	    strcmp(own, "/") == 0 ? "" : own);

	if (n < 0 || n >= BND_BOX_PATH) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open_typed(path, CGROUP_SUPER_MAGIC);
}

/* Where the mount shows a subtree only (a container's), own begins with it. */
static int
open_mounted(
    const struct mounted *m, const char *own, char path[static BND_BOX_PATH])
{
	size_t len = strcmp(m->root, "/") == 0 ? 0 : strlen(m->root);

	if (strncmp(own, m->root, len) != 0 ||
	    (own[len] != '/' && own[len] != '\0'))
		return -1;
	return open_below(m->path, own + len, path);
}

static int
open_v1(const char *controller, const char *all, const char *own,
    char path[static BND_BOX_PATH])
{
	char usual[64];
	int fd;

	(void)snprintf(usual, sizeof(usual), "/sys/fs/cgroup/%s", controller);
	fd = open_below(usual, own, path);
	return fd >= 0 ? fd
		       : each_mount("cgroup", all, open_mounted, own, path);
}

static void
add_v1(struct bnd_cg_host *host, const char *text, size_t controller)
{
	const unsigned rows = controllers[controller].rows;
	char all[32], own[BND_BOX_PATH];
	size_t i;

	if (!look_own(text, controllers[controller].name, all, own))
		return;
	for (i = 0; i < host->n; i++)
		if (strcmp(host->v1[i].name, all) == 0)
			break;
	if (i == host->n) {
		host->v1[i].dir = open_v1(
		    controllers[controller].name, all, own, host->v1[i].path);
		if (host->v1[i].dir < 0)
			return;
		(void)snprintf(
		    host->v1[i].name, sizeof(host->v1[i].name), "%s", all);
		host->v1[i].rows = 0;
		host->n++;
	}
	host->v1[i].rows |= rows;
	host->has1 |= rows;
}

static int
find_v1(struct bnd_cg_host *host, struct bnd_err *err)
{
	char text[BND_CG_TEXT];

	if (bnd_cg_file_read(AT_FDCWD, "/proc/self/cgroup", text, err) != 0)
		return -1;
	for (size_t i = 0; i < CONTROLLERS; i++)
		if ((host->has2 & controllers[i].rows) == 0)
			add_v1(host, text, i);
	return 0;
}

int
bnd_cg_find(struct bnd_cg_host *host, struct bnd_err *err)
{
	const unsigned all = (BND_CG_BIT(BND_CG_FACILITIES) - 1) & ~1U;

	memset(host, 0, sizeof(*host));
	host->v2 = host->tree = -1;
	if (find_v2(host, err) != 0 ||
	    bnd_cg_hand_down(host->v2, &host->tree, &host->has2, err) != 0 ||
	    (host->has2 != all && find_v1(host, err) != 0)) {
		bnd_cg_forget(host);
		return -1;
	}
	return 0;
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
bnd_cg_forget(struct bnd_cg_host *host)
{
	shut(&host->v2);
	shut(&host->tree);
	while (host->n > 0)
		shut(&host->v1[--host->n].dir);
}
