/* pin.c: a pin is read in one spelling and contradicts itself nowhere */
/* SPDX-License-Identifier: ISC */
#include "pin.h"

#include "logkit.h"
#include "scratch.h"

static char pin[BND_PIN_MAX];
static size_t pin_len;

static bool
reads(const char *text, size_t len, struct bnd_err *err)
{
	struct bnd_pin p;

	return bnd_pin_parse((struct bnd_str){ text, len }, &p, err) == 0;
}

/* The pin of a log that was really begun. */
static void
load(void)
{
	struct scratch s;
	struct bnd_err err = { 0 };
	struct blob b;

	scratch_make(&s);
	if (kit_init(&s.root, &err) != 0)
		bail(err.text);
	b = blob_read(&s.root, BND_LOG_PIN);
	pin_len = (size_t)b.len;
	memcpy(pin, b.p, pin_len);
	blob_free(&b);
	scratch_remove(&s);
}

static void
as_written(void)
{
	struct bnd_err err = { 0 };
	struct bnd_str text = { pin, pin_len };
	struct bnd_begin b;
	struct bnd_pin p;
	uint8_t id[BND_ID_LEN];
	bool attr = true;

	is_int(bnd_pin_parse(text, &p, &err), 0, "a pin reads: %s", err.text);
	ok(p.anchors == 0 && p.record.seq == 0 && !p.begin.attr &&
		!p.begin.succeeds,
	    "it says what record 0 says");
	ok(bnd_begin_read(p.line, &p.record, &b, &err) == 0,
	    "record 0 is signed by its own key");
	ok(bnd_pin_peek(text, id, &attr, &err) == 0 && !attr &&
		memcmp(id, p.id, sizeof(id)) == 0,
	    "a glance at it says the same");
}

static void
every_bit_and_cut(void)
{
	unsigned passed = 0;

	for (size_t bit = 0; bit < 8 * pin_len; bit++) {
		pin[bit / 8] = (char)(pin[bit / 8] ^ 1 << bit % 8);
		passed += reads(pin, pin_len, NULL);
		pin[bit / 8] = (char)(pin[bit / 8] ^ 1 << bit % 8);
	}
	is_int(passed, 0, "no flipped bit passes");
	for (size_t n = 0; n < pin_len; n++)
		passed += reads(pin, n, NULL);
	is_int(passed, 0, "no cut one does");
}

/* Text put in front of the line that begins with at. */
static size_t
with(const char *at, const char *text, char *out)
{
	char *place = memmem(pin, pin_len, at, strlen(at));
	size_t before = (size_t)(place - pin);

	memcpy(out, pin, before);
	memcpy(out + before, text, strlen(text));
	memcpy(out + before + strlen(text), place, pin_len - before);
	return pin_len + strlen(text);
}

#define A43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B43 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"

static void
anchors(void)
{
	static const char *const bad[] = { "anchor 7 " A43 "\n",
		"anchor 07 " A43 " " B43 "\n", "anchor 7  " A43 " " B43 "\n",
		"anchor 7 " A43 " " B43 " \n", "anchor -7 " A43 " " B43 "\n",
		"anchor 7 " A43 " " B43 "x\n", "anker 7 " A43 " " B43 "\n",
		"\n", "# a comment\n", "{}\n" };
	static char text[BND_PIN_MAX];
	struct bnd_err err = { 0 };
	struct bnd_pin_anchor a;
	struct bnd_pin p;
	struct bnd_str s = { text, 0 };

	s.len = with("{\"v\"",
	    "anchor 7 " A43 " " B43 "\nanchor 9007199254740991 " B43 " " A43
	    "\n",
	    text);
	is_int(bnd_pin_parse(s, &p, &err), 0, "with anchors: %s", err.text);
	ok(p.anchors == 2 && bnd_pin_anchor(&p, 1, &a) &&
		a.seq == BND_SEQ_MAX && a.link[0] == 1 && a.nk[0] == 0 &&
		!bnd_pin_anchor(&p, 2, &a),
	    "two of them");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!reads(text, with("{\"v\"", bad[i], text), NULL),
		    "wrong line %zu", i);
	ok(!reads(text, with("log ", "log " A43 "\n", text), NULL),
	    "no key twice");
	memcpy(text, pin, pin_len);
	memcpy(text + pin_len, "x\n", 2);
	ok(!reads(text, pin_len + 2, NULL), "nothing behind record 0");
}

/* A pin whose parts are each in order and do not belong together. */
static void
of_two_logs(void)
{
	static char first[BND_PIN_MAX];
	size_t first_len = pin_len;
	const char *line;
	struct bnd_err err = { 0 };
	static char mixed[BND_PIN_MAX];
	size_t head, n;

	memcpy(first, pin, pin_len);
	load();
	line = memmem(pin, pin_len, "{\"v\"", 4);
	head = (size_t)((const char *)memmem(first, first_len, "{\"v\"", 4) -
	    first);
	memcpy(mixed, first, head);
	n = pin_len - (size_t)(line - pin);
	memcpy(mixed + head, line, n);
	ok(!reads(mixed, head + n, &err) && err.kind == BND_E_INPUT,
	    "the head of one and record 0 of another: %s", err.text);
}

int
main(void)
{
	load();
	as_written();
	every_bit_and_cut();
	anchors();
	of_two_logs();
	return tap_done();
}
