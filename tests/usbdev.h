/* usbdev.h: descriptors of a device, built by a few words */
/* SPDX-License-Identifier: ISC */
/*
 *	usbdev(&u, "id=1234:abcd 08:06:50 03:01:01")
 *
 * makes what sysfs would show of storage and keyboard in one.  Lengths and
 * counts are right unless a word says otherwise.
 *
 *	id=VVVV:PPPP rel=HHHH class=CC:SS:PP	of the device
 *	CC:SS:PP	an interface, of the number after the last one's
 *	+CC:SS:PP	an alternate setting of it
 *	n=N		the number of the next interface
 *	x=N		N more interfaces like the last one
 *	ep, hid		an endpoint (interrupt in), a HID class descriptor
 *	raw=HEX		any bytes
 *	fill=N		descriptors of a vendor's type, N bytes in all
 *	config		the next configuration (the first starts by itself)
 *	value=N		its bConfigurationValue
 *
 * and, as lies, total=N ifaces=N in the header of the configuration so far,
 * configs=N length=N type=N in that of the device, and cut=N, the length of all.
 */
#ifndef TEST_USBDEV_H
#define TEST_USBDEV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define USBDEV_MAX (3 * 65536)

struct usbdev {
	size_t len;
	size_t config;	 /* where the present one starts; 0: none has */
	unsigned next;	 /* interface number */
	unsigned alt;	 /* of the last one */
	uint8_t last[3]; /* its class */
	unsigned numbers;
	uint8_t bytes[USBDEV_MAX];
};

static inline void
usbdev_add(struct usbdev *u, const void *p, size_t n)
{
	if (n > sizeof(u->bytes) - u->len)
		abort();
	memcpy(u->bytes + u->len, p, n);
	u->len += n;
}

/* The header of the configuration says what is there now. */
static inline void
usbdev_count(struct usbdev *u)
{
	const size_t total = u->len - u->config;

	u->bytes[u->config + 2] = (uint8_t)total;
	u->bytes[u->config + 3] = (uint8_t)(total >> 8);
	u->bytes[u->config + 4] = (uint8_t)u->numbers;
}

static inline void
usbdev_config(struct usbdev *u)
{
	static const uint8_t header[9] = { 9, 2, 9, 0, 0, 0, 0, 0x80, 50 };

	u->config = u->len;
	u->next = u->numbers = 0;
	usbdev_add(u, header, sizeof(header));
	u->bytes[u->config + 5] = ++u->bytes[17];
}

static inline void
usbdev_iface(struct usbdev *u, bool again)
{
	uint8_t d[9] = { 9, 4 };

	u->alt = again ? u->alt + 1 : 0;
	if (!again) {
		u->numbers++;
		u->next++;
	}
	d[2] = (uint8_t)(u->next - 1);
	d[3] = (uint8_t)u->alt;
	memcpy(d + 5, u->last, 3);
	usbdev_add(u, d, sizeof(d));
}

static inline void
usbdev_fill(struct usbdev *u, size_t n)
{
	uint8_t d[255] = { 0, 0xff };

	while (n > 0) {
		size_t step = n <= 255 ? n : n < 257 ? n - 2 : 255;

		d[0] = (uint8_t)step;
		usbdev_add(u, d, step);
		n -= step;
	}
}

static inline unsigned
usbdev_hex(struct bnd_str s, size_t digits)
{
	uint8_t bin[2] = { 0 };

	if (!bnd_text_from_hex(s, bin + 2 - digits / 2, digits / 2))
		abort();
	return (unsigned)bin[0] << 8 | bin[1];
}

/* "CC:SS:PP" */
static inline void
usbdev_class(struct bnd_str s, uint8_t class[3])
{
	if (s.len != 8)
		abort();
	for (size_t i = 0; i < 3; i++)
		class[i] =
		    (uint8_t)usbdev_hex((struct bnd_str){ s.p + 3 * i, 2 }, 2);
}

static inline void
usbdev_raw(struct usbdev *u, struct bnd_str hex)
{
	for (size_t i = 0; i + 2 <= hex.len; i += 2) {
		uint8_t byte =
		    (uint8_t)usbdev_hex((struct bnd_str){ hex.p + i, 2 }, 2);

		usbdev_add(u, &byte, 1);
	}
}

