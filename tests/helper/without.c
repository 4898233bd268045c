/* without.c: run a command as on a kernel that lacks something */
/* SPDX-License-Identifier: ISC */
/*
 *	without WHAT[,WHAT...] CMD [ARG...]
 *
 *	legacy	no xtables of either family: get- and setsockopt say ENOPROTOOPT
 *	legacy4, legacy6	one of them
 *	nft	no nf_tables and no ctnetlink: no such netlink protocol
 *	diag	no sock_diag
 *	peer	the far end of net-seal's probe hears nothing on its taps
 *	clone3, close_range, pidfd_open, openat2, open_tree, mount_setattr,
 *	landlock	that call: ENOSYS
 *	timens	no time namespaces
 *	ext:NAME	no extension or table of xtables called so (the last WHAT)
 *
 * The filter is inherited by whatever CMD starts.  It needs CAP_SYS_ADMIN here,
 * not no_new_privs, which CMD would see.  Exit status: CMD's; 125 without it.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define ARCH AUDIT_ARCH_RISCV64
#else
#error "which AUDIT_ARCH is this?"
#endif

/*
 * One call that is refused: argument a is x and argument b lies in lo to hi;
 * always, where lo is above hi.
 */
struct refusal {
	const char *what;
	uint32_t call;
	unsigned a, b;
	uint32_t x, lo, hi;
	uint32_t error;
};

/* IP6T_SO_GET_REVISION_* are 68 and 69: IPV6_TCLASS is 67. */
#define XTABLES(what, level, lo, hi)                                   \
	{ what, SYS_getsockopt, 1, 2, level, lo, hi, ENOPROTOOPT },    \
	{                                                              \
		what, SYS_setsockopt, 1, 2, level, 64, 65, ENOPROTOOPT \
	}
#define PROTOCOL(what, n)                                                 \
	{                                                                 \
		what, SYS_socket, 0, 2, AF_NETLINK, n, n, EPROTONOSUPPORT \
	}
#define TAP(what, fd)                                                     \
	{                                                                 \
		what, SYS_recvfrom, 0, 3, fd, MSG_DONTWAIT, MSG_DONTWAIT, \
		    EAGAIN                                                \
	}
#define CALL(name, call)                          \
	{                                         \
		name, call, 0, 0, 0, 1, 0, ENOSYS \
	}
#define NEW_TIME (CLONE_NEWCGROUP | CLONE_NEWTIME)
#define NEW_BOX	 (NEW_TIME | CLONE_NEWNET)

static const struct refusal refusals[] = {
	XTABLES("legacy4", IPPROTO_IP, 64, 67),
	XTABLES("legacy6", IPPROTO_IPV6, 64, 65),
	XTABLES("legacy6", IPPROTO_IPV6, 68, 69),
	PROTOCOL("nft", NETLINK_NETFILTER),
	PROTOCOL("diag", NETLINK_SOCK_DIAG),
	/* It closes all but its question; 2 and 3 are the taps it opens. */
	TAP("peer", 2),
	TAP("peer", 3),
	CALL("clone3", SYS_clone3),
	CALL("close_range", SYS_close_range),
	CALL("pidfd_open", SYS_pidfd_open),
	CALL("openat2", SYS_openat2),
	CALL("open_tree", SYS_open_tree),
	CALL("mount_setattr", SYS_mount_setattr),
	CALL("landlock", SYS_landlock_create_ruleset),
	/* As sbx-run asks for it, to try and for a run; for nothing else. */
	{ "timens", SYS_unshare, 0, 0, NEW_TIME, NEW_TIME, NEW_TIME, EINVAL },
	{ "timens", SYS_unshare, 0, 0, NEW_BOX, NEW_BOX, NEW_BOX, EINVAL },
};
#define N_REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(test, k, skip) BPF_JUMP(BPF_JMP | BPF_K | (test), k, 0, skip)
#define ANSWER(k)	      BPF_STMT(BPF_RET | BPF_K, k)

#define STEPS		      9
#define EXT		      "ext:"

static void
append_call(struct sock_fprog *p, const struct refusal *r)
{
	const struct sock_filter steps[] = {
		LOAD(nr), UNLESS(BPF_JEQ, r->call, 1),
		ANSWER(SECCOMP_RET_ERRNO | r->error),
		ANSWER(SECCOMP_RET_ALLOW), /* replaced, as below */
	};

	memcpy(p->filter + p->len, steps, sizeof(steps));
	p->len += 3;
}

static void
append(struct sock_fprog *p, const struct refusal *r)
{
	const struct sock_filter steps[STEPS] = {
		LOAD(nr), UNLESS(BPF_JEQ, r->call, 6), LOAD(args[r->a]),
		UNLESS(BPF_JEQ, r->x, 4), LOAD(args[r->b]),
		UNLESS(BPF_JGE, r->lo, 2),
		BPF_JUMP(BPF_JMP | BPF_K | BPF_JGT, r->hi, 1, 0),
		ANSWER(SECCOMP_RET_ERRNO | r->error),
		ANSWER(SECCOMP_RET_ALLOW), /* replaced: the next begins here */
	};

	if (r->lo > r->hi) {
		append_call(p, r);
		return;
	}
	memcpy(p->filter + p->len, steps, sizeof(steps));
	p->len = (unsigned short)(p->len + STEPS - 1);
}

