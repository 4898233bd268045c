/* filter.c: the program of a policy decides as libseccomp's own, call by call */
/* SPDX-License-Identifier: ISC */
#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "bpf.h"
#include "box-calls.h"
#include "tap.h"

#define ABSENT (SECCOMP_RET_ERRNO | ENOSYS)
#define DENIED (SECCOMP_RET_ERRNO | EPERM)

static struct bnd_filter_buf buf;

/* A policy, and beside it what libseccomp makes of the same rows, plainly. */
struct pair {
	const char *name;
	struct bnd_box_policy p;
	struct bnd_box_filter ours;
	struct sock_filter *ref;
	size_t ref_n;
	bool known[1024]; /* calls that may be made with some argument */
};

static bool
is_denied(const struct bnd_box_policy *p, const char *name)
{
	for (size_t i = 0; i < p->deny.n; i++)
		if (!strcmp(p->deny.at[i], name))
			return true;
	return false;
}

static bool
counts(const struct bnd_box_policy *p, const struct bnd_call *c)
{
	uint32_t calls = p->calls;

	if (p->num[BND_BOX_NET] == BND_NET_NONE)
		calls &= ~(uint32_t)BND_CALLS_NET;
	return (c->groups & calls) != 0 &&
	    (c->wx == 0 || (c->wx >> p->num[BND_BOX_WX] & 1) != 0) &&
	    !is_denied(p, c->name);
}

static void
must(int rc, const char *what)
{
	if (rc == 0)
		return;
	diag("libseccomp, %s: %s", what, strerror(-rc));
	bail("the reference cannot be made");
}

/* A row's tests from number i on; "is not" is a rule for each bit that differs. */
static void
add_row(scmp_filter_ctx ctx, int nr, const struct bnd_call *c, unsigned i,
    struct scmp_arg_cmp *cmp)
{
	const struct bnd_call_test *t = &c->test[i];

	if (i == BND_CALL_TESTS || t->kind == BND_CALL_ANY) {
		must(seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, nr, i, cmp),
		    c->name);
		return;
	}
	switch (t->kind) {
	case BND_CALL_IS:
		cmp[i] =
		    SCMP_CMP64(t->arg, SCMP_CMP_MASKED_EQ, t->mask, t->value);
		add_row(ctx, nr, c, i + 1, cmp);
		break;
	case BND_CALL_NULL:
		cmp[i] = SCMP_CMP64(t->arg, SCMP_CMP_EQ, 0, 0);
		add_row(ctx, nr, c, i + 1, cmp);
		break;
	case BND_CALL_IS_NOT:
		for (uint32_t bit = 1; bit != 0; bit <<= 1) {
			if ((t->mask & bit) == 0)
				continue;
			cmp[i] = SCMP_CMP64(
			    t->arg, SCMP_CMP_MASKED_EQ, bit, ~t->value & bit);
			add_row(ctx, nr, c, i + 1, cmp);
		}
		break;
	case BND_CALL_ANY:
	default:
		break;
	}
}

/* Its numbers are asked for by name, here, not taken from the build's list. */
static void
reference(struct pair *x)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	struct scmp_arg_cmp cmp[BND_CALL_TESTS];
	int fd = memfd_create("ref", MFD_CLOEXEC);
	off_t size;

	if (ctx == NULL || fd < 0)
		bail("no memory");
	must(seccomp_attr_set(
		 ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
	    "bad arch");
	for (const struct bnd_call *c = bnd_calls; c->name != NULL; c++) {
		int nr = seccomp_syscall_resolve_name(c->name);

		if (nr < 0 || !counts(&x->p, c))
			continue;
		x->known[nr] = true;
		add_row(ctx, nr, c, 0, cmp);
	}
	must(seccomp_export_bpf(ctx, fd), "export");
	seccomp_release(ctx);
	size = lseek(fd, 0, SEEK_END);
	x->ref = malloc((size_t)size);
	if (x->ref == NULL || pread(fd, x->ref, (size_t)size, 0) != size)
		bail("cannot read the export");
	x->ref_n = (size_t)size / sizeof(*x->ref);
	close(fd);
}

