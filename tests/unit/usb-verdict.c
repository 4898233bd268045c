/* usb-verdict.c: what each mode lets in: total, monotone, as written down */
/* SPDX-License-Identifier: ISC */
#include "usb-verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "may.h"
#include "tap.h"
#include "usb-ceiling.h"
#include "usb-print.h"
#include "usbdev.h"

#define IS(kind) ((unsigned)BND_USB_IS_##kind)

static struct usbdev u;
static struct bnd_usb_desc desc;
static struct bnd_usb_device d;
static struct bnd_usb_policy p;
static struct bnd_usb_known lines[3];
static struct bnd_usb_verdict v;

static const char *
id_of(char c)
{
	static char id[BND_USB_ID_LEN + 1];

	snprintf(id, sizeof(id), "bnd1:%064d", 0);
	memset(id + 5, c, 64);
	return id;
}

/* A device by the words of usbdev.h, unknown so far. */
static void
device(const char *words)
{
	usbdev(&u, words);
	bnd_usb_desc_parse(u.bytes, u.len, &desc);
	d = (struct bnd_usb_device){ .desc = &desc, .depth = 0 };
	snprintf(d.port, sizeof(d.port), "1-1");
	snprintf(d.place, sizeof(d.place), "0000:00:14.0/1");
	snprintf(d.identity, sizeof(d.identity), "%s", id_of('a'));
	d.name = (struct bnd_str){ "Thing", 5 };
}

/* Nothing but a keyboard on USB, and LOCKDOWN keeps it. */
static void
policy(void)
{
	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++)
		bnd_usb_rules_free(&p.rules[m]);
	p = (struct bnd_usb_policy){
		.usable = true, .keep = BND_USB_KEEP, .hub_depth = 5
	};
}

static void
rules(enum bnd_mode m, const char *text)
{
	struct bnd_err err = { 0 };
	char name[64];

	snprintf(name, sizeof(name), "/etc/bnd/usb.d/%s%s10.rules",
	    m != BND_MODE_NONE ? bnd_mode_name(m) : "",
	    m != BND_MODE_NONE ? "/" : "");
	if (bnd_usb_rules_add(&p.rules[m], name,
		(struct bnd_str){ text, strlen(text) }, &err) != 0)
		bail(err.text);
}

/* One more line of the baseline that is for d. */
static void
know(unsigned kinds, const char *report)
{
	struct bnd_usb_known *k = &lines[p.base.n];

	*k = (struct bnd_usb_known){ .kinds = kinds,
		.number = (unsigned)p.base.n + 2 };
	snprintf(k->identity, sizeof(k->identity), "%s", id_of('a'));
	snprintf(k->report, sizeof(k->report), "%s", report);
	p.base.known = lines;
	p.base.n++;
	p.has_baseline_file = true;
}

static void
seen(unsigned kinds, const char *report)
{
	d.seen = (struct bnd_usb_seen){
		.looked = true, .kinds = kinds, .has_report = report[0] != '\0'
	};
	snprintf(d.seen.report, sizeof(d.seen.report), "%s", report);
}

static bool
admitted(enum bnd_mode m)
{
	bnd_usb_judge(&d, &p, m, NULL, &v);
	return v.word == BND_USB_ADMIT;
}

/* "OPEN RESTRICTED" and so on: the modes that admit it, as letters. */
static const char *
where(void)
{
	static char s[8];
	size_t n = 0;

	for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++) {
		if (admitted((enum bnd_mode)m))
			s[n++] = bnd_mode_name((enum bnd_mode)m)[0];
	}
	s[n] = '\0';
	return s;
}

static bool
says(const char *what)
{
	if (strstr(v.reason, what) != NULL)
		return true;
	diag("reason: %s", v.reason);
	return false;
}

/* ---- UP-01 ----------------------------------------------------------------- */

static const char *
group_of(unsigned class, unsigned subclass)
{
	/* By hand, not by the code under test. */
	if (class == 0x08 || class == 0x06)
		return "storage";
	if (class == 0x02 || class == 0x0a || class == 0x14 || class == 0xe0 ||
	    (class == 0xef && (subclass == 1 || subclass == 4)) ||
	    (class == 0xfe && subclass == 2))
		return "network";
	return class == 0x03 ? "hid" : class == 0x09 ? "hub" : "other";
}

static unsigned
kinds_of(const char *group)
{
	switch (group[0] * 256 + group[1]) {
	case 's' * 256 + 't':
		return IS(BLOCK);
	case 'n' * 256 + 'e':
		return IS(NET);
	case 'h' * 256 + 'i':
		return IS(KBD);
	case 'h' * 256 + 'u':
		return IS(HUB);
	default:
		return 0;
	}
}

