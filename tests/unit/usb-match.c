/* usb-match.c: rules and devices: by hand, and against a model of both */
/* SPDX-License-Identifier: ISC */
#include "usb-match.h"

#include "tap.h"
#include "usb-print.h"
#include "usb-rule.h"

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, s != NULL ? strlen(s) : 0 };
}

/* The device of a few words: "08:06:50 03:01:01". */
struct dev {
	struct bnd_usb_device d;
	struct bnd_usb_desc desc;
};

static struct dev *
dev(struct dev *v, const char *ifaces)
{
	const char *p = ifaces;
	unsigned c, s, o;
	int n;

	*v = (struct dev){ .desc = { .vendor = 0x1234, .product = 0xabcd } };
	v->d = (struct bnd_usb_device){ .desc = &v->desc,
		.port = "1-2",
		.name = str("Stick"),
		.serial = str("S1"),
		.hash = "aaaa",
		.parent_hash = "bbbb",
		.connect = str("hotplug") };
	while (sscanf(p, "%2x:%2x:%2x%n", &c, &s, &o, &n) == 3) {
		v->desc.iface[v->desc.ifaces++] =
		    (struct bnd_usb_iface){ .class = (uint8_t)c,
			    .subclass = (uint8_t)s,
			    .protocol = (uint8_t)o };
		p += n;
		while (*p == ' ')
			p++;
	}
	return v;
}

/* One rule; freed by the next call. */
static const struct bnd_usb_rule *
rule(const char *line)
{
	static struct bnd_usb_rules set;
	struct bnd_err err = { 0 };
	char text[BND_USB_LINE_MAX + 2];

	bnd_usb_rules_free(&set);
	if (line == NULL)
		return NULL;
	snprintf(text, sizeof(text), "%s\n", line);
	if (bnd_usb_rules_add(&set, "f", str(text), &err) != 0)
		bail(err.text);
	return bnd_usb_rules_at(&set, 0);
}

static bool
hits(const char *line, const char *ifaces)
{
	static struct dev v;

	return bnd_usb_rule_hits(rule(line), &dev(&v, ifaces)->d, NULL);
}

/* ---- by hand ---- */

#define UAS   "08:06:50 08:06:62"
#define COMBO "08:06:50 03:01:01"
#define KBD   "03:01:01"
#define HUB   "09:00:01 09:00:02"