static uint32_t
ours(const struct pair *x, const struct seccomp_data *d)
{
	return bpf_run(x->ours.code, x->ours.len, d);
}

/* The reference has one answer for what is not allowed, we have two. */
static uint32_t
theirs(const struct pair *x, const struct seccomp_data *d)
{
	uint32_t r = bpf_run(x->ref, x->ref_n, d);
	unsigned nr = (unsigned)d->nr;

	return r == ABSENT && nr < 1024 && x->known[nr] ? DENIED : r;
}

static unsigned long asked, allowed, denied;
static unsigned differ;

static void
compare(const struct pair *x, const struct seccomp_data *d)
{
	uint32_t a = ours(x, d), b = theirs(x, d);

	asked++;
	allowed += a == SECCOMP_RET_ALLOW;
	denied += a == DENIED;
	if (a == b || ++differ > 10)
		return;
	diag("%s: arch %x nr %d args %llx %llx %llx %llx %llx: ours %x, "
	     "libseccomp's %x",
	    x->name, d->arch, d->nr, (unsigned long long)d->args[0],
	    (unsigned long long)d->args[1], (unsigned long long)d->args[2],
	    (unsigned long long)d->args[3], (unsigned long long)d->args[4], a,
	    b);
}

static const uint32_t arches[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
	AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, AUDIT_ARCH_ARMEB, AUDIT_ARCH_MIPS64,
	AUDIT_ARCH_PPC64LE, AUDIT_ARCH_S390X, AUDIT_ARCH_S390,
	AUDIT_ARCH_RISCV64, AUDIT_ARCH_SPARC64, AUDIT_ARCH_IA64, 0, 1,
	0xffffffff, 0x80000000, 0x40000000 };

static void
numbers(const struct pair *x)
{
	static const uint32_t edges[] = { 0x3fffffff, 0x7fffffff, 0x80000000,
		0x80000001, 0xbfffffff, 0xc0000000, 0xfffffffe, 0xffffffff,
		0x10000, 0xffff, 0x1000000 };

	for (size_t a = 0; a < sizeof(arches) / sizeof(arches[0]); a++) {
		struct seccomp_data d = { .arch = arches[a],
			.args = { 7, 7, 7, 7, 7, 7 } };

		for (int nr = 0; nr < 1024; nr++) {
			d.nr = nr;
			compare(x, &d);
			d.nr = nr | 0x40000000;
			compare(x, &d);
		}
		for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
			d.nr = (int)edges[i];
			compare(x, &d);
		}
	}
}

/* Every constant a call's rows hold one argument against, and its neighbours. */
#define VALUES 320
struct values {
	uint32_t at[VALUES];
	size_t n;
};

static void
value(struct values *v, uint32_t x)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->at[i] == x)
			return;
	if (v->n == VALUES)
		bail("a call has more constants than the test holds");
	v->at[v->n++] = x;
}

static void
values(const char *name, unsigned arg, struct values *v)
{
	v->n = 0;
	value(v, 0);
	for (const struct bnd_call *c = bnd_calls; c->name != NULL; c++)
		for (unsigned i = 0; i < BND_CALL_TESTS; i++) {
			const struct bnd_call_test *t = &c->test[i];

			if (strcmp(c->name, name) != 0 ||
			    t->kind == BND_CALL_ANY || t->arg != arg)
				continue;
			value(v, t->value);
			value(v, t->value + 1);
			value(v, t->value - 1);
			value(v, UINT32_MAX);
			if (t->mask == UINT32_MAX)
				continue;
			value(v, t->mask);
			value(v, ~t->mask | t->value);
			for (uint32_t b = 1; b != 0; b <<= 1)
				if ((t->mask & b) != 0)
					value(v, t->value ^ b);
		}
}

