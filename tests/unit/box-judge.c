/* box-judge.c: what each floor asks of each policy that may be running */
/* SPDX-License-Identifier: ISC */
#include "box-judge.h"

#include "box-floor.h"
#include "box-key.h"
#include "box-lattice.h"
#include "box-load.h"
#include "file.h"
#include "scratch.h"
#include "tap.h"

static struct scratch sc;
static struct bnd_box_pool pool;
static struct bnd_box_policy *floors[BND_MODE_LAST];

static void
read_floors(void)
{
	struct bnd_err err = { 0 };

	for (int m = BND_OPEN; m < BND_LOCKDOWN; m++) {
		floors[m] = bnd_box_pool_policy(&pool, &err);
		is_int(bnd_box_floor(
			   &sc.root, (enum bnd_mode)m, &pool, floors[m], &err),
		    0, "the floor of %s", bnd_mode_name((enum bnd_mode)m));
	}
}

/* The default profile with options, as it was started in OPEN. */
static struct bnd_box_policy *
running(const char *const *option)
{
	struct bnd_err err = { 0 };
	struct bnd_box_policy *p = bnd_box_pool_policy(&pool, &err);
	struct bnd_box_ask ask = { .option = option, .work_fd = -1 };
	bool narrowed[BND_BOX_KEYS];

	while (option[ask.options] != NULL)
		ask.options++;
	ok(bnd_box_profile_load(&sc.root, &ask, &pool, p, &err) == 0 &&
		bnd_box_meet(p, floors[BND_OPEN], narrowed, &err) == 0,
	    "a policy: %s", err.text);
	p->num[BND_BOX_LANDLOCK] = 7;
	p->said[BND_BOX_LANDLOCK] = true;
	return p;
}

/* By mode: K kept, L lowered, F frozen, X killed. */
static void
judged(const struct bnd_box_policy *p, const char *want, const char *what)
{
	static const char letter[] = { '-', 'K', 'L', 'F', 'T', 'X' };
	char got[BND_MODE_LAST] = "";

	for (int m = BND_OPEN; m < BND_LOCKDOWN; m++)
		got[m - BND_OPEN] = letter[bnd_box_judge(p, floors[m])];
	is_str(got, want, "%s", what);
}

static void
keys(void)
{
	static const char *const none[] = { NULL };
	static const char *const small[] = { "out=1M", "syscalls=@base @file",
		"wx=none", "pass-env=none", "mem=64M", "cpu=50%", "nofile=64",
		"tmp=1M 1K", "fsize=1M", NULL };
	struct bnd_box_policy *p = running(none);

	judged(p, "KKKLX", "default: cpu is lowered, and COLDROOM is too much");
	p->num[BND_BOX_MEM] = UINT64_C(20) << 30;
	judged(p, "KLLLX", "mem is lowered");
	p->num[BND_BOX_PIDS] = 5000;
	p->num[BND_BOX_CPU] = BND_BOX_TOP;
	p->num[BND_BOX_SWAP] = BND_BOX_TOP;
	judged(p, "KLLLX", "and so are pids, cpu, swap");
	p->num[BND_BOX_NOFILE] = 5000;
	judged(p, "KLXXX", "nofile is not: it is killed");
	p->num[BND_BOX_ON_TIGHTEN] = BND_ACT_FREEZE;
	judged(p, "KLFXX", "frozen where both say so");
	p = running(none);
	p->num[BND_BOX_ON_TIGHTEN] = BND_ACT_FREEZE;
	judged(p, "KKKLX", "to be frozen is no right");
	p = running(small);
	judged(p, "KKKKK", "what is small enough stays in COLDROOM");
	p->num[BND_BOX_NET] = BND_NET_ALLOW;
	judged(p, "KKKXX", "net allow ends with AIRGAP");
	p->num[BND_BOX_LANDLOCK] = 1;
	p->num[BND_BOX_NET] = BND_NET_NONE;
	judged(p, "KKKXX", "and so does Landlock's first ABI");
}

static void
binds(void)
{
	static const char *const none[] = { NULL };
	struct bnd_box_policy *p = running(none);

	p->protect.n = 0;
	judged(p, "KKKLX", "who writes nowhere need protect nothing");
	p->bind[p->binds++] = (struct bnd_box_bind){ "/srv", "/job",
		BND_BIND_R | BND_BIND_W, false };
	judged(p, "XXXXX", "who writes must");
	p->protect = floors[BND_TRUSTED]->protect;
	judged(p, "KKKLX", "as much as the mode says");
}

