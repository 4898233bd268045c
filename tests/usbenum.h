/* usbenum.h: what the kernel makes of a device's answers, written down again */
/* SPDX-License-Identifier: ISC */
/*
 * After usb_get_configuration(), usb_parse_configuration(), usb_parse_interface()
 * of drivers/usb/core/config.c and read_descriptors() of sysfs.c, Linux 6.1 to
 * 6.12, with no regard for how lib/usb-desc.c does it: first the device's answers
 * are read, cut and counted, then there is a list of what drivers may bind to,
 * and what sysfs shows of it all.
 */
#ifndef TEST_USBENUM_H
#define TEST_USBENUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	KERNEL_CONFIGS = 8,   /* USB_MAXCONFIG */
	KERNEL_IFACES = 32,   /* USB_MAXINTERFACES */
	KERNEL_ALTS = 128,    /* USB_MAXALTSETTING */
	KERNEL_SHOWS = 65553, /* dev_bin_attr_descriptors.size */
	KERNEL_FOUND = 4096,
};

struct kernel_iface {
	uint8_t config, number, alt, class, subclass, protocol;
};

struct kernel_view {
	bool appears; /* else enumeration failed: there is no device */
	bool nested;  /* "unexpected descriptor of type 0x2, skipping" */
	size_t found;
	struct kernel_iface iface[KERNEL_FOUND];
	size_t shown;
	uint8_t sysfs[KERNEL_SHOWS];
};

/* Which settings of which numbers one configuration has. */
struct kernel_count {
	unsigned n;
	unsigned number[KERNEL_IFACES], alts[KERNEL_IFACES];
	bool has[KERNEL_IFACES][256];
	unsigned kept[KERNEL_IFACES];
};

static inline void
kernel_show(struct kernel_view *k, const uint8_t *p, size_t n)
{
	if (n > sizeof(k->sysfs) - k->shown)
		n = sizeof(k->sysfs) - k->shown;
	memcpy(k->sysfs + k->shown, p, n);
	k->shown += n;
}

/* The index of an interface number; c->n if it is new. */
static inline unsigned
kernel_index(const struct kernel_count *c, unsigned number)
{
	unsigned i = 0;

	while (i < c->n && c->number[i] != number)
		i++;
	return i;
}

/* The first pass: how far the steps lead, and how many settings there are. */
static inline size_t
kernel_measure(struct kernel_view *k, struct kernel_count *c, const uint8_t *p,
    size_t from, size_t len)
{
	size_t at = from;

	while (len - at >= 2 && p[at] >= 2 && p[at] <= len - at) {
		if (p[at + 1] == 2)
			k->nested = true;
		if (p[at + 1] == 4 && p[at] >= 9) {
			unsigned i = kernel_index(c, p[at + 2]);

			if (i < c->n) {
				if (c->alts[i] < 255)
					c->alts[i]++;
			} else if (c->n < KERNEL_IFACES) {
				c->number[c->n] = p[at + 2];
				c->alts[c->n++] = 1;
			}
		}
		at += p[at];
	}
	return at;
}

/* The second pass: each setting once, no more than were counted. */
static inline void
kernel_take(struct kernel_view *k, struct kernel_count *c, unsigned config,
    const uint8_t *p, size_t from, size_t end)
{
	for (size_t at = from; at < end; at += p[at]) {
		unsigned i, most;

		if (p[at + 1] != 4 || p[at] < 9)
			continue;
		i = kernel_index(c, p[at + 2]);
		if (i == c->n || c->has[i][p[at + 3]])
			continue;
		most = c->alts[i] > KERNEL_ALTS ? KERNEL_ALTS : c->alts[i];
		if (c->kept[i] == most || k->found == KERNEL_FOUND)
			continue;
		c->kept[i]++;
		c->has[i][p[at + 3]] = true;
		k->iface[k->found++] = (struct kernel_iface){
			(uint8_t)config,
			p[at + 2],
			p[at + 3],
			p[at + 5],
			p[at + 6],
			p[at + 7],
		};
	}
}

/*
 * A device that says these bytes: its descriptor, and then one configuration
 * behind the other, each as long as its own wTotalLength says, or as there are
 * bytes left.  Behind the last one it stalls, and the kernel makes do with those
 * that it has.
 */
static inline void
kernel_enumerate(struct kernel_view *k, const uint8_t *p, size_t len)
{
	static struct kernel_count c;
	unsigned configs, i;
	size_t at = 18;

	k->appears = k->nested = false;
	k->found = k->shown = 0;
	if (len < 18 || p[17] == 0)
		return;
	configs = p[17] > KERNEL_CONFIGS ? KERNEL_CONFIGS : p[17];
	kernel_show(k, p, 18);
	for (i = 0; i < configs && at < len; i++) {
		const uint8_t *config = p + at;
		size_t left = len - at, total, end;

		if (left < 4)
			return; /* "descriptor too short" */
		total = config[2] | (size_t)config[3] << 8;
		if (total < 9)
			total = 9;
		if (total > left)
			total = left;
		if (config[1] != 2 || config[0] < 9 || config[0] > total)
			return; /* "invalid descriptor for config index" */
		memset(&c, 0, sizeof(c));
		end = kernel_measure(k, &c, config, config[0], total);
		kernel_take(k, &c, i, config, config[0], end);
		kernel_show(k, config, end);
		at += total;
	}
	k->sysfs[17] = (uint8_t)i;
	k->appears = true;
}

#endif