/* All arguments a call's rows look at, against each other, junk above them. */
static void
arguments(const struct pair *x, const char *name, int nr)
{
	static const uint64_t above[] = { 0, UINT64_C(1) << 32,
		UINT64_C(0xffffffff) << 32 };
	static struct values v[6];
	size_t at[6] = { 0 }, i;

	for (i = 0; i < 6; i++)
		values(name, (unsigned)i, &v[i]);
	do {
		for (size_t j = 0; j < sizeof(above) / sizeof(above[0]); j++) {
			struct seccomp_data d = { .arch = arches[0], .nr = nr };

			for (i = 0; i < 6; i++)
				d.args[i] = v[i].at[at[i]] | above[j];
			compare(x, &d);
		}
		for (i = 0; i < 6; i++) {
			if (++at[i] < v[i].n)
				break;
			at[i] = 0;
		}
	} while (i < 6);
}

static bool
is_first(const struct bnd_call *c)
{
	for (const struct bnd_call *b = bnd_calls; b < c; b++)
		if (!strcmp(b->name, c->name))
			return false;
	return true;
}

static void
same(struct pair *x)
{
	struct bnd_err err = { 0 };

	differ = 0;
	asked = allowed = denied = 0;
	if (!ok(bnd_filter_make(&x->p, &buf, &x->ours, &err) == 0,
		"%s: a program is made", x->name)) {
		diag("%s", err.text);
		return;
	}
	reference(x);
	numbers(x);
	for (const struct bnd_call *c = bnd_calls; c->name != NULL; c++) {
		int nr = seccomp_syscall_resolve_name(c->name);

		if (nr >= 0 && is_first(c) && c->groups != 0)
			arguments(x, c->name, nr);
	}
	ok(differ == 0 && allowed > 100 && denied > 100,
	    "%s: %u instructions decide as libseccomp's %zu, %lu times, "
	    "%lu allowed, %lu EPERM",
	    x->name, x->ours.len, x->ref_n, asked, allowed, denied);
	free(x->ref);
}

#define DEFAULT                                                                \
	(BND_CALLS_BASE | BND_CALLS_FILE | BND_CALLS_PROC | BND_CALLS_THREAD | \
	    BND_CALLS_TTY)
