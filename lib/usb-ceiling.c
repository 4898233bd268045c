/* usb-ceiling.c: what a mode never lets in, whatever rules and baseline say */
/* SPDX-License-Identifier: ISC */
#include "usb-ceiling.h"

#include <stddef.h>

#include "usb-device.h"

#define ANY -1

/*
 * The USB-IF's class codes (usb.org, Defined Class Codes), and what drivers of
 * Linux bind by them alone.
 */
static const struct {
	uint8_t class;
	int subclass;
	enum bnd_usb_group group;
} classes[] = {
	{ 0x02, ANY, BND_USB_GROUP_NETWORK }, /* CDC: modems, Ethernet */
	{ 0x03, ANY, BND_USB_GROUP_HID },
	{ 0x06, ANY, BND_USB_GROUP_STORAGE }, /* PTP, and MTP as PTP */
	{ 0x08, ANY, BND_USB_GROUP_STORAGE }, { 0x09, ANY, BND_USB_GROUP_HUB },
	{ 0x0a, ANY, BND_USB_GROUP_NETWORK },  /* data of CDC */
	{ 0x14, ANY, BND_USB_GROUP_NETWORK },  /* MCTP: links, from 6.15 */
	{ 0xe0, ANY, BND_USB_GROUP_NETWORK },  /* Bluetooth, RNDIS */
	{ 0xef, 0x01, BND_USB_GROUP_NETWORK }, /* ActiveSync is RNDIS */
	{ 0xef, 0x04, BND_USB_GROUP_NETWORK }, /* RNDIS */
	{ 0xfe, 0x02, BND_USB_GROUP_NETWORK }, /* IrDA */
};

#define G(name) (1U << BND_USB_GROUP_##name)
#define HUMAN	(BND_USB_IS_HUB | BND_USB_IS_KBD | BND_USB_IS_POINTER)

/*
 * The one table.  Each row denies what the row above denies, and more; the
 * console set of LOCKDOWN is a matter of the baseline (usb-verdict.c).  A
 * keyboard's media keys are an input node of their own that cannot type.
 */
static const struct {
	unsigned groups, kinds;
	bool human;
} ceilings[BND_MODE_LAST + 1] = {
	[BND_TRUSTED] = { G(STORAGE), BND_USB_IS_BLOCK, false },
	[BND_AIRGAP] = { G(STORAGE) | G(NETWORK),
	    BND_USB_IS_BLOCK | BND_USB_IS_NET | BND_USB_IS_WLAN |
		BND_USB_IS_BT | BND_USB_IS_WWAN,
	    false },
	[BND_COLDROOM] = { ~(G(HID) | G(HUB)), ~(HUMAN | BND_USB_IS_INPUT),
	    true },
	[BND_LOCKDOWN] = { ~(G(HID) | G(HUB)), ~(HUMAN | BND_USB_IS_INPUT),
	    true },
};

static const char *const names[BND_USB_GROUPS] = {
	[BND_USB_GROUP_OTHER] = "other",
	[BND_USB_GROUP_STORAGE] = "storage",
	[BND_USB_GROUP_NETWORK] = "network",
	[BND_USB_GROUP_HID] = "hid",
	[BND_USB_GROUP_HUB] = "hub",
};

static enum bnd_mode
row(enum bnd_mode m)
{
	return m < BND_MODE_FIRST || m > BND_MODE_LAST ? BND_MODE_LAST : m;
}

enum bnd_usb_group
bnd_usb_group(uint8_t class, uint8_t subclass)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (classes[i].class == class &&
		    (classes[i].subclass == ANY ||
			classes[i].subclass == subclass))
			return classes[i].group;
	}
	return BND_USB_GROUP_OTHER;
}

const char *
bnd_usb_group_name(enum bnd_usb_group g)
{
	return g < BND_USB_GROUPS ? names[g] : "other";
}

bool
bnd_usb_ceiling_denies(enum bnd_mode m, enum bnd_usb_group g)
{
	return (ceilings[row(m)].groups & 1U << g) != 0;
}

unsigned
bnd_usb_ceiling_kinds(enum bnd_mode m, unsigned kinds)
{
	return kinds & ceilings[row(m)].kinds;
}

bool
bnd_usb_ceiling_human(enum bnd_mode m)
{
	return ceilings[row(m)].human;
}
