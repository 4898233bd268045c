/* knob.c: host knobs set, read back and put back, on a copy of /proc/sys */
/* SPDX-License-Identifier: ISC */
#include "knob.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy.h"
#include "scratch.h"
#include "tap.h"

static struct scratch sc;

static void
put(const char *name, const char *value)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/sys/%s", sc.dir, name);
	f = fopen(path, "we");
	if (f == NULL || fputs(value, f) < 0 || fclose(f) != 0)
		bail(path);
}

static const char *
get(const char *name)
{
	static char value[32];
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/sys/%s", sc.dir, name);
	f = fopen(path, "re");
	if (f == NULL)
		return "absent";
	if (fgets(value, sizeof(value), f) == NULL)
		value[0] = '\0';
	fclose(f);
	value[strcspn(value, "\n")] = '\0';
	return value;
}

static void
fill(void)
{
	struct bnd_err err = { 0 };

	if (bnd_root_mkdir(&sc.root, "proc/sys/kernel/yama", 0755, &err) ||
	    bnd_root_mkdir(&sc.root, "proc/sys/fs", 0755, &err) ||
	    bnd_root_mkdir(&sc.root, "proc/sys/vm", 0755, &err) ||
	    bnd_root_mkdir(&sc.root, "run/bnd", 0755, &err))
		bail(err.text);
	for (size_t i = 0; bnd_knob_name(i) != NULL; i++)
		put(bnd_knob_name(i), "0\n");
	put("kernel/sysrq", "438\n");
	put("kernel/perf_event_paranoid", "-1\n");
	put("fs/protected_fifos", "2\n");
	put("vm/unprivileged_userfaultfd", "1\n");
	put("kernel/modules_disabled", "0\n");
}

static struct bnd_result res;
static struct bnd_err err;

static bool
apply(enum bnd_mode m, bool exact, const struct bnd_policy *policy)
{
	struct bnd_plan plan = { .mode = m, .exact = exact, .policy = policy };

	err = (struct bnd_err){ 0 };
	memset(&res, 0, sizeof(res));
	return bnd_knob_apply(&sc.root, &plan, &res, &err) == 0 && res.in_force;
}

static bool
check(enum bnd_mode m)
{
	struct bnd_plan plan = { .mode = m };

	memset(&res, 0, sizeof(res));
	return bnd_knob_check(&sc.root, &plan, &res, &err) == 0 && res.in_force;
}

static void
test_up_and_down(void)
{
	ok(check(BND_OPEN), "OPEN asks for nothing");
	ok(!check(BND_RESTRICTED), "RESTRICTED is not in force yet");
	ok(apply(BND_RESTRICTED, false, NULL), "RESTRICTED");
	is_str(get("kernel/kptr_restrict"), "2", "kptr_restrict");
	is_str(get("kernel/unprivileged_bpf_disabled"), "2", "bpf");
	is_str(get("kernel/perf_event_paranoid"), "2", "perf");
	is_str(get("fs/protected_fifos"), "2", "what was stricter is kept");
	is_str(get("kernel/sysrq"), "438", "sysrq is not RESTRICTED's");
	is_str(get("kernel/yama/ptrace_scope"), "1", "ptrace_scope 1");
	ok(apply(BND_LOCKDOWN, false, NULL), "LOCKDOWN");
	is_str(get("kernel/yama/ptrace_scope"), "2", "ptrace_scope 2");
	is_str(get("kernel/sysrq"), "0", "sysrq off");
	is_str(get("vm/unprivileged_userfaultfd"), "0", "userfaultfd off");
	ok(check(BND_LOCKDOWN) && check(BND_AIRGAP), "both read back");
	put("kernel/dmesg_restrict", "0\n");
	ok(!check(BND_LOCKDOWN), "somebody's change is seen");
	ok(strstr(res.why, "dmesg_restrict") != NULL, "and named");
	ok(apply(BND_RESTRICTED, true, NULL), "back to RESTRICTED");
	is_str(get("kernel/sysrq"), "438", "sysrq is what it was");
	is_str(get("kernel/yama/ptrace_scope"), "1", "ptrace_scope 1 again");
	ok(apply(BND_OPEN, true, NULL), "back to OPEN");
	is_str(get("kernel/kptr_restrict"), "0", "kptr_restrict as found");
	is_str(get("kernel/perf_event_paranoid"), "-1", "perf as found");
	is_str(get("fs/protected_fifos"), "2", "fifos as found");
	is_int(faccessat(sc.root.fd, BND_KNOB_FOUND, F_OK, 0), -1,
	    "nothing is remembered any more");
}

