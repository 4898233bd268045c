/* box-proc.c: files of /proc/N: what is read, and every way to be refused */
/* SPDX-License-Identifier: ISC */
#include "box-proc.h"

#include "tap.h"

#define STATUS                                                     \
	"Name:\tsbx-run\nUmask:\t0022\nState:\tS (sleeping)\n"     \
	"TracerPid:\t0\nUid:\t1001\t1001\t1001\t1001\n"            \
	"Gid:\t1002\t1002\t1002\t1002\nFDSize:\t64\nGroups:\t \n"  \
	"Threads:\t1\nSigBlk:\t0000000000000000\n"                 \
	"SigIgn:\t0000000000001000\nSigCgt:\t0000000000010000\n"   \
	"CapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\n"   \
	"CapEff:\t0000000000000000\nCapBnd:\t0000000000000001\n"   \
	"CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n" \
	"Seccomp_filters:\t3\nSpeculation_Store_Bypass:\tvulnerable\n"

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

static void
status_is_read(void)
{
	struct bnd_proc_status s;
	struct bnd_err err = { 0 };

	is_int(bnd_proc_status(str(STATUS), &s, &err), 0, "a status");
	ok(s.uid[0] == 1001 && s.uid[3] == 1001 && s.gid[2] == 1002, "ids");
	is_int(s.groups, 0, "no groups");
	ok(s.caps[1] == UINT64_C(0x1ffffffffff) && s.caps[3] == 1, "sets");
	ok(s.ignored == 0x1000 && s.caught == 0x10000, "masks");
	ok(s.no_new_privs == 1 && s.seccomp == 2 && s.filters == 3, "seccomp");
	is_int(s.threads, 1, "threads");
}

/* from in STATUS becomes to; or what is said of it. */
static int
changed(const char *from, const char *to, struct bnd_proc_status *s)
{
	char text[2048];
	const char *at = strstr(STATUS, from);
	struct bnd_err err = { 0 };

	if (at == NULL)
		return 99;
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - STATUS), STATUS, to,
	    at + strlen(from));
	return bnd_proc_status(str(text), s, &err);
}

static void
status_is_strict(void)
{
	static const struct {
		const char *from, *to, *what;
	} row[] = {
		{ "Uid:\t1001\t", "Uid:\t", "three ids" },
		{ "Uid:\t1001", "Uid:\t1001\t5", "five ids" },
		{ "Uid:\t1001", "Uid:\t-1", "a sign" },
		{ "Uid:\t1001", "Uid:\t4294967296", "too large an id" },
		{ "Gid:\t", "Gip:\t", "a key that is missing" },
		{ "FDSize:\t64", "Seccomp:\t2", "a key twice" },
		{ "CapBnd:\t0", "CapBnd:\t", "fifteen digits" },
		{ "CapBnd:\t0", "CapBnd:\t00", "seventeen digits" },
		{ "CapPrm:\t000001ff", "CapPrm:\t000001FF", "capitals" },
		{ "CapPrm:\t0000", "CapPrm:\t0x00", "a prefix" },
		{ "NoNewPrivs:\t1", "NoNewPrivs:\t", "no value" },
		{ "NoNewPrivs:\t1", "NoNewPrivs:\t1 1", "two values" },
		{ "Groups:\t ", "Groups:\t27 x", "a group of no number" },
		{ "Seccomp_filters:\t3", "Seccomp_filterz:\t3",
		    "a kernel that does not count filters" },
		{ "vulnerable\n", "vulnerable", "a cut file" },
	};
	struct bnd_proc_status s;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is_int(changed(row[i].from, row[i].to, &s), -1, "status: %s",
		    row[i].what);
	is_int(changed("Groups:\t ", "Groups:\t4 27 ", &s), 0, "groups");
	is_int(s.groups, 2, "are counted");
	is_int(changed("Umask:", "Uid", &s), 0, "a key without its colon");
}

#define LIMITS                                                                 \
	"Limit                     Soft Limit           Hard Limit       \n"   \
	"Max processes             65                   66        processes\n" \
	"Max open files            unlimited            unlimited     files\n" \
	"Max nice priority         0                    0                  \n"

static void
limits(void)
{
	struct bnd_err err = { 0 };
	uint64_t soft = 0, hard = 0;

	is_int(bnd_proc_limit(str(LIMITS), "Max processes", &soft, &hard, &err),
	    0, "a limit");
	ok(soft == 65 && hard == 66, "soft and hard");
	is_int(
	    bnd_proc_limit(str(LIMITS), "Max open files", &soft, &hard, &err),
	    0, "none");
	ok(soft == UINT64_MAX && hard == UINT64_MAX, "is the largest");
	is_int(bnd_proc_limit(
		   str(LIMITS), "Max nice priority", &soft, &hard, &err),
	    0, "a row without a unit");
	is_int(bnd_proc_limit(str(LIMITS), "Max", &soft, &hard, &err), -1,
	    "half a name");
	is_int(bnd_proc_limit(str(LIMITS), "Max file size", &soft, &hard, &err),
	    -1, "a row that is not there");
	is_int(bnd_proc_limit(
		   str(LIMITS LIMITS), "Max processes", &soft, &hard, &err),
	    -1, "a row twice");
	is_int(bnd_proc_limit(str("Max processes  5\n"), "Max processes", &soft,
		   &hard, &err),
	    -1, "one column");
	is_int(bnd_proc_limit(str("Max processes  5 -1\n"), "Max processes",
		   &soft, &hard, &err),
	    -1, "a sign");
	is_int(bnd_proc_limit(str("Max processes  5 5"), "Max processes", &soft,
		   &hard, &err),
	    -1, "a cut file");
}

#define CGROUP "4:cpu,cpuacct:/a\n3:memory:/a:b/bnd-sbx-7\n0::/bnd-sbx/7\n"

static void
cgroup(void)
{
	struct bnd_err err = { 0 };
	struct bnd_str path = { 0 };

	is_int(bnd_proc_cgroup(str(CGROUP), "", &path, &err), 0, "v2");
	ok(bnd_str_is(path, "/bnd-sbx/7"), "its path");
	is_int(bnd_proc_cgroup(str(CGROUP), "memory", &path, &err), 0, "v1");
	ok(bnd_str_is(path, "/a:b/bnd-sbx-7"), "a colon is no end of it");
	is_int(bnd_proc_cgroup(str(CGROUP), "cpu,cpuacct", &path, &err), 0,
	    "two controllers");
	is_int(bnd_proc_cgroup(str(CGROUP), "cpu", &path, &err), -1,
	    "one of two is not the row");
	is_int(bnd_proc_cgroup(str(CGROUP), "pids", &path, &err), -1,
	    "a hierarchy that is not there");
	is_int(bnd_proc_cgroup(str("0:memory:/x\n"), "memory", &path, &err), -1,
	    "v2 has no controllers");
	is_int(bnd_proc_cgroup(str("5::/x\n"), "", &path, &err), -1,
	    "v1 has a name");
	is_int(bnd_proc_cgroup(str(CGROUP "0::/\n"), "", &path, &err), -1,
	    "a hierarchy twice");
	is_int(bnd_proc_cgroup(str("0:\n"), "", &path, &err), -1,
	    "a line without a path");
	is_int(
	    bnd_proc_cgroup(str("0::/x"), "", &path, &err), -1, "a cut file");
}

int
main(void)
{
	status_is_read();
	status_is_strict();
	limits();
	cgroup();
	return tap_done();
}