/* All classes of one line of tests/data/usb-modes, against it. */
static unsigned
wrong_cells(const char *group, const char *rule, const char *who,
    char cell[static 6][4], unsigned *seen_cells)
{
	char words[64], text[64];
	unsigned bad = 0;

	for (unsigned i = 0; i <= 256; i++) {
		unsigned class = i < 256 ? i : 0xef, sub = i < 256 ? 0 : 4;

		if (strcmp(group_of(class, sub), group) != 0)
			continue;
		snprintf(words, sizeof(words), "%s%02x:%02x:00",
		    class == 9 ? "class=09:00:00 " : "", class, sub);
		policy();
		device(words);
		if (strcmp(who, "known") == 0)
			know(kinds_of(group), "r");
		snprintf(text, sizeof(text), "%s with-interface %02x:*:*\n",
		    rule, class);
		if (strcmp(rule, "none") != 0)
			rules(BND_MODE_NONE, text);
		for (int m = 0; m < 6; m++, ++*seen_cells) {
			bool yes = admitted((enum bnd_mode)(m + 1));

			bad += yes != (strcmp(cell[m], "yes") == 0);
			bad += yes != bnd_usb_may_iface(&v, 0);
			bad += v.reason[0] == '\0';
		}
	}
	return bad;
}

static void
test_golden(void)
{
	char path[512], line[128], group[16], rule[8], who[16], cell[6][4];
	unsigned cells = 0, bad = 0;
	FILE *f;

	snprintf(
	    path, sizeof(path), "%s/tests/data/usb-modes", getenv("BND_TREE"));
	f = fopen(path, "re");
	if (f == NULL)
		bail(path);
	while (fgets(line, sizeof(line), f) != NULL) {
		unsigned wrong;

		if (line[0] == '#')
			continue;
		if (sscanf(line, "%15s %7s %15s %3s %3s %3s %3s %3s %3s", group,
			rule, who, cell[0], cell[1], cell[2], cell[3], cell[4],
			cell[5]) != 9)
			bail(line);
		wrong = wrong_cells(group, rule, who, cell, &cells);
		if (wrong != 0)
			diag("%u wrong: %s", wrong, line);
		bad += wrong;
	}
	fclose(f);
	is_int(bad, 0, "UP-01: every cell as written down");
	is_int(cells, 257 * 6 * 3 * 2, "and there is no other");
}

/* ---- UP-02 ----------------------------------------------------------------- */

static uint64_t rng = 88172645463325252;

static unsigned
any_of(unsigned n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (unsigned)(rng >> 33) % n;
}

static const char *
pick(const char *const *list, unsigned n)
{
	return list[any_of(n)];
}
#define PICK(list) pick(list, sizeof(list) / sizeof((list)[0]))

static bool
chance(void *ctx, const struct bnd_usb_rule *query, bool *unknown)
{
	const unsigned *fixed = ctx;

	(void)query;
	*unknown = *fixed == 2;
	return *fixed == 1;
}

static void
random_rules(void)
{
	static const char *const target[] = { "allow", "allow", "block",
		"reject" };
	static const char *const attr[] = { "", " with-interface 03:*:*",
		" with-interface match-all { 03:*:* }",
		" with-interface one-of { 08:*:* 06:*:* }",
		" with-interface none-of { 03:*:* }",
		" with-interface equals { 03:01:01 03:00:00 }",
		" with-interface all-of { 09:*:* }",
		" with-interface match-all { 08:*:* ff:*:* }", " 1234:abcd",
		" 1234:*", " id none-of { 1:2 }", " name \"Thing\"",
		" name none-of { \"Thing\" }", " serial \"7\"",
		" if allowed-matches(with-interface 03:01:01)",
		" if !allowed-matches(1234:*)", " if random", " if false",
		" if !false", " if one-of { true random }", " via-port \"1-1\"",
		" with-connect-type \"hotplug\"" };
	char text[1024];

	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++) {
		size_t n = 0;
		unsigned count = any_of(m == BND_MODE_NONE ? 5 : 3);

		for (unsigned i = 0; i < count; i++) {
			const char *a = PICK(attr);

			if (strstr(a, "id none-of") != NULL)
				a = " id none-of { 0001:0002 }";
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%s\n", PICK(target), a);
		}
		if (n > 0)
			rules((enum bnd_mode)m, text);
	}
}

static void
random_device(void)
{
	static const char *const words[] = { "03:01:01", "03:01:01 03:00:00",
		"03:01:02", "03:00:00", "class=09:00:01 09:00:00",
		"class=09:00:02 09:00:01 +09:00:02", "08:06:50",
		"08:06:50 +08:06:62", "08:06:50 03:01:01",
		"03:01:01 08:06:50 config 03:01:01", "09:00:00 03:01:01",
		"class=09:00:00 09:00:00 08:06:50", "ff:00:00",
		"ff:ff:ff 03:00:00", "02:02:01 0a:00:00", "e0:01:01 +e0:01:01",
		"class=e0:01:01 ff:ff:ff", "ef:04:01 0a:00:00",
		"class=ef:02:01 0e:01:00 0e:02:00 01:01:00 03:00:00",
		"01:01:00 01:02:00 +01:02:00 03:00:00", "03:01:01 configs=2",
		"03:01:01 raw=00" };
	char text[128];

	snprintf(text, sizeof(text), "%s%s", any_of(2) ? "id=1234:abcd " : "",
	    PICK(words));
	device(text);
	d.depth = any_of(6);
	d.twins = any_of(8) == 0;
	d.kept_console = any_of(2);
	d.serial = (struct bnd_str){ "7", any_of(2) };
	if (any_of(2))
		d.connect = (struct bnd_str){ "hotplug", 7 };
	if (any_of(2))
		seen(any_of(8) == 0 ? any_of(1 << 15)
				    : any_of(4) * (1 + any_of(2)),
		    any_of(2)	    ? "r"
			: any_of(2) ? "s"
				    : "");
}

