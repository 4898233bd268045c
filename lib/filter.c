/* filter.c: a policy's system calls as a program for the kernel */
/* SPDX-License-Identifier: ISC */
/*
 * The program is written from its end to its beginning, so that the distance of
 * every jump is known when the jump is written.  A conditional jump reaches 255
 * instructions; one that must go further goes to a plain jump beside it.
 */
#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "box-calls.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
    "the low half of an argument comes first");

#if defined(__aarch64__)
#define ARCH	AUDIT_ARCH_AARCH64
#define FOREIGN 0U
#define READ	63
#else
#define ARCH	AUDIT_ARCH_X86_64
#define FOREIGN 0x40000000U /* x32: the same numbers with this bit */
#define READ	0
#endif
_Static_assert(SYS_read == READ, "the numbers are those of ARCH");

#define SOCK_TYPE_MASK 0xfU /* of the kernel: the rest of it are flags */

#define KILL	       SECCOMP_RET_KILL_PROCESS
#define ALLOW	       SECCOMP_RET_ALLOW
#define ABSENT	       (SECCOMP_RET_ERRNO | ENOSYS)
#define DENIED	       (SECCOMP_RET_ERRNO | EPERM)

#define LOW(a)	       (offsetof(struct seccomp_data, args) + sizeof(uint64_t) * (a))
#define HIGH(a)	       (LOW(a) + sizeof(uint32_t))

/* The ends of a program, shared as far as jumps reach. */
enum end { TO_ALLOW, TO_ABSENT, TO_DENIED, TO_KILL, ENDS };
static const uint32_t end_value[ENDS] = { ALLOW, ABSENT, DENIED, KILL };

/* Where an instruction is, counted from the program's end; 0: nowhere. */
typedef unsigned at;

struct program {
	struct sock_filter *code; /* BND_FILTER_MAX of them */
	unsigned n;
	bool full;
	at end[ENDS];
};

/* From a number on, until the next range's: an end, or the rows of one call. */
struct range {
	uint32_t from;
	enum end end;
	uint16_t first, rows; /* of bnd_call_nrs; rows 0: an end */
};
/* Each number and the gap after it; before, x32, and -1. */
#define RANGES (2 * BND_CALL_NRS_MAX + 4)

/* What of the table counts for one policy. */
struct choice {
	uint32_t groups, wx;
	const struct bnd_box_names *deny;
	size_t n;
	struct range range[RANGES];
};

static at
put(struct program *g, uint16_t op, uint32_t k, unsigned jt, unsigned jf)
{
	if (g->n == BND_FILTER_MAX) {
		g->full = true;
		return g->n;
	}
	g->n++;
	g->code[BND_FILTER_MAX - g->n] = (struct sock_filter){
		.code = op, .jt = (uint8_t)jt, .jf = (uint8_t)jf, .k = k
	};
	return g->n;
}

/* Near enough for two instructions more to come between. */
static bool
is_near(const struct program *g, at there)
{
	return g->n - there < 250;
}

static at
end_of(struct program *g, enum end e)
{
	if (g->end[e] == 0 || !is_near(g, g->end[e]))
		g->end[e] = put(g, BPF_RET | BPF_K, end_value[e], 0, 0);
	return g->end[e];
}

static at
hop(struct program *g, at there)
{
	return is_near(g, there) ? there
				 : put(g, BPF_JMP | BPF_JA, g->n - there, 0, 0);
}

static at
branch(struct program *g, uint16_t op, uint32_t k, at yes, at no)
{
	yes = hop(g, yes);
	no = hop(g, no);
	return put(g, BPF_JMP | BPF_K | op, k, g->n - yes, g->n - no);
}

static at
load(struct program *g, size_t where)
{
	return put(g, BPF_LD | BPF_W | BPF_ABS, (uint32_t)where, 0, 0);
}

/* Whether a test needs the argument cut by its mask, not as it came. */
static bool
is_cut(const struct bnd_call_test *t)
{
	return t->mask != UINT32_MAX && t->value != 0;
}

/* Whether b finds in the accumulator what a left there. */
static bool
is_loaded(const struct bnd_call_test *a, const struct bnd_call_test *b)
{
	return a->kind != BND_CALL_NULL && b->kind != BND_CALL_NULL &&
	    a->arg == b->arg && is_cut(a) == is_cut(b) &&
	    (!is_cut(a) || a->mask == b->mask);
}

static at
null_test(struct program *g, const struct bnd_call_test *t, at yes, at no)
{
	at low;

	branch(g, BPF_JEQ, 0, yes, no);
	low = load(g, LOW(t->arg));
	branch(g, BPF_JEQ, 0, low, no);
	return load(g, HIGH(t->arg));
}