static const struct {
	const char *id, *line, *ifaces;
	bool hits;
} interfaces[] = {
	{ "UR-12", "allow with-interface equals { 08:*:* 08:*:* }", COMBO, 0 },
	{ "UR-12", "allow with-interface { 03:*:* 03:*:* }", COMBO, 0 },
	{ "UR-12", "allow with-interface { 08:*:* 08:06:50 }", COMBO, 0 },
	{ "UR-12", "allow with-interface equals { 08:*:* 08:*:* }", UAS, 1 },
	{ "UR-12", "allow with-interface { 08:*:* 08:06:50 }", UAS, 1 },
	{ "UR-12", "allow with-interface { 08:06:50 08:*:* }", UAS, 1 },
	{ "UR-12", "allow with-interface { 08:06:* 08:*:* }", COMBO, 0 },
	{ "UR-12", "allow with-interface { 03:*:* 08:*:* }", COMBO, 1 },
	{ "UR-13", "block with-interface equals { 08:*:* 08:*:* }", COMBO, 1 },
	{ "UR-13", "block with-interface { 03:*:* 03:*:* }", COMBO, 1 },
	{ "UR-13", "reject with-interface { 08:*:* 08:06:50 }", COMBO, 1 },
	{ "UR-13", "block with-interface { 08:*:* 08:*:* }", UAS, 1 },
	{ "UR-13", "block with-interface { 08:*:* 09:*:* }", COMBO, 0 },
	{ "UR-13", "block with-interface { 08:*:* }", COMBO, 0 },
	{ "", "allow with-interface 08:*:*", UAS, 0 },
	{ "", "allow with-interface match-all { 08:*:* }", UAS, 1 },
	{ "", "allow with-interface match-all { 08:*:* }", COMBO, 0 },
	{ "", "allow with-interface match-all { 08:*:* 03:*:* }", KBD, 1 },
	{ "", "allow with-interface all-of { 08:*:* }", COMBO, 1 },
	{ "", "allow with-interface all-of { 08:*:* 03:*:* }", COMBO, 1 },
	{ "", "allow with-interface all-of { 08:*:* 03:*:* }", UAS, 0 },
	{ "", "allow with-interface one-of { 0a:*:* 03:*:* }", COMBO, 1 },
	{ "", "allow with-interface one-of { 0a:*:* 0b:*:* }", COMBO, 0 },
	{ "", "allow with-interface none-of { 0a:*:* 0b:*:* }", COMBO, 1 },
	{ "", "allow with-interface none-of { 0a:*:* 03:*:* }", COMBO, 0 },
	{ "", "allow with-interface equals-ordered { 08:*:* 03:*:* }", COMBO,
	    1 },
	{ "", "allow with-interface equals-ordered { 03:*:* 08:*:* }", COMBO,
	    0 },
	{ "", "block with-interface equals-ordered { 03:*:* 08:*:* }", COMBO,
	    0 },
	{ "", "allow with-interface equals-ordered { 08:*:* }", UAS, 0 },
	{ "", "allow with-interface 03:01:*", KBD, 1 },
	{ "", "allow with-interface 03:00:*", KBD, 0 },
	{ "", "allow with-interface 03:01:02", KBD, 0 },
	{ "", "allow with-interface { 09:00:01 09:00:02 }", HUB, 1 },
	{ "", "allow with-interface { 09:00:01 09:00:01 }", HUB, 0 },
	{ "", "allow", COMBO, 1 },
	{ "", "allow label \"whatever\"", COMBO, 1 },
	{ "UR-11", "allow id 1234:ABCD", KBD, 1 },
	{ "UR-11", "block 1234:aBcD", KBD, 1 },
	{ "UR-11", "allow id { 1234:abcd }", KBD, 1 },
	{ "", "allow id 1234:*", KBD, 1 },
	{ "", "allow id *:*", KBD, 1 },
	{ "", "allow id 1235:*", KBD, 0 },
	{ "", "allow id 1234:abce", KBD, 0 },
	{ "", "allow id one-of { 0001:0002 1234:* }", KBD, 1 },
	{ "", "allow id { 1234:* 1234:abcd }", KBD, 0 },
	{ "", "block id { 1234:* 1234:abcd }", KBD, 0 },
	{ "", "allow id none-of { 1234:0000 }", KBD, 1 },
	{ "", "allow id match-all { 0001:* 1234:* }", KBD, 1 },
	{ "", "allow name \"Stick\"", KBD, 1 },
	{ "", "allow name \"stick\"", KBD, 0 },
	{ "", "allow name \"Stic\"", KBD, 0 },
	{ "", "allow name \"Stick\\x00\"", KBD, 0 },
	{ "", "allow name match-all { \"x\" \"Stick\" }", KBD, 1 },
	{ "", "allow name none-of { \"x\" \"Stick\" }", KBD, 0 },
	{ "",
	    "allow serial \"S1\" hash \"aaaa\" parent-hash \"bbbb\" "
	    "via-port \"1-2\"",
	    KBD, 1 },
	{ "", "allow serial \"S2\"", KBD, 0 },
	{ "", "allow hash \"aaab\"", KBD, 0 },
	{ "", "allow parent-hash \"aaaa\"", KBD, 0 },
	{ "", "allow via-port \"1-2.1\"", KBD, 0 },
	{ "", "allow via-port one-of { \"1-1\" \"1-2\" }", KBD, 1 },
	{ "", "allow serial \"S1\" hash \"no\"", KBD, 0 },
	{ "UR-17", "allow with-connect-type \"hotplug\"", KBD, 1 },
	{ "UR-17", "allow with-connect-type \"hardwired\"", KBD, 0 },
	{ "UR-17", "block with-connect-type \"hardwired\"", KBD, 0 },
	{ "", "allow if true", KBD, 1 },
	{ "", "allow if !true", KBD, 0 },
	{ "", "block if false", KBD, 0 },
	{ "", "allow if { true !false }", KBD, 1 },
	{ "", "allow if { true false }", KBD, 0 },
	{ "", "allow if all-of { true false }", KBD, 0 },
	{ "", "allow if one-of { true false }", KBD, 1 },
	{ "", "allow if one-of { false false }", KBD, 0 },
	{ "", "allow if none-of { false false }", KBD, 1 },
	{ "", "allow if none-of { true false }", KBD, 0 },
	{ "", "allow if match-all { true true }", KBD, 1 },
	{ "", "allow if equals-ordered { true false }", KBD, 0 },
	{ "", "block id 0001:0001 if true", KBD, 0 },
};