static void
random_policy(void)
{
	policy();
	random_rules();
	for (unsigned n = any_of(3); n > 0; n--)
		know(any_of(3) == 0 ? any_of(1 << 15) : any_of(8), "r");
	p.usable = any_of(8) != 0;
	p.base_bad = p.base.n == 0 && any_of(4) == 0;
	p.keep = (enum bnd_usb_keep)any_of(3);
	p.other_console = any_of(2);
	p.filter = any_of(2);
	p.hub_depth = any_of(6);
}

/* How often something was let in that a laxer mode keeps out. */
static unsigned
laxer(unsigned fixed, unsigned *good, unsigned *in_part)
{
	struct bnd_usb_others others = { chance, &fixed };
	struct bnd_usb_verdict was = { .word = BND_USB_ADMIT };
	unsigned bad = 0;

	memset(was.ifaces, 0xff, sizeof(was.ifaces));
	for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++) {
		bnd_usb_judge(&d, &p, (enum bnd_mode)m, &others, &v);
		bad += v.word == BND_USB_NOTHING || v.reason[0] == '\0';
		bad += v.word == BND_USB_ADMIT && was.word != BND_USB_ADMIT;
		bad += v.console && !was.console && m > BND_MODE_FIRST;
		for (size_t i = 0; i < 8; i++) {
			bad += (v.ifaces[i] & ~was.ifaces[i]) != 0;
			bad += v.ifaces[i] != 0 && v.word != BND_USB_ADMIT;
		}
		*good += v.word == BND_USB_ADMIT;
		*in_part += v.part;
		was = v;
	}
	return bad;
}

static void
test_monotone(void)
{
	unsigned bad = 0, good = 0, in_part = 0;

	for (unsigned i = 0; i < 20000; i++) {
		unsigned wrong;

		random_policy();
		random_device();
		wrong = laxer(any_of(3), &good, &in_part);
		if (wrong != 0 && bad == 0)
			diag("case %u: %s", i, v.reason);
		bad += wrong;
	}
	policy();
	is_int(bad, 0, "UP-02: what a mode admits every laxer one admits");
	ok(good > 7000 && in_part > 50, "of %u that were let in, %u in part",
	    good, in_part);
}

/* ---- rules ----------------------------------------------------------------- */

static void
test_rules(void)
{
	policy();
	device("03:01:02");
	rules(BND_AIRGAP, "allow\n");
	is_str(where(), "O", "UP-03: a rule for AIRGAP opens nothing");
	ok(!admitted(BND_AIRGAP) && v.by == BND_RESTRICTED &&
		says("RESTRICTED: no allow rule"),
	    "UP-03: and RESTRICTED is the reason");
	rules(BND_RESTRICTED, "allow\n");
	is_str(where(), "OR", "nor anything beyond RESTRICTED");
	rules(BND_MODE_NONE, "allow id *:* if false\nblock name \"Thing\"\n");
	is_str(where(), "", "the first rule of OPEN's that matches");
	ok(!admitted(BND_RESTRICTED) && v.by == BND_OPEN &&
		v.word == BND_USB_DENY &&
		says("OPEN: block rule /etc/bnd/usb.d/10.rules:2"),
	    "is named with its line");
	policy();
	rules(BND_TRUSTED, "reject\n");
	know(IS(POINTER), "");
	is_str(where(), "OR", "a rule of a mode takes away from it on");
	ok(!admitted(BND_AIRGAP) && v.by == BND_TRUSTED &&
		v.word == BND_USB_REMOVE && v.in_baseline &&
		says("TRUSTED: reject rule /etc/bnd/usb.d/TRUSTED/10.rules:1"),
	    "and reject is told from block");
	policy();
	rules(BND_OPEN, "allow with-interface 03:*:*\n");
	rules(BND_MODE_NONE, "block with-interface 03:*:*\n");
	is_str(where(), "O", "a mode's own rules come first, in that mode");
	policy();
	rules(BND_MODE_NONE, "allow name \"\\x1b[2J\"\nallow\n");
	ok(admitted(BND_RESTRICTED) &&
		says("allow rule /etc/bnd/usb.d/10.rules:2") &&
		v.by == BND_MODE_NONE,
	    "an admission names its rule");
}