static at
test(struct program *g, const struct bnd_call_test *t, bool loaded, at yes,
    at no)
{
	bool not = t->kind == BND_CALL_IS_NOT;
	at here;

	if (t->kind == BND_CALL_NULL)
		return null_test(g, t, yes, no);
	if (t->mask != UINT32_MAX && t->value == 0)
		here = branch(
		    g, BPF_JSET, t->mask, not ? yes : no, not ? no : yes);
	else
		here = branch(
		    g, BPF_JEQ, t->value, not ? no : yes, not ? yes : no);
	if (loaded)
		return here;
	if (is_cut(t))
		here = put(g, BPF_ALU | BPF_AND | BPF_K, t->mask, 0, 0);
	return load(g, LOW(t->arg));
}

static unsigned
tests_of(const struct bnd_call *c)
{
	unsigned n = 0;

	while (n < BND_CALL_TESTS && c->test[n].kind != BND_CALL_ANY)
		n++;
	return n;
}

static bool
is_granted(const struct choice *ch, const struct bnd_call *c)
{
	return (c->groups & ch->groups) != 0 &&
	    (c->wx == 0 || (c->wx & ch->wx) != 0);
}

/* The rows of one call, the last first: each says yes, or asks the next. */
static at
call(struct program *g, const struct choice *ch, const struct range *r)
{
	at next = end_of(g, TO_DENIED);

	for (unsigned i = r->rows; i-- > 0;) {
		const struct bnd_call *c =
		    &bnd_calls[bnd_call_nrs[r->first + i].row];
		const struct bnd_call *before = NULL;
		unsigned n = tests_of(c);
		at yes = end_of(g, TO_ALLOW);

		if (!is_granted(ch, c))
			continue;
		for (unsigned j = i; j-- > 0 && before == NULL;) {
			before = &bnd_calls[bnd_call_nrs[r->first + j].row];
			if (!is_granted(ch, before))
				before = NULL;
		}
		for (unsigned j = n; j-- > 0;)
			yes = test(g, &c->test[j],
			    j == 0 && before != NULL && tests_of(before) == 1 &&
				is_loaded(&before->test[0], &c->test[0]),
			    yes, next);
		next = yes;
	}
	return next;
}

/* A search tree over ranges lo to hi - 1. */
static at
tree(struct program *g, const struct choice *ch, size_t lo, size_t hi)
{
	const struct range *r = &ch->range[lo];
	size_t mid = lo + (hi - lo) / 2;
	at left, right;

	if (hi - lo == 1)
		return r->rows > 0 ? call(g, ch, r) : end_of(g, r->end);
	right = tree(g, ch, mid, hi);
	left = tree(g, ch, lo, mid);
	return branch(g, BPF_JGE, ch->range[mid].from, right, left);
}

static void
whole(struct program *g, const struct choice *ch)
{
	at entry = tree(g, ch, 0, ch->n);
	at kill;

	if (entry != g->n)
		entry = put(g, BPF_JMP | BPF_JA, g->n - entry, 0, 0);
	entry = load(g, offsetof(struct seccomp_data, nr));
	kill = put(g, BPF_RET | BPF_K, KILL, 0, 0);
	branch(g, BPF_JEQ, ARCH, entry, kill);
	load(g, offsetof(struct seccomp_data, arch));
}

/* What a range of numbers comes to; equal neighbours are one. */
static void
range(struct choice *ch, struct range r)
{
	struct range *last = ch->n > 0 ? &ch->range[ch->n - 1] : NULL;

	if (last != NULL && last->from == r.from)
		ch->n--;
	last = ch->n > 0 ? &ch->range[ch->n - 1] : NULL;
	if (last != NULL && last->rows == 0 && r.rows == 0 &&
	    last->end == r.end)
		return;
	ch->range[ch->n++] = r;
}

static bool
is_denied(const struct choice *ch, const char *name)
{
	for (size_t i = 0; i < ch->deny->n; i++)
		if (!strcmp(ch->deny->at[i], name))
			return true;
	return false;
}

/* Rows first to first + n - 1 are one call's. */
static enum end
judge(const struct choice *ch, size_t first, size_t n, bool *asks)
{
	enum end end = TO_ABSENT;

	*asks = false;
	if (is_denied(ch, bnd_calls[bnd_call_nrs[first].row].name))
		return TO_ABSENT;
	for (size_t i = first; i < first + n; i++) {
		const struct bnd_call *c = &bnd_calls[bnd_call_nrs[i].row];

		if (!is_granted(ch, c))
			continue;
		if (tests_of(c) == 0)
			end = TO_ALLOW;
		*asks = true;
	}
	*asks = *asks && end != TO_ALLOW;
	return end;
}

