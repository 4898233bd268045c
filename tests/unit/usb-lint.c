/* usb-lint.c: what is said to be covered is covered, by every device there is */
/* SPDX-License-Identifier: ISC */
#include "usb-lint.h"

#include "tap.h"
#include "usb-cover.h"

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

/* Two rules of a text; freed by the next call. */
static const struct bnd_usb_rules *
rules(const char *text)
{
	static struct bnd_usb_rules set;
	struct bnd_err err = { 0 };

	bnd_usb_rules_free(&set);
	if (text != NULL && bnd_usb_rules_add(&set, "f", str(text), &err) != 0)
		bail(err.text);
	return &set;
}

static const struct {
	const char *text;
	bool covers;
} pairs[] = {
	{ "allow\nblock name \"a\"\n", true },
	{ "block\nblock if random\n", true },
	{ "block if true\nblock\n", false },
	{ "block if true\nallow if true\n", false },
	{ "allow id 0001:*\nallow id 0001:0002\n", true },
	{ "allow id 0001:0002\nallow id 0001:*\n", false },
	{ "allow id *:*\nallow name \"a\"\n", false },
	{ "allow id one-of { 0001:* 0002:* }\nblock 0002:0001\n", true },
	{ "allow id none-of { 0001:* }\nblock 0002:0001\n", true },
	{ "allow id none-of { 0001:0002 }\nblock 0001:*\n", false },
	{ "allow id none-of { 0001:0002 }\nblock id none-of { 0001:* }\n",
	    true },
	{ "allow id none-of { 0001:* }\nblock id none-of { 0001:0002 }\n",
	    false },
	{ "allow name \"a\"\nblock name \"a\" serial \"b\"\n", true },
	{ "allow name \"a\" serial \"b\"\nblock name \"a\"\n", false },
	{ "allow name one-of { \"a\" \"b\" }\nblock name \"b\"\n", true },
	{ "allow label \"x\"\nblock name \"b\"\n", true },
	{ "block with-interface one-of { 03:*:* }\n"
	  "allow with-interface 03:01:01\n",
	    true },
	{ "block with-interface one-of { 03:*:* }\n"
	  "allow with-interface match-all { 03:*:* }\n",
	    false },
	{ "block with-interface one-of { 03:*:* }\n"
	  "allow with-interface all-of { 08:*:* 03:01:* }\n",
	    true },
	{ "block with-interface match-all { 03:*:* 08:*:* }\n"
	  "allow with-interface { 03:01:01 08:*:* }\n",
	    true },
	{ "allow with-interface match-all { 03:*:* 08:*:* }\n"
	  "block with-interface { 03:01:01 08:*:* }\n",
	    false },
	{ "block with-interface { 08:*:* 08:*:* }\n"
	  "allow with-interface { 08:*:* 08:*:* }\n",
	    true },
	{ "allow with-interface { 08:*:* 08:*:* }\n"
	  "block with-interface { 08:*:* 08:*:* }\n",
	    false },
	{ "block with-interface none-of { 03:*:* }\n"
	  "allow with-interface match-all { 08:*:* }\n",
	    true },
	{ "allow with-connect-type \"x\"\nblock with-connect-type \"x\"\n",
	    false },
	{ "block with-connect-type \"x\"\nallow with-connect-type \"x\"\n",
	    true },
};

static void
by_hand(void)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct bnd_usb_rules *set;
		char shown[160];

		set = rules(pairs[i].text);
		bnd_text_show(str(pairs[i].text), shown, sizeof(shown));
		ok(set->n == 2 &&
			bnd_usb_covers(&set->rule[0], &set->rule[1]) ==
			    pairs[i].covers,
		    "%s: %s", pairs[i].covers ? "covers" : "does not", shown);
	}
}

/* ---- every pair against every device of a small world ---- */

static uint64_t seed = 7;

static unsigned
pick(unsigned n)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(seed >> 33) % n;
}

static const char *const op[] = { "equals", "all-of", "one-of", "none-of",
	"equals-ordered", "match-all" };
static const char *const iface[] = { "08:*:*", "08:06:*", "08:06:50", "03:*:*",
	"03:01:01", "03:01:*" };
