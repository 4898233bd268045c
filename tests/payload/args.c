/* args.c: calls that are allowed, with arguments that are not */
/* SPDX-License-Identifier: ISC */
/*
 *	args clone		namespaces by clone, unshare, clone3; threads, spawn
 *	args ioctl		TIOCSTI and its like on standard input; FIONREAD
 *	args setid DIR		every way to a set-id file or directory below DIR
 *	args device DIR		every way to a device below DIR
 *	args wx			memory that is written and then executed
 *	args core		RLIMIT_CORE, also while its value is being rewritten
 *	args refilter		filters of its own that allow, then a forbidden call
 *	args pair PATH		a stream pair, connected to PATH; sends to it
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "payload.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* Of a child that was cloned: it ends at once, the parent takes its status. */
static long
born(long pid)
{
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return pid < 0 ? -1 : 0;
}

static void *
thread(void *arg)
{
	return arg;
}

static void
clones(char **args)
{
	static const struct {
		const char *name;
		unsigned long flag;
	} t[] = { { "newuser", CLONE_NEWUSER }, { "newns", CLONE_NEWNS },
		{ "newnet", CLONE_NEWNET }, { "newpid", CLONE_NEWPID },
		{ "newipc", CLONE_NEWIPC }, { "newuts", CLONE_NEWUTS },
		{ "newcgroup", CLONE_NEWCGROUP } };
	struct clone_args a = { .exit_signal = SIGCHLD };
	char *argv[] = { (char *)(uintptr_t) "/usr/bin/true", NULL },
	     *envp[] = { NULL };
	pthread_t th;
	pid_t pid;

	(void)args;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		told(t[i].name,
		    born(syscall(SYS_clone, t[i].flag | SIGCHLD, 0, 0, 0, 0)));
		/* The kernel looks at the low half alone. */
		printf("above ");
		told(t[i].name,
		    born(syscall(SYS_clone, (1UL << 40) | t[i].flag | SIGCHLD,
			0, 0, 0, 0)));
	}
	told("clone3", born(syscall(SYS_clone3, &a, sizeof(a))));
	a.flags = CLONE_NEWUSER;
	told("clone3 newuser", born(syscall(SYS_clone3, &a, sizeof(a))));
	told("clone", born(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)));
	errno = pthread_create(&th, NULL, thread, NULL);
	told("thread", errno == 0 ? pthread_join(th, NULL) : -1);
	errno = posix_spawn(&pid, argv[0], NULL, NULL, argv, envp);
	told("spawn", errno == 0 ? born(pid) : -1);
}

static void
ioctls(char **args)
{
	char c = 'x';
	int n;

	(void)args;
	told("TIOCSTI", syscall(SYS_ioctl, 0, (unsigned long)TIOCSTI, &c));
	told("TIOCSTI above", syscall(SYS_ioctl, 0, TIOCSTI | 1UL << 32, &c));
	told("TIOCLINUX", syscall(SYS_ioctl, 0, (unsigned long)TIOCLINUX, &c));
	told("TIOCLINUX above",
	    syscall(SYS_ioctl, 0, TIOCLINUX | 1UL << 63, &c));
	told("TIOCSETD", syscall(SYS_ioctl, 0, (unsigned long)TIOCSETD, &n));
	told("FIONREAD", ioctl(0, FIONREAD, &n) < 0 ? -1 : 0);
}

