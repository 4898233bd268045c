/* usb-id.c: a device's names change with every byte that they are made of */
/* SPDX-License-Identifier: ISC */
/*
 * The known answers are Python's:
 *
 *	hash = base64(sha256(name + "046dc31c" + serial + descriptors))
 *	identity = "bnd1:" + sha256(b"".join(struct.pack(">I", len(f)) + f for f in (
 *	    b"bnd-usb-id-1", b"046d", b"c31c", b"6402", manufacturer, name, serial,
 *	    descriptors))).hexdigest()
 *
 * and of the path openssl's: printf %s PATH | openssl dgst -sha256 -binary | base64
 */
#include "usb-id.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "usbdev.h"

#define KEYBOARD "id=046d:c31c rel=6402 03:01:01 hid ep"
#define ROOT_HUB "id=1d6b:0002 rel=0601 class=09:00:01 09:00:00 ep"

static struct usbdev u;
static struct bnd_usb_desc desc;
static struct bnd_usb_device d;
static char hash[BND_USB_HASH_LEN + 1], id[BND_USB_ID_LEN + 1];

static struct bnd_str
text(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

static void
name_it(void)
{
	bnd_usb_desc_parse(u.bytes, u.len, &desc);
	d.desc = &desc;
	bnd_usb_hash(&d, u.bytes, u.len, hash);
	bnd_usb_identity(&d, u.bytes, u.len, id);
}

static void
device(
    const char *words, const char *maker, const char *name, const char *serial)
{
	usbdev(&u, words);
	d = (struct bnd_usb_device){
		.manufacturer = text(maker),
		.name = text(name),
		.serial = text(serial),
	};
	name_it();
}

static void
test_known(void)
{
	char path[BND_USB_HASH_LEN + 1];

	device(KEYBOARD, "Logitech", "USB Keyboard",
	    "K\xff"
	    "01");
	is_str(hash, "8zahJ/DdJYNnZwYmguLpkjtUQPGimr93mIPXhFp7tdQ=",
	    "USBGuard's hash of a keyboard");
	is_str(id,
	    "bnd1:72761e894b2afaa834f240d6ccedfa32e3753a926c1512afe77345d70dfd"
	    "24e8",
	    "its identity");
	device(KEYBOARD, "", "", "");
	is_str(hash, "z0xUBfks5vSjRe2rqyzw5ITEQ1f90HnVg97RcAu0uxo=",
	    "the hash without strings");
	is_str(id,
	    "bnd1:6cbc1a987ca17cafa5009a824fce0d05e9658b5a5bdd3a6aeaf09967848c"
	    "0ce6",
	    "the identity without strings");
	/* In the hash bcdDevice is 0, as the kernel's version stands in it. */
	device(ROOT_HUB, "Linux 6.1.0 xhci-hcd", "xHCI Host Controller",
	    "0000:00:14.0");
	is_str(hash, "/zoi/cDABcarQD4PYL81Xpb0JuZoG0zcPDn4UMhj3aw=",
	    "the hash of a root hub");
	is_str(id,
	    "bnd1:da93417bc8c2d753c1ca8877ea8aa36e7b718f09f33f353e5a178d6a7b4f"
	    "9678",
	    "its identity");
	bnd_usb_hash_path("/devices/pci0000:00/0000:00:14.0", path);
	is_str(path, "rV9bfLq7c2eA4tYjVjwO4bxhm+y6GgZpl9J60L0fBkY=",
	    "the hash of a controller's path");
}

/* Counts the bytes of a field that can change without the names changing. */
static unsigned
unnoticed(uint8_t *field, size_t len, bool in_hash)
{
	char old_hash[sizeof(hash)], old_id[sizeof(id)];
	unsigned same = 0;

	name_it();
	memcpy(old_hash, hash, sizeof(hash));
	memcpy(old_id, id, sizeof(id));
	for (size_t i = 0; i < len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			field[i] ^= (uint8_t)(1 << bit);
			name_it();
			same += strcmp(id, old_id) == 0 ||
			    (strcmp(hash, old_hash) == 0) == in_hash;
			field[i] ^= (uint8_t)(1 << bit);
		}
	}
	return same;
}

