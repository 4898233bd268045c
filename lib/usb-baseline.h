/* usb-baseline.h: the devices that belong here (bnd-usb(5), BASELINE) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_BASELINE_H
#define BND_USB_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "text.h"
#include "usb-device.h"

#define BND_USB_BASELINE_PATH	"etc/bnd/usb.baseline"
#define BND_USB_BASELINE_MAX	(1 << 20) /* bytes */
#define BND_USB_BASELINE_LINES	1024
#define BND_USB_BASELINE_FORBID 0177 /* mode bits */

/* One line: one device may be here. */
struct bnd_usb_known {
	char identity[BND_USB_ID_LEN + 1];
	unsigned kinds;		       /* enum bnd_usb_kind, as learned */
	char report[65];	       /* as learned; empty: none */
	char place[BND_USB_PLACE_MAX]; /* must match; empty: anywhere */
	struct bnd_str rule; /* for people: printable ASCII from "allow " on */
	unsigned number;     /* of the line in the file */
};

/* Starts as {0}.  A multiset: a line twice is two devices. */
struct bnd_usb_baseline {
	size_t n;
	struct bnd_usb_known *known; /* owned */
	char *text;		     /* owned */
};

/*
 * A copy of text is kept.  One spelling: what is read prints as the same bytes.
 * -1 with BND_E_INPUT: "name:line:col: ...", and *b is empty.
 */
int bnd_usb_baseline_parse(const char *name, struct bnd_str text,
    struct bnd_usb_baseline *b, struct bnd_err *err) BND_CHECK;
void bnd_usb_baseline_free(struct bnd_usb_baseline *b);
#define SCOPED_USB_BASELINE __attribute__((cleanup(bnd_usb_baseline_free)))

/*
 * The line that admits the device, by identity and place; NULL if none, or if
 * the device's twins have taken all of them (*taken says so).  Twins are taken
 * to hold the lines without a place.
 */
const struct bnd_usb_known *bnd_usb_baseline_find(
    const struct bnd_usb_baseline *b, const struct bnd_usb_device *d,
    bool *taken);
/* The first of that identity, wherever; NULL if none. */
const struct bnd_usb_known *bnd_usb_baseline_of(
    const struct bnd_usb_baseline *b, const char *identity);

/* One line without its LF; false if it does not fit, or no line can hold it. */
bool bnd_usb_known_print(
    const struct bnd_usb_known *k, char *line, size_t size);
/* What a device that is here would get; the rule is the caller's to add. */
void bnd_usb_known_learn(
    const struct bnd_usb_device *d, bool with_place, struct bnd_usb_known *k);

/* The whole file; false if it does not fit. */
bool bnd_usb_baseline_print(
    const struct bnd_usb_baseline *b, char *text, size_t size, size_t *len);

#endif