static int
is_named(const char *words, const char *what)
{
	const char *w = words;
	size_t len;

	for (; *w != '\0'; w += len + (w[len] == ',')) {
		len = strcspn(w, ",");
		if (strncmp(w, what, len) == 0 &&
		    (what[len] == '\0' ||
			(len == strlen("legacy") && what[0] == 'l')))
			return 1;
	}
	return 0;
}

/* 0, or what went wrong. */
static int
refuse(const char *words)
{
	struct sock_filter filter[4 + N_REFUSALS * STEPS] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_K | BPF_JEQ, ARCH, 1, 0),
		ANSWER(SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog p = { .len = 3, .filter = filter };

	for (size_t i = 0; i < N_REFUSALS; i++)
		if (is_named(words, refusals[i].what))
			append(&p, &refusals[i]);
	if (p.len == 3)
		return strstr(words, EXT) != NULL ? 0 : EINVAL;
	p.len++; /* the last one's answer: allow */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) == 0 ? 0 : errno;
}

/* ---- an extension: its name lies in memory, which a filter cannot read ---- */

/* IPT_SO_GET_* and IP6T_SO_GET_*: what each asks for begins with a name */
#define REVISION_LO 64
#define REVISION_HI 69
struct revision {
	char name[29];
	uint8_t revision;
};

static bool
is_lacking(const struct seccomp_notif *ask, const char *name)
{
	struct revision r = { .revision = 0 };
	struct iovec here = { &r, sizeof(r) };
	struct iovec there = { (void *)(uintptr_t)ask->data.args[3],
		sizeof(r) };

	return process_vm_readv((pid_t)ask->pid, &here, 1, &there, 1, 0) ==
	    (ssize_t)sizeof(r) &&
	    strncmp(r.name, name, sizeof(r.name)) == 0;
}

/* Until nobody is left who could ask. */
static void
answer(int fd, const char *name)
{
	struct seccomp_notif ask;
	struct seccomp_notif_resp say;

	for (;;) {
		memset(&ask, 0, sizeof(ask));
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &ask) == -1) {
			if (errno == EINTR || errno == ENOENT)
				continue;
			_exit(0);
		}
		say = (struct seccomp_notif_resp){ .id = ask.id };
		if (is_lacking(&ask, name))
			say.error = -ENOENT;
		else
			say.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		(void)ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &say);
	}
}

static int
pass(int sock, int fd)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int))] = "";
	char byte = 0;
	struct iovec io = { &byte, 1 };
	struct msghdr m = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (fd == -1) {
		if (recvmsg(sock, &m, 0) != 1)
			return -1;
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		return fd;
	}
	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(fd)) };
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sock, &m, 0) == 1 ? 0 : -1;
}

/* Whoever answers is a child, so that CMD stays its parent's child. */
static void
supervise(int sock, const char *name)
{
	int fd = pass(sock, -1);

	if (fd == -1)
		_exit(1);
	(void)setsid();
	(void)dup2(fd, 0);
	(void)syscall(SYS_close_range, 1U, ~0U, 0U);
	answer(0, name);
}

static int
refuse_extension(const char *name)
{
	struct sock_filter filter[] = {
		LOAD(nr),
		UNLESS(BPF_JEQ, SYS_getsockopt, 4),
		LOAD(args[2]),
		UNLESS(BPF_JGE, REVISION_LO, 2),
		BPF_JUMP(BPF_JMP | BPF_K | BPF_JGT, REVISION_HI, 1, 0),
		ANSWER(SECCOMP_RET_USER_NOTIF),
		ANSWER(SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog p = { sizeof(filter) / sizeof(filter[0]),
		filter };
	int pair[2], fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return errno;
	pid = fork();
	if (pid == 0)
		supervise(pair[1], name);
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, &p);
	if (pid == -1 || fd == -1 || pass(pair[0], fd) == -1)
		return errno;
	return close(fd) == 0 ? 0 : errno;
}

int
main(int argc, char **argv)
{
	const char *ext;
	int error;

	if (argc < 3) {
		fprintf(stderr, "usage: without WHAT[,WHAT...] CMD [ARG...]\n");
		return 125;
	}
	ext = strstr(argv[1], EXT);
	error = refuse(argv[1]);
	if (error == 0 && ext != NULL)
		error = refuse_extension(ext + strlen(EXT));
	if (error != 0) {
		fprintf(stderr, "without %s: %s\n", argv[1], strerror(error));
		return 125;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "without: %s: %s\n", argv[2], strerror(errno));
	return 127;
}
