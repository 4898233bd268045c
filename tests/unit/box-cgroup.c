/* box-cgroup.c: each row of limits on v2 and v1, over directories of plain files */
/* SPDX-License-Identifier: ISC */
/*
 * The kernel's own answers are in root/sbx-cgroup.t and vm/sbx.t; here is what
 * is written to which file, and what is made of every answer.
 */
#include "box-cgroup.h"

#include <fcntl.h>
#include <unistd.h>

#include "box-cgcount.h"
#include "box-cgfile.h"
#include "box-cgkill.h"
#include "box-cglimit.h"
#include "scope.h"
#include "scratch.h"
#include "tap.h"

static struct bnd_box_policy p;
static struct bnd_err err;

static void
put(int dir, const char *name, const char *what)
{
	SCOPED_FD int fd =
	    openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, what, strlen(what)) != (ssize_t)strlen(what))
		printf("# cannot write %s\n", name);
}

static const char *
get(int dir, const char *name)
{
	static char buf[BND_CG_TEXT];

	return bnd_cg_file_read(dir, name, buf, &err) == 0 ? buf : NULL;
}

static int
make_dir(const struct scratch *s, const char *name)
{
	if (mkdirat(s->root.fd, name, 0755) != 0)
		printf("# cannot make %s\n", name);
	return openat(s->root.fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
all_max(void)
{
	memset(&p, 0, sizeof(p));
	for (int i = 0; i < BND_BOX_KEYS; i++)
		p.num[i] = BND_BOX_TOP;
}

static void
usual(void)
{
	all_max();
	p.num[BND_BOX_MEM] = 512 << 20;
	p.num[BND_BOX_SWAP] = 1 << 20;
	p.num[BND_BOX_PIDS] = 64;
	p.num[BND_BOX_CPU] = 150;
}

static struct bnd_cg
fake_v2(const struct scratch *s, const char *name)
{
	struct bnd_cg cg = { .leaf = make_dir(s, name), .v2_rows = ~1U };

	put(cg.leaf, "memory.max", "max\n");
	put(cg.leaf, "memory.swap.max", "max\n");
	put(cg.leaf, "memory.oom.group", "0\n");
	put(cg.leaf, "pids.max", "max\n");
	put(cg.leaf, "cpu.max", "max 100000\n");
	return cg;
}

static struct bnd_cg
fake_v1(const struct scratch *s, const char *name)
{
	struct bnd_cg cg = {
		.leaf = -1, .n = 1, .v2_rows = BND_CG_BIT(BND_CG_USAGE)
	};

	cg.v1[0].dir = make_dir(s, name);
	cg.v1[0].tasks = -1;
	cg.v1[0].rows = ~1U;
	put(cg.v1[0].dir, "memory.limit_in_bytes", "9223372036854771712\n");
	put(cg.v1[0].dir, "memory.memsw.limit_in_bytes",
	    "9223372036854771712\n");
	put(cg.v1[0].dir, "pids.max", "max\n");
	put(cg.v1[0].dir, "cpu.cfs_quota_us", "-1\n");
	put(cg.v1[0].dir, "cpu.cfs_period_us", "100000\n");
	return cg;
}

/* ---- limits ---- */

static void
test_v2(const struct scratch *s)
{
	struct bnd_cg cg = fake_v2(s, "limit2");

	usual();
	ok(bnd_cg_attest(&cg, &p, &err) == -1, "control: none is there yet");
	is_str(err.text,
	    "memory.max: wanted 536870912, seen 18446744073709551615",
	    "and it says which");
	ok(bnd_cg_limit(&cg, &p, &err) == 0, "v2: limits");
	is_str(get(cg.leaf, "memory.max"), "536870912", "memory");
	is_str(get(cg.leaf, "memory.swap.max"), "1048576", "swap by itself");
	is_str(get(cg.leaf, "memory.oom.group"), "1", "all die, not one");
	is_str(get(cg.leaf, "pids.max"), "65", "pids, and the init");
	is_str(get(cg.leaf, "cpu.max"), "150000 100000", "a CPU and a half");
	ok(bnd_cg_attest(&cg, &p, &err) == 0, "and are seen");

	/* Swap that a host has none of needs no file; this one is there. */
	ok(unlinkat(cg.leaf, "memory.swap.max", 0) == 0 &&
		symlinkat("pids.max", cg.leaf, "memory.swap.max") == 0 &&
		bnd_cg_attest(&cg, &p, &err) == -1,
	    "one that cannot be opened is not one that is missing");
	(void)unlinkat(cg.leaf, "memory.swap.max", 0);
	put(cg.leaf, "memory.swap.max", "1048576\n");

	put(cg.leaf, "memory.max", "536866816\n");
	ok(bnd_cg_attest(&cg, &p, &err) == -1, "a page less is not it");
	p.num[BND_BOX_MEM] = (512 << 20) - 1;
	ok(bnd_cg_attest(&cg, &p, &err) == 0, "but what is rounded is");
	put(cg.leaf, "memory.max", "536870912\n");
	ok(bnd_cg_attest(&cg, &p, &err) == -1, "a byte more is not");
	usual();
	put(cg.leaf, "memory.oom.group", "0\n");
	ok(bnd_cg_attest(&cg, &p, &err) == -1, "one that dies alone is not");
	put(cg.leaf, "memory.oom.group", "1\n");
	put(cg.leaf, "cpu.max", "150000 50000\n");
	ok(bnd_cg_attest(&cg, &p, &err) == -1, "nor another period");
	put(cg.leaf, "cpu.max", "junk\n");
	ok(bnd_cg_attest(&cg, &p, &err) == -1, "nor what is no number");
	put(cg.leaf, "cpu.max", "");
	ok(bnd_cg_attest(&cg, &p, &err) == -1, "nor nothing");
}

static void
test_v1(const struct scratch *s)
{
	struct bnd_cg cg = fake_v1(s, "limit1");
	int dir = cg.v1[0].dir;

	usual();
	ok(bnd_cg_limit(&cg, &p, &err) == 0, "v1: limits %s", err.text);
	is_str(get(dir, "memory.limit_in_bytes"), "536870912", "memory");
	is_str(get(dir, "memory.memsw.limit_in_bytes"), "537919488",
	    "memory and swap in one");
	is_str(get(dir, "pids.max"), "65", "pids, and the init");
	is_str(get(dir, "cpu.cfs_quota_us"), "150000", "a CPU and a half");
	ok(bnd_cg_attest(&cg, &p, &err) == 0, "and are seen");
	put(dir, "cpu.cfs_period_us", "200000\n");
	ok(bnd_cg_attest(&cg, &p, &err) == -1, "another period is not it");
}

/* A key at max needs no file; any other one is missed by name. */
static void
test_missing(const struct scratch *s)
{
	static const struct {
		enum bnd_box_key key;
		const char *name, *v2;
	} row[] = {
		{ BND_BOX_MEM, "memory", "memory.max" },
		{ BND_BOX_PIDS, "pids", "pids.max" },
		{ BND_BOX_CPU, "cpu", "cpu.max" },
	};
	struct bnd_cg none = { .leaf = make_dir(s, "none"), .v2_rows = ~1U };
	char want[128];

	all_max();
	ok(bnd_cg_limit(&none, &p, &err) == 0, "all max: no row is needed");
	for (size_t i = 0; i < 3; i++) {
		all_max();
		p.num[row[i].key] = 100;
		ok(bnd_cg_limit(&none, &p, &err) == -1, "no %s", row[i].v2);
		snprintf(want, sizeof(want), "no cgroup of this host limits %s",
		    row[i].name);
		ok(strstr(err.text, want) == err.text, "%s", err.text);
	}
	all_max();
	p.num[BND_BOX_SWAP] = 0;
	is_int(bnd_cg_limit(&none, &p, &err), bnd_cg_swaps() ? -1 : 0,
	    "swap is missed where there is some");
	none.v2_rows = 0;
	all_max();
	ok(bnd_cg_limit(&none, &p, &err) == -1, "usage is always needed");
}

/* Only what is above comes down, and what is below stays. */
static void
test_lower(const struct scratch *s)
{
	struct bnd_cg two = fake_v2(s, "lower2"), one = fake_v1(s, "lower1");
	int v1 = one.v1[0].dir;

	usual();
	ok(bnd_cg_limit(&two, &p, &err) == 0 &&
		bnd_cg_limit(&one, &p, &err) == 0,
	    "control: limited");
	all_max();
	p.num[BND_BOX_MEM] = 256 << 20;
	p.num[BND_BOX_PIDS] = 1000;
	ok(bnd_cg_lower(&two, &p, &err) == 0, "v2: lowered");
	is_str(get(two.leaf, "memory.max"), "268435456", "what was above");
	is_str(get(two.leaf, "pids.max"), "65", "not what was below");
	is_str(get(two.leaf, "cpu.max"), "150000 100000", "nor what is max");
	p.num[BND_BOX_SWAP] = 0;
	ok(bnd_cg_lower(&one, &p, &err) == 0, "v1: lowered %s", err.text);
	is_str(get(v1, "memory.limit_in_bytes"), "268435456", "memory");
	is_str(get(v1, "memory.memsw.limit_in_bytes"), "268435456",
	    "no swap is the same sum");
	ok(unlinkat(two.leaf, "pids.max", 0) == 0, "a file less");
	p.num[BND_BOX_PIDS] = 2;
	ok(bnd_cg_lower(&two, &p, &err) == -1, "is an error");
}

/* ---- counters ---- */

static void
test_counters(const struct scratch *s)
{
	struct bnd_cg two = fake_v2(s, "count2"), one = fake_v1(s, "count1");
	struct bnd_cg_used u;
	uint64_t us = 0;

	bnd_cg_used(&two, &u);
	ok(!u.has_mem && !u.has_pids && !u.has_cpu && !u.has_oom &&
		!u.has_pids_max,
	    "what the kernel does not count is not 0");
	ok(bnd_cg_cpu_us(&two, &us, &err) == -1, "nor is the CPU");
	put(two.leaf, "memory.peak", "4096\n");
	put(two.leaf, "memory.events",
	    "low 0\nmax 9\noom 2\noom_kill 3\noom_group_kill 1\n");
	put(two.leaf, "pids.peak", "7\n");
	put(two.leaf, "pids.events", "max 5\n");
	put(two.leaf, "cpu.stat", "usage_usec 1234\nuser_usec 1000\n");
	bnd_cg_used(&two, &u);
	ok(u.has_mem && u.mem_peak == 4096, "v2: memory");
	ok(u.has_oom && u.oom_kill == 3, "kills, not kinds of them");
	ok(u.has_pids && u.pids_peak == 7, "pids");
	ok(u.has_pids_max && u.pids_max == 5, "forks refused");
	ok(u.has_cpu && u.cpu_us == 1234, "CPU");

	put(one.v1[0].dir, "memory.max_usage_in_bytes", "8192\n");
	put(one.v1[0].dir, "memory.oom_control",
	    "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
	bnd_cg_used(&one, &u);
	ok(u.has_mem && u.mem_peak == 8192, "v1: memory");
	ok(u.has_oom && u.oom_kill == 1, "kills");
}

/* ---- kill, freeze, empty ---- */

static void
test_kill(const struct scratch *s)
{
	struct bnd_cg cg = fake_v2(s, "kill2");

	put(cg.leaf, "cgroup.kill", "");
	put(cg.leaf, "cgroup.events", "populated 1\nfrozen 0\n");
	ok(bnd_cg_kill(&cg, &err) == 0, "killed");
	is_str(get(cg.leaf, "cgroup.kill"), "1", "as the kernel is told");
	is_int(bnd_cg_populated(&cg, &err), 1, "somebody is in it");
	is_int(bnd_cg_frozen(&cg, &err), 0, "and not frozen");
	err = (struct bnd_err){ 0 };
	ok(bnd_cg_wait_empty(&cg, 0, &err) == -1, "that is waited for");
	is_int(err.kind, BND_E_BUSY, "but not for ever");
	put(cg.leaf, "cgroup.events", "populated 0\nfrozen 1\n");
	is_int(bnd_cg_frozen(&cg, &err), 1, "it is frozen");
	ok(bnd_cg_wait_empty(&cg, 0, &err) == 0, "it is empty");
	put(cg.leaf, "cgroup.events", "frozen 1\n");
	is_int(bnd_cg_populated(&cg, &err), -1, "no answer is no 0");
}

/* ---- v2 hands down ---- */

static void
test_hand_down(const struct scratch *s)
{
	int v2 = make_dir(s, "v2"), tree = -1, dir;
	unsigned has = 0;

	ok(bnd_cg_hand_down(v2, &tree, &has, &err) == -1,
	    "what is no cgroup is an error");
	put(v2, "cgroup.controllers", "cpuset cpu io memory pids\n");
	put(v2, "cgroup.subtree_control", "cpu memory pids\n");
	dir = openat(v2, "bnd-sbx", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok(dir >= 0, "bnd-sbx was made");
	put(dir, "cgroup.controllers", "cpu memory pids\n");
	put(dir, "cgroup.subtree_control", "cpu memory pids\n");
	put(dir, "cpu.stat", "usage_usec 0\n");
	ok(bnd_cg_hand_down(v2, &tree, &has, &err) == 0, "with all of v2");
	is_int(has, (1 << BND_CG_FACILITIES) - 2, "every row is v2's");

	put(v2, "cgroup.controllers", "memory\n");
	put(v2, "cgroup.subtree_control", "\n");
	put(dir, "cgroup.controllers", "memory\n");
	put(dir, "cgroup.subtree_control", "\n");
	ok(bnd_cg_hand_down(v2, &tree, &has, &err) == 0, "asked for");
	is_str(get(v2, "cgroup.subtree_control"), "+memory", "at the root");
	is_str(get(dir, "cgroup.subtree_control"), "+memory", "and below");
	is_int(has, BND_CG_BIT(BND_CG_USAGE), "and believed when seen");

	put(v2, "cgroup.controllers", "hugetlb\n");
	put(v2, "cgroup.subtree_control", "\n");
	put(dir, "cgroup.controllers", "\n");
	put(dir, "cgroup.subtree_control", "\n");
	ok(bnd_cg_hand_down(v2, &tree, &has, &err) == 0, "hybrid");
	is_str(get(v2, "cgroup.subtree_control"), "", "nothing is asked for");
}

/* ---- leaves ---- */

static void
test_plan(void)
{
	struct bnd_cg_host host = { .v2 = -1, .tree = -1, .n = 2 };
	char path[8][BND_BOX_PATH];
	size_t n;

	snprintf(host.v2_path, sizeof(host.v2_path), "/cg/unified");
	snprintf(host.v1[0].path, BND_BOX_PATH, "/cg/memory/own");
	host.v1[0].rows = BND_CG_BIT(BND_CG_MEMORY) | BND_CG_BIT(BND_CG_SWAP);
	snprintf(host.v1[1].path, BND_BOX_PATH, "/cg/cpu");
	host.v1[1].rows = BND_CG_BIT(BND_CG_CPU);
	usual();
	bnd_cg_plan(&host, 7, &p, path, &n);
	is_int(n, 3, "a leaf in each");
	is_str(path[0], "/cg/unified/bnd-sbx/7", "v2 below its root");
	is_str(path[1], "/cg/memory/own/bnd-sbx-7", "v1 below our own path");
	is_str(path[2], "/cg/cpu/bnd-sbx-7", "or the root, if that is it");
	p.num[BND_BOX_CPU] = BND_BOX_TOP;
	bnd_cg_plan(&host, 7, &p, path, &n);
	is_int(n, 2, "none where no limit is");
	host.has2 = ~1U;
	bnd_cg_plan(&host, 7, &p, path, &n);
	is_int(n, 1, "nor where v2 has them all");
}

/* A lease that was forged names nothing but its own leaves. */
static void
test_forged(const struct scratch *s)
{
	static const char *const forged[] = { "/sys/fs/cgroup/memory",
		"/sys/fs/cgroup/memory/bnd-sbx-70", "/cg/xbnd-sbx-7",
		"/cg/../bnd-sbx-7", "bnd-sbx-7" };
	struct bnd_cg_host host = { .v2 = -1, .tree = make_dir(s, "tree") };
	char path[8][BND_BOX_PATH] = { "" };
	struct bnd_cg cg;

	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		err = (struct bnd_err){ 0 };
		snprintf(path[1], BND_BOX_PATH, "%s", forged[i]);
		ok(bnd_cg_open(&host, 7, path, 2, &cg, &err) == -1, "%s",
		    forged[i]);
		is_int(err.kind, BND_E_CORRUPT, "is garbage");
	}
	snprintf(path[1], BND_BOX_PATH, "/nowhere/bnd-sbx-7");
	ok(bnd_cg_open(&host, 7, path, 2, &cg, &err) == 0 && cg.n == 0,
	    "control: one that has gone is passed over");
	snprintf(path[1], BND_BOX_PATH, "%s/bnd-sbx-7", s->dir);
	close(make_dir(s, "bnd-sbx-7"));
	ok(bnd_cg_open(&host, 7, path, 2, &cg, &err) == -1,
	    "a plain directory of that name is no cgroup");
	ok(bnd_cg_open_name(&host, "..", &cg, &err) == -1, "nor is one above");
}

int
main(void)
{
	struct scratch s;

	scratch_make_fast(&s);
	test_v2(&s);
	test_v1(&s);
	test_missing(&s);
	test_lower(&s);
	test_counters(&s);
	test_kill(&s);
	test_hand_down(&s);
	test_plan();
	test_forged(&s);
	scratch_remove(&s);
	return tap_done();
}
