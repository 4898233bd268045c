/* usb-rule.c: the grammar of usb.d: what is taken, and where it is wrong */
/* SPDX-License-Identifier: ISC */
#include "usb-rule.h"

#include <stddef.h>
#include <sys/resource.h>
#include <time.h>

#include "scope.h"
#include "tap.h"
#include "usb-print.h"

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

/* The first rule of a text, printed; or the error without "f:". */
static const char *
said(struct bnd_str text)
{
	static char out[BND_USB_RULE_TEXT];
	struct bnd_usb_rules set = { 0 };
	struct bnd_err err = { 0 };

	snprintf(out, sizeof(out), "nothing");
	if (bnd_usb_rules_add(&set, "f", text, &err) != 0) {
		snprintf(out, sizeof(out), "%d %s", err.kind == BND_E_INPUT,
		    err.text + 2);
		if (set.n != 0 || set.rule != NULL || set.chunk != NULL)
			return "something is left of it";
	} else if (set.n > 0) {
		bnd_usb_rule_print(bnd_usb_rules_at(&set, 0), out, sizeof(out));
	}
	bnd_usb_rules_free(&set);
	return out;
}

/* One line, and the same with what it is printed as: as USBGuard prints it. */
static const struct {
	const char *id, *line, *printed;
} good[] = {
	{ "UR-10", "", "nothing" },
	{ "UR-10", " \t ", "nothing" },
	{ "UR-10", "# comment", "nothing" },
	{ "UR-10", "\t # comment \"{", "nothing" },
	{ "UR-10", "allow", "allow" },
	{ "UR-10", "  block \t ", "block" },
	{ "UR-10", "reject#c", "reject" },
	{ "UR-10", "allow via-port \"1-1\"# c", "allow via-port \"1-1\"" },
	{ "UR-10", "allow\tvia-port\t\"1-1\"\t", "allow via-port \"1-1\"" },
	{ "UR-10", "allow if {true true}", "allow if { true true }" },
	{ "UR-10", "allow id 1234:*#", "allow id 1234:*" },
	{ "", "allow *:*", "allow id *:*" },
	{ "", "allow 1234:ABCD", "allow id 1234:abcd" },
	{ "", "allow id 0aF9:*", "allow id 0af9:*" },
	{ "", "allow id { 1234:5678 }", "allow id 1234:5678" },
	{ "", "allow id one-of {1234:5678 *:*}",
	    "allow id one-of { 1234:5678 *:* }" },
	{ "", "allow with-interface aA:Bb:cC",
	    "allow with-interface aa:bb:cc" },
	{ "", "allow with-interface { 03:*:* 03:01:* }",
	    "allow with-interface { 03:*:* 03:01:* }" },
	{ "", "allow with-interface equals { 03:*:* }",
	    "allow with-interface 03:*:*" },
	{ "", "allow with-interface equals-ordered\t{\t03:*:*\t}\t",
	    "allow with-interface equals-ordered { 03:*:* }" },
	{ "", "allow with-interface match-all { 08:*:* }",
	    "allow with-interface match-all { 08:*:* }" },
	{ "", "block with-interface none-of { 03:00:01 }",
	    "block with-interface none-of { 03:00:01 }" },
	{ "", "allow name all-of { \"a\" \"b\" }",
	    "allow name all-of { \"a\" \"b\" }" },
	{ "", "allow name \"\"", "allow name \"\"" },
	{ "", "allow name \"a\\\"b\\\\c\\x41\\xfF\"",
	    "allow name \"a\\\"b\\\\cA\\xff\"" },
	{ "", "allow name \"\xe2\x82\xac\t\"",
	    "allow name \"\\xe2\\x82\\xac\\x09\"" },
	{ "", "allow name \"# { } (\"", "allow name \"# { } (\"" },
	{ "", "allow name \"\\x00\"", "allow name \"\\x00\"" },
	{ "", "allow if !true", "allow if !true" },
	{ "", "allow if localtime(8:00-17:00)",
	    "allow if localtime(8:00-17:00)" },
	{ "", "allow if none-of { random rule-applied(1h) !rule-evaluated }",
	    "allow if none-of { random rule-applied(1h) !rule-evaluated }" },
	{ "", "allow if !allowed-matches(with-interface one-of { 03:00:01 })",
	    "allow if !allowed-matches(with-interface one-of { 03:00:01 })" },
	{ "", "allow if allowed-matches( 1234:5678 name \"\\x29\" #c)",
	    "allow if allowed-matches(id 1234:5678 name \"\\x29\")" },
	{ "",
	    "allow label \"l\" with-connect-type \"hotplug\" if true "
	    "with-interface 03:00:01 via-port \"1-1\" parent-hash \"q\" "
	    "hash \"h\" name \"n\" serial \"s\" id 0001:0002",
	    "allow id 0001:0002 serial \"s\" name \"n\" hash \"h\" "
	    "parent-hash \"q\" via-port \"1-1\" with-interface 03:00:01 "
	    "if true with-connect-type \"hotplug\" label \"l\"" },
};