static void
setids(char **args)
{
	int d = open(args[0], O_RDONLY | O_DIRECTORY), fd;
	char name[64];

	if (told("directory", d < 0 ? -1 : 0) < 0 || fchdir(d) != 0)
		return;
	umask(0);
	fd = open("plain", O_WRONLY | O_CREAT, 0755);
	told("plain", fd < 0 ? -1 : 0);
	told("chmod", syscall(SYS_chmod, "plain", 04755));
	told("fchmod", fchmod(fd, 04755));
	told("fchmodat", fchmodat(d, "plain", 02755, 0));
	told("fchmodat2", syscall(SYS_fchmodat2, d, "plain", 06755, 0));
	told("open", syscall(SYS_open, "a", O_WRONLY | O_CREAT, 04755));
	told("openat", openat(d, "b", O_WRONLY | O_CREAT | O_EXCL, 02755));
	told("creat", syscall(SYS_creat, "c", 04755));
	fd = openat(d, ".", O_TMPFILE | O_RDWR, 04755);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	told("tmpfile",
	    fd < 0 ? -1 : linkat(AT_FDCWD, name, d, "t", AT_SYMLINK_FOLLOW));
	told("mknod", syscall(SYS_mknod, "d", S_IFREG | 04755, 0));
	told("mknodat", mknodat(d, "e", S_IFIFO | 02755, 0));
	told("mkdir", syscall(SYS_mkdir, "f", 02755));
	told("mkdirat", mkdirat(d, "g", 04755));
	told("sticky", mkdirat(d, "h", 01777));
	told("chmod directory", chmod(".", 02777));
	/* Their mode is nobody's: nothing is made. */
	told("reopen",
	    syscall(SYS_openat, d, "plain", O_RDONLY, 06777) < 0 ? -1 : 0);
}

static void
devices(char **args)
{
	int d = open(args[0], O_RDONLY | O_DIRECTORY);

	if (told("directory", d < 0 ? -1 : 0) < 0 || fchdir(d) != 0)
		return;
	told("char", syscall(SYS_mknod, "char", S_IFCHR | 0666, 0x101));
	told("block", mknodat(d, "block", S_IFBLK | 0666, 0x800));
	told("whiteout", mknodat(d, "whiteout", S_IFCHR, 0));
	close(open("file", O_WRONLY | O_CREAT, 0644));
	told("rename",
	    syscall(SYS_renameat2, d, "file", d, "moved", RENAME_WHITEOUT));
	told("fifo", mknodat(d, "fifo", S_IFIFO | 0644, 0));
}

/* Writes `ret` and calls it: 0 if that came back. */
static long
runs(void *at)
{
	if (at == MAP_FAILED || at == NULL)
		return -1;
	((void (*)(void))(uintptr_t)at)();
	return 0;
}

static void *
map(int prot, int flags, int fd)
{
	void *at = mmap(NULL, 4096, prot, flags, fd, 0);

	if (at != MAP_FAILED && (prot & PROT_WRITE))
		*(unsigned char *)at = 0xc3;
	return at;
}

static void
wx(char **args)
{
	int rw = PROT_READ | PROT_WRITE, anon = MAP_PRIVATE | MAP_ANONYMOUS;
	void *at;
	int fd, id;

	(void)args;
	told("both", runs(map(rw | PROT_EXEC, anon, -1)));
	at = map(rw, anon, -1);
	told("mprotect",
	    mprotect(at, 4096, PROT_READ | PROT_EXEC) < 0 ? -1 : runs(at));
	at = map(rw, anon, -1);
	told("pkey_mprotect",
	    syscall(SYS_pkey_mprotect, at, 4096, PROT_READ | PROT_EXEC, -1) < 0
		? -1
		: runs(at));
	fd = memfd_create("x", 0);
	told("memfd",
	    fd < 0 || write(fd, "\xc3", 1) != 1
		? -1
		: runs(map(PROT_READ | PROT_EXEC, MAP_SHARED, fd)));
	told("personality",
	    personality(READ_IMPLIES_EXEC) < 0 ? -1 : runs(map(rw, anon, -1)));
	personality(PER_LINUX);
	fd = open("/tmp/x", O_RDWR | O_CREAT, 0755);
	told("file",
	    fd < 0 || write(fd, "\xc3", 1) != 1
		? -1
		: runs(map(PROT_READ | PROT_EXEC, MAP_PRIVATE, fd)));
	id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0700);
	at = id < 0 ? NULL : shmat(id, NULL, SHM_EXEC);
	if (at != NULL && at != (void *)-1)
		*(unsigned char *)at = 0xc3;
	told("shm", at == (void *)-1 ? -1 : runs(at));
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	told("huge",
	    mmap(NULL, 2 << 20, rw, anon | MAP_HUGETLB, -1, 0) == MAP_FAILED
		? -1
		: 0);
	told("plain", map(rw, anon, -1) == MAP_FAILED ? -1 : 0);
}

