/* bypass: which by-passes a mode can live with, and whose a socket is */
/* SPDX-License-Identifier: ISC */
#include "bypass-judge.h"

#include <linux/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "holder.h"
#include "tap.h"

static const char list_text[] = "version 1\n"
				"bypass eth0 xdp\n"
				"bypass eth0 xsk\n"
				"bypass v0/veth tc\n";

static struct bnd_netlist list;
static struct bnd_link links[4];
static struct bnd_links all = { 4, links, NULL };
static struct bnd_notes findings, uncovered;

static void
set_up(void)
{
	static struct bnd_list_report report;
	static const struct {
		const char *name, *kind;
		bool real, up;
	} as[4] = { { "lo", "", false, true }, { "eth0", "", true, true },
		{ "v0", "veth", false, true }, { "eth1", "", true, false } };

	if (bnd_netlist_parse(
		(struct bnd_str){ list_text, sizeof(list_text) - 1 }, &list,
		&report) != 0)
		bail(report.note[0].reason);
	for (unsigned i = 0; i < 4; i++) {
		links[i].id.index = i + 1;
		(void)snprintf(links[i].id.name, BND_IFNAME, "%s", as[i].name);
		(void)snprintf(links[i].id.kind, BND_IFNAME, "%s", as[i].kind);
		links[i].real = as[i].real;
		links[i].flags = as[i].up ? IFF_UP : 0;
	}
}

static const struct row {
	const char *what;
	enum bnd_bypass kind;
	unsigned index;
	const char *modes; /* that cannot live with it, by first letter */
} rows[] = {
	{ "a tap", BND_BYPASS_NONE, 2, "" },
	{ "a tap on every link", BND_BYPASS_NONE, 0, "" },
	{ "a listed program", BND_BYPASS_XDP, 2, "ACL" },
	{ "one on another link", BND_BYPASS_XDP, 3, "T" },
	{ "a filter where a program is listed", BND_BYPASS_TC, 2, "TACL" },
	{ "a listed filter", BND_BYPASS_TC, 3, "" },
	{ "one on a link that is down", BND_BYPASS_TC, 4, "" },
	{ "a socket nobody knows the link of", BND_BYPASS_XSK, 0, "T" },
	{ "one on a link that is gone", BND_BYPASS_XSK, 99, "T" },
};

static void
check_row(const struct row *r)
{
	struct bnd_bypasses b = { .n = 1,
		.seen = { { .kind = r->kind, .index = r->index } } };
	char got[8] = "";
	size_t n = 0;

	for (enum bnd_mode m = BND_RESTRICTED; m <= BND_LOCKDOWN; m++) {
		findings = uncovered = (struct bnd_notes){ 0 };
		if (!bnd_bypass_judge(
			&b, m, &list, &all, &findings, &uncovered))
			got[n++] = bnd_mode_name(m)[0];
		if (findings.n + uncovered.n != 1)
			ok(false, "%s is said once", r->what);
	}
	is_str(got, r->modes, "%s", r->what);
}

/* Which link is not known: it is enough if every one that is up is named. */
static void
check_unknown_link(void)
{
	struct bnd_bypasses b = { .n = 1,
		.seen = { { .kind = BND_BYPASS_XSK } } };

	links[2].flags = 0;
	ok(bnd_bypass_judge(
	       &b, BND_TRUSTED, &list, &all, &findings, &uncovered),
	    "only the listed link is up: accepted");
	links[2].flags = IFF_UP;
	b.seen[0].kind = BND_BYPASS_NONE;
	b.more = true;
	ok(!bnd_bypass_judge(
	       &b, BND_TRUSTED, &list, &all, &findings, &uncovered),
	    "more of them than can be kept are none that anybody listed");
}

static void
check_words(void)
{
	struct bnd_bypasses b = { .n = 1,
		.no_xsk = true,
		.seen = { { .kind = BND_BYPASS_XSK,
		    .index = 3,
		    .socket = true,
		    .uid = 7,
		    .by = { 1, 42, "evil" } } } };

	findings = uncovered = (struct bnd_notes){ 0 };
	(void)bnd_bypass_judge(
	    &b, BND_TRUSTED, &list, &all, &findings, &uncovered);
	is_str(findings.note[0].text, "xsk on v0, uid 7, pid 42 (evil)",
	    "an owner is named");
	is_str(uncovered.note[0].text,
	    "this kernel tells nothing of AF_XDP sockets", "and what is not");
}

static void
check_flowtables(void)
{
	struct bnd_flowtables f = { .n = 1,
		.v = { { "fw f", "eth0 eth1", 0, false } } };

	findings = uncovered = (struct bnd_notes){ 0 };
	ok(bnd_flowtables_judge(&f, BND_TRUSTED, &findings, &uncovered) &&
		findings.n == 0,
	    "a flowtable behind our frame rules is a note");
	is_str(uncovered.note[0].text, "fw f on eth0 eth1", "in words");
	f.v[0].priority = BND_RULES_FRAMES;
	ok(!bnd_flowtables_judge(&f, BND_TRUSTED, &findings, &uncovered),
	    "one before them is not");
	f.v[0].priority = 0;
	f.v[0].hardware = true;
	ok(!bnd_flowtables_judge(&f, BND_TRUSTED, &findings, &uncovered),
	    "nor one in a card");
	ok(bnd_flowtables_judge(&f, BND_AIRGAP, &findings, &uncovered),
	    "AIRGAP has its links down");
	f = (struct bnd_flowtables){ .more = true };
	ok(!bnd_flowtables_judge(&f, BND_TRUSTED, &findings, &uncovered),
	    "too many to look at");
}

static void
check_holder(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct bnd_holder h[3] = { { 0 } };
	struct stat st;

	if (fd == -1 || fstat(fd, &st) != 0)
		bail("no socket");
	h[1].inode = (uint32_t)st.st_ino;
	h[2].inode = UINT32_MAX;
	bnd_holders_find(h, 3, 5000);
	is_int(h[0].pid, 0, "inode 0 is nobody's");
	is_int(h[1].pid, getpid(), "the socket is mine");
	is_str(h[1].comm, "bypass", "by my name");
	is_int(h[2].pid, 0, "one nobody has is not found");
	h[1].pid = 0;
	bnd_holders_find(h, 3, 0);
	is_int(h[1].pid, 0, "nothing is found in no time");
	close(fd);
}

int
main(void)
{
	set_up();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
	check_unknown_link();
	check_words();
	check_flowtables();
	check_holder();
	return tap_done();
}
