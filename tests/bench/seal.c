/* seal.c: what a seal costs, beside what it is measured by */
/* SPDX-License-Identifier: ISC */
/*
 * Each figure is the ratio of two things done in turn, so that what else the
 * machine does falls on both, in a network namespace of its own.
 */
#include "sealbench.h"

#define ROUNDS 60

static const struct bnd_netlist none;

/* One of the two: a program to its end or first answer, or a function. */
struct side {
	const char *const *argv;
	bool to_answer;
	double (*call)(void);
};

static double
once(const struct side *s)
{
	return s->argv != NULL ? run(s->argv, !s->to_answer) : s->call();
}

static void
say(const char *what, double goal, double got, double base)
{
	printf("%-52s %5.2f  goal %4.2f %-6s  %5.0f against %5.0f us\n", what,
	    got / base, goal, got / base <= goal ? "met" : "MISSED", got, base);
	fflush(stdout);
}

static void
ratio(const char *what, double goal, struct side a, struct side b)
{
	double ta[ROUNDS], tb[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		ta[i] = once(&a);
		tb[i] = once(&b);
	}
	say(what, goal, quartile(ta, ROUNDS), quartile(tb, ROUNDS));
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
commit(void)
{
	struct bnd_rules_in in = airgap();

	return commit_us(&in);
}

static double
compare(void)
{
	struct bnd_rules_in in = airgap();

	return compare_us(&in);
}

static double
prebuilt(void)
{
	static struct bnd_nlbuf b;
	struct bnd_rules_in in = airgap();
	struct bnd_nft_lacks lacks = { 0 };
	struct bnd_nl_fault fault[4];
	struct bnd_err err = { 0 };
	size_t faults;
	double t;

	if (b.len == 0)
		need(bnd_nft_batch(&b, &in, NULL, &lacks, &err), "batch", &err);
	t = now_us();
	need(bnd_nl_batch(&nf, &b, fault, 4, &faults, &err), "send", &err);
	return now_us() - t;
}

/* ---- programs ---- */

static const char seal_txt[] =
    "*raw\n:bnd-in - [0:0]\n:bnd-out - [0:0]\n"
    "-A PREROUTING -j bnd-in\n-A OUTPUT -j bnd-out\n"
    "-A bnd-in -i lo -j RETURN\n-A bnd-in -j DROP\n"
    "-A bnd-out -o lo -j RETURN\n-A bnd-out -j DROP\n"
    "COMMIT\n";

static const char *const apply[] = { seal, "apply", "AIRGAP", "--txn", "x",
	"--json", "-R", scratch.dir, NULL };

static char pair_txt[2][2048];
static const char *pair[2][4] = {
	{ "/bin/sh", "-c", pair_txt[0], NULL },
	{ "/bin/sh", "-c", pair_txt[1], NULL },
};

/* The files that the others load, and their command lines. */
static void
prepare(const char *rules)
{
	static const char *const back[] = { "nft", "legacy" };
	const char *preview[] = { "/bin/sh", "-c", pair_txt[0], NULL };
	char file[512];
	FILE *f;

	(void)snprintf(pair_txt[0], sizeof(pair_txt[0]),
	    "%s apply -n AIRGAP -R %s >%s", seal, scratch.dir, rules);
	(void)run(preview, true);
	/* nft knows nothing of the older engine's part of that listing. */
	(void)snprintf(pair_txt[0], sizeof(pair_txt[0]),
	    "sed -i '/^# *ip6\\?tables/,$d; /^\\*/,/^COMMIT/d' %s", rules);
	(void)run(preview, true);
	(void)snprintf(file, sizeof(file), "%s/rules.txt", scratch.dir);
	f = fopen(file, "w");
	if (f == NULL || fputs(seal_txt, f) == EOF || fclose(f) != 0)
		exit(1);
	for (int i = 0; i < 2; i++)
		(void)snprintf(pair_txt[i], sizeof(pair_txt[i]),
		    "/usr/sbin/iptables-%s-restore <%s &&"
		    " exec /usr/sbin/ip6tables-%s-restore <%s",
		    back[i], file, back[i], file);
}

static void
programs(void)
{
	char rules[512], bare[640];
	const char *check[] = { seal, "check", "--json", "-R", scratch.dir,
		NULL };
	const char *nothing[] = { bare, NULL };
	const char *nft[] = { "/usr/sbin/nft", "-f", rules, NULL };

	(void)snprintf(rules, sizeof(rules), "%s/rules.nft", scratch.dir);
	(void)snprintf(bare, sizeof(bare), "%.*stests/helper/bare",
	    (int)(strlen(seal) - strlen("net-seal")), seal);
	prepare(rules);
	(void)run(apply, true);
	ratio("check, exec to exit / spawning a bare program", 2,
	    (struct side){ .argv = check }, (struct side){ .argv = nothing });
	if (access(nft[0], X_OK) != 0)
		return;
	ratio("apply AIRGAP, exec to exit / nft -f", 1.5,
	    (struct side){ .argv = apply }, (struct side){ .argv = nft });
	if (access("/usr/sbin/iptables-nft-restore", X_OK) != 0)
		return;
	ratio("apply AIRGAP, exec to exit / nft-restore pair", 1,
	    (struct side){ .argv = apply }, (struct side){ .argv = pair[0] });
	ratio("apply AIRGAP, exec to answer / legacy-restore pair", 2,
	    (struct side){ .argv = apply, .to_answer = true },
	    (struct side){ .argv = pair[1] });
}

/* Somebody else's rules, in a table of theirs, as many at a time as a socket
 * of an ordinary user takes. */
static void
foreign(unsigned n)
{
	char path[512];
	const char *nft[] = { "/usr/sbin/nft", "-f", path, NULL };
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/foreign.nft", scratch.dir);
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

static double
quartile_of(double (*call)(void))
{
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		t[i] = call();
	return quartile(t, ROUNDS);
}

static double
apply_us(void)
{
	return run(apply, true);
}

int
main(void)
{
	double put_in, read_back, few;

	if (!enter())
		return 0;
	publish(BND_AIRGAP);
	make_links(3);
	ratio("batch, build to ack / the same bytes pre-built", 1.3,
	    (struct side){ .call = commit }, (struct side){ .call = prebuilt });
	programs();
	put_in = quartile_of(commit);
	read_back = quartile_of(compare);
	foreign(10000);
	say("commit with 10,000 foreign rules / without", 1.1,
	    quartile_of(commit), put_in);
	say("read-back with 10,000 foreign rules / without", 1.1,
	    quartile_of(compare), read_back);
	make_links(20);
	few = quartile_of(apply_us);
	make_links(200);
	say("apply with 200 links / with 20, exec to exit", 5,
	    quartile_of(apply_us), few);
	return 0;
}