static struct rlimit core_limit;
static volatile bool over;

static void *
rewrite(void *arg)
{
	(void)arg;
	while (!over) {
		core_limit = (struct rlimit){ 0, 0 };
		__asm__ volatile("" ::: "memory");
		core_limit = (struct rlimit){ 1, 1 };
	}
	return NULL;
}

static void
core(char **args)
{
	struct rlimit r = { 0, 0 };
	pthread_t th;
	long did = 0;

	(void)args;
	told("read", getrlimit(RLIMIT_CORE, &r));
	if (pthread_create(&th, NULL, rewrite, NULL) == 0) {
		for (int i = 0; i < 5000; i++)
			did += syscall(SYS_prlimit64, 0, RLIMIT_CORE,
				   &core_limit, NULL) == 0;
		over = true;
		pthread_join(th, NULL);
	}
	printf("raced: %ld\n", did);
	r = (struct rlimit){ 0, 0 };
	told("prlimit64", syscall(SYS_prlimit64, 0, RLIMIT_CORE, &r, NULL));
	told("setrlimit", syscall(SYS_setrlimit, RLIMIT_CORE, &r));
	getrlimit(RLIMIT_CORE, &r);
	printf("core: %lu\n", (unsigned long)r.rlim_cur);
}

static void
refilter(char **args)
{
	struct sock_filter allow[] = { BPF_STMT(
	    BPF_RET | BPF_K, SECCOMP_RET_ALLOW) },
			   notify[] = { BPF_STMT(
			       BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF) };
	struct sock_fprog a = { 1, allow }, n = { 1, notify };
	pid_t child;

	(void)args;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	told("prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &a, 0, 0));
	told("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &a));
	fflush(stdout);
	child = fork();
	if (child == 0) {
		long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		    SECCOMP_FILTER_FLAG_NEW_LISTENER, &n);
		/* Under it nothing can be said any more. */
		if (fd < 0)
			told("notify", -1);
		_exit(0);
	}
	/* A notified one waits for ever. */
	for (int i = 0; i < 20 && waitpid(child, NULL, WNOHANG) == 0; i++)
		usleep(10000);
	kill(child, SIGKILL);
	told("unshare", syscall(SYS_unshare, CLONE_NEWUSER));
}

static void
pair(char **args)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, 99) };
	struct sock_fprog prog = { 1, all };
	struct sockaddr_un u = { .sun_family = AF_UNIX };
	int p[2];

	snprintf(u.sun_path, sizeof(u.sun_path), "%s", args[0]);
	told("dgram", socketpair(AF_UNIX, SOCK_DGRAM, 0, p));
	told("socket", socket(AF_UNIX, SOCK_DGRAM, 0) < 0 ? -1 : 0);
	if (told("stream", socketpair(AF_UNIX, SOCK_STREAM, 0, p)) < 0)
		return;
	told("connect", connect(p[0], (struct sockaddr *)&u, sizeof(u)));
	told("sendto",
	    sendto(p[0], "reached", 7, 0, (struct sockaddr *)&u, sizeof(u)));
	told("send", write(p[0], "x", 1));
	told("attach",
	    setsockopt(
		p[0], SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	if (told("seqpacket", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p)) < 0)
		return;
	told("seqpacket connect",
	    connect(p[0], (struct sockaddr *)&u, sizeof(u)));
	told("seqpacket sendto",
	    sendto(p[0], "reached", 7, 0, (struct sockaddr *)&u, sizeof(u)));
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int args;
		void (*run)(char **args);
	} t[] = { { "clone", 0, clones }, { "ioctl", 0, ioctls },
		{ "setid", 1, setids }, { "device", 1, devices },
		{ "wx", 0, wx }, { "core", 0, core },
		{ "refilter", 0, refilter }, { "pair", 1, pair } };
	char **args = payload(argc, argv);

	for (size_t i = 0; args[0] != NULL && i < sizeof(t) / sizeof(t[0]); i++)
		if (!strcmp(t[i].name, args[0]) &&
		    (t[i].args == 0 || args[1] != NULL)) {
			t[i].run(args + 1);
			return 0;
		}
	return 2;
}
