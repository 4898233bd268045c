/* seal.c: what a seal costs, beside what it is measured by; in namespaces only */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "link.h"
#include "nft-compare.h"
#include "nft.h"
#include "root.h"
#include "sign.h"
#include "state.h"

#define ROUNDS 60

static struct bnd_nl nf = BND_NL_CLOSED, rt = BND_NL_CLOSED;
static struct bnd_links links;
static const struct bnd_netlist none;
static char dir[] = "/tmp/bnd-bench.XXXXXX";

static double
now_us(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *t)
{
	qsort(t, ROUNDS, sizeof(*t), by_value);
	return t[ROUNDS / 2];
}

static void
say(const char *what, const char *goal, double got, double base)
{
	printf("%-46s %6.2f  goal %-8s %.0f against %.0f us\n", what,
	    got / base, goal, got, base);
	fflush(stdout);
}

static void
need(int r, const char *what, const struct bnd_err *err)
{
	if (r != -1)
		return;
	printf("seal: %s: %s\n", what, err->text);
	exit(1);
}

/* Until the first byte of its output, or (exit) until it has ended. */
static double
run(const char *const *argv, bool to_end)
{
	posix_spawn_file_actions_t fa;
	double start, first = 0;
	int out[2], status;
	char buf[4096];
	pid_t pid;

	if (pipe(out) != 0)
		exit(1);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	posix_spawn_file_actions_addclose(&fa, out[0]);
	posix_spawn_file_actions_addclose(&fa, out[1]);
	posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	start = now_us();
	if (posix_spawn(&pid, argv[0], &fa, NULL,
		(char *const *)(uintptr_t)argv, environ) != 0)
		return 0;
	close(out[1]);
	while (read(out[0], buf, sizeof(buf)) > 0)
		if (first <= 0)
			first = now_us() - start;
	close(out[0]);
	waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&fa);
	if (status != 0) {
		printf("seal: %s %s failed: nothing is measured\n", argv[0],
		    argv[1]);
		exit(1);
	}
	return to_end ? now_us() - start : first;
}

static double
runs(const char *const *argv, bool to_end)
{
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		t[i] = run(argv, to_end);
	return median(t);
}

static struct bnd_rules_in
airgap(void)
{
	return (struct bnd_rules_in){ .mode = BND_AIRGAP,
		.list = &none,
		.link = links.id,
		.links = links.n };
}

static double
commit_us(void)
{
	struct bnd_rules_in in = airgap();
	struct bnd_nft_lacks lacks = { 0 };
	struct bnd_err err = { 0 };
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		t[i] = now_us();
		need(bnd_nft_commit(&nf, &in, NULL, &lacks, &err), "commit",
		    &err);
		t[i] = now_us() - t[i];
	}
	return median(t);
}

static double
prebuilt_us(void)
{
	struct bnd_rules_in in = airgap();
	struct bnd_nft_lacks lacks = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_nl_fault fault[4];
	struct bnd_err err = { 0 };
	size_t faults;
	double t[ROUNDS];

	need(bnd_nft_batch(&b, &in, NULL, &lacks, &err), "batch", &err);
	for (int i = 0; i < ROUNDS; i++) {
		t[i] = now_us();
		need(bnd_nl_batch(&nf, &b, fault, 4, &faults, &err), "send",
		    &err);
		t[i] = now_us() - t[i];
	}
	return median(t);
}

static double
compare_us(void)
{
	static struct bnd_notes notes;
	struct bnd_rules_in in = airgap();
	struct bnd_nft_lacks lacks = { 0 };
	bool differs[BND_FAMILIES];
	struct bnd_err err = { 0 };
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		notes = (struct bnd_notes){ 0 };
		t[i] = now_us();
		need(bnd_nft_compare(&nf, &in, &lacks, differs, &notes, &err),
		    "compare", &err);
		t[i] = now_us() - t[i];
	}
	if (differs[0])
		printf("seal: not in force\n");
	return median(t);
}

static void
make_links(unsigned pairs)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	struct bnd_err err = { 0 };

	for (unsigned i = 0; i < pairs; i++) {
		SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
		size_t nest;

		bnd_nl_msg(&b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi,
		    sizeof(ifi));
		nest = bnd_nl_nest(&b, IFLA_LINKINFO);
		bnd_nl_put_str(&b, IFLA_INFO_KIND, "veth");
		bnd_nl_nest_end(&b, nest);
		need(bnd_nl_talk(&rt, &b, &err), "link", &err);
	}
	need(bnd_links_read(&rt, &links, &err), "links", &err);
}

/* AIRGAP, published below a root of our own. */
static void
publish(void)
{
	struct bnd_state s = { .gen = 1,
		.mode = BND_AIRGAP,
		.effective = BND_AIRGAP,
		.phase = BND_STABLE };
	struct bnd_root root = { .fd = -1 };
	struct bnd_err err = { 0 };
	struct bnd_now now;

	if (mkdtemp(dir) == NULL)
		exit(1);
	need(bnd_sign_init(&err), "sign", &err);
	need(bnd_root_open(&root, dir, &err), "root", &err);
	need(bnd_root_mkdir(&root, "run/bnd", 0755, &err), "dir", &err);
	need(bnd_clock_now(&now, &err), "clock", &err);
	memcpy(s.boot, now.boot, sizeof(s.boot));
	s.at_us = now.boot_us;
	s.offset_us = now.real_us - (int64_t)now.boot_us;
	s.log.spooled = true;
	need(bnd_state_store(&root, &s, &err), "state", &err);
	bnd_root_close(&root);
}