static const struct {
	const char *id, *line, *error;
} bad[] = {
	{ "UR-01", "allow name \"a\\n\"",
	    "1:14: expected \\\", \\\\ or \\xHH" },
	{ "UR-01", "allow name \"\\x4\"", "1:13: expected \\\"" },
	{ "UR-01", "allow name \"\\x\"", "1:13: expected \\\"" },
	{ "UR-01", "allow name \"\\q\"", "1:13: expected \\\"" },
	{ "UR-01", "allow name \"\\", "1:13: expected \\\"" },
	{ "UR-01", "allow name { \"a\" \"\\0\" }", "1:19: expected \\\"" },
	{ "UR-02", "allow nme \"a\"", "1:7: unknown attribute: \"nme\"" },
	{ "UR-02", "allow Name \"a\"", "1:7: unknown attribute" },
	{ "UR-02", "allow key \"a\"", "1:7: unknown attribute" },
	{ "UR-02", "allow if maybe", "1:10: unknown condition: \"maybe\"" },
	{ "UR-02", "allow if true-", "1:10: unknown condition: \"true-\"" },
	{ "UR-02", "allow if { true 1 }", "1:17: unknown condition" },
	{ "UR-02", "allow name any-of { \"a\" }",
	    "1:12: unknown operator: \"any-of\"" },
	{ "UR-02", "allow if match { true }", "1:10: unknown operator" },
	{ "UR-02", "accept", "1:1: expected allow, block or reject" },
	{ "UR-02", "Allow", "1:1: expected allow, block or reject" },
	{ "UR-02", " match", "1:2: expected allow, block or reject" },
	{ "UR-02", "device id 1234:5678", "1:1: expected allow" },
	{ "UR-02", "1234:5678", "1:1: expected allow" },
	{ "UR-02", "allowid 1234:5678", "1:1: expected allow" },
	{ "UR-03", "allow id *:* id *:*", "1:14: given a second time: \"id\"" },
	{ "UR-03", "allow *:* id *:*", "1:11: given a second time: \"id\"" },
	{ "UR-03", "allow id *:* *:*", "1:14: unknown attribute: \"*:*\"" },
	{ "UR-03", "allow name \"a\" name \"a\"", "1:16: given a second time" },
	{ "UR-03", "allow serial \"a\" serial \"\"",
	    "1:18: given a second time" },
	{ "UR-03", "allow hash \"a\" hash \"a\"", "1:16: given a second time" },
	{ "UR-03", "allow parent-hash \"a\" parent-hash \"a\"",
	    "1:23: given a second time" },
	{ "UR-03", "allow via-port \"a\" via-port \"a\"",
	    "1:20: given a second time" },
	{ "UR-03", "allow with-interface 01:*:* with-interface 01:*:*",
	    "1:29: given a second time" },
	{ "UR-03", "allow with-connect-type \"a\" with-connect-type \"a\"",
	    "1:29: given a second time" },
	{ "UR-03", "allow label \"a\" label \"b\"",
	    "1:17: given a second time" },
	{ "UR-03", "allow if true if true", "1:15: given a second time" },
	{ "UR-04", "allow name { }", "1:12: a set without values" },
	{ "UR-04", "allow name {}", "1:12: a set without values" },
	{ "UR-04", "allow name {", "1:12: a set without its }" },
	{ "UR-04", "allow name { ", "1:12: a set without its }" },
	{ "UR-04", "allow name { \"a\"", "1:12: a set without its }" },
	{ "UR-04", "allow name { \"a\" ", "1:12: a set without its }" },
	{ "UR-04", "allow name }", "1:12: expected a string" },
	{ "UR-04", "allow { \"a\" }", "1:7: unknown attribute: \"{\"" },
	{ "UR-04", "allow }", "1:7: unknown attribute" },
	{ "UR-04", "allow name{ \"a\" }", "1:11: expected a blank: \"{\"" },
	{ "UR-04", "allow name\"a\"", "1:11: expected a blank" },
	{ "UR-04", "allow name one-of{ \"a\" }", "1:12: expected a string" },
	{ "UR-04", "allow name one-of \"a\"", "1:12: expected a string" },
	{ "UR-04", "allow name { \"a\" }x", "1:19: expected a blank: \"x\"" },
	{ "UR-04", "allow name { \"a\" } x", "1:20: unknown attribute: \"x\"" },
	{ "UR-04", "allow name { \"a\"\"b\" }",
	    "1:17: expected a blank or }: \"\"b\"\"" },
	{ "UR-04", "allow name { \"a\"#c }", "1:17: expected a blank or }" },
	{ "UR-04", "allow name { { \"a\" } }", "1:14: expected a string" },
	{ "UR-04", "allow name",
	    "1:11: expected a string in double quotes, "
	    "but nothing follows" },
	{ "UR-04", "allow name \"a\"serial \"b\"", "1:15: expected a blank" },
	{ "UR-05", "allow *:1234", "1:7: expected vvvv:pppp, vvvv:* or *:*" },
	{ "UR-05", "allow 123:4567", "1:7: expected vvvv:pppp" },
	{ "UR-05", "allow 12345:1", "1:7: expected vvvv:pppp" },
	{ "UR-05", "allow g123:4567", "1:7: expected vvvv:pppp" },
	{ "UR-05", "allow 1234:56789", "1:7: expected vvvv:pppp" },
	{ "UR-05", "allow id 1234", "1:10: expected vvvv:pppp" },
	{ "UR-05", "allow id 1234:", "1:10: expected vvvv:pppp" },
	{ "UR-05", "allow id *", "1:10: expected vvvv:pppp" },
	{ "UR-05", "allow id *:*:*", "1:10: expected vvvv:pppp" },
	{ "UR-05", "allow id { 1234:5678 *:1 }", "1:22: expected vvvv:pppp" },
	{ "UR-06", "allow with-interface 12:*:34",
	    "1:22: expected cc:ss:pp, cc:ss:* or cc:*:*" },
	{ "UR-06", "allow with-interface 1:02:03", "1:22: expected cc:ss:pp" },
	{ "UR-06", "allow with-interface 12:34", "1:22: expected cc:ss:pp" },
	{ "UR-06", "allow with-interface \"08:06:50\"",
	    "1:22: expected cc:ss:pp" },
	{ "UR-06", "allow with-interface *:*:*", "1:22: expected cc:ss:pp" },
	{ "UR-06", "allow with-interface 012:03:04",
	    "1:22: expected cc:ss:pp" },
	{ "UR-06", "allow with-interface { 03:01:01x }",
	    "1:24: expected cc:ss:pp" },
	{ "UR-07", "allow if", "1:9: unknown condition, but nothing follows" },
	{ "UR-07", "allow if ", "1:10: unknown condition" },
	{ "UR-07", "allow if !", "1:11: unknown condition" },
	{ "UR-07", "allow if (true", "1:10: unknown condition" },
	{ "UR-07", "allow if !!true", "1:11: unknown condition: \"!true\"" },
	{ "UR-07", "allow if ! true", "1:11: unknown condition" },
	{ "UR-07", "allow if true((", "1:14: an argument without its closing" },
	{ "UR-07", "allow if true(x)", "1:14: this condition has no argument" },
	{ "UR-07", "allow if random()", "1:16: an argument that is empty" },
	{ "UR-07", "allow if random(\x1b[2J)", "1:17: not a printable" },
	{ "UR-07", "allow if localtime", "1:10: this condition needs" },
	{ "UR-07", "allow if !allowed-matches", "1:11: this condition needs" },
	{ "UR-07", "allow if allowed-matches(", "1:25: an argument without" },
	{ "UR-07", "allow if allowed-matches( )", "1:27: a query asks" },
	{ "UR-07", "allow if allowed-matches(x)", "1:26: unknown attribute" },
	{ "UR-07", "allow if allowed-matches(name \"a)\")",
	    "1:31: a string without its closing quote" },
	{ "UR-07", "allow if allowed-matches(id *:* if true)",
	    "1:33: a query has no conditions" },
	{ "UR-07", "allow if allowed-matches(id *:*)x",
	    "1:33: expected a blank: \"x\"" },
	{ "UR-08", "allow name \"a", "1:12: a string without its closing" },
	{ "UR-08", "allow name { \"a }", "1:14: a string without its closing" },
	{ "UR-08", "allow\r", "1:6: a carriage return: \"\\x0d\"" },
	{ "UR-08", "# comment\r", "1:10: a carriage return" },
	{ "UR-08",
	    "\xef\xbb\xbf"
	    "allow",
	    "1:1: a byte order mark" },
};