/* ---- descriptors, hubs ----------------------------------------------------- */

static void
test_shape(void)
{
	policy();
	device("ff:00:00 cut=20");
	rules(BND_MODE_NONE, "allow with-interface all-of { ff:*:* }\nallow\n");
	is_str(where(), "", "UD-11: what cannot be judged is let in nowhere");
	ok(says("descriptors: "), "and that is the reason");
	policy();
	know(IS(HUB), "");
	device("class=09:00:02 09:00:01 ep +09:00:02 ep");
	is_str(where(), "ORTACL", "a hub with two settings is a hub");
	p.hub_depth = 3;
	d.depth = 2;
	is_str(where(), "ORTACL", "UB-14: the third hub of three");
	d.depth = 3;
	is_str(where(), "", "UB-14: and a fourth");
	ok(says("hub depth: 4 in a row, usb_hub_depth is 3"), "has a reason");
	device("03:01:01");
	lines[0].kinds = IS(KBD);
	d.depth = 3;
	is_str(where(), "ORTACL", "UB-14: below the third is room");
	p.hub_depth = 0;
	d.depth = 5;
	is_str(where(), "ORTACL", "the default is what a bus can have");
	d.depth = 6;
	is_str(where(), "", "and no more");
	device("class=09:00:02 09:00:01 ep +09:00:02 ep");
	lines[0].kinds = IS(HUB);
	for (unsigned n = 2; n <= 5; n++) {
		p.hub_depth = n;
		/* It is a hub itself: n - 1, n, n + 1 in a row. */
		for (d.depth = n - 2; d.depth <= n; d.depth++)
			is_str(where(), d.depth < n ? "ORTACL" : "",
			    "hub %u of %u in every mode", d.depth + 1, n);
	}
}

static void
test_hubs(void)
{
	policy();
	know(IS(HUB) | IS(KBD), "r");
	rules(BND_MODE_NONE, "allow\n");
	device("class=09:00:00 03:01:01");
	is_str(where(), "O", "UD-17: a hub by the device's word alone");
	ok(!admitted(BND_COLDROOM) && says("a hub with another interface"),
	    "UD-17: is no hub");
	device("class=09:00:00 09:00:00 03:01:01");
	is_str(where(), "O", "UD-22: hub and keyboard, in the baseline");
	device("09:00:00 08:06:50");
	is_str(where(), "O", "UD-22: hub and storage");
	p.filter = true;
	is_str(where(), "O", "UD-22: which is not taken apart");
	device("class=09:00:00 09:00:00 config 08:06:50");
	is_str(where(), "O", "UD-22: nor in another configuration");
	p.usable = false;
	is_str(where(), "", "nor of the console set");
}

/* ---- ceilings -------------------------------------------------------------- */

static void
test_ceilings(void)
{
	static const struct {
		const char *words, *where;
		unsigned kinds;
	} t[] = {
		{ "03:01:01 08:06:50", "OR", 0 },
		{ "08:06:50 03:01:01", "OR", 0 },
		{ "03:01:01 +08:06:50", "OR", 0 },
		{ "03:01:01 config 08:06:50", "OR", 0 },
		{ "ff:00:00 config ff:00:00 06:01:01", "OR", 0 },
		{ "03:01:01 02:02:01", "ORT", 0 },
		{ "03:01:01 ef:04:01", "ORT", 0 },
		{ "03:01:01 ef:05:01", "ORTA", 0 },
		{ "class=e0:01:01 ff:ff:ff", "ORT", 0 },
		{ "class=08:00:00 03:01:01", "OR", 0 },
		{ "class=ff:00:00 03:01:01", "ORTA", IS(KBD) },
		{ "class=ef:02:01 03:01:01", "ORTACL", IS(KBD) },
		{ "ff:00:00", "ORTA", 0 },
		{ "ff:00:00", "OR", IS(BLOCK) },
		{ "ff:00:00", "ORT", IS(NET) },
		{ "ff:00:00", "ORT", IS(WLAN) },
		{ "ff:00:00", "ORT", IS(BT) },
		{ "ff:00:00", "ORT", IS(WWAN) | IS(TTY) },
		{ "ff:00:00", "ORTA", IS(TTY) | IS(SOUND) | IS(VIDEO) },
		{ "03:01:01", "ORTA", IS(KBD) | IS(TTY) },
		{ "03:00:00", "ORTA", IS(FIDO) },
		{ "03:00:00", "ORTA", IS(INPUT) },
		{ "03:00:00", "ORTA", 0 },
		{ "03:01:02", "ORTAC", IS(POINTER) },
		{ "03:01:01 03:00:00", "ORTACL", IS(KBD) | IS(INPUT) },
		{ "03:01:01 03:01:02", "ORTACL", IS(KBD) | IS(POINTER) },
		{ "03:01:01 0e:01:00", "ORTA", IS(KBD) },
		{ "class=09:00:00 09:00:00", "ORTACL", 0 },
		{ "class=09:00:00 09:00:00", "ORTA", IS(HUB) | IS(TTY) },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char kinds[BND_USB_KINDS_SIZE];

		policy();
		device(t[i].words);
		know(t[i].kinds, "");
		bnd_usb_kinds_print(t[i].kinds, kinds, sizeof(kinds));
		is_str(where(), t[i].where, "ceilings: %s, known as %s",
		    t[i].words, kinds);
	}
	policy();
	device("03:01:01 08:06:50");
	know(0, "");
	ok(!admitted(BND_LOCKDOWN) &&
		says("TRUSTED: ceiling: storage, interface 1 is 08:06:50"),
	    "the laxest mode that denies, and the interface, are named");
}