static void
by_hand(void)
{
	for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++)
		ok(hits(interfaces[i].line, interfaces[i].ifaces) ==
			interfaces[i].hits,
		    "%s %s: %s %s", interfaces[i].id, interfaces[i].ifaces,
		    interfaces[i].hits ? "hit by" : "missed by",
		    interfaces[i].line);
}

/* What the device says is taken whole, but for its tail. */
static void
strings(void)
{
	static char euro[3 * 126 + 1];
	char line[2 * sizeof(euro)];
	static struct dev v;

	for (size_t i = 0; i + 3 < sizeof(euro); i += 3)
		memcpy(euro + i, "\xe2\x82\xac", 4);
	dev(&v, KBD)->d.name = str(euro);
	snprintf(line, sizeof(line), "allow name \"%s\"", euro);
	ok(bnd_usb_rule_hits(rule(line), &v.d, NULL),
	    "a name of 378 bytes is matched whole");
	euro[375] = '\0';
	snprintf(line, sizeof(line), "allow name \"%s\"", euro);
	ok(!bnd_usb_rule_hits(rule(line), &v.d, NULL), "and not in part");
	v.d.name = str("a \n\t\r");
	v.d.serial = (struct bnd_str){ 0 };
	ok(bnd_usb_rule_hits(rule("allow name \"a \" serial \"\""), &v.d, NULL),
	    "a tail of line ends is not part of it; absent is empty");
	v.d.name = (struct bnd_str){ 0 };
	ok(!bnd_usb_rule_hits(rule("allow name none-of { \"\" }"), &v.d, NULL),
	    "a set of one empty string");
}

static void
long_string(void)
{
	static char serial[4001], line[4100];
	static struct dev v;

	for (size_t i = 0; i < 4000; i++)
		serial[i] = (char)(0x80 + i % 128);
	dev(&v, KBD)->d.serial = str(serial);
	snprintf(line, sizeof(line), "allow serial \"%s\"", serial);
	ok(bnd_usb_rule_hits(rule(line), &v.d, NULL),
	    "UT-08 a serial number of 4,000 bytes that are no text");
	serial[3999]++;
	ok(!bnd_usb_rule_hits(rule(line), &v.d, NULL),
	    "UT-08 and its last byte counts");
}

