/* usb-desc.c: hostile descriptors are seen whole, or said to be unfit */
/* SPDX-License-Identifier: ISC */
#include "usb-desc.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"
#include "usb-device.h"
#include "usbdev.h"

static struct usbdev u;
static struct bnd_usb_desc d;

/* "08:06:50 03:01:01 / 03:00:00": configurations, "+" other settings. */
static void
shown(char *text, size_t size)
{
	unsigned config = 0;
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < d.ifaces && len + 24 < size; i++) {
		const struct bnd_usb_iface *f = &d.iface[i];

		for (; config < f->config; config++)
			len += (size_t)snprintf(text + len, size - len, "/ ");
		len += (size_t)snprintf(text + len, size - len,
		    "%s%02x:%02x:%02x ", f->alt > 0 ? "+" : "", f->class,
		    f->subclass, f->protocol);
	}
	if (len > 0)
		text[len - 1] = '\0';
}

static void
look(const char *words)
{
	usbdev(&u, words);
	bnd_usb_desc_parse(u.bytes, u.len, &d);
}

enum {
	LIED = 1 << 0,
	HUB = 1 << 1,
	KEYS = 1 << 2, /* pure HID */
	DISK = 1 << 3, /* pure storage */
};

#define NOWHERE "a length that leads nowhere"
#define COUNT	"not as many configurations as it says"
#define NONE	"no interface"