static void
choose(struct choice *ch)
{
	size_t n;

	range(ch, (struct range){ .from = 0, .end = TO_ABSENT });
	for (size_t i = 0; i < bnd_call_nrs_n; i += n) {
		uint32_t nr = bnd_call_nrs[i].nr;
		struct range r = { .from = nr, .first = (uint16_t)i };
		bool asks;

		for (n = 1;
		     i + n < bnd_call_nrs_n && bnd_call_nrs[i + n].nr == nr;)
			n++;
		r.end = judge(ch, i, n, &asks);
		r.rows = asks ? (uint16_t)n : 0;
		range(ch, r);
		range(ch, (struct range){ .from = nr + 1, .end = TO_ABSENT });
	}
	if (FOREIGN != 0) {
		range(ch, (struct range){ .from = FOREIGN, .end = TO_KILL });
		/* What a tracer writes to skip a call; there is no such one. */
		range(
		    ch, (struct range){ .from = UINT32_MAX, .end = TO_ABSENT });
	}
}

/* Whether a call is granted whatever its arguments. */
static bool
is_free(const struct choice *ch, uint32_t nr)
{
	size_t i = ch->n;

	while (i > 0 && ch->range[i - 1].from > nr)
		i--;
	return i > 0 && ch->range[i - 1].rows == 0 &&
	    ch->range[i - 1].end == TO_ALLOW;
}

static int
check_deny(const struct bnd_box_names *deny, struct bnd_err *err)
{
	for (size_t i = 0; i < deny->n; i++) {
		struct bnd_str name = { deny->at[i], strlen(deny->at[i]) };

		if (!bnd_call_known(name))
			return bnd_fail(err, BND_E_INPUT,
			    "deny: no system call is named %s", deny->at[i]);
	}
	return 0;
}

/* Without @net where there is no network. */
static uint32_t
groups(const struct bnd_box_policy *p)
{
	return p->num[BND_BOX_NET] == BND_NET_NONE
	    ? p->calls & ~(uint32_t)BND_CALLS_NET
	    : p->calls;
}

int
bnd_filter_make(const struct bnd_box_policy *p, struct bnd_filter_buf *buf,
    struct bnd_box_filter *f, struct bnd_err *err)
{
	struct choice ch = { .groups = groups(p),
		.wx = UINT32_C(1) << p->num[BND_BOX_WX],
		.deny = &p->deny };
	struct program g = { .code = buf->code };

	if (check_deny(&p->deny, err) < 0)
		return -1;
	choose(&ch);
	if (!is_free(&ch, SYS_read) || !is_free(&ch, SYS_execve))
		return bnd_fail(err, BND_E_INPUT,
		    "syscalls: without read and execve nothing can start");
	whole(&g, &ch);
	if (g.full)
		return bnd_fail(err, BND_E_INPUT,
		    "syscalls: more than %d instructions", BND_FILTER_MAX);
	f->code = &buf->code[BND_FILTER_MAX - g.n];
	f->len = (unsigned short)g.n;
	return 0;
}

#define SEAL_CALLS     6
#define SEAL(nr, left) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), (left) + 1, 0)
static const struct sock_filter seal[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, SEAL_CALLS + 1),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	SEAL(SYS_ppoll, 5),
	SEAL(SYS_read, 4),
	SEAL(SYS_write, 3),
	SEAL(SYS_waitid, 2),
	SEAL(SYS_exit_group, 1),
	SEAL(SYS_rt_sigreturn, 0),
	BPF_STMT(BPF_RET | BPF_K, KILL),
	BPF_STMT(BPF_RET | BPF_K, ALLOW),
};
const struct bnd_box_filter bnd_filter_seal = { seal,
	sizeof(seal) / sizeof(seal[0]) };

/* Stream sockets of both families and what they need; clock without vDSO. */
#define RELAY_CALLS 12
static const struct sock_filter relay[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, RELAY_CALLS + 8),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 6),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW(1)),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SOCK_TYPE_MASK),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 0, RELAY_CALLS + 3),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW(0)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, RELAY_CALLS + 2, 0),
	BPF_JUMP(
	    BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, RELAY_CALLS + 1, RELAY_CALLS),
	SEAL(SYS_ppoll, 11),
	SEAL(SYS_accept4, 10),
	SEAL(SYS_connect, 9),
	SEAL(SYS_getsockopt, 8),
	SEAL(SYS_read, 7),
	SEAL(SYS_write, 6),
	SEAL(SYS_sendto, 5),
	SEAL(SYS_shutdown, 4),
	SEAL(SYS_close, 3),
	SEAL(SYS_clock_gettime, 2),
	SEAL(SYS_exit_group, 1),
	SEAL(SYS_rt_sigreturn, 0),
	BPF_STMT(BPF_RET | BPF_K, KILL),
	BPF_STMT(BPF_RET | BPF_K, ALLOW),
};
const struct bnd_box_filter bnd_filter_relay = { relay,
	sizeof(relay) / sizeof(relay[0]) };