/* UR-15: whatever stands beside it, and whatever the operator. */
static void
undecidable(void)
{
	static const char *const word[] = { "localtime(8:00-17:00)", "random",
		"random(0.5)", "rule-applied", "rule-evaluated(1h)",
		"allowed-matches(id *:*)" };
	static const char *const form[][2] = { { "", "" }, { "!", "" },
		{ "{ ", " }" }, { "one-of { true ", " }" },
		{ "{ false ", " }" }, { "all-of { ", " false }" },
		{ "none-of { ", " true }" }, { "none-of { ", " }" },
		{ "match-all { !", " }" } };
	char cond[128], line[256];

	for (size_t w = 0; w < sizeof(word) / sizeof(word[0]); w++) {
		unsigned wrong = 0;

		for (size_t f = 0; f < sizeof(form) / sizeof(form[0]); f++) {
			snprintf(cond, sizeof(cond), "%s%s%s", form[f][0],
			    word[w], form[f][1]);
			snprintf(line, sizeof(line), "allow if %s", cond);
			wrong += hits(line, KBD);
			snprintf(line, sizeof(line), "block if %s", cond);
			wrong += !hits(line, KBD);
			snprintf(line, sizeof(line), "block *:* if %s", cond);
			wrong += !hits(line, KBD);
			snprintf(
			    line, sizeof(line), "block id 0001:* if %s", cond);
			wrong += hits(line, KBD);
		}
		is_int(
		    wrong, 0, "UR-15 %s: allow never, block always", word[w]);
	}
}

static void
connect_type(void)
{
	static const char *const op[] = { "\"hotplug\"",
		"none-of { \"hotplug\" }", "one-of { \"hotplug\" \"x\" }",
		"match-all { \"\" }" };
	char line[128];
	static struct dev v;

	dev(&v, KBD)->d.connect = (struct bnd_str){ 0 };
	for (size_t i = 0; i < sizeof(op) / sizeof(op[0]); i++) {
		snprintf(
		    line, sizeof(line), "allow with-connect-type %s", op[i]);
		ok(!bnd_usb_rule_hits(rule(line), &v.d, NULL),
		    "UR-17 no connect type yet: %s misses", line);
		snprintf(
		    line, sizeof(line), "block with-connect-type %s", op[i]);
		ok(bnd_usb_rule_hits(rule(line), &v.d, NULL), "and %s hits",
		    line);
	}
	ok(!bnd_usb_rule_hits(
	       rule("block id 0001:* with-connect-type \"x\""), &v.d, NULL),
	    "but for what else the rule says");
}

/* ---- the others ---- */

struct crowd {
	size_t n;
	const struct dev *who[4];
	bool blind;
};

static bool
any(void *ctx, const struct bnd_usb_rule *query, bool *unknown)
{
	const struct crowd *c = ctx;

	*unknown |= c->blind;
	for (size_t i = 0; i < c->n; i++)
		if (bnd_usb_rule_hits(query, &c->who[i]->d, NULL))
			return true;
	return false;
}

static bool
hits_among(const char *line, const struct dev *v, struct crowd *c)
{
	const struct bnd_usb_others others = { any, c };

	return bnd_usb_rule_hits(rule(line), &v->d, &others);
}

#define ONE_KEYBOARD                                                     \
	"allow with-interface match-all { 03:*:* } if !allowed-matches(" \
	"with-interface one-of { 03:00:01 03:01:01 })"

static void
others(void)
{
	static struct dev kbd, combo, stick;
	struct crowd c = { .n = 1, .who = { &combo } };

	dev(&kbd, KBD);
	dev(&stick, "08:06:50");
	dev(&combo, COMBO)->d.connect = (struct bnd_str){ 0 };
	ok(!hits_among(ONE_KEYBOARD, &kbd, &c),
	    "UR-16 a second keyboard is not allowed");
	c.who[0] = &stick;
	ok(hits_among(ONE_KEYBOARD, &kbd, &c), "the first one is");
	c.blind = true;
	ok(!hits_among(ONE_KEYBOARD, &kbd, &c),
	    "nor one of which nobody can tell");
	c = (struct crowd){ .n = 1, .who = { &combo } };
	/* Doubt in a query counts against the device that is judged. */
	ok(!hits_among(
	       "allow if allowed-matches(with-connect-type \"hotplug\")", &kbd,
	       &c),
	    "an other of unknown connect type does not speak for it");
	ok(!hits_among(
	       "allow if !allowed-matches(with-connect-type \"hotplug\")", &kbd,
	       &c),
	    "nor, when asked the other way");
	ok(hits_among(
	       "block if allowed-matches(with-connect-type \"x\")", &kbd, &c) &&
		hits_among("block if !allowed-matches(with-connect-type \"x\")",
		    &kbd, &c),
	    "a block rule hits both ways");
	ok(!hits_among("allow if none-of { allowed-matches("
		       "with-interface { 03:*:* 03:*:* }) }",
	       &kbd, &c),
	    "equals of a query is one-sided where a match of it denies");
	ok(!hits_among(
	       "allow if allowed-matches(with-interface { 03:*:* 03:*:* })",
	       &kbd, &c),
	    "and perfect where a match of it allows");
}