static void
lines(void)
{
	char line[512];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(line, sizeof(line), "%s\n", good[i].line);
		is_str(said(str(line)), good[i].printed, "%s %s", good[i].id,
		    good[i].line);
		if (strcmp(good[i].printed, "nothing") == 0)
			continue;
		snprintf(line, sizeof(line), "%s\n", good[i].printed);
		is_str(said(str(line)), good[i].printed, "and printed again");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *got;

		snprintf(line, sizeof(line), "%s\n", bad[i].line);
		got = said(str(line));
		if (!ok(strncmp(got, "1 ", 2) == 0 &&
			    strncmp(got + 2, bad[i].error,
				strlen(bad[i].error)) == 0,
			"%s %s", bad[i].id, bad[i].error))
			diag("got %s", got);
	}
}

static void
ends_of_lines(void)
{
	static const char nul[] = "allow\0\n", after[] = "allow #\0\n";

	is_str(said(str("allow\nblock name \"a")),
	    "1 2:12: a string without its closing quote: \"\"a\"",
	    "UR-08 the second line is counted");
	is_str(said(str("allow")), "1 1:6: the last line has no end",
	    "UR-08 a last line without its end");
	is_str(said(str("allow\n# c")), "1 2:4: the last line has no end",
	    "UR-08 a comment too");
	is_str(said((struct bnd_str){ nul, sizeof(nul) - 1 }),
	    "1 1:6: a NUL byte: \"\\x00\"", "UR-08 NUL");
	is_str(said((struct bnd_str){ after, sizeof(after) - 1 }),
	    "1 1:8: a NUL byte: \"\\x00\"", "UR-08 NUL in a comment");
	is_str(said(str("allow name \"\xef\xbb\xbf\"\n")),
	    "allow name \"\\xef\\xbb\\xbf\"",
	    "a byte order mark that is text is text");
	is_str(said(str("")), "nothing", "an empty file");
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* "allow name "aaa..."" of that many bytes and a LF. */
static char *
long_line(size_t len)
{
	char *s = malloc(len + 2);

	if (s == NULL)
		bail("no memory");
	memset(s, 'a', len);
	memcpy(s, "allow name \"", 12);
	s[len - 1] = '"';
	s[len] = '\n';
	s[len + 1] = '\0';
	return s;
}

/* What one rule line, repeated, leaves of the bound on rules. */
static const char *
repeated(const char *line, size_t times, size_t *n)
{
	static char out[256];
	struct bnd_usb_rules set = { 0 };
	struct bnd_err err = { 0 };
	size_t len = strlen(line);
	SCOPED_FREE char *text = malloc(len * times + 1);

	if (text == NULL)
		bail("no memory");
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * len, line, len);
	snprintf(out, sizeof(out), "fine");
	if (bnd_usb_rules_add(
		&set, "f", (struct bnd_str){ text, len * times }, &err) != 0)
		snprintf(out, sizeof(out), "%s", err.text);
	*n = set.n;
	bnd_usb_rules_free(&set);
	return out;
}

