/* netlist.c: a good list prints back to itself, a bad one is told by place */
/* SPDX-License-Identifier: ISC */
#include "netlist.h"

#include "fuzz/fuzz.h"
#include "judge.h"
#include "netlist-print.h"

static struct bnd_netlist list, again;
static struct bnd_list_report report;

/* Errors in the order of the file, each at a byte of it or just behind. */
static void
check_report(size_t size)
{
	char what[256];

	must(report.notes <= BND_LIST_NOTES);
	for (unsigned i = 0; i < report.notes; i++) {
		const struct bnd_list_note *n = &report.note[i];

		must(n->line >= 1 && n->col >= 1);
		must(n->line + n->col <= size + 2);
		must(i == 0 || n[-1].line < n->line ||
		    (n[-1].line == n->line && n[-1].col <= n->col));
		bnd_list_note_text(n, "f", what, sizeof(what));
		for (const char *p = what; *p != '\0'; p++)
			must(*p >= 0x20 && *p <= 0x7e);
	}
}

static void
round_trip(void)
{
	static char text[BND_LIST_SIZE + 64];
	size_t len = (size_t)snprintf(text, sizeof(text), "version 1\n");
	char line[BND_LIST_WIDTH + 1];

	for (size_t i = 0; i < list.lines; i++) {
		must(bnd_line_print(&list.line[i], line, sizeof(line)));
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "%s\n", line);
	}
	must(bnd_netlist_parse(
		 (struct bnd_str){ text, len }, &again, &report) == 0);
	must(again.lines == list.lines);
	for (size_t i = 0; i < list.lines; i++) {
		again.line[i].number = list.line[i].number;
		must(memcmp(&again.line[i], &list.line[i],
			 sizeof(list.line[i])) == 0);
	}
}

/* Links as the list names them, so that no line waits. */
static size_t
name_links(struct bnd_rules_link *link, size_t max)
{
	size_t n = 1;

	link[0] =
	    (struct bnd_rules_link){ .index = 1, .type = 772, .name = "lo" };
	for (size_t i = 0; i < 2 * list.lines && n < max; i++) {
		const struct bnd_linkname *l =
		    i % 2 ? &list.line[i / 2].in : &list.line[i / 2].out;

		if (l->name[0] == '\0')
			continue;
		link[n] = (struct bnd_rules_link){ .index = (unsigned)n + 1,
			.type = 1 };
		memcpy(link[n].name, l->name, sizeof(l->name));
		memcpy(link[n].kind, l->kind, sizeof(l->kind));
		n++;
	}
	return n;
}

/* Whatever the list: nothing from AIRGAP on, and no mode laxer than the last. */
static void
monotone(void)
{
	struct bnd_rules_link link[8];
	size_t links = name_links(link, 8);

	for (size_t i = 0; i < list.lines && i < 8; i++) {
		const struct bnd_line *l = &list.line[i];
		struct bnd_flow f = { .path = (enum bnd_path)(1 + i % 3),
			.iif = 1 + (unsigned)(i % links),
			.oif = 1 + (unsigned)(i / 3 % links),
			.l4proto = l->proto,
			.icmp_type = l->type,
			.src = l->src,
			.dst = l->dst,
			.sport = l->sport.n ? l->sport.range[0].lo : 40000,
			.dport = l->dport.n ? l->dport.range[0].hi : 40001 };
		bool before = true;

		if (f.iif == 1 || f.oif == 1)
			continue;
		for (enum bnd_mode m = BND_OPEN; m <= BND_LOCKDOWN; m++) {
			struct bnd_rules_in in = { .mode = m,
				.list = &list,
				.link = link,
				.links = links };
			bool now = bnd_rules_allow(&in, &f);

			must(!now || before);
			must(!now || m < BND_AIRGAP);
			before = now;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (bnd_netlist_parse(fuzz_str(data, size), &list, &report) != 0) {
		must(report.errors > 0 && list.lines == 0);
		check_report(size);
		return 0;
	}
	check_report(size);
	monotone();
	round_trip();
	return 0;
}
