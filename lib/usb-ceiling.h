/* usb-ceiling.h: what a mode never lets in, whatever rules and baseline say */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_CEILING_H
#define BND_USB_CEILING_H

#include <stdbool.h>
#include <stdint.h>

#include "mode.h"

/* Classes by what becomes of them; the words of --may ("usb.storage"). */
enum bnd_usb_group {
	BND_USB_GROUP_OTHER = 0,
	BND_USB_GROUP_STORAGE,
	BND_USB_GROUP_NETWORK, /* wireless, too */
	BND_USB_GROUP_HID,
	BND_USB_GROUP_HUB,
	BND_USB_GROUPS,
};

enum bnd_usb_group bnd_usb_group(uint8_t class, uint8_t subclass);
const char *bnd_usb_group_name(enum bnd_usb_group g);

/* What is no mode is as strict as LOCKDOWN. */
bool bnd_usb_ceiling_denies(enum bnd_mode m, enum bnd_usb_group g);
/* Those of the kinds (enum bnd_usb_kind) that it denies. */
unsigned bnd_usb_ceiling_kinds(enum bnd_mode m, unsigned kinds);
/* It lets in keyboards, pointers and hubs, and whoever is none is denied. */
bool bnd_usb_ceiling_human(enum bnd_mode m);

#endif