/*
 * Two keyboards at once, each: judged, let in, judged again, put out if that
 * was no; in every order of the six steps at most one is in at the end.
 */
static bool
at_most_one(unsigned order)
{
	static struct dev v[2];
	bool in[2] = { false, false };
	unsigned step[2] = { 0, 0 };
	bool yes[2] = { false, false };

	dev(&v[0], KBD);
	dev(&v[1], KBD);
	for (unsigned i = 0; i < 6; i++, order >>= 1) {
		unsigned me = order & 1;
		struct crowd c = { .n = in[!me], .who = { &v[!me] } };

		if (step[me] == 1)
			in[me] = yes[me];
		else
			yes[me] = hits_among(ONE_KEYBOARD, &v[me], &c);
		if (step[me] == 2)
			in[me] = in[me] && yes[me];
		step[me]++;
	}
	return in[0] + in[1] <= 1;
}

static void
two_at_once(void)
{
	unsigned wrong = 0, orders = 0;

	for (unsigned order = 0; order < 64; order++) {
		if (__builtin_popcount(order) != 3)
			continue;
		orders++;
		wrong += !at_most_one(order);
	}
	ok(orders == 20 && wrong == 0,
	    "UR-16 at most one of two, in every order of their steps");
}

/* ---- a model, written from the table and by other means ---- */

static uint64_t seed = 20240601;

static unsigned
pick(unsigned n)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(seed >> 33) % n;
}

static const char *const op_word[] = { "equals", "all-of", "one-of", "none-of",
	"equals-ordered", "match-all" };

#define WORD 12

/* Patterns and what they are held against, both as text. */
struct mset {
	unsigned op, n;
	char r[5][WORD];
};

static bool
glob(const char *r, const char *t)
{
	for (; *r != '\0'; r++) {
		if (*r == '*') {
			while (*t != '\0' && *t != ':')
				t++;
		} else if (*r != *t++) {
			return false;
		}
	}
	return *t == '\0';
}

/* Augmenting paths (Kuhn), for any patterns at all. */
static bool
augment(const struct mset *m, char t[][WORD], size_t n, size_t r, bool *seen,
    int *owner)
{
	for (size_t i = 0; i < n; i++) {
		if (seen[i] || !glob(m->r[r], t[i]))
			continue;
		seen[i] = true;
		if (owner[i] < 0 ||
		    augment(m, t, n, (size_t)owner[i], seen, owner)) {
			owner[i] = (int)r;
			return true;
		}
	}
	return false;
}

static bool
matching(const struct mset *m, char t[][WORD], size_t n)
{
	int owner[8];

	memset(owner, -1, sizeof(owner));
	for (size_t r = 0; r < m->n; r++) {
		bool seen[8] = { false };

		if (!augment(m, t, n, r, seen, owner))
			return false;
	}
	return true;
}

/* perfect: as in an allow rule; else as USBGuard has it. */
static bool
mset_hits(const struct mset *m, char t[][WORD], size_t n, bool perfect)
{
	size_t r_with = 0, t_with = 0, pairs = 0;

	for (size_t r = 0; r < m->n; r++) {
		bool has = false;

		for (size_t i = 0; i < n; i++)
			has |= glob(m->r[r], t[i]);
		r_with += has;
		pairs += r < n && glob(m->r[r], t[r]);
	}
	for (size_t i = 0; i < n; i++) {
		bool has = false;

		for (size_t r = 0; r < m->n; r++)
			has |= glob(m->r[r], t[i]);
		t_with += has;
	}
	switch (m->op) {
	case 0:
		return m->n == n && r_with == m->n &&
		    (!perfect || matching(m, t, n));
	case 1:
		return r_with == m->n;
	case 2:
		return r_with > 0;
	case 3:
		return r_with == 0;
	case 4:
		return m->n == n && pairs == n;
	default:
		return t_with == n;
	}
}