static bool
is_there(const char *path)
{
	return access(path, X_OK) == 0;
}

static const char seal_txt[] =
    "*raw\n:bnd-in - [0:0]\n:bnd-out - [0:0]\n"
    "-A PREROUTING -j bnd-in\n-A OUTPUT -j bnd-out\n"
    "-A bnd-in -i lo -j RETURN\n-A bnd-in -j DROP\n"
    "-A bnd-out -o lo -j RETURN\n-A bnd-out -j DROP\n"
    "COMMIT\n";

static char seal[512];
static const char *const apply[] = { seal, "apply", "AIRGAP", "--txn", "x",
	"--json", "-R", dir, NULL };

static void
programs(void)
{
	char file[512], rules[512];
	const char *check[] = { seal, "check", "--json", "-R", dir, NULL };
	const char *version[] = { seal, "--version", NULL };
	const char *preview[] = { "/bin/sh", "-c", NULL, NULL };
	const char *nft[] = { "/usr/sbin/nft", "-f", rules, NULL };
	const char *pair[] = { "/bin/sh", "-c", NULL, NULL };
	char text[2048];
	double to_ack, to_end;
	FILE *f;

	(void)snprintf(rules, sizeof(rules), "%s/rules.nft", dir);
	(void)snprintf(file, sizeof(file), "%s/rules.txt", dir);
	f = fopen(file, "w");
	if (f == NULL || fputs(seal_txt, f) == EOF || fclose(f) != 0)
		exit(1);
	(void)snprintf(text, sizeof(text), "%s apply -n AIRGAP -R %s >%s", seal,
	    dir, rules);
	preview[2] = text;
	(void)run(preview, true);
	to_ack = runs(apply, false);
	to_end = runs(apply, true);
	say("check, exec to exit / --version of it", "<= 2", runs(check, true),
	    runs(version, true));
	if (is_there(nft[0]))
		say("apply AIRGAP, exec to exit / nft -f", "<= 1.5", to_end,
		    runs(nft, true));
	for (int legacy = 0; legacy < 2; legacy++) {
		const char *back = legacy ? "legacy" : "nft";
		char tool[64];

		(void)snprintf(
		    tool, sizeof(tool), "/usr/sbin/iptables-%s-restore", back);
		if (!is_there(tool))
			continue;
		(void)snprintf(text, sizeof(text),
		    "/usr/sbin/iptables-%s-restore <%s; exec /usr/sbin/ip6tables-%s-restore <%s",
		    back, file, back, file);
		pair[2] = text;
		if (legacy)
			say("apply AIRGAP, exec to answer / legacy-restore pair",
			    "<= 2", to_ack, runs(pair, true));
		else
			say("apply AIRGAP, exec to exit / nft-restore pair",
			    "<= 1", to_end, runs(pair, true));
	}
}

/* Somebody else's rules, in a table of theirs, as many at a time as a socket
 * of an ordinary user takes. */
static void
foreign(unsigned n)
{
	char path[512];
	const char *nft[] = { "/usr/sbin/nft", "-f", path, NULL };
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/foreign.nft", dir);
	for (unsigned at = 0; at < n; at += 500) {
		f = fopen(path, "w");
		if (f == NULL)
			exit(1);
		fprintf(f, "table inet foreign {\nchain c {\n");
		for (unsigned i = at; i < at + 500; i++)
			fprintf(f, "ip saddr 10.%u.%u.1 counter drop\n",
			    i / 250 % 250, i % 250);
		fprintf(f, "}\n}\n");
		(void)fclose(f);
		(void)run(nft, true);
	}
}

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		printf("seal: cannot write %s\n", path);
	if (fd != -1)
		close(fd);
}

/* Root of a user namespace, so that what is run keeps its capabilities. */
static bool
enter(void)
{
	char uid[64], gid[64];

	(void)snprintf(uid, sizeof(uid), "0 %u 1", geteuid());
	(void)snprintf(gid, sizeof(gid), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return false;
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid);
	put("/proc/self/gid_map", gid);
	return true;
}

int
main(void)
{
	const char *build = getenv("BND_BUILD");
	double commit, compare, few;
	struct bnd_err err = { 0 };

	if (!enter()) {
		printf("seal: no namespaces of our own here\n");
		return 0;
	}
	need(bnd_nl_open(&nf, NETLINK_NETFILTER, &err), "netlink", &err);
	need(bnd_nl_open(&rt, NETLINK_ROUTE, &err), "netlink", &err);
	publish();
	make_links(1);
	commit = commit_us();
	compare = compare_us();
	say("batch, build to ack / same bytes pre-built", "<= 1.3", commit,
	    prebuilt_us());
	(void)snprintf(seal, sizeof(seal), "%s/net-seal",
	    build != NULL ? build : "build/release");
	programs();
	commit = commit_us();
	compare = compare_us();
	foreign(10000);
	say("10,000 foreign rules: commit / without", "<= 1.1", commit_us(),
	    commit);
	say("10,000 foreign rules: read-back / without", "<= 1.1", compare_us(),
	    compare);
	make_links(9);
	few = runs(apply, true);
	make_links(90);
	say("200 links / 20 links, apply exec to exit", "<= 5",
	    runs(apply, true), few);
	return 0;
}