static long
rss_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void
bounds(void)
{
	SCOPED_FREE char *fits = long_line(BND_USB_LINE_MAX);
	SCOPED_FREE char *longer = long_line(BND_USB_LINE_MAX + 1);
	SCOPED_FREE char *mega = long_line(1 << 20);
	const char *dense = "block with-interface { 08:*:* 03:*:* ff:01:* } "
			    "if allowed-matches(id *:*)\n";
	double start = now();
	long kib = rss_kib();
	size_t n;

	is_int(strlen(said(str(fits))), BND_USB_LINE_MAX,
	    "UR-09 a line of the greatest length");
	is_str(said(str(longer)),
	    "1 1:8193: the line is longer than 8192 bytes",
	    "UR-09 one byte more");
	is_str(said(str(mega)), "1 1:8193: the line is longer than 8192 bytes",
	    "UR-09 a line of 1 MB");
	is_str(repeated(dense, 100000, &n),
	    "f:4097:1: more than 4096 rules in all", "UR-09 100,000 rules");
	is_int(n, 0, "of which none is in force");
	is_str(repeated("allow\n", BND_USB_RULES_MAX, &n), "fine",
	    "as many as there may be");
	is_int(n, BND_USB_RULES_MAX, "and all of them");
	ok(now() - start < 2, "UR-09 time is bounded");
	ok(rss_kib() - kib < 48L * 1024, "UR-09 and memory");
}