static const struct row {
	const char *what, *words, *ifaces, *bad;
	unsigned is;
} rows[] = {
	{ "a keyboard", "03:01:01 hid ep", "03:01:01", NULL, KEYS },
	{ "a UAS disk", "08:06:50 ep ep +08:06:62 ep", "08:06:50 +08:06:62",
	    NULL, DISK },
	{ "a multi-TT hub", "class=09:00:02 09:00:01 ep +09:00:02 ep",
	    "09:00:01 +09:00:02", NULL, HUB },
	/* The kernel cuts where a step leads nowhere; if it did not: */
	{ "UD-01: bLength 0", "08:06:50 raw=0004 03:01:01", "08:06:50", NOWHERE,
	    LIED },
	{ "UD-01: bLength 1", "08:06:50 raw=0104 03:01:01", "08:06:50", NOWHERE,
	    LIED },
	{ "UD-01: as the kernel cuts it", "08:06:50 total=100", "08:06:50",
	    NULL, LIED | DISK },
	{ "UD-02: bLength beyond the end", "08:06:50 raw=4024", "08:06:50",
	    NOWHERE, LIED },
	{ "UD-03: wTotalLength is not walked by", "03:01:01 ep total=200",
	    "03:01:01", NULL, LIED | KEYS },
	{ "UD-04: nor trusted when it is short",
	    "08:06:50 ep 03:01:01 total=25", "08:06:50 03:01:01", NULL, LIED },
	{ "UD-05: bNumInterfaces 1 of two", "08:06:50 03:01:01 ifaces=1",
	    "08:06:50 03:01:01", NULL, LIED },
	{ "UD-06: bNumInterfaces 32 of one", "03:01:01 ifaces=32", "03:01:01",
	    NULL, LIED | KEYS },
	{ "bNumInterfaces 0", "03:01:01 ifaces=0", "03:01:01", NULL,
	    LIED | KEYS },
	{ "UD-08: interface number 255", "n=255 03:01:01 n=7 03:01:02",
	    "03:01:01 03:01:02", NULL, KEYS },
	{ "UD-09: HID in the second configuration", "08:06:50 config 03:01:01",
	    "08:06:50 / 03:01:01", NULL, 0 },
	{ "UD-10: vendor class first", "ff:00:00 config 03:01:01",
	    "ff:00:00 / 03:01:01", NULL, 0 },
	{ "UD-12: eight of nine, as the kernel patches it",
	    "03:01:01 config 03:01:01 config 03:01:01 config 03:01:01 config "
	    "03:01:01 config 03:01:01 config 03:01:01 config 03:01:01",
	    "03:01:01 / 03:01:01 / 03:01:01 / 03:01:01 / 03:01:01 / 03:01:01 / "
	    "03:01:01 / 03:01:01",
	    NULL, KEYS },
	{ "bNumConfigurations 9 of one", "03:01:01 configs=9", "03:01:01",
	    COUNT, 0 },
	{ "UD-13: bNumConfigurations 0", "03:01:01 configs=0", "03:01:01",
	    COUNT, 0 },
	{ "no configuration at all", "", "", NONE, 0 },
	{ "a configuration without interfaces", "config", "", NONE, 0 },
	{ "UD-14: two configurations of one value",
	    "08:06:50 config value=1 03:01:01", "08:06:50 / 03:01:01", NULL,
	    0 },
	{ "UD-15: an interface of ten bytes",
	    "08:06:50 raw=0a040100000301010000 ifaces=2", "08:06:50 03:01:01",
	    NULL, 0 },
	{ "an interface of 255 bytes is one", "raw=ff0400", "", NOWHERE, LIED },
	{ "UD-16: an interface behind two bytes", "08:06:50 raw=02ff 03:01:01",
	    "08:06:50 03:01:01", NULL, 0 },
	{ "UD-17: class 09 and a keyboard", "class=09:00:00 03:01:01",
	    "03:01:01", NULL, 0 },
	{ "UD-18: 0000:0000", "id=0000:0000 03:01:01", "03:01:01", NULL, KEYS },
	{ "UD-19: the ids of a root hub", "id=1d6b:0002 08:06:50", "08:06:50",
	    NULL, DISK },
	{ "UD-22: a hub with storage", "class=09:00:00 09:00:00 08:06:50",
	    "09:00:00 08:06:50", NULL, 0 },
	{ "UD-22: a hub with a keyboard", "class=09:00:00 09:00:00 03:01:01",
	    "09:00:00 03:01:01", NULL, 0 },
	{ "UD-22: in another configuration",
	    "class=09:00:00 09:00:00 config 03:01:01", "09:00:00 / 03:01:01",
	    NULL, 0 },
	/* What it does not call interfaces, the kernel does not, either. */
	{ "an interface of eight bytes is none",
	    "08:06:50 raw=0804010000030101 03:00:00", "08:06:50 03:00:00", NULL,
	    0 },
	{ "nor is one inside a class descriptor",
	    "08:06:50 raw=0b240904010000030101 "
	    "03:00:00 ifaces=2",
	    "08:06:50", NOWHERE, LIED },
	{ "a class descriptor that holds one whole",
	    "08:06:50 raw=0b24090401000003010100 03:00:00", "08:06:50 03:00:00",
	    NULL, 0 },
	{ "an endpoint too short hides nothing", "08:06:50 raw=0205 03:01:01",
	    "08:06:50 03:01:01", NULL, 0 },
	{ "an interface before any configuration (never from a kernel)",
	    "raw= cut=18 raw=090400000003010100", "03:01:01",
	    "an interface outside of any configuration", 0 },
	/* The kernel passes over it and counts on in the outer one. */
	{ "a configuration inside a configuration",
	    "08:06:50 raw=090209000001800032 03:01:01", "08:06:50 / 03:01:01",
	    COUNT, LIED },
	{ "one of two bytes", "08:06:50 raw=0202 03:01:01",
	    "08:06:50 / 03:01:01", "a configuration descriptor is too short",
	    LIED },
	{ "one that bNumConfigurations was raised for (not in sysfs)",
	    "08:06:50 raw=090209000001800032 03:01:01 configs=2",
	    "08:06:50 / 03:01:01", NULL, LIED },
	{ "a device descriptor inside", "08:06:50 raw=0201 03:01:01",
	    "08:06:50 03:01:01", NULL, 0 },
	{ "other-speed and qualifier types start nothing",
	    "08:06:50 raw=090709000101800032 raw=0a060002000000400100 03:01:01",
	    "08:06:50 03:01:01", NULL, 0 },
	{ "an association hides nothing",
	    "class=ef:02:01 raw=080b000208065000 08:06:50 03:01:01",
	    "08:06:50 03:01:01", NULL, 0 },
	{ "one number twice, two classes", "n=0 08:06:50 n=0 03:01:01 ifaces=1",
	    "08:06:50 03:01:01", NULL, 0 },
	{ "one setting twice, two classes",
	    "08:06:50 +03:01:01 raw=090400010008065000",
	    "08:06:50 +03:01:01 "
	    "+08:06:50",
	    NULL, 0 },
	{ "a device descriptor that says it is longer", "length=64 03:01:01",
	    "03:01:01", NULL, LIED | KEYS },
	{ "or shorter", "length=2 03:01:01", "03:01:01", NULL, LIED | KEYS },
	{ "or of no length", "length=0 03:01:01", "03:01:01", NULL,
	    LIED | KEYS },
	{ "or of another type", "type=2 03:01:01", "03:01:01",
	    "no device descriptor", 0 },
	/* Drivers that are chosen by the device's own class. */
	{ "btusb takes any interface of a device of class e0:01:01",
	    "class=e0:01:01 03:01:01", "03:01:01", NULL, 0 },
	{ "usblp, of class 07:01:02", "class=07:01:02 08:06:50", "08:06:50",
	    NULL, 0 },
	{ "a vendor's class is not a keyboard's", "class=ff:ff:ff 03:01:01",
	    "03:01:01", NULL, 0 },
	{ "functions that say it themselves", "class=ef:02:01 03:01:01",
	    "03:01:01", NULL, KEYS },
	{ "another miscellaneous device", "class=ef:04:01 03:01:01", "03:01:01",
	    NULL, 0 },
	{ "a hub says so twice", "09:00:00 ep", "09:00:00", NULL, 0 },
	{ "cut in the device descriptor", "03:01:01 cut=17", "",
	    "shorter than a device descriptor", 0 },
	{ "nothing", "03:01:01 cut=0", "", "shorter than a device descriptor",
	    0 },
	{ "cut behind the header", "03:01:01 cut=27", "", NONE, LIED },
	{ "cut in an interface", "03:01:01 cut=35", "", NOWHERE, LIED },
	{ "cut in an endpoint", "03:01:01 ep cut=40", "03:01:01", NOWHERE,
	    LIED },
	{ "one byte left over", "03:01:01 raw=09", "03:01:01", NOWHERE, LIED },
};