static const char *const ifaces[] = { "08:06:50", "08:06:62", "03:01:01",
	"03:01:02", "03:00:00", "09:00:00" };
static const char *const patterns[] = { "08:*:*", "08:06:*", "08:06:50",
	"08:06:62", "03:*:*", "03:01:*", "03:01:01", "03:00:00", "09:*:*" };
static const char *const ids[] = { "1234:abcd", "1234:0001", "0001:abcd" };
static const char *const id_patterns[] = { "*:*", "1234:*", "1234:abcd",
	"0001:*", "1234:0001" };

static void
word(char to[WORD], const char *from)
{
	snprintf(to, WORD, "%s", from);
}

static void
random_set(struct mset *m, const char *const *from, size_t many, unsigned max)
{
	/* The operator that differs most often. */
	m->op = pick(2) ? 0 : pick(6);
	m->n = 1 + pick(max);
	for (unsigned i = 0; i < m->n; i++)
		word(m->r[i], from[pick((unsigned)many)]);
}

static size_t
put_mset(char *line, size_t size, const char *attr, const struct mset *m)
{
	size_t len =
	    (size_t)snprintf(line, size, " %s %s {", attr, op_word[m->op]);

	for (unsigned i = 0; i < m->n; i++)
		len += (size_t)snprintf(line + len, size - len, " %s", m->r[i]);
	return len + (size_t)snprintf(line + len, size - len, " }");
}

/* Yes, no, or that it cannot be told. */
enum { NO, YES, DOUBT };

struct mcond {
	unsigned op, n;
	struct {
		bool negated;
		unsigned word; /* true, false, query, undecidable */
		struct mset query;
	} c[3];
};

static size_t
put_conds(char *line, size_t size, const struct mcond *m)
{
	size_t len = (size_t)snprintf(line, size, " if %s {", op_word[m->op]);

	for (unsigned i = 0; i < m->n; i++) {
		static const char *const word[] = { "true", "false",
			"allowed-matches(", "localtime(0:00)" };

		len += (size_t)snprintf(line + len, size - len, " %s%s",
		    m->c[i].negated ? "!" : "", word[m->c[i].word]);
		if (m->c[i].word != 2)
			continue;
		len += put_mset(
		    line + len, size - len, "with-interface", &m->c[i].query);
		len += (size_t)snprintf(line + len, size - len, ")");
	}
	return len + (size_t)snprintf(line + len, size - len, " }");
}

struct mdev {
	struct dev v;
	size_t n;
	char t[5][WORD];
	char id[1][WORD];
};

static void
random_dev(struct mdev *d)
{
	char words[64] = "";
	unsigned vendor, product;

	d->n = 1 + pick(4);
	for (size_t i = 0; i < d->n; i++) {
		word(d->t[i], ifaces[pick(6)]);
		memcpy(words + 9 * i, d->t[i], 8);
		words[9 * i + 8] = ' ';
	}
	dev(&d->v, words);
	word(d->id[0], ids[pick(3)]);
	if (sscanf(d->id[0], "%4x:%4x", &vendor, &product) != 2)
		bail("an id of the test");
	d->v.desc.vendor = (uint16_t)vendor;
	d->v.desc.product = (uint16_t)product;
}

/*
 * What the conditions say.  For USBGuard's own answer (perfect false, doubt as
 * given) a query is one-sided; ours leans against the device that is judged.
 */