/* --may reads no table of ours, so it must not say more than this one. */
static void
test_may(void)
{
	static const struct {
		const char *request;
		enum bnd_usb_group g;
	} t[] = { { "usb.storage", BND_USB_GROUP_STORAGE },
		{ "usb.network", BND_USB_GROUP_NETWORK },
		{ "usb.hid", BND_USB_GROUP_HID },
		{ "usb.other", BND_USB_GROUP_OTHER } };
	unsigned bad = 0;
	char request[32];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct bnd_str s = { t[i].request, strlen(t[i].request) };

		snprintf(request, sizeof(request), "usb.%s",
		    bnd_usb_group_name(t[i].g));
		bad += strcmp(request, t[i].request) != 0;
		for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++) {
			enum bnd_mode mode = (enum bnd_mode)m;

			if (bnd_usb_ceiling_denies(mode, t[i].g))
				bad += bnd_may(s, mode, true);
			/* A yes is one that no rule and no line is needed for. */
			bad += bnd_may(s, mode, true) != (mode == BND_OPEN);
		}
	}
	is_int(bad, 0, "--may says yes where nothing else is asked for");
	for (unsigned class = 0; class < 256; class ++)
		bad += strcmp(bnd_usb_group_name(
				  bnd_usb_group((uint8_t) class, 0)),
			   group_of(class, 0)) != 0;
	for (unsigned sub = 0; sub < 256; sub++) {
		bad += strcmp(bnd_usb_group_name(
				  bnd_usb_group(0xef, (uint8_t)sub)),
			   group_of(0xef, sub)) != 0;
		bad += strcmp(bnd_usb_group_name(
				  bnd_usb_group(0xfe, (uint8_t)sub)),
			   group_of(0xfe, sub)) != 0;
	}
	is_int(bad, 0, "and means the same classes");
	for (int m = BND_MODE_FIRST; m < BND_MODE_LAST; m++) {
		for (unsigned g = 0; g < BND_USB_GROUPS; g++)
			bad += bnd_usb_ceiling_denies((enum bnd_mode)m, g) &&
			    !bnd_usb_ceiling_denies((enum bnd_mode)(m + 1), g);
		bad += (bnd_usb_ceiling_kinds((enum bnd_mode)m, ~0U) &
			   ~bnd_usb_ceiling_kinds(
			       (enum bnd_mode)(m + 1), ~0U)) != 0;
	}
	is_int(bad, 0, "no row of the table is laxer than the one above");
	ok(bnd_usb_ceiling_denies(BND_MODE_NONE, BND_USB_GROUP_OTHER) &&
		bnd_usb_ceiling_denies(
		    (enum bnd_mode)(BND_MODE_LAST + 1), BND_USB_GROUP_OTHER),
	    "what is no mode is as strict as can be");
}

/* ---- what a HID is --------------------------------------------------------- */

static void
test_hid(void)
{
	policy();
	rules(BND_MODE_NONE, "allow with-interface 03:*:*\n");
	device("03:01:02");
	is_str(where(), "OR", "a mouse by a mouse's rule");
	seen(IS(POINTER), "r");
	is_str(where(), "OR", "that turned out to be one");
	seen(IS(POINTER) | IS(KBD), "r");
	is_str(where(), "O", "UB-07: that types after all");
	ok(!admitted(BND_RESTRICTED) && v.alert && v.word == BND_USB_DENY &&
		strncmp(v.reason, "hid: ", 5) == 0,
	    "UB-07: denied, with an alert");
	ok(admitted(BND_OPEN) && !v.alert, "UB-07: OPEN does not ask");
	device("03:00:00");
	seen(IS(KBD), "r");
	is_str(where(), "O", "UB-07: 03:00:00 that types");
	device("ff:00:00");
	rules(BND_MODE_NONE, "allow\n");
	seen(IS(KBD), "");
	is_str(where(), "O", "UB-07: and whatever else does");
	device("03:01:01 03:00:00");
	policy();
	rules(BND_MODE_NONE, "allow with-interface match-all { 03:*:* }\n");
	seen(IS(KBD) | IS(INPUT), "r");
	ok(admitted(BND_RESTRICTED) && !v.alert,
	    "UB-23: an honest keyboard with media keys");
	device("03:01:02");
	seen(IS(POINTER) | IS(INPUT), "r");
	ok(admitted(BND_RESTRICTED) && !v.alert, "UB-23: a mouse with buttons");
	device("03:00:00");
	seen(IS(FIDO), "r");
	ok(admitted(BND_RESTRICTED) && !v.alert, "UB-08: a FIDO key");
	know(IS(FIDO), "r");
	is_str(where(), "ORTA", "UB-08: where the baseline says so");
}