static void
all_same(void)
{
	static struct pair t[] = {
		{ .name = "default", .p.calls = DEFAULT },
		{ .name = "@base alone", .p.calls = BND_CALLS_BASE },
		{ .name = "@base @thread",
		    .p.calls = BND_CALLS_BASE | BND_CALLS_THREAD },
		{ .name = "@base @proc",
		    .p.calls = BND_CALLS_BASE | BND_CALLS_PROC },
		{ .name = "@base @net",
		    .p.calls = BND_CALLS_BASE | BND_CALLS_NET },
		{ .name = "@base @unix",
		    .p.calls = BND_CALLS_BASE | BND_CALLS_UNIX },
		{ .name = "@base @ipc",
		    .p.calls = BND_CALLS_BASE | BND_CALLS_IPC },
		{ .name = "all", .p.calls = BND_CALLS_ALL },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (unsigned wx = 0; wx < 2; wx++) {
			char name[64];
			struct pair x = t[i];

			snprintf(name, sizeof(name), "%s, wx %s", t[i].name,
			    wx == BND_WX_NONE ? "none" : "mem");
			x.name = name;
			x.p.num[BND_BOX_WX] = wx;
			x.p.num[BND_BOX_NET] = BND_NET_LOOP;
			same(&x);
		}
	{
		struct pair x = { .name = "all, net none, wx all, some denied",
			.p = { .calls = BND_CALLS_ALL,
			    .num[BND_BOX_WX] = BND_WX_ALL,
			    .deny = {
				4, { "flock", "ioctl", "mmap", "write" } } } };

		same(&x);
	}
}

/* The constants again, by hand: what the two above could agree on and be wrong. */
static void
by_hand(void)
{
	struct bnd_box_policy p = { .calls = DEFAULT };
	static const struct {
		const char *what;
		int nr;
		uint64_t a[6];
		uint32_t want;
	} t[] = {
		{ "read", SYS_read, { 0 }, SECCOMP_RET_ALLOW },
		{ "clone of a process", SYS_clone, { 17 }, SECCOMP_RET_ALLOW },
		{ "clone of a thread", SYS_clone, { 0x3d0f00 },
		    SECCOMP_RET_ALLOW },
		{ "CLONE_NEWUSER", SYS_clone, { 0x10000011 }, DENIED },
		{ "CLONE_NEWNS", SYS_clone, { 0x20011 }, DENIED },
		{ "CLONE_NEWNET with a thread", SYS_clone, { 0x403d0f00 },
		    DENIED },
		{ "clone3", SYS_clone3, { 0 }, ABSENT },
		{ "TIOCSTI", SYS_ioctl, { 0, 0x5412 }, DENIED },
		{ "TIOCSTI with a bit above", SYS_ioctl, { 0, 0x100005412 },
		    DENIED },
		{ "TIOCLINUX", SYS_ioctl, { 0, 0x541c }, DENIED },
		{ "TIOCSETD", SYS_ioctl, { 0, 0x5423 }, DENIED },
		{ "FIONREAD", SYS_ioctl, { 0, 0x541b }, SECCOMP_RET_ALLOW },
		{ "FIONREAD with a bit above", SYS_ioctl, { 0, 0x10000541b },
		    SECCOMP_RET_ALLOW },
		{ "chmod 04755", SYS_chmod, { 0, 04755 }, DENIED },
		{ "chmod 02755", SYS_chmod, { 0, 02755 }, DENIED },
		{ "chmod 01777", SYS_chmod, { 0, 01777 }, SECCOMP_RET_ALLOW },
		{ "openat that makes 04755", SYS_openat, { 0, 0, 0101, 04755 },
		    DENIED },
		{ "O_TMPFILE 04755", SYS_openat, { 0, 0, 020200002, 04755 },
		    DENIED },
		{ "openat that makes nothing, junk for a mode", SYS_openat,
		    { 0, 0, 0, 06000 }, SECCOMP_RET_ALLOW },
		{ "a directory opened, junk for a mode", SYS_openat,
		    { 0, 0, 0200000, 06000 }, SECCOMP_RET_ALLOW },
		{ "mknod of a device", SYS_mknod, { 0, 020666 }, DENIED },
		{ "mknod of a block device", SYS_mknod, { 0, 060666 }, DENIED },
		{ "mknod of a FIFO", SYS_mknod, { 0, 010644 },
		    SECCOMP_RET_ALLOW },
		{ "RENAME_WHITEOUT", SYS_renameat2, { 0, 0, 0, 0, 4 }, DENIED },
		{ "RENAME_EXCHANGE", SYS_renameat2, { 0, 0, 0, 0, 2 },
		    SECCOMP_RET_ALLOW },
		{ "write and execute", SYS_mmap, { 0, 1, 7, 0x22 }, DENIED },
		{ "write", SYS_mmap, { 0, 1, 3, 0x22 }, SECCOMP_RET_ALLOW },
		{ "huge pages", SYS_mmap, { 0, 1, 3, 0x40022 }, DENIED },
		{ "mprotect to execute", SYS_mprotect, { 0, 1, 5 }, DENIED },
		{ "mprotect to read", SYS_mprotect, { 0, 1, 1 },
		    SECCOMP_RET_ALLOW },
		{ "memfd_create", SYS_memfd_create, { 0 }, ABSENT },
		{ "RLIMIT_CORE set", SYS_prlimit64, { 0, 4, 1 }, DENIED },
		{ "RLIMIT_CORE set from far above", SYS_prlimit64,
		    { 0, 4, UINT64_C(1) << 32 }, DENIED },
		{ "RLIMIT_CORE read", SYS_prlimit64, { 0, 4, 0, 1 },
		    SECCOMP_RET_ALLOW },
		{ "RLIMIT_NOFILE set", SYS_prlimit64, { 0, 7, 1 },
		    SECCOMP_RET_ALLOW },
		{ "RLIMIT_CORE by the old call", SYS_setrlimit, { 4 }, DENIED },
		{ "READ_IMPLIES_EXEC", SYS_personality, { 0x400000 }, DENIED },
		{ "PR_SET_SECCOMP", SYS_prctl, { 22 }, DENIED },
		{ "PR_SET_NAME", SYS_prctl, { 15 }, SECCOMP_RET_ALLOW },
		{ "a stream pair", SYS_socketpair, { 1, 0x80001 },
		    SECCOMP_RET_ALLOW },
		{ "a datagram pair", SYS_socketpair, { 1, 0x80002 }, DENIED },
		{ "SO_RCVBUF", SYS_setsockopt, { 3, 1, 8 }, SECCOMP_RET_ALLOW },
		{ "SO_PASSCRED", SYS_setsockopt, { 3, 1, 16 },
		    SECCOMP_RET_ALLOW },
		{ "SO_BINDTODEVICE", SYS_setsockopt, { 3, 1, 25 }, DENIED },
		{ "SO_ATTACH_FILTER", SYS_setsockopt, { 3, 1, 26 }, DENIED },
		{ "SO_ATTACH_REUSEPORT_CBPF", SYS_setsockopt, { 3, 1, 51 },
		    DENIED },
		{ "a socket", SYS_socket, { 2, 1 }, ABSENT },
		{ "ptrace", SYS_ptrace, { 0 }, ABSENT },
		{ "nr 1000", 1000, { 0 }, ABSENT },
		{ "x32", 0x40000000, { 0 }, SECCOMP_RET_KILL_PROCESS },
	};
	struct bnd_box_filter f;
	struct bnd_err err = { 0 };

	if (!ok(bnd_filter_make(&p, &buf, &f, &err) == 0, "default, wx none"))
		return;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct seccomp_data d = { .arch = arches[0], .nr = t[i].nr };

		memcpy(d.args, t[i].a, sizeof(d.args));
		is_int(bpf_run(f.code, f.len, &d), t[i].want, "%s", t[i].what);
	}
}

