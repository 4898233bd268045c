/* usb-rules.c: rules and devices at random, and what ours say of them */
/* SPDX-License-Identifier: ISC */
/*
 *	usb-rules lines SEED N		N lines that are rules, or nearly
 *	usb-rules pairs SEED N		N lines "RULE US DEVICE US OTHER..."
 *	usb-rules judge			answers lines, as usbguard.cpp does
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usb-match.h"
#include "usb-rule.h"

#define US '\x1f'

static uint64_t seed;

static unsigned
pick(unsigned n)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(seed >> 33) % n;
}

#define ONE_OF(a) ((a)[pick(sizeof(a) / sizeof((a)[0]))])

struct text {
	size_t len;
	char s[4096];
};

__attribute__((format(printf, 2, 3))) static void
put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->s + t->len, sizeof(t->s) - t->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(t->s) - t->len)
		exit(2);
	t->len += (size_t)n;
}

static const char *const ops[] = { "equals", "equals", "all-of", "one-of",
	"none-of", "equals-ordered", "match-all" };
static const char *const ids[] = { "1234:abcd", "1234:*", "*:*", "0001:0002",
	"1234:0002", "1234:ABCD" };
static const char *const ifaces[] = { "08:*:*", "08:06:*", "08:06:50",
	"08:06:62", "03:*:*", "03:01:01", "03:01:*", "03:00:00", "09:*:*" };
static const char *const strings[] = { "\"\"", "\"a\"", "\"b\"", "\"a\\\"b\"",
	"\"\\xe2\\x82\\xac\"", "\"\xe2\x82\xac\"", "\"a\\\\\"" };
static const char *const types[] = { "\"hotplug\"", "\"hardwired\"", "\"\"" };

static void
put_values(struct text *t, const char *attr, const char *const *from,
    unsigned many, unsigned max)
{
	unsigned n = 1 + pick(max);

	put(t, " %s ", attr);
	if (n == 1 && pick(2)) {
		put(t, "%s", from[pick(many)]);
		return;
	}
	if (pick(3) > 0)
		put(t, "%s ", ONE_OF(ops));
	put(t, "{");
	for (; n > 0; n--)
		put(t, " %s", from[pick(many)]);
	put(t, " }");
}

#define VALUES(t, attr, a, max) \
	put_values(t, attr, a, sizeof(a) / sizeof((a)[0]), max)

static void
put_cond(struct text *t)
{
	static const char *const plain[] = { "true", "false", "true", "random",
		"localtime(8:00-17:00)", "rule-applied", "rule-evaluated(1h)" };

	put(t, "%s", pick(3) ? "" : "!");
	if (pick(2)) {
		put(t, "%s", ONE_OF(plain));
		return;
	}
	put(t, "allowed-matches(");
	VALUES(t, "with-interface", ifaces, 2);
	if (pick(3) == 0)
		VALUES(t, "id", ids, 1);
	put(t, ")");
}

static void
put_conds(struct text *t)
{
	unsigned n = 1 + pick(3);

	put(t, " if ");
	if (n == 1 && pick(2)) {
		put_cond(t);
		return;
	}
	put(t, "%s { ", ONE_OF(ops));
	for (; n > 0; n--) {
		put_cond(t);
		put(t, " ");
	}
	put(t, "}");
}

static void
put_rule(struct text *t)
{
	put(t, "%s", pick(2) ? "allow" : pick(2) ? "block" : "reject");
	if (pick(8) == 0)
		put(t, " %s", ONE_OF(ids));
	else if (pick(4) == 0)
		VALUES(t, "id", ids, 2);
	if (pick(4) > 0)
		VALUES(t, "with-interface", ifaces, 4);
	if (pick(6) == 0)
		VALUES(t, "name", strings, 2);
	if (pick(8) == 0)
		VALUES(t, "serial", strings, 2);
	if (pick(8) == 0)
		VALUES(t, "with-connect-type", types, 2);
	if (pick(8) == 0)
		VALUES(t, "label", strings, 1);
	if (pick(3) == 0)
		put_conds(t);
}

/* As usbguard lists it. */
static void
put_device(struct text *t)
{
	static const char *const of[] = { "08:06:50", "08:06:62", "03:01:01",
		"03:00:00", "03:01:02", "09:00:00" };
	static const char *const id[] = { "1234:abcd", "1234:0002",
		"0001:0002" };
	static const char *const text[] = { "\"\"", "\"a\"", "\"b\"",
		"\"a\\\"b\"", "\"\\xe2\\x82\\xac\"", "\"a\\\\\"" };
	unsigned n = 1 + pick(4);

	put(t,
	    "device id %s serial %s name %s hash \"h\" parent-hash \"p\" "
	    "via-port \"1-1\" with-interface {",
	    ONE_OF(id), ONE_OF(text), ONE_OF(text));
	for (; n > 0; n--)
		put(t, " %s", ONE_OF(of));
	put(t, " } with-connect-type %s", ONE_OF(types));
}

