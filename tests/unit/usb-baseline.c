/* usb-baseline.c: one spelling, and nothing but the lines that are there */
/* SPDX-License-Identifier: ISC */
#include "usb-baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define ID_A                                                                \
	"bnd1:72761e894b2afaa834f240d6ccedfa32e3753a926c1512afe77345d70dfd" \
	"24e8"
#define ID_B                                                                \
	"bnd1:da93417bc8c2d753c1ca8877ea8aa36e7b718f09f33f353e5a178d6a7b4f" \
	"9678"
#define REPORT                                                         \
	"6cbc1a987ca17cafa5009a824fce0d05e9658b5a5bdd3a6aeaf09967848c" \
	"0ce6"
#define HEAD "bnd-usb-baseline/1\n"
#define RULE "allow id 046d:c31c serial \"K\\xff01\" with-interface 03:01:01"
#define KBD  ID_A " kinds=kbd report=" REPORT " port=0000:00:14.0/1.2 " RULE
#define DISK ID_B " kinds=block"

static struct bnd_usb_baseline b;
static struct bnd_err err;

static int
parse(const char *text, size_t len)
{
	bnd_usb_baseline_free(&b);
	err = (struct bnd_err){ 0 };
	return bnd_usb_baseline_parse(
	    "base", (struct bnd_str){ text, len }, &b, &err);
}

static int
parse_text(const char *text)
{
	return parse(text, strlen(text));
}

static void
test_read(void)
{
	const struct bnd_usb_known *k;

	is_int(parse_text(HEAD KBD "\n" DISK "\n" DISK "\nend\n"), 0,
	    "three lines: %s", err.text);
	is_int(b.n, 3, "are three devices");
	k = b.known;
	ok(strcmp(k->identity, ID_A) == 0 && k->kinds == BND_USB_IS_KBD &&
		strcmp(k->report, REPORT) == 0 &&
		strcmp(k->place, "0000:00:14.0/1.2") == 0 && k->number == 2 &&
		bnd_str_is(k->rule, RULE),
	    "all of the first");
	k = &b.known[2];
	ok(strcmp(k->identity, ID_B) == 0 && k->kinds == BND_USB_IS_BLOCK &&
		k->report[0] == '\0' && k->place[0] == '\0' && k->number == 4 &&
		k->rule.len == 0,
	    "and of the last, which says less");
	ok(bnd_usb_baseline_of(&b, ID_B) == &b.known[1],
	    "the first of its name");
	ok(bnd_usb_baseline_of(&b, "") == NULL, "and none of no name");
	is_int(parse_text(HEAD "end\n"), 0, "a baseline of no device");
	is_int(b.n, 0, "has none");
}

static void
test_errors(void)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "", "base:1:1: the file ends without \"end\"" },
		{ "end\n", "base:1:1: the first line must be" },
		{ "\xef\xbb\xbf" HEAD "end\n", "base:1:1: not printable" },
		{ "bnd-usb-baseline/1\r\nend\r\n", "base:1:19: not printable" },
		{ "bnd-usb-baseline/2\nend\n", "base:1:1: the first line" },
		{ "bnd-usb-baseline/1 \nend\n", "base:1:1: the first line" },
		{ HEAD "end", "base:2:4: no newline" },
		{ HEAD, "base:2:1: the file ends without \"end\"" },
		{ HEAD DISK "\n", "base:3:1: the file ends without \"end\"" },
		{ HEAD "END\n", "base:2:1: an identity is" },
		{ HEAD "end\n\n", "base:2:4: lines behind \"end\"" },
		{ HEAD "end\nend\n", "base:2:4: lines behind \"end\"" },
		{ HEAD "\nend\n", "base:2:1: an identity is" },
		{ HEAD "# mine\nend\n", "base:2:1: an identity is" },
		{ HEAD " " DISK "\nend\n", "base:2:1: an identity is" },
		{ HEAD ID_A "\nend\n", "base:2:70: kinds= belongs here" },
		{ HEAD ID_A "0 kinds=kbd\nend\n", "base:2:1: an identity is" },
		{ HEAD ID_A "  kinds=kbd\nend\n", "base:2:71: kinds= belongs" },
		{ HEAD ID_A "\tkinds=kbd\nend\n", "base:2:70: not printable" },
		{ HEAD ID_A " kinds=\nend\n", "base:2:77: kinds= wants" },
		{ HEAD ID_A " kinds=keys\nend\n", "base:2:77: kinds= wants" },
		{ HEAD ID_A " kinds=kbd,kbd\nend\n",
		    "base:2:77: kinds= wants" },
		{ HEAD ID_A " kinds=pointer,kbd\nend\n",
		    "base:2:77: kinds= wants" },
		{ HEAD ID_A " kinds=none,kbd\nend\n",
		    "base:2:77: kinds= wants" },
		{ HEAD DISK " \nend\n", "base:2:82: a blank too many" },
		{ HEAD DISK " report=ab\nend\n", "base:2:90: report= wants" },
		{ HEAD DISK " report=\nend\n", "base:2:90: report= wants" },
		{ HEAD DISK " report=" REPORT "0\nend\n",
		    "base:2:90: report= wants" },
		{ HEAD DISK " report=" REPORT " report=" REPORT "\nend\n",
		    "base:2:155: report=, port= or an allow rule" },
		{ HEAD DISK " port=a/1 report=" REPORT "\nend\n",
		    "base:2:92: report=, port= or an allow rule" },
		{ HEAD DISK " port=\nend\n", "base:2:88: port= wants" },
		{ HEAD DISK " port=1.2\nend\n", "base:2:88: port= wants" },
		{ HEAD DISK " port=/1.2\nend\n", "base:2:88: port= wants" },
		{ HEAD DISK " port=a/\nend\n", "base:2:88: port= wants" },
		{ HEAD DISK " port=a/x\nend\n", "base:2:88: port= wants" },
		{ HEAD DISK " port=a/1 port=a/2\nend\n",
		    "base:2:92: report=, port= or an allow rule" },
		/* What was meant to bind the line is never passed over. */
		{ HEAD DISK " prot=a/1\nend\n",
		    "base:2:83: report=, port= or an allow rule" },
		{ HEAD DISK "  port=a/1\nend\n",
		    "base:2:83: report=, port= or an allow rule" },
		{ HEAD DISK " kinds=kbd\nend\n",
		    "base:2:83: report=, port= or an allow rule" },
		{ HEAD DISK " block id *:*\nend\n",
		    "base:2:83: report=, port= or an allow rule" },
		{ HEAD DISK " allow\nend\n",
		    "base:2:83: report=, port= or an allow rule" },
		{ HEAD DISK " allow name \"\x1b[2J\"\nend\n",
		    "base:2:95: not printable ASCII" },
		{ HEAD DISK " allow name \"\xe2\x80\xae\"\nend\n",
		    "base:2:95: not printable ASCII" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int got = parse_text(rows[i].text);

		ok(got == -1 && err.kind == BND_E_INPUT && b.n == 0 &&
			b.known == NULL && b.text == NULL,
		    "refused, and nothing of it kept");
		if (!ok(strncmp(err.text, rows[i].said, strlen(rows[i].said)) ==
			    0,
			"%s", rows[i].said))
			diag("got %s", err.text);
	}
	is_int(parse(HEAD DISK "\0\nend\n", strlen(HEAD DISK) + 6), -1,
	    "a NUL is refused");
	is_str(err.text, "base:2:82: not printable ASCII", "where it stands");
}