static uint32_t seed = 1;

static uint32_t
pick(uint32_t n)
{
	seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
	return (seed >> 8) % n;
}

/* What q may, and less: fewer groups, more denied, a tighter wx or net. */
static struct bnd_box_policy
tighter(const struct bnd_box_policy *q)
{
	static const char *const names[] = { "ioctl", "clone", "open",
		"socket" };
	struct bnd_box_policy p = *q;

	p.calls &= pick(256) | BND_CALLS_BASE;
	if (p.num[BND_BOX_WX] > 0 && pick(2))
		p.num[BND_BOX_WX]--;
	if (pick(3) == 0)
		p.num[BND_BOX_NET] = BND_NET_NONE;
	if (pick(3) == 0)
		p.deny.at[p.deny.n++] = names[pick(4)];
	return p;
}

/* Arguments that a row allows, mostly. */
static void
fit(const struct bnd_call *c, struct seccomp_data *d)
{
	memset(d->args, 0, sizeof(d->args));
	for (unsigned i = 0; i < BND_CALL_TESTS; i++) {
		const struct bnd_call_test *t = &c->test[i];

		if (t->kind == BND_CALL_IS)
			d->args[t->arg] = t->value;
		if (t->kind == BND_CALL_IS_NOT)
			d->args[t->arg] = t->value ^ t->mask;
	}
	if (pick(3) == 0)
		d->args[pick(6)] ^= UINT64_C(1) << pick(33);
}

/* A stricter mode never grants what a laxer one does not. */
static void
monotone(void)
{
	static struct bnd_filter_buf tight, loose;
	unsigned wrong = 0, both = 0, less = 0;

	for (unsigned round = 0; round < 100; round++) {
		struct bnd_box_policy q = { .calls = pick(256) | BND_CALLS_BASE,
			.num[BND_BOX_WX] = pick(3),
			.num[BND_BOX_NET] = pick(2) };
		struct bnd_box_policy p = tighter(&q);
		struct bnd_box_filter f, g;
		struct bnd_err err = { 0 };

		if (bnd_filter_make(&p, &tight, &f, &err) < 0 ||
		    bnd_filter_make(&q, &loose, &g, &err) < 0)
			bail(err.text);
		for (size_t i = 0; i < bnd_call_nrs_n; i++) {
			struct seccomp_data d = { .arch = arches[0],
				.nr = bnd_call_nrs[i].nr };
			bool a, b;

			fit(&bnd_calls[bnd_call_nrs[i].row], &d);
			a = bpf_run(f.code, f.len, &d) == SECCOMP_RET_ALLOW;
			b = bpf_run(g.code, g.len, &d) == SECCOMP_RET_ALLOW;
			wrong += a && !b;
			both += a && b;
			less += b && !a;
		}
	}
	ok(wrong == 0 && both > 5000 && less > 1000,
	    "tighter policies grant less: %u times the same, %u less", both,
	    less);
}

