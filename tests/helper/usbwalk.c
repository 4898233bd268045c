/* usbwalk.c: say what is made of each device on stdin (tests/cli/usb-walk.t) */
/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>

#include "usb-desc.h"
#include "usb-id.h"

static uint8_t field[4][100000];
static struct bnd_usb_desc d;

/* A length of four bytes, little-endian, and as many bytes. */
static bool
read_field(size_t i, size_t *len)
{
	uint8_t n[4];

	if (fread(n, 1, sizeof(n), stdin) != sizeof(n))
		return false;
	*len = n[0] | (size_t)n[1] << 8 | (size_t)n[2] << 16;
	return *len <= sizeof(field[i]) &&
	    fread(field[i], 1, *len, stdin) == *len;
}

static void
say(const struct bnd_usb_device *dev, size_t len)
{
	char hash[BND_USB_HASH_LEN + 1], id[BND_USB_ID_LEN + 1];

	bnd_usb_hash(dev, field[3], len, hash);
	bnd_usb_identity(dev, field[3], len, id);
	printf("%d %d %d %d %u %s %s", d.bad == NULL, d.lied,
	    bnd_usb_desc_is_hub(&d), bnd_usb_desc_is_pure(&d, 3), d.configs,
	    hash, id);
	for (size_t i = 0; i < d.ifaces; i++) {
		const struct bnd_usb_iface *f = &d.iface[i];

		printf(" %u.%u.%u=%02x:%02x:%02x", f->config, f->number, f->alt,
		    f->class, f->subclass, f->protocol);
	}
	printf("\n");
}

int
main(void)
{
	size_t len[4];

	while (read_field(0, &len[0]) && read_field(1, &len[1]) &&
	    read_field(2, &len[2]) && read_field(3, &len[3])) {
		const struct bnd_usb_device dev = {
			.manufacturer = { (char *)field[0], len[0] },
			.name = { (char *)field[1], len[1] },
			.serial = { (char *)field[2], len[2] },
			.desc = &d,
		};

		bnd_usb_desc_parse(field[3], len[3], &d);
		say(&dev, len[3]);
	}
	return fflush(stdout) != 0;
}
