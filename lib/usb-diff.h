/* usb-diff.h: which line of the baseline stands for which device */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_DIFF_H
#define BND_USB_DIFF_H

#include <stddef.h>

#include "usb-baseline.h"

#define BND_USB_NO_LINE ((size_t)-1)

/* Of a device that is here: what identifies it, and nothing that changes. */
struct bnd_usb_here {
	char identity[BND_USB_ID_LEN + 1];
	char place[BND_USB_PLACE_MAX];
	size_t line; /* in the baseline, or BND_USB_NO_LINE */
};

/*
 * Pure.  Give each device a line of its own, at most: lines with its place are
 * given first, so that a line for anywhere is left for one that needs it.
 * taken[i] says that line i of the baseline is given; b->n of them.
 */
void bnd_usb_diff(const struct bnd_usb_baseline *b, struct bnd_usb_here *here,
    size_t n, bool *taken);

#endif
