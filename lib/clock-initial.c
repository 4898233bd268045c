/* clock-initial.c: whether the boot clock of this process is the host's */
/* SPDX-License-Identifier: ISC */
/*
 * In a time namespace of his own root chooses what CLOCK_BOOTTIME says, and
 * every cool-down has passed.  Only /proc tells, and /proc can be dressed up:
 * a directory of files in its place, or /proc/1/ns bound over one's own.  So it
 * must be a procfs, and the way from there to the link must not leave it.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "clock.h"
#include "scope.h"
#include "text.h"

/* include/linux/proc_ns.h: part of the kernel's ABI. */
#define TIME_INITIAL "time:[4026531834]"

static bool
is_procfs(int proc)
{
	struct statfs fs;

	return fstatfs(proc, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* The link itself; nothing mounted on it or above it. */
static int
open_link(int proc)
{
	struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve =
		    RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(
	    SYS_openat2, proc, "self/ns/time", &how, sizeof(how));
}

bool
bnd_clock_is_initial(void)
{
	char link[64];
	SCOPED_FD int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	SCOPED_FD int fd = -1;
	ssize_t n;

	if (proc < 0 || !is_procfs(proc))
		return false;
	fd = open_link(proc);
	n = fd >= 0 ? readlinkat(fd, "", link, sizeof(link) - 1) : -1;
	return n >= 0 &&
	    bnd_str_is((struct bnd_str){ link, (size_t)n }, TIME_INITIAL);
}