/* The most that a line can ask for fits what is kept for it. */
static void
densest_lines(void)
{
	static const char *const unit[] = { "\"\" ", "\"a\" ", "true ",
		"allowed-matches(id *:*) ", "*:* ", "01:*:* ", "random(1) " };
	static const char *const head[] = { "allow name { ", "allow name { ",
		"allow if { ", "allow if { ", "allow id { ",
		"allow with-interface { ", "allow if { " };

	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		char line[BND_USB_LINE_MAX + 2];
		size_t len = strlen(head[i]), step = strlen(unit[i]);

		memcpy(line, head[i], len);
		while (len + step + 1 <= BND_USB_LINE_MAX) {
			memcpy(line + len, unit[i], step);
			len += step;
		}
		memcpy(line + len, "}\n", 3);
		ok(strncmp(said(str(line)), "allow", 5) == 0,
		    "a line full of %s", unit[i]);
	}
}

/* An error anywhere, and nothing of any file of the set is left. */
static void
all_or_nothing(void)
{
	struct bnd_usb_rules set = { 0 };
	struct bnd_err err = { 0 };
	char where[64];

	ok(bnd_usb_rules_add(&set, "a", str("allow\n\n# c\nblock\n"), &err) ==
		    0 &&
		set.n == 2,
	    "two rules");
	ok(bnd_usb_rules_add(&set, "b", str("\nreject\n"), &err) == 0 &&
		set.n == 3,
	    "and one of another file");
	bnd_usb_rule_where(bnd_usb_rules_at(&set, 1), where, sizeof(where));
	is_str(where, "a:4", "each knows its line");
	bnd_usb_rule_where(bnd_usb_rules_at(&set, 2), where, sizeof(where));
	is_str(where, "b:2", "and its file");
	bnd_usb_rule_where(bnd_usb_rules_at(&set, 2), where, 3);
	is_str(where, "", "a place too small for dots is empty");
	is_int(bnd_usb_rule_target(bnd_usb_rules_at(&set, 2)),
	    BND_USB_RULE_REJECT, "its target");
	ok(bnd_usb_rules_add(&set, "c", str("allow\nbad\n"), &err) == -1 &&
		set.n == 0,
	    "one error, and no rule of any file is left");
	is_str(err.text, "c:2:1: expected allow, block or reject: \"bad\"",
	    "which is told");
	bnd_usb_rules_free(&set);
}