/* The text of a file with n devices; the caller frees it. */
static char *
file_of(size_t n, size_t *len)
{
	const size_t line = strlen(DISK "\n");
	char *text = malloc(n * line + 64);

	if (text == NULL)
		bail("no memory");
	*len = (size_t)sprintf(text, "%s", HEAD);
	for (size_t i = 0; i < n; i++, *len += line)
		memcpy(text + *len, DISK "\n", line);
	*len += (size_t)sprintf(text + *len, "end\n");
	return text;
}

static void
test_bounds(void)
{
	char *text;
	size_t len;

	text = file_of(BND_USB_BASELINE_LINES, &len);
	is_int(parse(text, len), 0, "1,024 devices: %s", err.text);
	free(text);
	text = file_of(BND_USB_BASELINE_LINES + 1, &len);
	is_int(parse(text, len), -1, "1,025 are refused");
	is_str(err.text, "base:1026:1: more than 1024 devices", "where");
	free(text);
	text = calloc(1, BND_USB_BASELINE_MAX + 1);
	is_int(
	    parse(text, BND_USB_BASELINE_MAX + 1), -1, "so is 1 MiB and one");
	is_str(err.text, "base:1:1: longer than 1048576 bytes", "at once");
	free(text);
}

/* ---- what a damaged file admits ------------------------------------------- */

static struct bnd_usb_device
device(const char *identity, const char *place, unsigned twins)
{
	struct bnd_usb_device d = { .twins = twins };

	snprintf(d.identity, sizeof(d.identity), "%s", identity);
	snprintf(d.place, sizeof(d.place), "%s", place);
	return d;
}

static bool
admits(const char *identity, const char *place, unsigned twins)
{
	const struct bnd_usb_device d = device(identity, place, twins);
	bool taken;

	return bnd_usb_baseline_find(&b, &d, &taken) != NULL;
}

/*
 * No cut reads; a flipped bit is an error or changes a name, so that a device is
 * not known any more: it gives none, and frees none from a place or a report.
 * That the file is another one is the digest's to say (usb-policy).
 */
static void
test_cut_and_flipped(void)
{
	static const char whole[] =
	    HEAD KBD "\n" DISK "\n" DISK " " RULE "\nend\n";
	const size_t len = strlen(whole);
	char text[sizeof(whole)];
	unsigned passed = 0, refused = 0, wrong = 0;

	for (size_t n = 0; n < len; n++)
		passed += parse(whole, n) == 0;
	is_int(passed, 0, "UP-08: none of %zu cuts reads", len);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		memcpy(text, whole, sizeof(whole));
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		if (parse(text, len) != 0) {
			refused++;
			continue;
		}
		wrong += b.n > 3 || admits(ID_B, "", 2) ||
		    admits(ID_A, "0000:00:1b.0/4", 0) ||
		    admits(ID_A, "0000:00:14.0/1.2", 1);
		for (size_t i = 0; i < b.n; i++)
			wrong += strcmp(b.known[i].identity, ID_A) == 0 &&
			    (b.known[i].report[0] == '\0' ||
				b.known[i].kinds != BND_USB_IS_KBD);
	}
	is_int(wrong, 0, "UP-08: no flipped bit admits anything more");
	ok(refused > 8 * len / 2, "and most of them are errors: %u of %zu",
	    refused, 8 * len);
}

