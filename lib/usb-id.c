/* usb-id.c: names for a device that are made of its bytes */
/* SPDX-License-Identifier: ISC */
#include "usb-id.h"

#include <stdio.h>
#include <string.h>

#include "sign.h"

enum {
	DEVICE = 1,
	DEVICE_SIZE = 18,
	RELEASE_AT = 12,
	LINUX = 0x1d6b,
	LAST_ROOT_HUB = 3,
};

static void
add_str(struct bnd_sha256er *h, struct bnd_str s)
{
	if (s.len > 0)
		bnd_sha256_add(h, s.p, s.len);
}

static void
end_b64(struct bnd_sha256er *h, char hash[static BND_USB_HASH_LEN + 1])
{
	uint8_t sum[BND_SHA256_LEN];

	bnd_sha256_end(h, sum);
	bnd_text_to_b64std(sum, sizeof(sum), hash);
}

/*
 * By the ids alone, as there.  Who takes them is hashed like a root hub then,
 * and it gains him nothing: bcdDevice is no part of what he may do.
 */
static bool
has_root_hub_ids(const struct bnd_usb_desc *d, const uint8_t *bytes)
{
	return bytes[1] == DEVICE && d->vendor == LINUX && d->product >= 1 &&
	    d->product <= LAST_ROOT_HUB;
}

static void
add_descriptors(struct bnd_sha256er *h, const struct bnd_usb_desc *d,
    const uint8_t *bytes, size_t len)
{
	uint8_t device[DEVICE_SIZE];

	if (len >= DEVICE_SIZE && has_root_hub_ids(d, bytes)) {
		memcpy(device, bytes, sizeof(device));
		device[RELEASE_AT] = device[RELEASE_AT + 1] = 0;
		bnd_sha256_add(h, device, sizeof(device));
		bytes += sizeof(device);
		len -= sizeof(device);
	}
	bnd_sha256_add(h, bytes, len);
}

void
bnd_usb_hash(const struct bnd_usb_device *d, const uint8_t *bytes, size_t len,
    char hash[static BND_USB_HASH_LEN + 1])
{
	struct bnd_sha256er h;
	char ids[9];

	snprintf(
	    ids, sizeof(ids), "%04x%04x", d->desc->vendor, d->desc->product);
	bnd_sha256_start(&h);
	add_str(&h, bnd_usb_trim(d->name));
	bnd_sha256_add(&h, ids, strlen(ids));
	add_str(&h, bnd_usb_trim(d->serial));
	add_descriptors(&h, d->desc, bytes, len);
	end_b64(&h, hash);
}

void
bnd_usb_hash_path(const char *path, char hash[static BND_USB_HASH_LEN + 1])
{
	struct bnd_sha256er h;

	bnd_sha256_start(&h);
	bnd_sha256_add(&h, path, strlen(path));
	end_b64(&h, hash);
}

/* Its length before it, so that no byte can move to its neighbour. */
static void
add_field(struct bnd_sha256er *h, const void *p, size_t len)
{
	const uint8_t be[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16),
		(uint8_t)(len >> 8), (uint8_t)len };

	bnd_sha256_add(h, be, sizeof(be));
	if (len > 0)
		bnd_sha256_add(h, p, len);
}

static void
add_number(struct bnd_sha256er *h, uint16_t n)
{
	char hex[5];

	snprintf(hex, sizeof(hex), "%04x", n);
	add_field(h, hex, strlen(hex));
}

void
bnd_usb_identity(const struct bnd_usb_device *d, const uint8_t *bytes,
    size_t len, char id[static BND_USB_ID_LEN + 1])
{
	static const char first[] = "bnd-usb-id-1", scheme[] = "bnd1:";
	uint8_t sum[BND_SHA256_LEN];
	struct bnd_sha256er h;

	bnd_sha256_start(&h);
	add_field(&h, first, strlen(first));
	add_number(&h, d->desc->vendor);
	add_number(&h, d->desc->product);
	add_number(&h, d->desc->release);
	add_field(&h, d->manufacturer.p, d->manufacturer.len);
	add_field(&h, d->name.p, d->name.len);
	add_field(&h, d->serial.p, d->serial.len);
	add_field(&h, bytes, len);
	bnd_sha256_end(&h, sum);
	memcpy(id, scheme, strlen(scheme));
	bnd_text_to_hex(sum, sizeof(sum), id + strlen(scheme));
}
