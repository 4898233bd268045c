/* usb-desc.h: what the bytes of a device say it is */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_DESC_H
#define BND_USB_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * sysfs shows a device descriptor and then each configuration, and ends after
 * so many bytes (drivers/usb/core/sysfs.c): whatever is as long may hide more.
 */
#define BND_USB_DESC_MAX   65553
#define BND_USB_IFACES_MAX 1024

/* One type-4 descriptor: an alternate setting of an interface. */
struct bnd_usb_iface {
	uint8_t config; /* its configuration's place, from 0 */
	uint8_t number, alt;
	uint8_t class, subclass, protocol;
};

/* Large: not for the stack. */
struct bnd_usb_desc {
	uint16_t vendor, product, release; /* bcdDevice */
	uint8_t class, subclass, protocol; /* of the device */
	uint8_t said;			   /* bNumConfigurations */
	unsigned configs;		   /* that were seen */
	bool lied;	 /* a header's length or count is not what is there */
	const char *bad; /* why it cannot be judged: a literal, or NULL */
	size_t ifaces;	 /* of all configurations, in order, none left out */
	struct bnd_usb_iface iface[BND_USB_IFACES_MAX];
};

/*
 * Pure and total.  Walks by bLength alone, as the kernel's own parser may have
 * cut what its headers still promise; what is not to be trusted is in bad, and
 * ifaces holds what was seen all the same.
 */
void bnd_usb_desc_parse(
    const uint8_t *bytes, size_t len, struct bnd_usb_desc *d);

/* A hub and nothing else, in every configuration and setting (09:*:*). */
bool bnd_usb_desc_is_hub(const struct bnd_usb_desc *d);
/* Every interface is of this class. */
bool bnd_usb_desc_is_pure(const struct bnd_usb_desc *d, uint8_t class);

#endif
