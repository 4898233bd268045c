/* filter-long.c: tables that no kernel has: far jumps, and too many of them */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "bpf.h"
#include "box-calls.h"
#include "filter.h"
#include "tap.h"

/*
 * They stand where bnd_calls and what the build makes of it stood, so neither
 * of those is linked; each test fills them.
 */
static char names[BND_CALL_NRS_MAX][16];
extern struct bnd_call rows[BND_CALL_NRS_MAX + 1] __asm__("bnd_calls");
extern struct bnd_call_nr nrs[BND_CALL_NRS_MAX] __asm__("bnd_call_nrs");
extern size_t nrs_n __asm__("bnd_call_nrs_n");
struct bnd_call rows[BND_CALL_NRS_MAX + 1];
struct bnd_call_nr nrs[BND_CALL_NRS_MAX];
size_t nrs_n;
bool
bnd_call_known(struct bnd_str name)
{
	return name.len > 0;
}

static struct bnd_filter_buf buf;
static uint32_t seed = 1;

static uint32_t
pick(uint32_t n)
{
	seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
	return (seed >> 8) % n;
}

static void
row(unsigned nr, uint32_t groups)
{
	snprintf(names[nrs_n], sizeof(names[0]), "c%u", nr);
	rows[nrs_n] =
	    (struct bnd_call){ .name = names[nrs_n], .groups = groups };
	nrs[nrs_n] = (struct bnd_call_nr){ (uint16_t)nr, (uint16_t)nrs_n };
	nrs_n++;
}

static void
fresh(void)
{
	memset(rows, 0, sizeof(rows));
	nrs_n = 0;
}

/* Values and masks small, so that an argument picked alike often fits. */
static void
random_tests(struct bnd_call *c)
{
	unsigned n = pick(BND_CALL_TESTS + 1);

	for (unsigned i = 0; i < n; i++) {
		static const enum bnd_call_kind kinds[] = { BND_CALL_IS,
			BND_CALL_IS, BND_CALL_IS_NOT, BND_CALL_NULL };
		uint32_t mask = pick(2) ? UINT32_MAX : pick(7) + 1;

		c->test[i] = (struct bnd_call_test){ kinds[pick(4)],
			(i + pick(2) * 3), mask, pick(8) & mask };
	}
}

static void
random_table(unsigned n)
{
	unsigned nr = 0;

	fresh();
	row(SYS_read, BND_CALLS_BASE);
	while (nrs_n < n) {
		nr += pick(3) ? 0 : 1 + pick(3);
		if (nr == SYS_read || nr == SYS_execve)
			nr++;
		if (nr > SYS_execve && nrs[nrs_n - 1].nr < SYS_execve)
			row(SYS_execve, BND_CALLS_BASE);
		row(nr, 1U << pick(3));
		random_tests(&rows[nrs_n - 1]);
	}
}

static bool
holds(const struct bnd_call_test *t, const struct seccomp_data *d)
{
	uint32_t low = (uint32_t)d->args[t->arg];

	switch (t->kind) {
	case BND_CALL_IS:
		return (low & t->mask) == t->value;
	case BND_CALL_IS_NOT:
		return (low & t->mask) != t->value;
	case BND_CALL_NULL:
		return d->args[t->arg] == 0;
	case BND_CALL_ANY:
	default:
		return true;
	}
}

/* What box-calls.h says, in so many words. */
static uint32_t
meant(const struct seccomp_data *d, uint32_t groups)
{
	uint32_t r = SECCOMP_RET_ERRNO | ENOSYS;

	if (d->nr >= 0x40000000)
		return SECCOMP_RET_KILL_PROCESS;
	for (size_t i = 0; i < nrs_n; i++) {
		const struct bnd_call *c = &rows[nrs[i].row];
		bool all = true;

		if (nrs[i].nr != d->nr || (c->groups & groups) == 0)
			continue;
		for (unsigned j = 0; j < BND_CALL_TESTS; j++)
			all = all && holds(&c->test[j], d);
		if (all)
			return SECCOMP_RET_ALLOW;
		r = SECCOMP_RET_ERRNO | EPERM;
	}
	return r;
}

static void
far(void)
{
	unsigned wrong = 0, longest = 0, asked = 0;

	for (unsigned round = 0; round < 60; round++) {
		struct bnd_box_policy p = { .calls = 1 + pick(7) };
		struct bnd_box_filter f;
		struct bnd_err err = { 0 };

		random_table(200 + pick(BND_CALL_NRS_MAX - 210));
		p.calls |= BND_CALLS_BASE;
		if (bnd_filter_make(&p, &buf, &f, &err) < 0) {
			diag("%s", err.text);
			wrong++;
			continue;
		}
		longest = f.len > longest ? f.len : longest;
		for (unsigned i = 0; i < 4000; i++) {
			struct seccomp_data d = { .arch = AUDIT_ARCH_X86_64,
				.nr = (int)pick(nrs[nrs_n - 1].nr + 10U) };

			for (unsigned j = 0; j < 6; j++)
				d.args[j] = (uint64_t)pick(8) |
				    (uint64_t)(pick(4) == 0) << 32;
			asked++;
			wrong +=
			    bpf_run(f.code, f.len, &d) != meant(&d, p.calls);
		}
	}
	ok(wrong == 0 && longest > 1000,
	    "random tables, up to %u instructions: %u answers as meant",
	    longest, asked);
}

static void
too_long(void)
{
	struct bnd_box_policy p = { .calls = BND_CALLS_BASE };
	struct bnd_box_filter f;
	struct bnd_err err = { 0 };

	fresh();
	row(SYS_read, BND_CALLS_BASE);
	row(SYS_execve, BND_CALLS_BASE);
	while (nrs_n < BND_CALL_NRS_MAX) {
		struct bnd_call *c = &rows[nrs_n];

		row(SYS_execve + (unsigned)nrs_n, BND_CALLS_BASE);
		for (unsigned i = 0; i < BND_CALL_TESTS; i++)
			c->test[i] =
			    (struct bnd_call_test){ BND_CALL_IS, i, 6, 2 };
	}
	is_int(bnd_filter_make(&p, &buf, &f, &err), -1,
	    "a program the kernel would refuse is none");
	is_int(err.kind, BND_E_INPUT, "it is the policy's fault");
	is_str(err.text, "syscalls: more than 4096 instructions",
	    "and that is said, nothing is cut");
}

int
main(void)
{
#ifndef __x86_64__
	skip_kernel_all("the numbers are x86-64's");
#endif
	far();
	too_long();
	return tap_done();
}
