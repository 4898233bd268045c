/* sbx-try.c: facilities of a kernel, each used for real in a child */
/* SPDX-License-Identifier: ISC */
/*
 * Not "is there a file in /proc" or "which version is it": the call itself, as a
 * sandbox makes it, in a namespace of the child's own where it needs one.
 */
#include "sbx-try.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box-land.h"
#include "uapi.h"

#define INSIDE 65534 /* the id that is mapped: nobody's */

/* 0 or an errno. */
static int
said(long r)
{
	return r < 0 ? errno : 0;
}

/* ---- the child ---- */

static int
put(pid_t pid, const char *file)
{
	char path[64];
	int fd, r;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	r = said(dprintf(fd, "%d %d 1", INSIDE, INSIDE));
	close(fd);
	return r;
}

/* Waits for its maps first, if it has any to wait for. */
_Noreturn static void
child(const struct sbx_facility *f, int go)
{
	char byte;

	if ((f->spaces & CLONE_NEWUSER) != 0 &&
	    (read(go, &byte, 1) != 1 ||
		setresgid(INSIDE, INSIDE, INSIDE) != 0 ||
		setresuid(INSIDE, INSIDE, INSIDE) != 0))
		_exit(errno);
	_exit(f->try != NULL ? f->try() : 0);
}

static int
outcome(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

int
sbx_try(const struct sbx_facility *f)
{
	struct clone_args args = { .flags = f->spaces, .exit_signal = SIGCHLD };
	int go[2], why = 0;
	long pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go) != 0)
		return errno;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		child(f, go[1]);
	if (pid < 0)
		why = errno;
	if (pid > 0 && (f->spaces & CLONE_NEWUSER) != 0) {
		why = put((pid_t)pid, "uid_map");
		why = why != 0 ? why : put((pid_t)pid, "gid_map");
		why = why != 0 ? why : said(write(go[0], "", 1));
	}
	close(go[0]);
	close(go[1]);
	if (pid > 0) {
		int end = outcome((pid_t)pid);

		why = why != 0 ? why : end;
	}
	return why;
}

/* ---- what is tried ---- */

static int
make_cgroupns(void)
{
	return said(unshare(CLONE_NEWCGROUP));
}

static int
make_timens(void)
{
	static const char text[] = "boottime -1 0\n";
	int fd;

	/* In one call, as the init of a sandbox does. */
	if (unshare(CLONE_NEWCGROUP | CLONE_NEWTIME | CLONE_NEWNET) != 0)
		return errno;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	return said(write(fd, text, sizeof(text) - 1));
}

static int
mount_of(const char *type, const char *key, const char *value)
{
	int fs = fsopen(type, FSOPEN_CLOEXEC);

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0) != 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		return -1;
	return fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
}

static int
make_tmpfs(void)
{
	return said(mount_of("tmpfs", "nr_inodes", "64"));
}

/* EPERM: something is mounted over every procfs there is ("too revealing"). */
static int
make_procfs(void)
{
	return said(mount_of("proc", "subset", "pid"));
}

static int
make_root(void)
{
	int fd;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return errno;
	fd = mount_of("tmpfs", "nr_inodes", "64");
	if (fd < 0 ||
	    move_mount(fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0 ||
	    fchdir(fd) != 0 || syscall(SYS_pivot_root, ".", ".") != 0)
		return errno;
	return said(umount2(".", MNT_DETACH));
}

static int
make_tree(void)
{
	struct mount_attr a = { .attr_set =
				    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID };
	int fd =
	    open_tree(AT_FDCWD, "/usr", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return errno;
	return said(mount_setattr(fd, "", AT_EMPTY_PATH, &a, sizeof(a)));
}

static int
make_openat2(void)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS };

	return said(syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how)));
}

static int
make_close_range(void)
{
	return said(close_range(100, ~0U, 0));
}

static int
make_pidfd(void)
{
	int fd = pidfd_open(getpid(), 0);

	return fd < 0 ? errno : said(pidfd_send_signal(fd, 0, NULL, 0));
}

static int
make_filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog prog = { 1, &allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != 0)
		return errno;
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER
	    ? 0
	    : ENOSYS;
}

/* How many there are, or nothing could be attested. */
static int
count_filters(void)
{
	char text[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return errno;
	text[n] = '\0';
	return strstr(text, "\nSeccomp_filters:") != NULL ? 0 : ENOSYS;
}

static int
ask_landlock(void)
{
	return bnd_land_abi() > 0 ? 0 : EOPNOTSUPP;
}

#define USER CLONE_NEWUSER

const struct sbx_facility sbx_facilities[] = {
	{ "user", "user namespace, ids mapped", USER, NULL },
	{ "mnt", "mount namespace", USER | CLONE_NEWNS, NULL },
	{ "pid", "pid namespace", USER | CLONE_NEWPID, NULL },
	{ "net", "network namespace", USER | CLONE_NEWNET, NULL },
	{ "ipc", "IPC namespace", USER | CLONE_NEWIPC, NULL },
	{ "uts", "UTS namespace", USER | CLONE_NEWUTS, NULL },
	{ "cgroup", "cgroup namespace", USER, make_cgroupns },
	{ "time", "time namespace with its own clocks", USER, make_timens },
	{ "tmpfs", "tmpfs with a quota of inodes", USER | CLONE_NEWNS,
	    make_tmpfs },
	{ "procfs", "a procfs of pids only", USER | CLONE_NEWNS | CLONE_NEWPID,
	    make_procfs },
	{ "root", "a root of its own, the old one gone", USER | CLONE_NEWNS,
	    make_root },
	{ "trees", "detached read-only mounts", 0, make_tree },
	{ "openat2", "paths that cannot be led astray", 0, make_openat2 },
	{ "close_range", "descriptors closed by ranges", 0, make_close_range },
	{ "pidfd", "processes told by descriptor", 0, make_pidfd },
	{ "seccomp", "system call filters", 0, make_filter },
	{ "filters", "and how many of them, told", 0, count_filters },
	{ "landlock", "Landlock", 0, ask_landlock },
	{ NULL, NULL, 0, NULL },
};