static void
test_one_way(void)
{
	struct bnd_policy p = { 0 };

	put("kernel/unprivileged_bpf_disabled", "1\n");
	ok(apply(BND_AIRGAP, false, &p), "AIRGAP");
	is_str(get("kernel/unprivileged_bpf_disabled"), "1",
	    "1 cannot be taken back, and is stricter than 2");
	is_str(get("kernel/modules_disabled"), "0", "nobody asked for it");
	p.one_way[BND_ONE_WAY_MODULES] = BND_COLDROOM;
	ok(apply(BND_AIRGAP, false, &p), "asked for from COLDROOM on");
	is_str(get("kernel/modules_disabled"), "0", "not in AIRGAP");
	ok(apply(BND_COLDROOM, false, &p), "COLDROOM");
	is_str(get("kernel/modules_disabled"), "1", "there it is");
	ok(apply(BND_OPEN, true, &p), "and OPEN does not touch it");
	is_str(get("kernel/modules_disabled"), "1", "as nobody could");
	put("kernel/unprivileged_bpf_disabled", "0\n");
	put("kernel/modules_disabled", "0\n");
}

static void
test_absent(void)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/proc/sys/kernel/sysrq", sc.dir);
	unlink(path);
	ok(apply(BND_AIRGAP, false, NULL), "a kernel without sysrq");
	ok(strstr(res.json, "\"absent\":\"sysrq\"") != NULL,
	    "reports it as absent, not as done");
	ok(apply(BND_OPEN, true, NULL), "OPEN");
	put("kernel/sysrq", "438\n");
}

static void
test_broken(void)
{
	char path[160];

	put("kernel/kptr_restrict", "many\n");
	ok(!check(BND_AIRGAP), "a value that is no number is none");
	ok(apply(BND_AIRGAP, false, NULL), "but can be overwritten");
	ok(res.finding, "which is told, as it cannot be put back");
	ok(apply(BND_OPEN, true, NULL), "OPEN");
	put("kernel/kptr_restrict", "0\n");
	ok(apply(BND_AIRGAP, false, NULL), "AIRGAP");
	snprintf(path, sizeof(path), "%s/" BND_KNOB_FOUND, sc.dir);
	chmod(path, 0666);
	ok(apply(BND_LOCKDOWN, false, NULL),
	    "old values nobody may believe do not stop a tightening");
	ok(res.finding, "but are told");
	ok(!apply(BND_OPEN, true, NULL), "and do stop a loosening");
	chmod(path, 0600);
	if (truncate(path, 20) != 0)
		bail("truncate");
	ok(!apply(BND_OPEN, true, NULL), "so do old values cut short");
	is_str(get("kernel/kptr_restrict"), "2", "nothing was loosened");
	unlink(path);
	ok(apply(BND_OPEN, true, NULL),
	    "with none at all the knobs stay as they are");
	is_str(get("kernel/kptr_restrict"), "2", "strict");
}

/* A stricter mode wants no less than a laxer one. */
static void
test_monotone(void)
{
	unsigned bad = 0;

	for (size_t i = 0; bnd_knob_name(i) != NULL; i++) {
		for (int m = BND_RESTRICTED; m < BND_MODE_LAST; m++) {
			int lax = bnd_knob_wants(i, (enum bnd_mode)m);
			int strict = bnd_knob_wants(i, (enum bnd_mode)(m + 1));

			bad += lax >= 0 && strict < lax;
		}
		bad += bnd_knob_wants(i, BND_OPEN) != -1;
	}
	is_int(bad, 0, "stricter modes want no less");
}

int
main(void)
{
	scratch_make(&sc);
	fill();
	test_up_and_down();
	test_one_way();
	test_absent();
	test_broken();
	test_monotone();
	scratch_remove(&sc);
	return tap_done();
}