/* "KEY=N" */
static inline bool
usbdev_number(struct bnd_str word, const char *key, unsigned *n)
{
	uint64_t value;

	if (!bnd_text_take(&word, key))
		return false;
	if (!bnd_text_u64(word, UINT32_MAX, &value))
		abort();
	*n = (unsigned)value;
	return true;
}

static inline void
usbdev_le16(uint8_t *p, unsigned n)
{
	p[0] = (uint8_t)n;
	p[1] = (uint8_t)(n >> 8);
}

/* Words that change a byte or two; their lies stay. */
static inline bool
usbdev_set(struct usbdev *u, struct bnd_str w)
{
	uint8_t *c = u->bytes + u->config, *d = u->bytes;
	unsigned n;

	if (usbdev_number(w, "total=", &n))
		usbdev_le16(c + 2, n);
	else if (usbdev_number(w, "ifaces=", &n))
		c[4] = (uint8_t)n;
	else if (usbdev_number(w, "value=", &n))
		c[5] = (uint8_t)n;
	else if (usbdev_number(w, "length=", &n))
		d[0] = (uint8_t)n;
	else if (usbdev_number(w, "type=", &n))
		d[1] = (uint8_t)n;
	else if (usbdev_number(w, "configs=", &n))
		d[17] = (uint8_t)n;
	else if (usbdev_number(w, "n=", &n))
		u->next = n;
	else if (usbdev_number(w, "cut=", &n))
		u->len = n;
	else
		return false;
	return true;
}

static inline bool
usbdev_device(struct usbdev *u, struct bnd_str w)
{
	uint8_t *d = u->bytes;
	unsigned n;

	if (bnd_text_take(&w, "id=")) {
		if (w.len != 9)
			abort();
		n = usbdev_hex((struct bnd_str){ w.p, 4 }, 4);
		usbdev_le16(d + 8, n);
		n = usbdev_hex((struct bnd_str){ w.p + 5, 4 }, 4);
		usbdev_le16(d + 10, n);
	} else if (bnd_text_take(&w, "rel=")) {
		n = usbdev_hex(w, 4);
		usbdev_le16(d + 12, n);
	} else if (bnd_text_take(&w, "class=")) {
		usbdev_class(w, d + 4);
	} else {
		return false;
	}
	return true;
}

/* Words that add bytes. */
static inline void
usbdev_more(struct usbdev *u, struct bnd_str w)
{
	static const uint8_t ep[7] = { 7, 5, 0x81, 3, 8, 0, 10 };
	static const uint8_t hid[9] = { 9, 0x21, 0x11, 1, 0, 1, 0x22, 63, 0 };
	bool again = bnd_text_take(&w, "+");
	unsigned n;

	if (u->config == 0 || bnd_str_is(w, "config"))
		usbdev_config(u);
	if (bnd_str_is(w, "ep"))
		usbdev_add(u, ep, sizeof(ep));
	else if (bnd_str_is(w, "hid"))
		usbdev_add(u, hid, sizeof(hid));
	else if (bnd_text_take(&w, "raw="))
		usbdev_raw(u, w);
	else if (usbdev_number(w, "fill=", &n))
		usbdev_fill(u, n);
	else if (usbdev_number(w, "x=", &n))
		for (; n > 0; n--)
			usbdev_iface(u, false);
	else if (!bnd_str_is(w, "config")) {
		usbdev_class(w, u->last);
		usbdev_iface(u, again);
	}
	usbdev_count(u);
}

/* Any mistake in the words ends the program. */
static inline void
usbdev(struct usbdev *u, const char *words)
{
	static const uint8_t device[18] = { 18, 1, 0, 2, 0, 0, 0, 64, 0x34,
		0x12, 0xcd, 0xab, 0, 1, 1, 2, 3, 0 };
	struct bnd_str rest = { words, strlen(words) }, word;

	*u = (struct usbdev){ 0 };
	usbdev_add(u, device, sizeof(device));
	while (bnd_text_word(&rest, &word))
		if (!usbdev_set(u, word) && !usbdev_device(u, word))
			usbdev_more(u, word);
}

#endif