static int
conds_say(const struct mcond *m, bool allow, struct mdev *other, size_t n)
{
	size_t yes = 0;

	for (unsigned i = 0; i < m->n; i++) {
		bool lean = (allow != m->c[i].negated) != (m->op == 3);
		bool is = m->c[i].word == 0;

		if (m->c[i].word == 3)
			return DOUBT;
		for (size_t k = 0; m->c[i].word == 2 && k < n; k++)
			is |= mset_hits(
			    &m->c[i].query, other[k].t, other[k].n, lean);
		yes += is != m->c[i].negated;
	}
	if (m->op == 2)
		return yes > 0;
	return m->op == 3 ? yes == 0 : yes == m->n;
}

/* USBGuard's, for the conditions that it decides as we do. */
static bool
conds_there(const struct mcond *m, struct mdev *other, size_t n)
{
	size_t yes = 0;

	for (unsigned i = 0; i < m->n; i++) {
		bool is = m->c[i].word == 0;

		for (size_t k = 0; m->c[i].word == 2 && k < n; k++)
			is |= mset_hits(
			    &m->c[i].query, other[k].t, other[k].n, false);
		yes += is != m->c[i].negated;
	}
	if (m->op == 2)
		return yes > 0;
	return m->op == 3 ? yes == 0 : yes == m->n;
}

struct tally {
	unsigned hit, missed, wrong, laxer, conds, apart;
};

static void
one_round(struct tally *all)
{
	static struct mdev d[3];
	bool allow = pick(2), with_id = pick(3) == 0, with_if = pick(2);
	struct mset by_iface, by_id;
	struct mcond by_if = { .op = pick(6), .n = 1 + pick(3) };
	struct crowd c = { .n = pick(3), .who = { &d[1].v, &d[2].v } };
	char line[1024];
	size_t len;
	bool ours, model, there;
	int say;

	for (size_t i = 0; i < 3; i++)
		random_dev(&d[i]);
	random_set(&by_iface, patterns, 9, 4);
	random_set(&by_id, id_patterns, 5, 2);
	for (unsigned i = 0; i < by_if.n; i++) {
		by_if.c[i].negated = pick(2);
		by_if.c[i].word = pick(8) == 0 ? 3 : pick(3);
		random_set(&by_if.c[i].query, patterns, 9, 3);
	}
	len = (size_t)snprintf(
	    line, sizeof(line), "%s", allow ? "allow" : "block");
	len += put_mset(
	    line + len, sizeof(line) - len, "with-interface", &by_iface);
	if (with_id)
		len += put_mset(line + len, sizeof(line) - len, "id", &by_id);
	if (with_if)
		put_conds(line + len, sizeof(line) - len, &by_if);

	ours = hits_among(line, &d[0].v, &c);
	say = with_if ? conds_say(&by_if, allow, d + 1, c.n) : YES;
	model = mset_hits(&by_iface, d[0].t, d[0].n, allow) &&
	    (!with_id || mset_hits(&by_id, d[0].id, 1, allow)) &&
	    (say == DOUBT ? !allow : say == YES);
	if (ours != model && all->wrong++ == 0)
		diag("%s", line);
	there = mset_hits(&by_iface, d[0].t, d[0].n, false) &&
	    (!with_id || mset_hits(&by_id, d[0].id, 1, false));
	if (say == DOUBT)
		there = there && !allow;
	else if (with_if)
		there = there && conds_there(&by_if, d + 1, c.n);
	if ((allow ? ours && !there : !ours && there) && all->laxer++ == 0)
		diag("laxer: %s", line);
	all->apart += ours != there;
	all->hit += ours;
	all->missed += !ours;
	all->conds += with_if;
}

static void
against_the_model(void)
{
	struct tally all = { 0 };

	for (unsigned i = 0; i < 30000; i++)
		one_round(&all);
	is_int(all.wrong, 0, "30,000 random rules and devices as in the model");
	is_int(all.laxer, 0, "none of them is laxer than in USBGuard");
	ok(all.hit > 2000 && all.missed > 5000 && all.conds > 5000 &&
		all.apart > 100,
	    "of every kind: %u hit, %u missed, %u apart from USBGuard", all.hit,
	    all.missed, all.apart);
}

