/* usb-diff.c: which line of the baseline stands for which device */
/* SPDX-License-Identifier: ISC */
#include "usb-diff.h"

#include <string.h>

static void
give(const struct bnd_usb_baseline *b, struct bnd_usb_here *h, bool *taken,
    bool with_place)
{
	for (size_t i = 0; i < b->n && h->line == BND_USB_NO_LINE; i++) {
		const struct bnd_usb_known *k = &b->known[i];

		if (taken[i] || strcmp(k->identity, h->identity) != 0 ||
		    (k->place[0] != '\0') != with_place ||
		    (with_place && strcmp(k->place, h->place) != 0))
			continue;
		taken[i] = true;
		h->line = i;
	}
}

void
bnd_usb_diff(const struct bnd_usb_baseline *b, struct bnd_usb_here *here,
    size_t n, bool *taken)
{
	memset(taken, 0, b->n * sizeof(*taken));
	for (size_t i = 0; i < n; i++)
		here[i].line = BND_USB_NO_LINE;
	for (int with_place = 1; with_place >= 0; with_place--)
		for (size_t i = 0; i < n; i++)
			if (here[i].line == BND_USB_NO_LINE)
				give(b, &here[i], taken, with_place == 1);
}