static void
test_learned(void)
{
	policy();
	device("03:00:00");
	know(IS(KBD) | IS(INPUT), "aa");
	is_str(where(), "ORTACL", "before the drivers came, as learned");
	seen(IS(KBD), "aa");
	is_str(where(), "ORTACL", "a keyboard as the baseline knows it");
	seen(IS(KBD) | IS(INPUT) | IS(OTHER), "aa");
	is_str(where(), "ORTACL", "all of it, and what is not ready yet");
	seen(IS(KBD) | IS(POINTER), "aa");
	is_str(where(), "OR", "a kind that was not learned");
	ok(!admitted(BND_TRUSTED) && v.alert &&
		says("kind: it turned out to be pointer"),
	    "is named, with an alert");
	seen(IS(KBD), "bb");
	is_str(where(), "ORTA", "another report descriptor");
	ok(!admitted(BND_COLDROOM) && v.alert && v.by == BND_COLDROOM &&
		strncmp(v.reason, "hid: ", 5) == 0,
	    "is no longer the device that was learned");
	seen(IS(KBD), "");
	is_str(where(), "ORTA", "input without a report descriptor");
	seen(0, "");
	is_str(where(), "ORTACL", "no driver yet: nothing types");
	lines[0].report[0] = '\0';
	seen(IS(KBD), "aa");
	is_str(where(), "ORTA", "none was learned, and there is one");
	device("ff:00:00");
	lines[0].kinds = IS(TTY);
	seen(IS(TTY) | IS(NET), "");
	is_str(where(), "OR", "UP-05: a link where a tty was learned");
	lines[0].kinds = 0;
	seen(IS(NET), "");
	is_str(where(), "OR", "UP-05: or nothing");
	ok(!admitted(BND_AIRGAP) && v.alert && says("net"), "UP-05: alert");
}

/* ---- baseline -------------------------------------------------------------- */

static void
test_baseline(void)
{
	policy();
	device("03:01:01");
	know(IS(KBD), "");
	ok(admitted(BND_AIRGAP) && v.in_baseline &&
		says("/etc/bnd/usb.baseline:2"),
	    "the line that admits is named");
	d.twins = 1;
	is_str(where(), "O", "a twin more than lines");
	ok(!admitted(BND_TRUSTED) && !v.in_baseline &&
		strncmp(v.reason, "duplicate identity", 18) == 0,
	    "has that reason");
	know(IS(KBD), "");
	is_str(where(), "ORTACL", "a line for each of two");
	snprintf(d.identity, sizeof(d.identity), "%s", id_of('b'));
	d.twins = 0;
	is_str(where(), "O", "UB-21: another device in that port");
	ok(!admitted(BND_TRUSTED) && !v.in_baseline, "UB-21: is not known");
	snprintf(d.identity, sizeof(d.identity), "%s", id_of('a'));
	for (size_t i = 0; i < 2; i++)
		snprintf(lines[i].place, sizeof(lines[i].place), "%s",
		    "0000:00:14.0/2");
	is_str(where(), "O", "UB-21: the device in a port that is not its");
	snprintf(d.place, sizeof(d.place), "0000:00:14.0/2");
	is_str(where(), "ORTACL", "UB-21: and in the one that is");
}

/* ---- console set ----------------------------------------------------------- */

static void
test_console(void)
{
	static const struct {
		const char *words;
		unsigned kinds;
		bool in;
	} t[] = {
		{ "03:01:01", IS(KBD), true },
		{ "03:00:00", IS(KBD), true },
		{ "03:01:01 03:01:02", IS(KBD) | IS(POINTER), true },
		{ "class=09:00:00 09:00:00", IS(HUB), true },
		{ "03:01:01", IS(POINTER), false },
		{ "03:01:01", 0, false },
		{ "03:01:01 08:06:50", IS(KBD), false },
		{ "08:06:50", IS(BLOCK), false },
		{ "01:01:00 03:01:01", IS(KBD), false },
		{ "class=09:00:00 09:00:00 03:01:01", IS(KBD) | IS(HUB),
		    false },
		{ "class=ff:00:00 03:01:01", IS(KBD), false },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		policy();
		device(t[i].words);
		know(t[i].kinds, "");
		is_int(admitted(BND_LOCKDOWN), t[i].in, "S0-75: %s, kinds %x",
		    t[i].words, t[i].kinds);
		is_int(v.console, t[i].in, "and says so");
		p.usable = false;
		is_int(admitted(BND_OPEN), t[i].in, "without a policy, too");
		p.usable = true;
		p.keep = BND_USB_KEEP_NONE;
		ok(!admitted(BND_LOCKDOWN), "S0-75: none is nothing at all");
		p.keep = BND_USB_KEEP_AUTO;
		is_int(admitted(BND_LOCKDOWN), t[i].in, "auto, no other way");
		p.other_console = true;
		ok(!admitted(BND_LOCKDOWN), "auto, with another way in");
	}
}

