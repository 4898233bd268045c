/* box-look.c: what is read of one child of a sandbox, from the host's side */
/* SPDX-License-Identifier: ISC */
#include "box-look.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scope.h"

#define LINK_LEN 96

const char *const bnd_spaces[BND_SPACES] = { "ns/user", "ns/mnt", "ns/pid",
	"ns/net", "ns/ipc", "ns/uts", "ns/cgroup", "ns/time" };

int
bnd_look_file(int dir, const char *file, char *buf, size_t size,
    struct bnd_str *text, struct bnd_err *err)
{
	SCOPED_FD int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = -1;

	while (
	    fd >= 0 && len < size && (n = read(fd, buf + len, size - len)) > 0)
		len += (size_t)n;
	if (fd < 0 || n < 0)
		return bnd_fail_errno(err, "cannot read %s", file);
	if (len == size)
		return bnd_fail(err, BND_E_ENFORCER, "%s is too long", file);
	*text = (struct bnd_str){ buf, len };
	return 0;
}

/* "user:[4026531837]" */
int
bnd_look_space(int dir, const char *name, uint64_t *inode, struct bnd_err *err)
{
	char text[LINK_LEN];
	ssize_t n = readlinkat(dir, name, text, sizeof(text));
	struct bnd_str s = { text, n > 0 ? (size_t)n : 0 };
	size_t kind;

	if (n < 0)
		return bnd_fail_errno(err, "cannot read %s", name);
	kind = bnd_str_until(s, '[').len;
	if (kind == s.len || s.p[s.len - 1] != ']' ||
	    !bnd_text_u64((struct bnd_str){ s.p + kind + 1, s.len - kind - 2 },
		UINT32_MAX, inode))
		return bnd_fail(err, BND_E_CORRUPT, "%s is no namespace", name);
	return 0;
}

static int
read_spaces(int dir, uint64_t ns[static 8], struct bnd_err *err)
{
	for (size_t i = 0; i < 8; i++)
		if (bnd_look_space(dir, bnd_spaces[i], &ns[i], err) == -1)
			return -1;
	return 0;
}

/* Of getdents64(2), which libc has no type for without opendir()'s costs. */
struct entry {
	uint64_t ino, off;
	uint16_t len;
	uint8_t type;
	char name[];
};

static int
take_fd_name(struct bnd_look *l, const char *name, struct bnd_err *err)
{
	uint64_t n;

	if (name[0] == '.')
		return 0;
	if (!bnd_text_u64(
		(struct bnd_str){ name, strlen(name) }, INT32_MAX, &n))
		return bnd_fail(err, BND_E_CORRUPT, "fd holds a name");
	if (l->fds == BND_LOOK_FDS)
		return bnd_fail(err, BND_E_ENFORCER,
		    "fds: the %s has more than %d", l->who, BND_LOOK_FDS);
	l->fd[l->fds++] = (int)n;
	return 0;
}

/* The open descriptors; more than anybody plans are an error. */
static int
read_fds(struct bnd_look *l, char *buf, struct bnd_err *err)
{
	SCOPED_FD int fd =
	    openat(l->dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long n = fd < 0 ? -1 : 0;

	l->fds = 0;
	while (
	    fd >= 0 && (n = syscall(SYS_getdents64, fd, buf, BND_LOOK_MAX)) > 0)
		for (long at = 0; at < n;) {
			const struct entry *e =
			    (const struct entry *)(void *)(buf + at);

			if (take_fd_name(l, e->name, err) == -1)
				return -1;
			at += e->len;
		}
	return n == 0 ? 0 : bnd_fail_errno(err, "cannot read fd");
}

int
bnd_look_open(struct bnd_look *l, pid_t pid, struct bnd_err *err)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	l->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return l->dir >= 0
	    ? 0
	    : bnd_fail_errno(err, "cannot look at the %s", l->who);
}

int
bnd_look(struct bnd_look *l, char *buf, struct bnd_err *err)
{
	struct bnd_str text;

	if (bnd_look_file(l->dir, "status", buf, BND_LOOK_MAX, &text, err) ==
		-1 ||
	    bnd_proc_status(text, &l->status, err) == -1 ||
	    read_spaces(l->dir, l->ns, err) == -1)
		return -1;
	return read_fds(l, buf, err);
}