static const char *const id[] = { "*:*", "0001:*", "0001:0002", "0002:*",
	"0002:0002" };
static const char *const name[] = { "\"a\"", "\"b\"", "\"\"" };
static const char *const connect[] = { "\"x\"", "\"y\"" };

static size_t
put_set(char *text, size_t size, const char *attr, const char *const *from,
    unsigned many, unsigned max)
{
	size_t len =
	    (size_t)snprintf(text, size, " %s %s {", attr, op[pick(6)]);

	for (unsigned n = 1 + pick(max); n > 0; n--)
		len += (size_t)snprintf(
		    text + len, size - len, " %s", from[pick(many)]);
	return len + (size_t)snprintf(text + len, size - len, " }");
}

static size_t
put_rule(char *text, size_t size)
{
	size_t len =
	    (size_t)snprintf(text, size, "%s", pick(2) ? "allow" : "block");

	if (pick(4) > 0)
		len += put_set(
		    text + len, size - len, "with-interface", iface, 6, 3);
	if (pick(4) == 0)
		len += put_set(text + len, size - len, "id", id, 5, 2);
	if (pick(4) == 0)
		len += put_set(text + len, size - len, "name", name, 3, 2);
	if (pick(5) == 0)
		len += put_set(
		    text + len, size - len, "with-connect-type", connect, 2, 2);
	return len + (size_t)snprintf(text + len, size - len, "\n");
}

#define WORLD (84 * 2 * 2 * 2)

/* Up to three interfaces of four kinds, in any order; two of everything else. */
static void
device(unsigned n, struct bnd_usb_device *d, struct bnd_usb_desc *desc)
{
	static const struct bnd_usb_iface kind[] = {
		{ .class = 8, .subclass = 6, .protocol = 0x50 },
		{ .class = 8, .subclass = 5, .protocol = 0 },
		{ .class = 3, .subclass = 1, .protocol = 1 },
		{ .class = 3, .subclass = 0, .protocol = 0 },
	};
	unsigned shape = n % 84;

	n /= 84;
	*d = (struct bnd_usb_device){ .desc = desc };
	desc->ifaces = shape < 4 ? 1 : shape < 20 ? 2 : 3;
	shape -= shape < 4 ? 0 : shape < 20 ? 4 : 20;
	for (size_t i = 0; i < desc->ifaces; i++, shape /= 4)
		desc->iface[i] = kind[shape % 4];
	desc->vendor = 1 + n % 2;
	desc->product = 2;
	d->name = str(n / 2 % 2 ? "a" : "");
	d->connect = n / 4 ? str("x") : (struct bnd_str){ 0 };
}

static void
whole_world(void)
{
	static struct bnd_usb_desc desc;
	unsigned covered = 0, wrong = 0, impossible = 0;

	for (unsigned round = 0; round < 6000; round++) {
		const struct bnd_usb_rules *set;
		struct bnd_usb_device d;
		enum bnd_usb_by by;
		char text[2048];
		bool cover, never;

		put_rule(text + put_rule(text, 1024), 1024);
		set = rules(text);
		cover = bnd_usb_covers(&set->rule[0], &set->rule[1]);
		never = bnd_usb_is_impossible(&set->rule[0], &by);
		covered += cover;
		impossible += never;
		for (unsigned n = 0; (cover || never) && n < WORLD; n++) {
			bool first, second;

			device(n, &d, &desc);
			first = bnd_usb_rule_hits(&set->rule[0], &d, NULL);
			second = bnd_usb_rule_hits(&set->rule[1], &d, NULL);
			if ((cover && second && !first) || (never && first)) {
				if (wrong++ == 0)
					diag("device %u: %s", n, text);
				break;
			}
		}
	}
	is_int(wrong, 0,
	    "no device is hit by a covered rule and missed by the other, and "
	    "none by an impossible one");
	ok(covered > 300 && impossible > 100, "%u pairs, %u impossible",
	    covered, impossible);
}

int
main(void)
{
	by_hand();
	whole_world();
	rules(NULL);
	return tap_done();
}
