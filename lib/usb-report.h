/* usb-report.h: what settling every device came to */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_REPORT_H
#define BND_USB_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "mode.h"
#include "note.h"
#include "sign.h"
#include "usb-left.h"
#include "usb-settle.h"

/* One device of a report; the rest of it is read again for whoever prints. */
struct bnd_usb_row {
	char path[BND_USB_PATH_MAX];
	struct bnd_usb_settled s;
};

struct bnd_usb_report {
	enum bnd_mode mode;
	bool absent; /* no USB in this kernel: nothing to hold */
	bool sealed; /* knobs, and no device holds more than its verdict */
	bool no;     /* exit 1: something is not as it should be */
	bool unlogged;
	bool trip;
	char policy[2 * BND_HASH_LEN + 1]; /* hex; of one that is in force */
	struct bnd_err why;	   /* the gravest: gives the exit status */
	struct bnd_notes findings; /* code, text */
	size_t n;
	struct bnd_usb_row *row; /* owned */
	bool counted;		 /* left says how many */
	struct bnd_usb_left left;
};

void bnd_usb_report_free(struct bnd_usb_report *r);
#define SCOPED_USB_REPORT __attribute__((cleanup(bnd_usb_report_free)))

/*
 * What the rows say, added to what is known already: mode is the laxest that any
 * was judged by, sealed stays only if every one holds.
 */
void bnd_usb_report_sum(struct bnd_usb_report *r);

/*
 * Its devices as usb-left.h counts: those that stay are those that LOCKDOWN
 * admits, or, with now, those that were admitted.  item takes r->n of them.
 */
size_t bnd_usb_report_items(
    const struct bnd_usb_report *r, bool now, struct bnd_usb_item *item);

/* The worst of 19, 1, what why says, and 15. */
int bnd_usb_report_exit(const struct bnd_usb_report *r);

#endif
