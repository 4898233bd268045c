/* usb-report.c: what settling every device came to, and its exit status */
/* SPDX-License-Identifier: ISC */
#include "usb-report.h"

#include <string.h>

#include "tap.h"

/* The order of bnd(7): 19, 1, 9, 8, 2, 15. */
static void
exits(void)
{
	static const struct {
		bool sealed, no, unlogged;
		enum bnd_kind why;
		int want;
	} t[] = {
		{ true, false, false, BND_E_NONE, 0 },
		{ true, false, true, BND_E_NONE, 15 },
		{ true, false, true, BND_E_INPUT, 2 },
		{ true, false, false, BND_E_UNSAFE, 8 },
		{ true, false, true, BND_E_CORRUPT, 9 },
		{ true, true, true, BND_E_CORRUPT, 1 },
		{ true, true, false, BND_E_NONE, 1 },
		{ true, true, false, BND_E_ENFORCER, 19 },
		{ false, false, false, BND_E_NONE, 19 },
		{ false, false, false, BND_E_CORRUPT, 19 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct bnd_usb_report r = { .sealed = t[i].sealed,
			.no = t[i].no,
			.unlogged = t[i].unlogged,
			.why = { .kind = t[i].why } };

		is_int(bnd_usb_report_exit(&r), t[i].want,
		    "sealed %d, no %d, unlogged %d, kind %d", t[i].sealed,
		    t[i].no, t[i].unlogged, t[i].why);
	}
}

/* A row each of what there is. */
static struct bnd_usb_row rows[] = {
	{ .s = { .controller = true,
	      .holds = true,
	      .whole = true,
	      .types = true } },
	{ .s = { .port = "1-1",
	      .holds = true,
	      .whole = true,
	      .types = true,
	      .stays = true,
	      .mode = BND_TRUSTED,
	      .verdict = { .word = BND_USB_ADMIT } } },
	{ .s = { .port = "1-2",
	      .holds = true,
	      .whole = true,
	      .mode = BND_AIRGAP,
	      .types = true,
	      .verdict = { .word = BND_USB_DENY } } },
	{ .s = { .port = "1-3", .vanished = true, .holds = true } },
};

static void
sums(void)
{
	struct bnd_usb_report r = {
		.mode = BND_LOCKDOWN, .sealed = true, .n = 4, .row = rows
	};
	struct bnd_usb_item item[4];

	bnd_usb_report_sum(&r);
	ok(r.sealed && !r.no && r.findings.n == 0, "nothing is wrong");
	is_int(r.mode, BND_TRUSTED, "the laxest mode that judged");
	is_int(bnd_usb_report_items(&r, false, item), 2, "two devices");
	ok(item[0].types && item[0].stays, "one stays in LOCKDOWN");
	ok(item[1].types && !item[1].stays, "one does not");
	rows[2].s.holds = false;
	(void)bnd_fail(&rows[2].s.why, BND_E_ENFORCER, "1-2: NOT ENFORCED");
	bnd_usb_report_sum(&r);
	ok(!r.sealed, "one that has more than its verdict");
	is_int(bnd_usb_report_exit(&r), 19, "is 19");
	is_str(r.findings.note[0].code, "device", "and a finding");
	is_str(r.findings.note[0].text, "1-2: NOT ENFORCED", "that names it");
	rows[2].s.holds = true;
	rows[1].s.whole = false;
	(void)bnd_fail(&rows[1].s.why, BND_E_DENIED, "1-1: it stalls");
	r = (struct bnd_usb_report){
		.mode = BND_LOCKDOWN, .sealed = true, .n = 4, .row = rows
	};
	bnd_usb_report_sum(&r);
	ok(r.sealed && r.no, "one that could not be brought up fails nothing");
	is_int(bnd_usb_report_exit(&r), 1, "but is 1");
	rows[1].s.refused = true;
	r = (struct bnd_usb_report){
		.mode = BND_LOCKDOWN, .sealed = true, .n = 4, .row = rows
	};
	(void)bnd_fail(&rows[1].s.why, BND_E_UNLOGGED, "no log");
	bnd_usb_report_sum(&r);
	is_int(bnd_usb_report_exit(&r), 15, "one without a record is 15");
	is_int(bnd_usb_report_items(&r, true, item), 2, "as they are now");
	ok(item[0].stays && !item[1].stays, "one was admitted");
}

int
main(void)
{
	exits();
	sums();
	return tap_done();
}
