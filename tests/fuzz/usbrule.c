/* usbrule.c: what is taken prints back to itself; matching holds for anything */
/* SPDX-License-Identifier: ISC */
#include "fuzz/fuzz.h"
#include "usb-print.h"
#include "usb-rule.h"

static char first[BND_USB_RULE_TEXT], again[BND_USB_RULE_TEXT + 1];

static void
printable(const char *text)
{
	for (; *text != '\0'; text++)
		must(*text >= 0x20 && *text <= 0x7e);
}

/* Parsed again what is printed is the same; and it may be longer than a line. */
static void
round_trip(const struct bnd_usb_rule *r)
{
	struct bnd_usb_rules set = { 0 };
	struct bnd_err err = { 0 };
	size_t len;

	bnd_usb_rule_print(r, first, sizeof(first));
	printable(first);
	len = strlen(first);
	must(len < sizeof(first) - 1);
	if (len > BND_USB_LINE_MAX)
		return;
	memcpy(again, first, len);
	again[len] = '\n';
	must(bnd_usb_rules_add(&set, "g",
		 fuzz_str((const uint8_t *)again, len + 1), &err) == 0);
	must(set.n == 1);
	bnd_usb_rule_print(bnd_usb_rules_at(&set, 0), again, sizeof(again));
	must(strcmp(first, again) == 0);
	bnd_usb_rules_free(&set);
}

static bool
any(void *ctx, const struct bnd_usb_rule *query, bool *unknown)
{
	const struct bnd_usb_device *other = ctx;

	*unknown |= other->desc->ifaces == 2;
	return bnd_usb_rule_hits(query, other, NULL);
}

/* Interfaces and strings of the input's own bytes. */
static void
make_device(struct bnd_usb_device *d, struct bnd_usb_desc *desc,
    const uint8_t *data, size_t size)
{
	*d = (struct bnd_usb_device){ .desc = desc, .port = "1-1" };
	desc->ifaces = size > 0 ? data[0] % 8 : 0;
	for (size_t i = 0; i < desc->ifaces; i++)
		desc->iface[i] = (struct bnd_usb_iface){
			.class = data[i % size] % 16,
			.subclass = data[(i + 1) % size] % 8,
			.protocol = data[(i + 2) % size] % 128,
		};
	d->name = d->serial = fuzz_str(data, size % 16);
	if (size % 2 == 0)
		d->connect = fuzz_str(data, size % 8);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bnd_usb_desc desc;
	struct bnd_usb_rules set = { 0 };
	struct bnd_usb_device d;
	const struct bnd_usb_others others = { any, &d };
	struct bnd_err err = { 0 };

	make_device(&d, &desc, data, size);
	if (bnd_usb_rules_add(&set, "f", fuzz_str(data, size), &err) != 0) {
		must(set.n == 0 && err.kind == BND_E_INPUT);
		must(strncmp(err.text, "f:", 2) == 0);
		/* What is kept for a line is never too little. */
		must(strstr(err.text, "too much for one line") == NULL);
		printable(err.text);
		return 0;
	}
	for (size_t i = 0; i < set.n; i++) {
		const struct bnd_usb_rule *r = bnd_usb_rules_at(&set, i);
		bool doubt = bnd_usb_rule_hits(r, &d, NULL);

		round_trip(r);
		/* Whoever can tell more makes no rule harder on the device. */
		must(bnd_usb_rule_target(r) == BND_USB_RULE_ALLOW
			? !doubt || bnd_usb_rule_hits(r, &d, &others)
			: doubt || !bnd_usb_rule_hits(r, &d, &others));
	}
	(void)bnd_usb_rules_first(&set, &d, &others);
	bnd_usb_device_rule(&d, BND_USB_RULE_ALLOW, first, sizeof(first));
	printable(first);
	bnd_usb_rules_free(&set);
	return 0;
}