static void
test_every_byte(void)
{
	uint8_t strings[3][24] = { "Maker", "Product", "Serial" };

	usbdev(&u, KEYBOARD);
	d = (struct bnd_usb_device){
		.manufacturer = { (char *)strings[0], 5 },
		.name = { (char *)strings[1], 7 },
		.serial = { (char *)strings[2], 6 },
	};
	is_int(unnoticed(u.bytes, u.len, true), 0,
	    "UP-21: a bit of the descriptors, bcdDevice with them");
	is_int(unnoticed(strings[1], 7, true), 0, "UP-21: of the product");
	is_int(unnoticed(strings[2], 6, true), 0, "UP-21: of the serial");
	is_int(unnoticed(strings[0], 5, false), 0,
	    "UP-21: of the manufacturer, which USBGuard does not hash");
	usbdev(&u, ROOT_HUB);
	is_int(unnoticed(u.bytes + 12, 2, false), 0,
	    "a root hub's bcdDevice is in the identity alone");
	is_int(unnoticed(u.bytes + 14, u.len - 14, true), 0,
	    "and all behind it in both");
}

static void
test_root_hub_ids(void)
{
	static const struct {
		const char *words;
		bool zeroed;
	} rows[] = {
		{ "id=1d6b:0000 09:00:00", false },
		{ "id=1d6b:0001 09:00:00", true },
		{ "id=1d6b:0002 09:00:00", true },
		{ "id=1d6b:0003 03:01:01", true },
		{ "id=1d6b:0004 09:00:00", false },
		{ "id=1d6b:0104 09:00:00", false },
		{ "id=6b1d:0200 09:00:00", false },
		{ "id=1d6b:0002 type=2 09:00:00", false },
	};
	char before[sizeof(hash)];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		device(rows[i].words, "", "", "");
		memcpy(before, hash, sizeof(hash));
		u.bytes[13] ^= 0x10;
		name_it();
		is_int(strcmp(before, hash) == 0, rows[i].zeroed,
		    "bcdDevice counts or not: %s", rows[i].words);
	}
}

/* USBGuard's fields have no frames, and blanks at their ends fall off. */
static void
test_frames(void)
{
	char other_hash[sizeof(hash)], other_id[sizeof(id)];

	device(KEYBOARD, "a", "b", "c");
	memcpy(other_id, id, sizeof(id));
	device(KEYBOARD, "", "ab", "c");
	ok(strcmp(id, other_id) != 0, "no byte moves from field to field");
	device(KEYBOARD, "", "046dc31c", "");
	memcpy(other_hash, hash, sizeof(hash));
	memcpy(other_id, id, sizeof(id));
	device(KEYBOARD, "", "", "046dc31c");
	is_str(hash, other_hash, "control: in USBGuard's hash one does");
	ok(strcmp(id, other_id) != 0, "and not in the identity");
	device(KEYBOARD, "", "b", "c");
	memcpy(other_hash, hash, sizeof(hash));
	memcpy(other_id, id, sizeof(id));
	d.name = (struct bnd_str){ "b\0\t\r\n", 5 };
	name_it();
	is_str(hash, other_hash, "the hash is of trimmed strings");
	ok(strcmp(id, other_id) != 0, "the identity of whole ones");
}

static void
test_long_strings(void)
{
	static char serial[4000];
	char old_hash[sizeof(hash)], old_id[sizeof(id)];

	for (size_t i = 0; i < sizeof(serial); i++)
		serial[i] = (char)(0x80 | i % 120);
	device(KEYBOARD, "", "b", "");
	d.serial = (struct bnd_str){ serial, sizeof(serial) };
	name_it();
	memcpy(old_hash, hash, sizeof(hash));
	memcpy(old_id, id, sizeof(id));
	serial[sizeof(serial) - 1] ^= 1;
	name_it();
	ok(strcmp(hash, old_hash) != 0 && strcmp(id, old_id) != 0,
	    "UT-08: the last of 4,000 bytes of no UTF-8 counts");
}

/* Whatever the bytes, there is a name. */
static void
test_short(void)
{
	for (size_t n = 0; n < 40; n++) {
		usbdev(&u, "id=1d6b:0002 09:00:00");
		u.len = n < u.len ? n : u.len;
		name_it();
	}
	ok(strlen(hash) == BND_USB_HASH_LEN && strlen(id) == BND_USB_ID_LEN,
	    "cut bytes have names, too");
}

int
main(void)
{
	test_known();
	test_every_byte();
	test_root_hub_ids();
	test_frames();
	test_long_strings();
	test_short();
	return tap_done();
}
