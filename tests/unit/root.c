/* root.c: what somebody planted is refused, at once, and named */
/* SPDX-License-Identifier: ISC */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scope.h"
#include "scratch.h"
#include "tap.h"

static int
at(const struct scratch *s)
{
	return open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
put(int dir, const char *name, mode_t mode)
{
	SCOPED_FD int fd =
	    openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || fchmod(fd, mode) != 0)
		printf("# cannot make %s\n", name);
}

static void
open_to(int dir, const char *name, mode_t mode)
{
	if (fchmodat(dir, name, mode, 0) != 0)
		printf("# cannot chmod %s\n", name);
}

/* The status a trusted open of path ends with; 0 if it opened. */
static int
status(const struct scratch *s, const char *path)
{
	struct bnd_err err = { 0 };
	SCOPED_FD int fd = bnd_root_open_trusted(&s->root, path, 0022, &err);

	return fd >= 0 ? 0 : bnd_kind_exit(err.kind);
}

static void
planted_files(const struct scratch *s, int dir)
{
	put(dir, "good", 0644);
	is_int(status(s, "good"), 0, "control: a plain file opens");
	is_int(status(s, "/good"), 0, "an absolute name is below the root");
	put(dir, "group", 0664);
	is_int(status(s, "group"), 8, "writable by the group");
	put(dir, "world", 0646);
	is_int(status(s, "world"), 8, "writable by others");
	if (symlinkat("good", dir, "link") == 0)
		is_int(status(s, "link"), 8, "symlink");
	if (mkfifoat(dir, "fifo", 0600) == 0)
		is_int(status(s, "fifo"), 8, "FIFO, without waiting for it");
	if (mkdirat(dir, "dir", 0700) == 0)
		is_int(status(s, "dir"), 8, "directory");
	put(dir, "twice", 0644);
	if (linkat(dir, "twice", dir, "hard", 0) == 0)
		is_int(status(s, "twice"), 8, "hard link");
	is_int(status(s, "missing"), 2, "missing is trouble, not unsafe");
	is_int(status(s, "../../etc/passwd"), 8, "a way out");
}

static void
planted_parents(const struct scratch *s, int dir)
{
	if (mkdirat(dir, "d", 0755) != 0)
		return;
	put(dir, "d/file", 0644);
	is_int(status(s, "d/file"), 0, "control: below a directory");
	open_to(dir, "d", 0777);
	is_int(status(s, "d/file"), 8, "a parent writable by others");
	open_to(dir, "d", 01777);
	is_int(status(s, "d/file"), 0, "sticky protects what is in it");
	open_to(dir, "d", 0755);
	if (symlinkat("d", dir, "dlink") == 0)
		is_int(status(s, "dlink/file"), 8, "a parent that is a link");
}

static void
foreign_owner(const struct scratch *s, int dir)
{
	if (geteuid() != 0)
		return;
	put(dir, "nobody", 0644);
	if (fchownat(dir, "nobody", 65534, 65534, 0) == 0)
		is_int(status(s, "nobody"), 8, "a file of nobody");
}

static void
directories(const struct scratch *s, int dir)
{
	struct bnd_err err = { 0 };
	struct stat st;

	ok(bnd_root_mkdir(&s->root, "run/bnd/request", 0755, &err) == 0,
	    "directories with parents");
	ok(fstatat(dir, "run/bnd/request", &st, 0) == 0 &&
		(st.st_mode & 07777) == 0755,
	    "their mode, whatever the umask");
	ok(bnd_root_mkdir(&s->root, "run/bnd/request", 0755, &err) == 0,
	    "again is fine");
	open_to(dir, "run/bnd", 0777);
	ok(bnd_root_mkdir(&s->root, "run/bnd/request", 0755, &err) != 0 &&
		err.kind == BND_E_UNSAFE,
	    "one open to others is refused");
	open_to(dir, "run/bnd", 0755);
	if (symlinkat("run", dir, "var") == 0)
		ok(bnd_root_mkdir(&s->root, "var/lib", 0755, &err) != 0,
		    "a link in the way is refused");
	ok(bnd_root_mkdir(&s->root, "../x", 0755, &err) != 0, "a way out");
}

/* A directory whose entries are believed. */
static void
believed_directories(const struct scratch *s, int dir)
{
	struct bnd_err err = { 0 };
	int fd = -1;

	if (bnd_root_mkdir(&s->root, "conf/d", 0755, &err) != 0)
		bail(err.text);
	fd = bnd_root_open_dir(&s->root, "/conf/d", &err);
	ok(fd >= 0, "control: a directory of ours");
	close(fd);
	open_to(dir, "conf/d", 0775);
	ok(bnd_root_open_dir(&s->root, "conf/d", &err) == -1 &&
		err.kind == BND_E_UNSAFE,
	    "others could take an entry away");
	open_to(dir, "conf/d", 0755);
	open_to(dir, "conf", 0777);
	ok(bnd_root_open_dir(&s->root, "conf/d", &err) == -1 &&
		err.kind == BND_E_UNSAFE,
	    "or all of it");
	open_to(dir, "conf", 0755);
	if (symlinkat("d", dir, "conf/link") == 0)
		ok(bnd_root_open_dir(&s->root, "conf/link", &err) == -1 &&
			err.kind == BND_E_UNSAFE,
		    "or lead elsewhere");
	put(dir, "conf/file", 0600);
	ok(bnd_root_open_dir(&s->root, "conf/file", &err) == -1 &&
		err.kind == BND_E_UNSAFE,
	    "a file is none");
	err = (struct bnd_err){ 0 };
	ok(bnd_root_open_dir(&s->root, "conf/no", &err) == -1 &&
		err.errnum == ENOENT,
	    "and nothing is nothing");
}

int
main(void)
{
	struct scratch s;
	SCOPED_FD int dir = -1;

	umask(0);
	scratch_make(&s);
	dir = at(&s);
	planted_files(&s, dir);
	planted_parents(&s, dir);
	foreign_owner(&s, dir);
	umask(077);
	directories(&s, dir);
	believed_directories(&s, dir);
	ok(!s.root.real, "a directory is not the real root");
	scratch_remove(&s);
	return tap_done();
}
