/* usbjudge.c: whatever device, rules and baseline: total, monotone, under the ceilings */
/* SPDX-License-Identifier: ISC */
#include "usb-verdict.h"

#include "fuzz/fuzz.h"

#define HEAD 16 /* bytes of settings and of what is known and seen */
#define CUT  0xfe

static struct bnd_usb_policy p;
static struct bnd_usb_known line;
static struct bnd_usb_desc desc;
static struct bnd_usb_device d;

static struct bnd_str
next(struct bnd_str *rest)
{
	struct bnd_str s = bnd_str_until(*rest, (char)CUT);

	*rest = bnd_str_from(*rest, s.len < rest->len ? s.len + 1 : s.len);
	return s;
}

static void
add(enum bnd_mode m, struct bnd_str text)
{
	struct bnd_err none = { 0 };

	(void)!bnd_usb_rules_add(&p.rules[m], "f", text, &none);
}

static void
policy(const uint8_t *h, struct bnd_str *rest)
{
	p = (struct bnd_usb_policy){ .usable = (h[0] & 1) != 0,
		.filter = (h[0] & 2) != 0,
		.base_bad = (h[0] & 4) != 0,
		.other_console = (h[0] & 8) != 0,
		.keep = (enum bnd_usb_keep)(h[1] % 3),
		.hub_depth = h[2] % 6 };
	add(BND_MODE_NONE, next(rest));
	add((enum bnd_mode)(BND_MODE_FIRST + h[3] % BND_MODE_LAST), next(rest));
	line = (struct bnd_usb_known){ .identity = "x",
		.kinds = h[4] | (unsigned)h[5] << 8 };
	memset(line.report, h[6] & 1 ? 'a' : 'b', 4);
	if ((h[0] & 16) == 0 || (h[0] & 4) != 0)
		return;
	p.base.known = &line;
	p.base.n = 1;
}

static void
device(const uint8_t *h, struct bnd_str bytes)
{
	bnd_usb_desc_parse((const uint8_t *)bytes.p, bytes.len, &desc);
	d = (struct bnd_usb_device){ .identity = "x",
		.port = "1-1",
		.desc = &desc,
		.depth = h[7] % 8,
		.twins = h[8] % 2,
		.kept_console = (h[0] & 32) != 0,
		.seen = { .looked = (h[0] & 64) != 0,
		    .has_report = (h[0] & 128) != 0,
		    .kinds = h[9] | (unsigned)h[10] << 8 } };
	memset(d.seen.report, h[6] & 2 ? 'a' : 'b', 4);
}

static bool
told(void *ctx, const struct bnd_usb_rule *query, bool *unknown)
{
	const uint8_t *h = ctx;

	(void)query;
	*unknown = h[11] & 2;
	return h[11] & 1;
}

/* Of what is let in, whatever rules and baseline said. */
static void
under_ceiling(enum bnd_mode m, const struct bnd_usb_verdict *v)
{
	must(desc.bad == NULL);
	must(m < BND_TRUSTED || v->in_baseline || d.kept_console);
	must(m < BND_LOCKDOWN || (v->console && !v->part));
	for (size_t i = 0; i < desc.ifaces; i++) {
		const struct bnd_usb_iface *f = &desc.iface[i];

		if (!bnd_usb_may_iface(v, f->number))
			continue;
		must(m < BND_TRUSTED || (f->class != 8 && f->class != 6));
		must(m < BND_AIRGAP || (f->class != 2 && f->class != 10));
		must(m < BND_AIRGAP || f->class != 0xe0);
		must(m < BND_COLDROOM || f->class == 3 || f->class == 9);
	}
	must(!d.seen.looked || m < BND_TRUSTED ||
	    (d.seen.kinds & BND_USB_IS_BLOCK) == 0);
	must(!d.seen.looked || m < BND_AIRGAP ||
	    (d.seen.kinds & BND_USB_IS_NET) == 0);
}

static void
check(enum bnd_mode m, const struct bnd_usb_verdict *v,
    const struct bnd_usb_verdict *was)
{
	bool any = false;

	must(v->word > BND_USB_NOTHING && v->word <= BND_USB_ADMIT);
	must(v->word != BND_USB_ADMIT || was->word == BND_USB_ADMIT);
	for (size_t i = 0; i < 8; i++) {
		must((v->ifaces[i] & ~was->ifaces[i]) == 0);
		any = any || v->ifaces[i] != 0;
	}
	must(any == (v->word == BND_USB_ADMIT));
	must(v->reason[0] != '\0');
	for (const char *c = v->reason; *c != '\0'; c++)
		must(*c >= ' ' && *c <= '~');
	if (v->word == BND_USB_ADMIT)
		under_ceiling(p.usable ? m : BND_LOCKDOWN, v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_usb_verdict v, was = { .word = BND_USB_ADMIT };
	uint8_t h[HEAD] = { 0 };
	struct bnd_usb_others others = { told, h };
	struct bnd_str rest;

	if (size < HEAD)
		return 0;
	memcpy(h, data, HEAD);
	rest = fuzz_str(data + HEAD, size - HEAD);
	policy(h, &rest);
	device(h, rest);
	memset(was.ifaces, 0xff, sizeof(was.ifaces));
	for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++) {
		bnd_usb_judge(&d, &p, (enum bnd_mode)m, &others, &v);
		check((enum bnd_mode)m, &v, &was);
		was = v;
	}
	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++)
		bnd_usb_rules_free(&p.rules[m]);
	return 0;
}
