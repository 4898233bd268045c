/* usb-id.h: names for a device that are made of its bytes (bnd-usb(5), IDENTITY) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_ID_H
#define BND_USB_ID_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"
#include "usb-device.h"

/*
 * USBGuard's hash: base64 of SHA-256 over vendor, product (4 hex digits each),
 * name and serial (trimmed) and the descriptors; of a root hub without
 * bcdDevice, which is the kernel's version.
 */
void bnd_usb_hash(const struct bnd_usb_device *d, const uint8_t *bytes,
    size_t len, char hash[static BND_USB_HASH_LEN + 1]);
/* What it uses for the parent of a root hub: of a path without "/sys". */
void bnd_usb_hash_path(
    const char *path, char hash[static BND_USB_HASH_LEN + 1]);

/* Our own: "bnd1:" and SHA-256 over every field, each with its length. */
void bnd_usb_identity(const struct bnd_usb_device *d, const uint8_t *bytes,
    size_t len, char id[static BND_USB_ID_LEN + 1]);

#endif