static void
test_rows(void)
{
	char text[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		look(r->words);
		shown(text, sizeof(text));
		is_str(text, r->ifaces, "%s: interfaces", r->what);
		is_str(d.bad, r->bad, "%s: fit", r->what);
		is_int(d.lied * LIED | bnd_usb_desc_is_hub(&d) * HUB |
			bnd_usb_desc_is_pure(&d, 0x03) * KEYS |
			bnd_usb_desc_is_pure(&d, 0x08) * DISK,
		    r->is, "%s: lies, hub, pure", r->what);
	}
}

/* Every field that others read. */
static void
test_fields(void)
{
	look("id=1a2b:3c4d rel=0123 class=ef:02:01 08:06:50 +08:06:62 config "
	     "n=9 03:01:02");
	ok(d.vendor == 0x1a2b && d.product == 0x3c4d && d.release == 0x0123,
	    "ids and release");
	ok(d.class == 0xef && d.subclass == 2 && d.protocol == 1,
	    "class of the device");
	ok(d.said == 2 && d.configs == 2, "configurations");
	ok(d.ifaces == 3 && d.iface[1].config == 0 && d.iface[1].number == 0 &&
		d.iface[1].alt == 1 && d.iface[2].config == 1 &&
		d.iface[2].number == 9 && d.iface[2].alt == 0,
	    "where each interface stands");
}

static void
test_many(void)
{
	look("03:01:01 x=39");
	ok(d.ifaces == 40 && d.bad == NULL && !d.lied,
	    "UD-07: 40 interfaces, of which the kernel uses 32");
	look("03:01:01 x=253 config 03:01:01 x=253 config 03:01:01 x=253 "
	     "config 03:01:01 x=253 config 03:01:01 x=7");
	ok(d.ifaces == 1024 && d.bad == NULL, "1,024 are judged");
	look("03:01:01 x=253 config 03:01:01 x=253 config 03:01:01 x=253 "
	     "config 03:01:01 x=253 config 03:01:01 x=8");
	is_str(d.bad, "more interfaces than can be judged", "1,025 are not");
	is_int(d.ifaces, 1024, "and those that fit are there");
	usbdev(&u, "03:01:01");
	for (int i = 0; i < 300; i++)
		usbdev_config(&u);
	usbdev_iface(&u, false);
	u.bytes[17] = 255;
	bnd_usb_desc_parse(u.bytes, u.len, &d);
	ok(d.configs == 301 && d.iface[1].config == 255 && d.bad != NULL,
	    "301 configurations: the last place stands for all behind it");
}

/* What is as long as the kernel shows at most may hide more. */
static void
test_cut(void)
{
	static const char cut[] = "cut: as long as the kernel shows at most";

	look("ff:00:00 fill=65516");
	ok(u.len == 65552 && d.bad == NULL, "control: one byte less is judged");
	look("ff:00:00 fill=65517");
	is_int(u.len, BND_USB_DESC_MAX, "a configuration of 65,535 bytes");
	is_str(d.bad, cut, "UD-11: is judged cut");
	look("ff:00:00 fill=65517 config 03:01:01 cut=65553");
	is_str(d.bad, cut, "UD-11: and one with a keyboard behind");
	look("ff:00:00 fill=65508 config 03:01:01");
	is_str(d.bad, cut, "longer still, were it shown");
}

