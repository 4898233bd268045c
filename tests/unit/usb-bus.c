/* usb-bus.c: whoever is not decided in time is looked at, and counts as it is */
/* SPDX-License-Identifier: ISC */
#include "usb-bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "sign.h"
#include "tap.h"
#include "usbtree.h"

static struct scratch s;

struct rows {
	size_t n;
	struct bnd_usb_row row[8];
};

static void
take(void *ctx, const struct bnd_usb_row *row)
{
	struct rows *rows = ctx;

	if (rows->n < sizeof(rows->row) / sizeof(rows->row[0]))
		rows->row[rows->n++] = *row;
}

static const struct bnd_usb_settled *
find(const struct rows *rows, const char *port)
{
	static const struct bnd_usb_settled none;

	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->row[i].s.port, port) == 0)
			return &rows->row[i].s;
	return &none;
}

/* Nobody has told a mode: it is LOCKDOWN, and nothing is in the baseline. */
static void
judge(unsigned deadline_ms, const char *when)
{
	const struct bnd_usb_order order = { .prog = "t", .only_look = true };
	SCOPED_USB_PATHS struct bnd_usb_paths paths = { 0 };
	struct rows *rows = calloc(1, sizeof(*rows));
	const struct bnd_usb_taker taker = { take, rows };
	struct bnd_err err = { 0 };

	ok(bnd_usb_walk(&s.root, &paths, &err) == 0 && paths.n == 4,
	    "%s: four paths", when);
	ok(rows != NULL &&
		bnd_usb_bus_run(
		    &s.root, &order, &paths, deadline_ms, &taker, &err) == 0,
	    "%s: they are run", when);
	is_int(rows->n, 4, "%s: an answer each", when);
	ok(find(rows, "1-1")->holds && find(rows, "1-1")->whole,
	    "%s: one that is denied has no more than its verdict", when);
	ok(!find(rows, "1-2")->holds &&
		find(rows, "1-2")->why.kind == BND_E_ENFORCER,
	    "%s: one that is let in has", when);
	ok(find(rows, "usb1")->holds, "%s: a controller", when);
	free(rows);
}

static void
branches(void)
{
	static const struct {
		const char *path, *branch;
	} row[] = {
		{ "/devices/pci0/usb1", "/devices/pci0/usb1" },
		{ "/devices/pci0/usb1/1-1", "/devices/pci0/usb1/1-1" },
		{ "/devices/pci0/usb1/1-1/1-1.2", "/devices/pci0/usb1/1-1" },
		{ "/devices/pci0/usb1/1-10/1-10.2", "/devices/pci0/usb1/1-10" },
		{ "/devices/usb0@7e98/usb1/1-1/1-1.2",
		    "/devices/usb0@7e98/usb1/1-1" },
		{ "/devices/x", "/devices/x" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is_int(bnd_usb_branch_of(row[i].path), strlen(row[i].branch),
		    "%s is of %s", row[i].path, row[i].branch);
}

int
main(void)
{
	struct bnd_err err = { 0 };

	branches();
	scratch_make_fast(&s);
	if (bnd_sign_init(&err) == -1)
		bail("no libsodium");
	usbtree_host(s.dir);
	usbtree_bus(s.dir, 1, "pci0000:00/0000:00:14.0");
	usbtree(s.dir, "1-1", "storage");
	usbtree(s.dir, "1-2", "storage", "on");
	usbtree(s.dir, "1-3", "hub", "on");
	judge(20000, "in time");
	judge(0, "too late");
	scratch_remove(&s);
	return tap_done();
}