static void
test_console_more(void)
{
	policy();
	device("03:01:01");
	ok(!admitted(BND_LOCKDOWN), "S0-75: a stranger's keyboard");
	know(IS(KBD), "aa");
	ok(admitted(BND_OPEN) && v.console, "one of the set, in OPEN");
	p.keep = BND_USB_KEEP_NONE;
	ok(admitted(BND_OPEN) && !v.console, "and of none");
	ok(!admitted(BND_LOCKDOWN) && says("lockdown_hid none"), "says why");
	policy();
	know(IS(KBD), "aa");
	rules(BND_LOCKDOWN, "block\n");
	is_str(where(), "ORTAC", "a rule can take it away");
	policy();
	know(IS(KBD), "aa");
	rules(BND_RESTRICTED, "block\n");
	is_str(where(), "O", "in a laxer mode's directory, too");
	policy();
	know(IS(KBD), "aa");
	seen(IS(KBD), "bb");
	ok(!admitted(BND_LOCKDOWN) && v.alert,
	    "with another report descriptor");
}

static void
test_unusable(void)
{
	policy();
	p.usable = false;
	snprintf(p.why.text, sizeof(p.why.text), "/f:1:2: bad \x1b");
	rules(BND_MODE_NONE, "allow\n");
	device("08:06:50");
	is_str(where(), "", "no policy: no storage in any mode");
	ok(!admitted(BND_OPEN) && v.by != BND_MODE_NONE &&
		says("policy: /f:1:2: bad"),
	    "because of the policy");
	ok(strchr(v.reason, 0x1b) == NULL, "and printable");
	device("03:01:01");
	d.kept_console = true;
	is_str(where(), "", "what was let in is not known now");
	p.base_bad = true;
	is_str(where(), "ORTACL", "and stays if nobody can say who is");
	ok(v.console, "as one of the console set");
	seen(IS(KBD), "aa");
	is_str(where(), "ORTACL", "as it is");
	seen(IS(KBD) | IS(NET), "aa");
	is_str(where(), "", "but not as something else");
	d.seen.looked = false;
	d.kept_console = false;
	is_str(where(), "", "nobody new comes in that way");
	d.kept_console = true;
	p.keep = BND_USB_KEEP_NONE;
	is_str(where(), "", "nor with lockdown_hid none");
	p.keep = BND_USB_KEEP;
	device("03:01:01 08:06:50");
	d.kept_console = true;
	is_str(where(), "", "nor storage beside it");
	policy();
	device("03:01:01");
	know(IS(KBD), "");
	is_str(where(), "ORTACL", "control: a policy, and a keyboard");
	bnd_usb_judge(&d, &p, BND_MODE_NONE, NULL, &v);
	ok(v.word == BND_USB_ADMIT && v.console, "what is no mode is LOCKDOWN");
	p.keep = BND_USB_KEEP_NONE;
	bnd_usb_judge(&d, &p, (enum bnd_mode)99, NULL, &v);
	ok(v.word == BND_USB_DENY, "whichever");
	bnd_usb_judge(&d, &p, (enum bnd_mode) - 1, NULL, &v);
	ok(v.word == BND_USB_DENY, "it is");
}

/* ---- devices in part ------------------------------------------------------- */

/* Interfaces that m lets in, as digits. */
static const char *
parts(enum bnd_mode m)
{
	static char s[16];
	size_t n = 0;

	(void)admitted(m);
	for (uint8_t i = 0; i < 10; i++) {
		if (bnd_usb_may_iface(&v, i))
			s[n++] = (char)('0' + i);
	}
	s[n] = '\0';
	return s;
}

static void
test_strict(void)
{
	policy();
	rules(BND_MODE_NONE, "allow with-interface match-all { 08:*:* }\n");
	device("08:06:50 03:01:01");
	is_str(parts(BND_OPEN), "01", "S0-83: OPEN takes it whole");
	is_str(parts(BND_RESTRICTED), "",
	    "UB-09: storage and HID by a rule for storage");
	device("08:06:50 +08:06:62");
	is_str(parts(BND_RESTRICTED), "0", "control: storage alone");
	device("08:06:50 config 03:01:01");
	is_str(
	    parts(BND_RESTRICTED), "", "S0-83: another configuration counts");
	device("08:06:50 +03:01:01");
	is_str(parts(BND_RESTRICTED), "", "S0-83: another setting counts");
}