static void
unreadable(void)
{
	static const char *const none[] = { NULL };

	judged(NULL, "XXXXX", "a policy that cannot be read is too loose");
	is_int(bnd_box_judge(running(none), NULL), BND_DID_KILLED,
	    "so is any where the floor cannot be read");
}

static void
lowered(void)
{
	static const char *const none[] = { NULL };
	struct bnd_box_policy *p = running(none);

	p->num[BND_BOX_MEM] = UINT64_C(20) << 30;
	p->num[BND_BOX_PIDS] = 7;
	bnd_box_lowered(p, floors[BND_AIRGAP]);
	is_int(p->num[BND_BOX_MEM], INT64_C(4) << 30, "down to the floor");
	is_int(p->num[BND_BOX_PIDS], 7, "and what is below stays");
	judged(p, "KKKKX", "then it is within it");
}

/* What is just at a floor is within it, and one more is not. */
static void
edges(void)
{
	struct bnd_box_policy *p = running((const char *const[]){ NULL });
	unsigned bad = 0, edged = 0;

	for (int m = BND_OPEN; m < BND_LOCKDOWN; m++) {
		for (const struct bnd_box_keydef *k = bnd_box_keys;
		     k->key != BND_BOX_NONE; k++) {
			uint64_t n = floors[m]->num[k->key];
			bool least = k->lattice == BND_LATTICE_MAX;

			if (k->lattice != BND_LATTICE_MIN && !least)
				continue;
			*p = *floors[m];
			bad += bnd_box_judge(p, floors[m]) != BND_DID_KEPT;
			if (n == 0 || n == BND_BOX_TOP)
				continue;
			p->num[k->key] = least ? n + 1 : n - 1;
			bad += bnd_box_judge(p, floors[m]) != BND_DID_KEPT;
			p->num[k->key] = least ? n - 1 : n + 1;
			bad += bnd_box_judge(p, floors[m]) == BND_DID_KEPT;
			edged++;
		}
	}
	is_int(bad, 0, "at each edge of each floor (%u)", edged);
	ok(edged > 30, "of which there are many");
}

/* Whose file it is, and what it is called, says nothing of what it asks for. */
static void
labels(void)
{
	static const char *const name[] = { "a", "open", "lockdown", "default2",
		"root", "trusted", "judge" };
	static const char *const lines[] = { "pids 64", "nofile 5000", "mem 5G",
		"net loop", "syscalls @base @file @net",
		"on-tighten freeze\nnofile 5000" };
	struct bnd_err err = { 0 };
	unsigned bad = 0;
	char path[64], text[256];

	(void)(bnd_root_mkdir(&sc.root, "etc", 0755, &err) == 0 &&
	    bnd_root_mkdir(&sc.root, "etc/bnd", 0755, &err) == 0 &&
	    bnd_root_mkdir(&sc.root, BND_BOX_PROFILE_DIR, 0755, &err) == 0);
	for (size_t l = 0; l < sizeof(lines) / sizeof(lines[0]); l++) {
		enum bnd_box_did first[BND_MODE_LAST] = { BND_DID_NONE };

		for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
			struct bnd_box_policy *p =
			    bnd_box_pool_policy(&pool, &err);
			struct bnd_box_ask ask = { .profile = name[i],
				.work_fd = -1 };

			snprintf(path, sizeof(path), "%s/%s.sbx",
			    BND_BOX_PROFILE_DIR, name[i]);
			snprintf(text, sizeof(text),
			    "version 1\nbind rx /usr\n%s\n", lines[l]);
			if (bnd_file_replace(&sc.root, path, text, strlen(text),
				0644, &err) != 0 ||
			    bnd_box_profile_load(
				&sc.root, &ask, &pool, p, &err) != 0)
				bail(err.text);
			for (int m = BND_OPEN; m < BND_LOCKDOWN; m++) {
				enum bnd_box_did did =
				    bnd_box_judge(p, floors[m]);

				if (i == 0)
					first[m] = did;
				bad += did != first[m];
			}
		}
	}
	is_int(bad, 0, "by no name is more allowed than by another");
}

int
main(void)
{
	struct bnd_err err = { 0 };

	scratch_make(&sc);
	ok(bnd_box_pool_make(&pool, &err) == 0, "a pool");
	read_floors();
	keys();
	binds();
	unreadable();
	lowered();
	edges();
	labels();
	bnd_box_pool_free(&pool);
	scratch_remove(&sc);
	return tap_done();
}
