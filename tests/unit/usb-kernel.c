/* usb-kernel.c: no device of 40,000 shows the kernel more than it shows us */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "usb-desc.h"
#include "usbenum.h"

static struct bnd_usb_desc d;
static struct kernel_view k;
static uint8_t bytes[70000];
static size_t len;

/* The same devices in every run: xorshift32. */
static uint32_t
any(uint32_t below)
{
	static uint32_t x = 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % below;
}

static void
put(const void *p, size_t n)
{
	memcpy(bytes + len, p, n);
	len += n;
}

/* Something of a type that matters, of about the length it should have. */
static void
put_descriptor(void)
{
	static const uint8_t types[] = { 4, 4, 4, 4, 5, 0x21, 0x24, 0x0b, 0x07,
		0x06, 0x30, 0xff, 1, 2 };
	static const uint8_t classes[] = { 3, 8, 9, 0xff, 0xe0, 2, 0x0a, 6 };
	/* The last two types are rarer than they stand there. */
	const uint8_t type = types[any(any(20) == 0 ? 14 : 12)];
	uint8_t p[64] = { type == 4 ? 9 : 7, type };

	for (size_t i = 2; i < sizeof(p); i++)
		p[i] = (uint8_t)(any(4) == 0 ? any(256) : 0);
	if (type == 4) {
		p[2] = (uint8_t)(any(30) == 0 ? any(256) : any(4));
		p[3] = (uint8_t)any(3);
		p[5] = classes[any(sizeof(classes))];
	}
	switch (any(40)) {
	case 0:
		p[0] = (uint8_t)any(3);
		break;
	case 1:
		p[0] = (uint8_t)(2 + any(sizeof(p) - 2));
		break;
	case 2:
		p[0] = (uint8_t)(8 + any(4));
		break;
	default:
		break;
	}
	put(p, p[0] > 0 ? p[0] : 2 + any(8));
}

static void
put_config(void)
{
	uint8_t header[16] = { 9, 2, 0, 0, (uint8_t)any(5), 1, 0, 0x80, 50 };
	const size_t start = len;
	size_t total;

	if (any(30) == 0)
		header[0] = (uint8_t)(any(4) == 0 ? any(16) : 9 + any(4));
	put(header, header[0] > 9 ? header[0] : 9);
	for (uint32_t n = any(any(50) == 0 ? 90 : 7); n > 0; n--)
		put_descriptor();
	total = len - start;
	if (any(8) == 0)
		total = any(2) == 0 ? any(70000) : total - any(12);
	bytes[start + 2] = (uint8_t)total;
	bytes[start + 3] = (uint8_t)(total >> 8);
}

static void
put_device(void)
{
	const uint32_t configs = 1 + any(any(20) == 0 ? 10 : 3);
	uint8_t device[18] = { 18, 1, 0, 2, 0, 0, 0, 64 };

	device[17] = (uint8_t)(any(20) == 0 ? any(256) : configs);
	if (any(30) == 0)
		device[0] = (uint8_t)any(256);
	len = 0;
	put(device, sizeof(device));
	for (uint32_t n = configs; n > 0; n--)
		put_config();
}

static bool
has(const struct kernel_iface *want)
{
	for (size_t i = 0; i < d.ifaces; i++) {
		const struct bnd_usb_iface *f = &d.iface[i];

		if (f->config == want->config && f->number == want->number &&
		    f->alt == want->alt && f->class == want->class &&
		    f->subclass == want->subclass &&
		    f->protocol == want->protocol)
			return true;
	}
	return false;
}

struct tally {
	unsigned appeared, judged, nested, unfit, several, cut, found;
};

/* What must not be: hidden interfaces, a walk led astray, a nested one judged. */
static unsigned
compare(struct tally *t)
{
	unsigned hidden = 0;
	bool fit;

	put_device();
	kernel_enumerate(&k, bytes, len);
	if (!k.appears)
		return 0;
	bnd_usb_desc_parse(k.sysfs, k.shown, &d);
	fit = d.bad == NULL;
	for (size_t i = 0; fit && i < k.found; i++)
		hidden += !has(&k.iface[i]);
	t->appeared++;
	t->judged += fit;
	t->nested += k.nested;
	t->unfit += !fit;
	t->several += fit && d.configs > 1;
	t->cut += fit && k.shown < len;
	t->found += fit ? (unsigned)k.found : 0;
	/* Nobody is refused for a reason that the kernel would not know. */
	hidden += !fit && !k.nested && k.found > 0 && k.shown < KERNEL_SHOWS;
	hidden += k.nested && fit;
	return hidden;
}

int
main(void)
{
	struct tally t = { 0 };
	unsigned wrong = 0;

	for (int i = 0; i < 40000; i++)
		wrong += compare(&t);
	is_int(wrong, 0,
	    "all of %u interfaces of %u devices are seen, where they stand",
	    t.found, t.judged);
	ok(t.appeared > 20000 && t.judged > 10000 && t.unfit > 1000 &&
		t.nested > 500 && t.several > 1000 && t.cut > 1000,
	    "control: %u appeared, %u unfit, %u nested, %u of several "
	    "configurations, %u cut",
	    t.appeared, t.unfit, t.nested, t.several, t.cut);
	return tap_done();
}