static void
test_filter(void)
{
	policy();
	p.filter = true;
	rules(BND_MODE_NONE, "allow with-interface match-all { 08:*:* }\n");
	device("08:06:50 03:01:01");
	is_str(parts(BND_RESTRICTED), "0", "UB-09: storage, and no HID");
	ok(v.word == BND_USB_ADMIT && v.part && says("in part: RESTRICTED: "),
	    "UB-09: in part, and says why");
	is_str(parts(BND_OPEN), "01", "OPEN takes it whole");
	is_str(parts(BND_TRUSTED), "", "storage is storage in TRUSTED");
	device("08:06:50 +03:01:01 08:06:50");
	is_str(
	    parts(BND_RESTRICTED), "1", "all settings of an interface count");
	device("08:06:50 03:01:01 config 03:01:01");
	is_str(parts(BND_RESTRICTED), "", "and those of all configurations");
	rules(
	    BND_RESTRICTED, "block with-interface one-of { 03:*:* }\nallow\n");
	device("01:01:00 03:01:01 ff:00:00");
	is_str(parts(BND_RESTRICTED), "02", "a block rule takes one away");
	policy();
	p.filter = true;
	rules(BND_MODE_NONE, "block with-interface one-of { 03:*:* }\nallow\n");
	is_str(
	    parts(BND_RESTRICTED), "", "what OPEN denies is not taken apart");
	policy();
	p.filter = true;
	rules(
	    BND_RESTRICTED, "reject with-interface one-of { 03:*:* }\nallow\n");
	is_str(parts(BND_RESTRICTED), "", "nor what is to be removed");
	device("03:01:01");
	policy();
	p.filter = true;
	is_str(parts(BND_RESTRICTED), "", "nor what has no parts");
	know(IS(KBD) | IS(TTY), "");
	is_str(parts(BND_COLDROOM), "", "whatever else was learned of it");
}

static void
test_filter_known(void)
{
	policy();
	p.filter = true;
	device("08:06:50 03:01:01 ff:00:00");
	know(IS(KBD) | IS(BLOCK), "aa");
	is_str(parts(BND_RESTRICTED), "012", "RESTRICTED: the baseline, whole");
	is_str(parts(BND_TRUSTED), "1", "TRUSTED: what cannot be storage");
	is_str(parts(BND_COLDROOM), "1", "COLDROOM: the keyboard in it");
	is_str(parts(BND_LOCKDOWN), "", "LOCKDOWN: whole devices only");
	seen(IS(KBD), "aa");
	is_str(parts(BND_COLDROOM), "1", "as it was learned");
	seen(IS(KBD), "bb");
	is_str(parts(BND_COLDROOM), "", "and not as something else");
	ok(v.alert && strncmp(v.reason, "hid: ", 5) == 0, "which is an alert");
	seen(IS(KBD) | IS(BLOCK), "aa");
	is_str(parts(BND_TRUSTED), "", "nor with the disk that was learned");
	policy();
	p.filter = true;
	rules(BND_MODE_NONE, "allow with-interface match-all { 03:00:00 }\n");
	device("03:01:01 03:00:00 08:06:50");
	is_str(parts(BND_RESTRICTED), "1", "the media keys of a keyboard");
	seen(IS(KBD), "");
	is_str(parts(BND_RESTRICTED), "",
	    "do not type by the word of an interface that is kept out");
	rules(BND_MODE_NONE, "allow with-interface match-all { 03:*:* }\n");
	is_str(parts(BND_RESTRICTED), "01", "but by the word of one let in");
}

/* Each cell by itself, for explain. */
static void
test_cells(void)
{
	struct bnd_usb_cell c;

	policy();
	device("08:06:50");
	rules(BND_RESTRICTED, "block\n");
	know(IS(BLOCK), "");
	bnd_usb_cell(&d, &p, BND_OPEN, NULL, &c);
	ok(c.word == BND_USB_ADMIT, "OPEN by itself");
	bnd_usb_cell(&d, &p, BND_RESTRICTED, NULL, &c);
	ok(c.word == BND_USB_DENY && strstr(c.reason, "block rule") != NULL,
	    "RESTRICTED by itself");
	bnd_usb_cell(&d, &p, BND_TRUSTED, NULL, &c);
	ok(c.word == BND_USB_DENY && strstr(c.reason, "storage") != NULL,
	    "TRUSTED by itself");
	bnd_usb_cell(&d, &p, BND_MODE_NONE, NULL, &c);
	ok(c.word == BND_USB_DENY, "and what is no mode");
}

int
main(void)
{
	test_golden();
	test_monotone();
	test_rules();
	test_shape();
	test_hubs();
	test_ceilings();
	test_may();
	test_hid();
	test_learned();
	test_baseline();
	test_console();
	test_console_more();
	test_unusable();
	test_strict();
	test_filter();
	test_filter_known();
	test_cells();
	policy();
	return tap_done();
}