static void
refused(void)
{
	struct bnd_box_filter f;
	struct bnd_err err = { 0 };
	struct bnd_box_policy p = { .calls = BND_CALLS_ALL };

	p.calls &= ~(uint32_t)BND_CALLS_BASE;
	is_int(bnd_filter_make(&p, &buf, &f, &err), -1,
	    "no @base: nothing can start");
	p.calls = BND_CALLS_ALL;
	p.deny = (struct bnd_box_names){ 1, { "execve" } };
	is_int(bnd_filter_make(&p, &buf, &f, &err), -1, "nor without execve");
	is_str(err.text, "syscalls: without read and execve nothing can start",
	    "and that is said");
	p.deny.at[0] = "read";
	is_int(bnd_filter_make(&p, &buf, &f, &err), -1, "nor without read");
	p.deny.at[0] = "ptrcae";
	is_int(
	    bnd_filter_make(&p, &buf, &f, &err), -1, "a name that is no call");
	is_int(err.kind, BND_E_INPUT, "is an error of the profile");
	is_str(
	    err.text, "deny: no system call is named ptrcae", "which is named");
	p.deny.at[0] = "ptrace";
	is_int(bnd_filter_make(&p, &buf, &f, &err), 0,
	    "one that is in no group is not");
}

/* Only these numbers, and only here: else death. */
static void
only(const char *what, const struct bnd_box_filter *f, const int *may, size_t n)
{
	unsigned good = 0, bad = 0;

	for (size_t a = 0; a < sizeof(arches) / sizeof(arches[0]); a++)
		for (int64_t nr = -1; nr < 0x40000400; nr++) {
			struct seccomp_data d = { .arch = arches[a] };
			bool in = false;
			uint32_t r;

			if (nr == 1024)
				nr = 0x40000000;
			for (size_t i = 0; i < n; i++)
				in = in || (a == 0 && nr == may[i]);
			d.nr = (int)nr;
			r = bpf_run(f->code, f->len, &d);
			if (r ==
			    (in ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS))
				good++;
			else
				bad++;
		}
	ok(bad == 0 && good > 1000, "%s: %zu calls, else death (%u asked)",
	    what, n, good);
}

static void
seal(void)
{
	static const int may[] = { SYS_ppoll, SYS_read, SYS_write, SYS_waitid,
		SYS_exit_group, SYS_rt_sigreturn };

	only("the seal", &bnd_filter_seal, may, sizeof(may) / sizeof(may[0]));
}

/* Streams of both families; the upper halves and the flags do not matter. */
static void
relay(void)
{
	static const int may[] = { SYS_ppoll, SYS_accept4, SYS_connect,
		SYS_getsockopt, SYS_read, SYS_write, SYS_sendto, SYS_shutdown,
		SYS_close, SYS_clock_gettime, SYS_exit_group,
		SYS_rt_sigreturn };
	unsigned wrong = 0;

	only("the relay", &bnd_filter_relay, may, sizeof(may) / sizeof(may[0]));
	for (uint64_t family = 0; family < 64; family++)
		for (uint64_t type = 0; type < 32; type++) {
			struct seccomp_data d = { .arch = arches[0],
				.nr = SYS_socket,
				.args = { family | UINT64_C(1) << 40,
				    type | SOCK_CLOEXEC | SOCK_NONBLOCK } };
			bool in = (family == AF_INET || family == AF_INET6) &&
			    (type & 15) == SOCK_STREAM;

			wrong += bpf_run(bnd_filter_relay.code,
				     bnd_filter_relay.len, &d) !=
			    (in ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
		}
	is_int(wrong, 0, "sockets are streams of IPv4 and IPv6");
}

int
main(void)
{
#ifndef __x86_64__
	skip_kernel_all("the numbers are x86-64's");
#endif
	all_same();
	by_hand();
	monotone();
	refused();
	seal();
	relay();
	return tap_done();
}