/* ---- a device as a rule ---- */

static void
devices_as_rules(void)
{
	static char text[BND_USB_DEVICE_TEXT];
	unsigned own = 0, foreign = 0;
	static struct dev v, w;

	dev(&v, "03:01:01");
	bnd_usb_device_rule(&v.d, BND_USB_RULE_ALLOW, text, sizeof(text));
	is_str(text,
	    "allow id 1234:abcd serial \"S1\" name \"Stick\" hash \"aaaa\" "
	    "parent-hash \"bbbb\" via-port \"1-2\" with-interface 03:01:01 "
	    "with-connect-type \"hotplug\"",
	    "a device as USBGuard lists it");
	for (unsigned i = 0; i < 300; i++) {
		static struct mdev d;
		char name[8];

		random_dev(&d);
		for (size_t k = 0; k < sizeof(name); k++)
			name[k] = (char)(1 + pick(255));
		d.v.d.name = (struct bnd_str){ name, pick(sizeof(name)) };
		bnd_usb_device_rule(
		    &d.v.d, BND_USB_RULE_ALLOW, text, sizeof(text));
		own += bnd_usb_rule_hits(rule(text), &d.v.d, NULL);
		w = *dev(&w, KBD);
		w.d.serial = str("another");
		foreign += bnd_usb_rule_hits(rule(text), &w.d, NULL);
	}
	is_int(own, 300, "a device's own rule hits it, whatever its name");
	is_int(foreign, 0, "and no other");
	dev(&v, "")->d.connect = (struct bnd_str){ 0 };
	bnd_usb_device_rule(&v.d, BND_USB_RULE_BLOCK, text, sizeof(text));
	ok(strstr(text, "block id") == text && !strstr(text, "with-"),
	    "what is not there is not said");
}

/* As many interfaces as there can be, each against as many values as fit. */
static void
largest(void)
{
	static char line[BND_USB_LINE_MAX + 1];
	static struct dev v;
	size_t len;

	dev(&v, "");
	v.desc.ifaces = BND_USB_IFACES_MAX;
	for (size_t i = 0; i < BND_USB_IFACES_MAX; i++)
		v.desc.iface[i] = (struct bnd_usb_iface){ .class = 3 };
	v.desc.iface[BND_USB_IFACES_MAX - 1].class = 8;
	len = (size_t)snprintf(line, sizeof(line), "allow with-interface {");
	for (size_t i = 0; i < BND_USB_IFACES_MAX; i++)
		len +=
		    (size_t)snprintf(line + len, sizeof(line) - len, " 03:*:*");
	snprintf(line + len, sizeof(line) - len, " }");
	ok(!bnd_usb_rule_hits(rule(line), &v.d, NULL),
	    "1,024 values and interfaces, one of another class");
	memcpy(line + len - 6, "08", 2);
	ok(bnd_usb_rule_hits(rule(line), &v.d, NULL), "and one value for it");
}

static void
first_wins(void)
{
	SCOPED_USB_RULES struct bnd_usb_rules set = { 0 };
	struct bnd_err err = { 0 };
	static struct dev v;

	if (bnd_usb_rules_add(&set, "f",
		str("allow id 0001:*\nblock if random\nallow\n"), &err) != 0)
		bail(err.text);
	ok(bnd_usb_rules_first(&set, &dev(&v, KBD)->d, NULL) ==
		bnd_usb_rules_at(&set, 1),
	    "the first rule that hits is the one");
	bnd_usb_rules_free(&set);
	ok(bnd_usb_rules_first(&set, &v.d, NULL) == NULL, "none hits");
}

int
main(void)
{
	by_hand();
	strings();
	long_string();
	undecidable();
	connect_type();
	others();
	two_at_once();
	against_the_model();
	devices_as_rules();
	largest();
	first_wins();
	rule(NULL);
	return tap_done();
}