/* UD-20, on 64 KiB of stack in all. */
static void
parse_on_a_small_stack(void)
{
	const struct rlimit small = { 65536, 65536 };
	struct timespec from, to;
	int status;
	pid_t pid;

	look("03:01:01 fill=59950");
	is_int(u.len, 18 + 59968, "one configuration of 59,968 bytes");
	ok(d.bad == NULL && d.ifaces == 1, "UD-20: is judged");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_STACK, &small);
		for (int i = 0; i < 100; i++)
			bnd_usb_desc_parse(u.bytes, u.len, &d);
		_exit(d.bad != NULL);
	}
	clock_gettime(CLOCK_MONOTONIC, &from);
	waitpid(pid, &status, 0);
	clock_gettime(CLOCK_MONOTONIC, &to);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "UD-20: on a stack of 64 KiB");
	ok((to.tv_sec - from.tv_sec) * 1000 +
		    (to.tv_nsec - from.tv_nsec) / 1000000 <
		500,
	    "UD-20: a hundred times in less than 500 ms");
	usbdev(&u, "03:01:01");
	while (u.len + 2 < BND_USB_DESC_MAX)
		usbdev_add(&u, "\x02\xff", 2);
	bnd_usb_desc_parse(u.bytes, u.len, &d);
	ok(d.bad == NULL && d.ifaces == 1,
	    "steps of two bytes, 32,758 of them");
}

/* No prefix is taken for more than it is, none is read past its end. */
static void
test_every_cut(void)
{
	size_t before = 0;
	unsigned wrong = 0;

	usbdev(&u, "08:06:50 ep +08:06:62 ep config 03:01:01 hid ep");
	for (size_t n = 0; n < u.len; n++) {
		uint8_t *copy = malloc(n + 1);

		memcpy(copy, u.bytes, n);
		bnd_usb_desc_parse(copy, n, &d);
		free(copy);
		wrong += (d.bad == NULL && !d.lied) || d.ifaces < before;
		before = d.ifaces;
	}
	is_int(wrong, 0, "each of %zu cuts is unfit or a lie", u.len);
	is_int(before, 3, "and loses nothing that stands before it");
}

static void
test_kinds(void)
{
	char text[BND_USB_KINDS_SIZE];
	static const char *const bad[] = { "", "kbd,", ",kbd", "kbd,kbd",
		"none,kbd", "kbd,none", "keyboard", "KBD", "kbd pointer",
		"kbd, pointer", "kbd,,pointer" };
	unsigned kinds, wrong = 0;

	for (unsigned set = 0; set < BND_USB_IS_OTHER * 2; set++) {
		bnd_usb_kinds_print(set, text, sizeof(text));
		wrong += !bnd_usb_kinds_parse(
			     (struct bnd_str){ text, strlen(text) }, &kinds) ||
		    kinds != set;
	}
	is_int(wrong, 0, "each of 32,768 sets of kinds reads as printed");
	ok(strlen(text) < sizeof(text) - 8, "the longest fits: %s", text);
	bnd_usb_kinds_print(0, text, sizeof(text));
	is_str(text, "none", "no kinds");
	bnd_usb_kinds_print(
	    BND_USB_IS_KBD | BND_USB_IS_POINTER, text, sizeof(text));
	is_str(text, "kbd,pointer", "two kinds");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!bnd_usb_kinds_parse(
		       (struct bnd_str){ bad[i], strlen(bad[i]) }, &kinds),
		    "no kinds: \"%s\"", bad[i]);
}

static void
test_trim(void)
{
	static const char name[] = "a \n b \0\b\t\n\r";
	struct bnd_str s =
	    bnd_usb_trim((struct bnd_str){ name, sizeof(name) - 1 });

	ok(s.len == 6 && s.p == name, "NUL BS TAB LF CR go, and no blank");
	s = bnd_usb_trim((struct bnd_str){ "\n\r\n", 3 });
	is_int(s.len, 0, "nothing else leaves nothing");
	s = bnd_usb_trim((struct bnd_str){ NULL, 0 });
	is_int(s.len, 0, "nor does an absent string");
}

int
main(void)
{
	test_rows();
	test_fields();
	test_many();
	test_cut();
	parse_on_a_small_stack();
	test_every_cut();
	test_kinds();
	test_trim();
	return tap_done();
}