/* ---- twins and places ---------------------------------------------------- */

static void
test_find(void)
{
	static const char one[] = HEAD DISK "\nend\n";
	static const char two[] = HEAD DISK "\n" DISK "\nend\n";
	static const char placed[] = HEAD DISK " port=a/1\nend\n";
	static const char mixed[] = HEAD DISK " port=a/1\n" DISK "\nend\n";
	static const struct {
		const char *what, *file, *place;
		unsigned twins;
		bool found, taken;
	} rows[] = {
		{ "one line, one device", one, "a/1", 0, true, false },
		{ "one line, a twin has it", one, "a/1", 1, false, true },
		{ "two lines, one twin", two, "a/1", 1, true, false },
		{ "two lines, two twins", two, "a/1", 2, false, true },
		{ "in its place", placed, "a/1", 0, true, false },
		{ "elsewhere", placed, "a/2", 0, false, false },
		{ "nowhere", placed, "", 0, false, false },
		{ "in its place, with a twin somewhere", placed, "a/1", 1,
		    false, true },
		{ "a place and a free line", mixed, "a/1", 1, true, false },
		{ "both taken", mixed, "a/1", 2, false, true },
		{ "the free one", mixed, "a/2", 0, true, false },
		{ "the free one may be taken", mixed, "a/2", 1, false, true },
	};
	bool taken;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct bnd_usb_device d =
		    device(ID_B, rows[i].place, rows[i].twins);
		const struct bnd_usb_known *k;

		if (parse_text(rows[i].file) != 0)
			bail(err.text);
		k = bnd_usb_baseline_find(&b, &d, &taken);
		ok((k != NULL) == rows[i].found && taken == rows[i].taken, "%s",
		    rows[i].what);
		ok(!admits(ID_A, rows[i].place, 0), "and no other identity");
		if (k != NULL && rows[i].file == mixed)
			is_int(k->place[0] != '\0',
			    strcmp(rows[i].place, "a/1") == 0,
			    "the line of its own place comes first");
	}
}

/* ---- printing ------------------------------------------------------------ */

static void
test_print(void)
{
	static const char *const files[] = { HEAD "end\n",
		HEAD KBD "\n" DISK "\n" DISK " " RULE "\nend\n",
		HEAD DISK " port=pci-x/1.2.3.4.5\n" ID_A " kinds=none\nend\n" };
	static char text[4096];
	size_t len;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (parse_text(files[i]) != 0)
			bail(err.text);
		ok(bnd_usb_baseline_print(&b, text, sizeof(text), &len) &&
			len == strlen(files[i]) &&
			memcmp(text, files[i], len) == 0,
		    "a file prints as it was read");
		ok(bnd_usb_baseline_print(&b, text, len + 1, &len),
		    "into as much room as it needs");
		ok(!bnd_usb_baseline_print(&b, text, len, &len),
		    "and not into less");
	}
}

static void
test_learn(void)
{
	struct bnd_usb_device d = device(ID_A, "0000:00:14.0/1.2", 0);
	struct bnd_usb_known k;
	char line[512];

	d.seen.kinds = BND_USB_IS_KBD;
	d.seen.has_report = true;
	memcpy(d.seen.report, REPORT, sizeof(d.seen.report));
	bnd_usb_known_learn(&d, true, &k);
	k.rule = (struct bnd_str){ RULE, strlen(RULE) };
	ok(bnd_usb_known_print(&k, line, sizeof(line)), "a device is learned");
	is_str(line, KBD, "with all that is known of it");
	d.seen.has_report = false;
	d.seen.kinds = 0;
	bnd_usb_known_learn(&d, false, &k);
	ok(bnd_usb_known_print(&k, line, sizeof(line)), "or less");
	is_str(line, ID_A " kinds=none", "without a place or a report");
	k.rule = (struct bnd_str){ "allow id *:* name \"\n\"", 21 };
	ok(!bnd_usb_known_print(&k, line, sizeof(line)),
	    "a rule that no line can hold is not printed");
	k.rule = (struct bnd_str){ "block id *:*", 12 };
	ok(!bnd_usb_known_print(&k, line, sizeof(line)), "nor any but allow");
	k.rule = (struct bnd_str){ "allow id *:* ", 13 };
	ok(!bnd_usb_known_print(&k, line, sizeof(line)), "nor with a blank");
}

int
main(void)
{
	test_read();
	test_errors();
	test_bounds();
	test_cut_and_flipped();
	test_find();
	test_print();
	test_learn();
	bnd_usb_baseline_free(&b);
	return tap_done();
}
