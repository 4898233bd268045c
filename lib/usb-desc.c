/* usb-desc.c: a walk by bLength that sees whatever the kernel may see */
/* SPDX-License-Identifier: ISC */
/*
 * The kernel (drivers/usb/core/config.c) steps from descriptor to descriptor by
 * bLength, makes an interface of each one of type 4 with nine bytes or more,
 * whatever stands around it, and cuts a configuration where a step is under two
 * bytes or leads past the end.  What sysfs shows are these pieces, one behind
 * the other, the first at byte 18 whatever the device descriptor says of its own
 * length.  So the same walk over all of it stays in step with the kernel's:
 *
 *  - A step that the kernel would not have made means these are other bytes
 *    than the kernel judged by.
 *  - A configuration inside a configuration is passed over by the kernel, which
 *    counts what follows to the outer one.  Here it makes one configuration too
 *    many, which shows, as the kernel keeps bNumConfigurations right.
 *  - Counts and lengths in headers are what the device claims and lead nowhere.
 */
#include "usb-desc.h"

#include <string.h>

/* Types and sizes of usb_device.h's ch9. */
enum {
	DEVICE = 1,
	CONFIG = 2,
	IFACE = 4,
	DEVICE_SIZE = 18,
	CONFIG_SIZE = 9,
	IFACE_SIZE = 9,
	HEADER_SIZE = 2,
	LAST_CONFIG = 255,
	HUB = 0x09,
	MISC = 0xef,
};

/* The configuration under way, and what its header claimed. */
struct config {
	const uint8_t *start;
	size_t claimed_len;
	unsigned claimed_ifaces, ifaces;
	uint32_t seen[8]; /* interface numbers */
};

static unsigned
le16(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

/* The first reason is the one that is told. */
static void
unfit(struct bnd_usb_desc *d, const char *why)
{
	if (d->bad == NULL)
		d->bad = why;
}

static void
read_device(const uint8_t *p, struct bnd_usb_desc *d)
{
	d->class = p[4];
	d->subclass = p[5];
	d->protocol = p[6];
	d->vendor = (uint16_t)le16(p + 8);
	d->product = (uint16_t)le16(p + 10);
	d->release = (uint16_t)le16(p + 12);
	d->said = p[17];
	if (p[0] != DEVICE_SIZE)
		d->lied = true;
	if (p[1] != DEVICE)
		unfit(d, "no device descriptor");
}

static void
end_config(const struct config *c, const uint8_t *end, struct bnd_usb_desc *d)
{
	if (c->start != NULL &&
	    (c->claimed_len != (size_t)(end - c->start) ||
		c->claimed_ifaces != c->ifaces))
		d->lied = true;
}

static void
start_config(struct config *c, const uint8_t *p, struct bnd_usb_desc *d)
{
	*c = (struct config){ .start = p };
	d->configs++;
	if (p[0] < CONFIG_SIZE) {
		unfit(d, "a configuration descriptor is too short");
		return;
	}
	c->claimed_len = le16(p + 2);
	c->claimed_ifaces = p[4];
}

static void
add_iface(struct config *c, const uint8_t *p, struct bnd_usb_desc *d)
{
	const uint32_t bit = UINT32_C(1) << p[2] % 32;
	const unsigned place = d->configs > 0 ? d->configs - 1 : 0;

	if (d->configs == 0)
		unfit(d, "an interface outside of any configuration");
	if ((c->seen[p[2] / 32] & bit) == 0)
		c->ifaces++;
	c->seen[p[2] / 32] |= bit;
	if (d->ifaces == BND_USB_IFACES_MAX) {
		unfit(d, "more interfaces than can be judged");
		return;
	}
	d->iface[d->ifaces++] = (struct bnd_usb_iface){
		.config = (uint8_t)(place < LAST_CONFIG ? place : LAST_CONFIG),
		.number = p[2],
		.alt = p[3],
		.class = p[5],
		.subclass = p[6],
		.protocol = p[7],
	};
}

static void
walk(const uint8_t *p, const uint8_t *end, struct bnd_usb_desc *d)
{
	struct config c = { 0 };

	for (; p < end; p += p[0]) {
		if (end - p < HEADER_SIZE || p[0] < HEADER_SIZE ||
		    p[0] > end - p) {
			unfit(d, "a length that leads nowhere");
			break;
		}
		if (p[1] == CONFIG) {
			end_config(&c, p, d);
			start_config(&c, p, d);
		} else if (p[1] == IFACE && p[0] >= IFACE_SIZE) {
			add_iface(&c, p, d);
		}
	}
	end_config(&c, p, d);
}

void
bnd_usb_desc_parse(const uint8_t *bytes, size_t len, struct bnd_usb_desc *d)
{
	memset(d, 0, offsetof(struct bnd_usb_desc, iface));
	if (len >= BND_USB_DESC_MAX)
		unfit(d, "cut: as long as the kernel shows at most");
	if (len < DEVICE_SIZE) {
		unfit(d, "shorter than a device descriptor");
		return;
	}
	read_device(bytes, d);
	walk(bytes + DEVICE_SIZE, bytes + len, d);
	if (d->ifaces == 0)
		unfit(d, "no interface");
	if (d->configs != d->said)
		unfit(d, "not as many configurations as it says");
}

/*
 * Drivers are chosen by the device's own class, too.  Nothing is said by 00,
 * and by ef:02:01, which is for devices whose functions say it themselves.
 */
static bool
is_only(const struct bnd_usb_desc *d, uint8_t class)
{
	return d->class == class || d->class == 0 ||
	    (d->class == MISC && d->subclass == 2 && d->protocol == 1);
}

bool
bnd_usb_desc_is_pure(const struct bnd_usb_desc *d, uint8_t class)
{
	for (size_t i = 0; i < d->ifaces; i++)
		if (d->iface[i].class != class)
			return false;
	return d->bad == NULL && d->ifaces > 0 && is_only(d, class);
}

bool
bnd_usb_desc_is_hub(const struct bnd_usb_desc *d)
{
	return d->class == HUB && bnd_usb_desc_is_pure(d, HUB);
}
