/* sbx-probe.c: try to get out: what sbx-run --selftest runs outside and inside */
/* SPDX-License-Identifier: ISC */
/*
 *	sbx-probe NONCE PID ADDRESS FD PORT
 *
 * PID is a process of the caller's that holds a byte at ADDRESS, FD was left
 * open by him, PORT is his on 127.0.0.1, and an abstract socket is called
 * NONCE.  Prints the nonce, then "NAME RESULT" for each attempt: ok if it
 * worked, else the name of the errno or signal.  Every attempt is in a child of
 * its own, and undoes itself where it worked: root runs it on a host in use.
 * Static, and nothing of libbnd: it sees what is inside.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "BND_PROBE_SECRET"

static struct {
	const char *nonce;
	pid_t pid;
	uintptr_t at;
	int fd;
	uint16_t port;
} host;

/* 0 or an errno. */
static int
said(long r)
{
	return r < 0 ? errno : 0;
}

static int
opens(const char *path, int flags)
{
	return said(open(path, flags | O_CLOEXEC | O_NONBLOCK));
}

static int
try_shadow(void)
{
	return opens("/etc/shadow", O_RDONLY);
}

static int
try_etc(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/etc/.bnd-probe-%s", host.nonce);
	if (mkdir(name, 0700) != 0)
		return errno;
	return said(rmdir(name));
}

static int
try_see(void)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)host.pid);
	return opens(path, O_RDONLY);
}

static int
try_signal(void)
{
	return said(kill(host.pid, 0));
}

static int
try_trace(void)
{
	return said(ptrace(PTRACE_SEIZE, host.pid, NULL, NULL));
}

static int
try_memory(void)
{
	char byte;
	struct iovec here = { &byte, 1 };
	struct iovec there = { NULL, 1 };

	memcpy(&there.iov_base, &host.at, sizeof(host.at));
	return said(process_vm_readv(host.pid, &here, 1, &there, 1, 0));
}

static int
try_enter(void)
{
	char path[32];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)host.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? errno : said(setns(fd, CLONE_NEWNET));
}

static int
try_descriptor(void)
{
	char byte;

	return said(pread(host.fd, &byte, 1, 0));
}

static int
try_environment(void)
{
	return getenv(SECRET) != NULL ? 0 : ENOENT;
}

static int
try_core(void)
{
	return opens("/proc/sys/kernel/core_pattern", O_WRONLY);
}

static int
try_symbols(void)
{
	return opens("/proc/kallsyms", O_RDONLY);
}

static int
try_device(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/tmp/bnd-probe-%s", host.nonce);
	if (mknod(name, S_IFCHR | 0600, makedev(1, 1)) != 0)
		return errno;
	return said(unlink(name));
}

static int
try_root(void)
{
	return said(setresuid(0, 0, 0));
}

static int
try_setuid(void)
{
	char name[64];
	int fd, why;

	(void)snprintf(name, sizeof(name), "/tmp/bnd-probe-%s", host.nonce);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	why = said(fchmod(fd, 04700));
	return unlink(name) != 0 ? errno : why;
}

static int
try_userns(void)
{
	return said(unshare(CLONE_NEWUSER));
}

static int
try_mountns(void)
{
	return said(unshare(CLONE_NEWNS));
}

static int
try_chroot(void)
{
	return said(chroot("/"));
}

static int
try_abstract(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(host.nonce);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || len > sizeof(a.sun_path) - 1)
		return fd < 0 ? errno : ENAMETOOLONG;
	memcpy(a.sun_path + 1, host.nonce, len);
	return said(connect(fd, (const struct sockaddr *)&a,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len)));
}

static int
try_loopback(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(host.port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	return said(connect(fd, (const struct sockaddr *)&a, sizeof(a)));
}

static int
try_packet(void)
{
	return said(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int
try_key(void)
{
	return said(syscall(SYS_add_key, "user", "bnd-probe", "x", 1,
	    KEY_SPEC_PROCESS_KEYRING));
}

static int
try_uring(void)
{
	struct io_uring_params p = { 0 };

	return said(syscall(SYS_io_uring_setup, 1, &p));
}

/* getpid() by the numbers of another architecture. */
static int
try_foreign(void)
{
#ifdef __x86_64__
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(20L)
			 : "memory", "r8", "r9", "r10", "r11");
	return r < 0 ? (int)-r : 0;
#else
	return ENOSYS;
#endif
}

static const struct {
	const char *name;
	int (*try)(void);
} probes[] = {
	{ "shadow", try_shadow },
	{ "etc", try_etc },
	{ "see", try_see },
	{ "signal", try_signal },
	{ "trace", try_trace },
	{ "memory", try_memory },
	{ "enter", try_enter },
	{ "descriptor", try_descriptor },
	{ "environment", try_environment },
	{ "core", try_core },
	{ "symbols", try_symbols },
	{ "device", try_device },
	{ "root", try_root },
	{ "setuid", try_setuid },
	{ "userns", try_userns },
	{ "mountns", try_mountns },
	{ "chroot", try_chroot },
	{ "abstract", try_abstract },
	{ "loopback", try_loopback },
	{ "packet", try_packet },
	{ "key", try_key },
	{ "uring", try_uring },
	{ "foreign", try_foreign },
};

#define PROBES (sizeof(probes) / sizeof(probes[0]))

static const char *
word_of(int status)
{
	static char text[16];

	if (WIFSIGNALED(status)) {
		(void)snprintf(text, sizeof(text), "SIG%s",
		    sigabbrev_np(WTERMSIG(status)));
		return text;
	}
	return WEXITSTATUS(status) == 0 ? "ok"
					: strerrorname_np(WEXITSTATUS(status));
}

static int
attempt(size_t i)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(probes[i].try());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	printf("%s %s\n", probes[i].name, word_of(status));
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc != 6) {
		fputs("sbx-probe: this is run by sbx-run --selftest\n", stderr);
		return 2;
	}
	host.nonce = argv[1];
	host.pid = (pid_t)strtol(argv[2], NULL, 10);
	host.at = (uintptr_t)strtoull(argv[3], NULL, 16);
	host.fd = (int)strtol(argv[4], NULL, 10);
	host.port = (uint16_t)strtol(argv[5], NULL, 10);
	printf("%s\n", host.nonce);
	fflush(stdout);
	for (size_t i = 0; i < PROBES; i++) {
		if (attempt(i) != 0)
			return 2;
		fflush(stdout);
	}
	return 0;
}