/* A byte less, more, or another one, of those that mean something. */
static void
spoil(struct text *t)
{
	static const char bytes[] = " \t{}\"#!()*:\\-xaF0g1\r";
	size_t at = pick((unsigned)t->len + 1);
	char c = bytes[pick(sizeof(bytes) - 1)];

	switch (pick(3)) {
	case 0:
		if (at == t->len)
			return;
		memmove(t->s + at, t->s + at + 1, t->len - at);
		t->len--;
		return;
	case 1:
		if (at < t->len)
			t->s[at] = c;
		return;
	default:
		memmove(t->s + at + 1, t->s + at, t->len - at + 1);
		t->s[at] = c;
		t->len++;
	}
}

static void
lines(unsigned n)
{
	while (n-- > 0) {
		struct text t = { 0 };

		put_rule(&t);
		if (pick(6) == 0)
			put(&t, "%s# comment", pick(2) ? " " : "");
		for (unsigned k = pick(4); k > 0; k--)
			spoil(&t);
		puts(t.s);
	}
}

static void
pairs(unsigned n)
{
	while (n-- > 0) {
		struct text t = { 0 };

		put_rule(&t);
		for (unsigned k = 1 + pick(3); k > 0; k--) {
			put(&t, "%c", US);
			put_device(&t);
		}
		puts(t.s);
	}
}

/* ---- judging ---- */

struct dev {
	struct bnd_usb_rules line; /* that it was made of */
	struct bnd_usb_desc desc;
	struct bnd_usb_device d;
};

static struct bnd_str
only(const struct bnd_usb_rule *r, enum bnd_usb_by by)
{
	const struct bnd_usb_value *v = r->set[by].first;

	return v != NULL ? v->str : (struct bnd_str){ 0 };
}

static void
make(struct dev *dev, struct bnd_str text)
{
	const struct bnd_usb_rule *r;
	struct bnd_err err = { 0 };
	struct text t = { 0 };

	put(&t, "allow%.*s\n", (int)text.len - 6, text.p + 6);
	if (bnd_usb_rules_add(&dev->line, "device",
		(struct bnd_str){ t.s, t.len }, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	r = bnd_usb_rules_at(&dev->line, 0);
	dev->desc = (struct bnd_usb_desc){
		.vendor = r->set[BND_USB_BY_ID].first->id.vendor,
		.product = r->set[BND_USB_BY_ID].first->id.product,
	};
	for (const struct bnd_usb_value *v = r->set[BND_USB_BY_IFACE].first;
	     v != NULL; v = v->next)
		dev->desc.iface[dev->desc.ifaces++] = (struct bnd_usb_iface){
			.class = v->iface.class,
			.subclass = v->iface.subclass,
			.protocol = v->iface.protocol,
		};
	dev->d = (struct bnd_usb_device){ .desc = &dev->desc,
		.port = "1-1",
		.hash = "h",
		.parent_hash = "p",
		.name = only(r, BND_USB_BY_NAME),
		.serial = only(r, BND_USB_BY_SERIAL),
		.connect = only(r, BND_USB_BY_CONNECT) };
}

static bool
any(void *ctx, const struct bnd_usb_rule *query, bool *unknown)
{
	const struct dev *dev = ctx;

	(void)unknown;
	for (size_t i = 1; i < 4 && dev[i].line.n > 0; i++)
		if (bnd_usb_rule_hits(query, &dev[i].d, NULL))
			return true;
	return false;
}

static const char *
judge(char *line)
{
	static struct dev dev[4];
	const struct bnd_usb_others others = { any, dev };
	struct bnd_usb_rules set = { 0 };
	struct bnd_err err = { 0 };
	struct bnd_str rest = { line, strlen(line) }, rule;
	bool hit;
	size_t n = 0;

	rule = bnd_str_until(rest, US);
	/* A line has an end, which is the byte behind it. */
	rest = bnd_str_from(rest, rule.len);
	line[rule.len] = '\n';
	rule.len++;
	if (bnd_usb_rules_add(&set, "f", rule, &err) != 0)
		return "error";
	while (rest.len > 0 && n < 4) {
		struct bnd_str one = bnd_str_until(bnd_str_from(rest, 1), US);

		make(&dev[n++], one);
		rest = bnd_str_from(rest, one.len + 1);
	}
	hit = n > 0 && set.n > 0 &&
	    bnd_usb_rule_hits(bnd_usb_rules_at(&set, 0), &dev[0].d, &others);
	for (size_t i = 0; i < n; i++)
		bnd_usb_rules_free(&dev[i].line);
	bnd_usb_rules_free(&set);
	return n == 0 ? "rule" : hit ? "yes" : "no";
}

int
main(int argc, char **argv)
{
	static char line[16384];

	if (argc == 4) {
		seed = strtoul(argv[2], NULL, 10);
		if (strcmp(argv[1], "lines") == 0)
			lines((unsigned)strtoul(argv[3], NULL, 10));
		else
			pairs((unsigned)strtoul(argv[3], NULL, 10));
	} else {
		while (fgets(line, sizeof(line) - 1, stdin) != NULL) {
			line[strcspn(line, "\n")] = '\0';
			puts(judge(line));
		}
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 2;
}
