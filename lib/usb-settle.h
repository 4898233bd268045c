/* usb-settle.h: look at one device, decide, do it, read it back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_SETTLE_H
#define BND_USB_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "mode.h"
#include "root.h"
#include "usb-policy.h"
#include "usb-port.h"
#include "usb-verdict.h"
#include "usb-view.h"

/* What is asked of a settle. */
struct bnd_usb_order {
	const char *prog;    /* for the records: "usb-guard" */
	const char *txn;     /* or NULL */
	bool repair;	     /* of a transaction: take in no edited policy */
	enum bnd_mode least; /* no laxer than this, whatever the state says */
	bool only_look;	     /* -n, check: decide and compare, write nothing */
	bool removed;	     /* the hook of a removal: devpath has gone */
	/* bnd_clock_ms() from which on nothing more is brought up; 0: never. */
	uint64_t up_until_ms;
};

/* What became of one device. */
struct bnd_usb_settled {
	char port[BND_USB_PORT_MAX];
	enum bnd_mode mode; /* it was judged by */
	struct bnd_usb_verdict verdict;
	bool controller; /* its knobs, and nothing else */
	bool vanished;
	bool changed;	    /* something was written */
	bool holds;	    /* read back: it has no more than its verdict */
	bool whole;	    /* ... and no less */
	bool spooled;	    /* a record is not on the chain yet */
	bool refused;	    /* no record could be made, so it was not let in */
	bool trip;	    /* after the port's lock was given back */
	bool types, stays;  /* as usb-left.h counts */
	struct bnd_err why; /* of what did not hold or was not whole */
	/* State or policy: why only the console set is admitted. */
	struct bnd_err trouble;
	/* What it is, for whoever reports; empty if it could not be read. */
	char id[10];   /* "1234:abcd" */
	char name[64]; /* printable */
	char identity[BND_USB_ID_LEN + 1];
};

/*
 * One device, or controller, at or nearest above devpath.  0: *s says what came of it.
 * -1: not begun (BND_E_INPUT, BND_E_BUSY: another settle has the port).
 * view is the caller's, as scratch and for his report.
 */
int bnd_usb_settle(const struct bnd_root *root, const char *devpath,
    const struct bnd_usb_order *order, struct bnd_usb_view *view,
    struct bnd_usb_settled *s, struct bnd_err *err) BND_CHECK;

#endif