static void
asking(void)
{
	static const struct {
		const char *line;
		bool others, connect;
	} row[] = {
		{ "allow if true\n", false, false },
		{ "allow if { true !allowed-matches(id *:*) }\n", true, false },
		{ "block with-connect-type \"hotplug\"\n", false, true },
		{ "block if allowed-matches(with-connect-type \"x\")\n", true,
		    true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		SCOPED_USB_RULES struct bnd_usb_rules set = { 0 };
		struct bnd_err err = { 0 };

		if (bnd_usb_rules_add(&set, "f", str("allow\n"), &err) != 0 ||
		    bnd_usb_rules_add(&set, "f", str(row[i].line), &err) != 0)
			bail(err.text);
		ok(bnd_usb_rules_ask_others(&set) == row[i].others &&
			bnd_usb_rules_ask_connect(&set) == row[i].connect,
		    "asks: %.40s", row[i].line);
	}
}

static void
cutting(void)
{
	SCOPED_USB_RULES struct bnd_usb_rules set = { 0 };
	struct bnd_err err = { 0 };
	char text[32];

	if (bnd_usb_rules_add(&set, "f",
		str("allow name \"aaaaaaaaaaa\\xff\\xff\\xff\"\n"), &err) != 0)
		bail(err.text);
	bnd_usb_rule_print(bnd_usb_rules_at(&set, 0), text, sizeof(text));
	is_str(text, "allow name \"aaaaaaaaaaa\\xff...",
	    "a cut is marked, and cuts no escape in two");
}

/* Room is made for what a line can need; one with less of it is no rule. */
static void
little_room(void)
{
	static const char line[] =
	    "allow id 1234:abcd name \"a\" serial one-of { \"b\" \"cc\" } if allowed-matches(name \"d\")";
	_Alignas(max_align_t) char room[BND_USB_ARENA_NEED(sizeof(line))];
	unsigned wrong = 0, no = 0;

	for (size_t n = 0; n <= sizeof(room); n++) {
		struct bnd_usb_arena a = { room, n };
		struct bnd_usb_rule r;
		struct bnd_err err = { 0 };

		memset(room, '#', sizeof(room));
		if (bnd_usb_parse("f", 1, str(line), &a, &r, &err) != 0) {
			no++;
			wrong +=
			    strstr(err.text, "too much for one line") == NULL;
		} else {
			wrong += no == 0;
		}
		for (size_t i = n; i < sizeof(room); i++)
			wrong += room[i] != '#';
	}
	ok(no > 0 && no < sizeof(room) / 2, "a line needs room: %u", no);
	is_int(wrong, 0, "with less it is refused, and nothing is beyond");
}

int
main(void)
{
	lines();
	ends_of_lines();
	bounds();
	densest_lines();
	all_or_nothing();
	asking();
	cutting();
	little_room();
	return tap_done();
}
