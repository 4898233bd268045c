/* seal-growth.c: how the seal grows with the list and with the links, drawn */
/* SPDX-License-Identifier: ISC */
#include <signal.h>

#include "netlist.h"
#include "sealbench.h"

#define ROUNDS 20
#define BAR    44 /* columns of the longest */

struct point {
	size_t n;
	double commit, compare, apply;
};

static const char *const apply[] = { seal, "apply", "-q", "-R", scratch.dir,
	NULL };

static void
measure(struct point *p, const struct bnd_rules_in *in, bool whole)
{
	double a[ROUNDS], b[ROUNDS], c[ROUNDS] = { 0 };

	for (int i = 0; i < ROUNDS; i++) {
		a[i] = commit_us(in);
		b[i] = compare_us(in);
		if (whole)
			c[i] = run(apply, true);
	}
	p->commit = quartile(a, ROUNDS);
	p->compare = quartile(b, ROUNDS);
	p->apply = quartile(c, ROUNDS);
}

static void
bar(double v, double most)
{
	for (int i = 0; i < (int)(v / most * BAR + 0.5); i++)
		putchar('#');
}

static void
draw(const char *what, const struct point *p, size_t n,
    double (*get)(const struct point *))
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		if (get(&p[i]) > most)
			most = get(&p[i]);
	printf("%s\n", what);
	for (size_t i = 0; i < n; i++) {
		printf("  %4zu %8.2f ms  ", p[i].n, get(&p[i]) / 1000);
		bar(get(&p[i]), most);
		putchar('\n');
	}
	fflush(stdout);
}

static double
commit_of(const struct point *p)
{
	return p->commit;
}

static double
compare_of(const struct point *p)
{
	return p->compare;
}

static double
apply_of(const struct point *p)
{
	return p->apply;
}

/*
 * What one more costs in the last step beside the steps before: 1 is linear. The
 * kernel looks through all links of a chain for each link it adds to it.
 */
static void
linear(const char *what, const struct point *p, size_t n,
    double (*get)(const struct point *))
{
	double last = (get(&p[n - 1]) - get(&p[n - 2])) /
	    (double)(p[n - 1].n - p[n - 2].n);
	double first =
	    (get(&p[n - 2]) - get(&p[0])) / (double)(p[n - 2].n - p[0].n);

	printf("%-52s %5.2f  goal %4.2f %s\n", what, last / first, 2.0,
	    last / first <= 2 ? "met" : "MISSED");
}

static void
parse(struct bnd_netlist *list, size_t lines)
{
	static char text[64 * 1024];
	static struct bnd_list_report report;
	int at = snprintf(text, sizeof(text), "version 1\n");

	memset(list, 0, sizeof(*list));
	for (size_t i = 0; i < lines; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at,
		    "out TRUSTED if=%s/veth proto=udp dst=10.%zu.0.0/16"
		    " dport=%zu\n",
		    links.v[1].id.name, i % 250, 1000 + i);
	if (bnd_netlist_parse(
		(struct bnd_str){ text, (size_t)at }, list, &report) != 0) {
		printf("the list is bad\n");
		exit(1);
	}
}

static void
with_lines(void)
{
	static const size_t lines[] = { 0, 64, 128, 192, 256 };
	static struct bnd_netlist list;
	struct point p[5];

	for (size_t i = 0; i < 5; i++) {
		struct bnd_rules_in in = { .mode = BND_TRUSTED,
			.list = &list,
			.link = links.id,
			.links = links.n };

		parse(&list, lines[i]);
		p[i].n = lines[i];
		measure(&p[i], &in, false);
	}
	draw("TRUSTED, lines of the list: build to ack", p, 5, commit_of);
	draw("TRUSTED, lines of the list: read-back", p, 5, compare_of);
	linear("a line more, at the end / before", p, 5, commit_of);
}

static void
with_links(void)
{
	static const size_t counts[] = { 3, 20, 50, 100, 200, 300 };
	static const struct bnd_netlist none;
	struct point p[6];

	for (size_t i = 0; i < 6; i++) {
		struct bnd_rules_in in = { .mode = BND_AIRGAP, .list = &none };

		make_links(counts[i]);
		in.link = links.id;
		in.links = links.n;
		p[i].n = links.n;
		measure(&p[i], &in, true);
	}
	draw("AIRGAP, links: build to ack", p, 6, commit_of);
	draw("AIRGAP, links: read-back", p, 6, compare_of);
	draw("AIRGAP, links: net-seal apply, exec to exit", p, 6, apply_of);
	linear("a link more, at the end / before: apply", p, 6, apply_of);
}

static pid_t
sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

/* Each is looked at for other networks that it is in or holds open. */
static void
with_processes(void)
{
	static const size_t counts[] = { 0, 50, 100, 200, 300 };
	static const char *const check[] = { seal, "check", "-q", "-R",
		scratch.dir, NULL };
	static pid_t pid[300];
	struct point p[5];
	size_t n = 0;

	(void)run(apply, true);
	for (size_t i = 0; i < 5; i++) {
		double t[ROUNDS];

		for (; n < counts[i]; n++)
			pid[n] = sleeper();
		for (int k = 0; k < ROUNDS; k++)
			t[k] = run(check, true);
		p[i].n = n;
		p[i].apply = quartile(t, ROUNDS);
	}
	for (size_t i = 0; i < n; i++)
		kill(pid[i], SIGKILL);
	draw("AIRGAP, processes: net-seal check, exec to exit", p, 5, apply_of);
	linear("a process more, at the end / before: check", p, 5, apply_of);
}

int
main(void)
{
	if (!enter())
		return 0;
	publish(BND_AIRGAP);
	make_links(3);
	with_lines();
	with_processes();
	with_links();
	return 0;
}
