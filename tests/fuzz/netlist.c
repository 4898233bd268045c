/* netlist.c: each line of a good list prints and parses back to itself */
/* SPDX-License-Identifier: ISC */
#include "netlist.h"

#include "fuzz/fuzz.h"

static struct bnd_netlist list, again;
static struct bnd_list_report report;

static void
round_trip(const struct bnd_line *line)
{
	char text[2 * BND_LIST_WIDTH] = "version 1\n";
	char printed[BND_LIST_WIDTH + 1], twice[BND_LIST_WIDTH + 1];
	size_t head = strlen(text);
	int n;

	must(bnd_line_print(line, printed, sizeof(printed)));
	n = snprintf(text + head, sizeof(text) - head, "%s\n", printed);
	must(bnd_netlist_parse((struct bnd_str){ text, head + (size_t)n },
		 &again, &report) == 0);
	must(again.lines == 1);
	must(bnd_line_print(&again.line[0], twice, sizeof(twice)));
	must(strcmp(printed, twice) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char what[512];

	if (bnd_netlist_parse(fuzz_str(data, size), &list, &report) != 0) {
		must(report.errors > 0 && list.lines == 0);
		for (unsigned i = 0; i < report.notes; i++)
			bnd_list_note_text(
			    &report.note[i], "f", what, sizeof(what));
		return 0;
	}
	for (size_t i = 0; i < list.lines; i++)
		round_trip(&list.line[i]);
	return 0;
}
