/* usb-left.c: which keyboards LOCKDOWN leaves */
/* SPDX-License-Identifier: ISC */
#include "usb-left.h"

#include <string.h>

#include "tap.h"

#define ITEMS 8

/* "1-1ts": port, t types, s stays. */
static void
judge(const char *text, unsigned here, unsigned left)
{
	struct bnd_usb_item item[ITEMS] = { 0 };
	struct bnd_usb_left l = { 0 };
	size_t n = 0;

	for (const char *p = text; *p != '\0'; p += *p == ' ', n++) {
		size_t len = strspn(p, "0123456789-.");

		memcpy(item[n].port, p, len);
		for (p += len; *p != ' ' && *p != '\0'; p++) {
			item[n].types |= *p == 't';
			item[n].stays |= *p == 's';
		}
	}
	bnd_usb_left_add(&l, item, n);
	is_int(l.here, here, "[%s]: keyboards", text);
	is_int(l.left, left, "[%s]: left", text);
	ok(bnd_usb_left_is_bad(&l) == (here > 0 && left == 0), "[%s]: bad",
	    text);
}

/* Those of other buses are there from the start; what is meant is not bad. */
static void
others(void)
{
	const struct bnd_usb_item item = { .port = "1-1", .types = true };
	struct bnd_usb_left l = { .here = 1, .left = 1 };
	char text[200];

	bnd_usb_left_add(&l, &item, 1);
	ok(!bnd_usb_left_is_bad(&l), "a laptop's own keyboard is enough");
	l = (struct bnd_usb_left){ 0 };
	ok(!bnd_usb_left_is_bad(&l), "where none is, none is lost");
	bnd_usb_left_add(&l, &item, 1);
	ok(bnd_usb_left_is_bad(&l), "the only one, and LOCKDOWN denies it");
	bnd_usb_left_text(&l, text, sizeof(text));
	ok(strstr(text, "none of 1 keyboard") != NULL &&
		strstr(text, "lockdown_hid") != NULL && strlen(text) < 199,
	    "and is told, with a way out: %s", text);
	l.console = true;
	ok(!bnd_usb_left_is_bad(&l), "auto relies on a console that is there");
	l.console = false;
	l.meant = true;
	ok(!bnd_usb_left_is_bad(&l), "lockdown_hid none says that it is meant");
}

int
main(void)
{
	judge("", 0, 0);
	judge("1-1s", 0, 0);
	judge("1-1ts", 1, 1);
	judge("1-1t", 1, 0);
	judge("1-1t 1-2ts", 2, 1);
	judge("1-1s 1-1.2ts", 1, 1);
	judge("1-1 1-1.2ts", 1, 0);
	judge("1-10s 1-1 1-1.2ts", 1, 0);
	judge("1-1.2ts", 1, 0);
	judge("1-1s 1-1.2s 1-1.2.3ts", 1, 1);
	judge("1-1s 1-1.2 1-1.2.3ts", 1, 0);
	judge("1-1 1-1.2s 1-1.2.3ts", 1, 0);
	/* In no order between buses. */
	judge("2-1.4ts 1-1.4ts 2-1 1-1s", 2, 1);
	others();
	return tap_done();
}
