/* usb-seen.c: a device is what its drivers made of it */
/* SPDX-License-Identifier: ISC */
#include "usb-seen.h"

#include "scratch.h"
#include "sign.h"
#include "tap.h"
#include "usbtree.h"

#define HOST "/devices/pci0000:00/0000:00:14.0"

static struct scratch s;
static struct bnd_err err;
static struct bnd_usb_seen seen;

static int
look(const char *port)
{
	SCOPED_USB_DIR struct bnd_usb_dir d = { .dir = -1, .authorized = -1 };
	struct uk u;

	err = (struct bnd_err){ 0 };
	ut_place(s.dir, port, &u);
	if (bnd_usb_dir_open(&s.root, u.path, false, &d, &err) == -1)
		return -1;
	return bnd_usb_seen_read(&d, &seen, &err);
}

/* What stands below a device in port 1 that is of these words. */
static const char *
kinds_of(const char *a, const char *b, const char *c)
{
	static char text[128];

	usbtree(s.dir, "1-1", "on", a, b, c);
	if (look("1-1") == -1 || !seen.looked)
		return err.text;
	bnd_usb_kinds_print(seen.kinds, text, sizeof(text));
	usbtree_unplug(s.dir, "1-1");
	return text;
}

static void
test_kinds(void)
{
	is_str(kinds_of("keyboard", NULL, NULL), "kbd", "keyboard");
	is_str(kinds_of("mouse", NULL, NULL), "pointer", "mouse");
	is_str(kinds_of("fido", NULL, NULL), "fido", "UB-08: FIDO key");
	is_str(kinds_of("hid", NULL, NULL), "other", "a HID without input");
	is_str(kinds_of("storage", NULL, NULL), "block", "storage");
	is_str(kinds_of("uas", NULL, NULL), "block", "UAS");
	is_str(kinds_of("net", NULL, NULL), "net", "a network card");
	is_str(kinds_of("wlan", NULL, NULL), "net,wlan", "a radio");
	is_str(kinds_of("bt", NULL, NULL), "bt", "Bluetooth");
	is_str(kinds_of("serial", NULL, NULL), "tty", "a modem");
	is_str(kinds_of("sound", NULL, NULL), "sound", "a headset");
	is_str(kinds_of("video", NULL, NULL), "video", "a camera");
	is_str(kinds_of("printer", NULL, NULL), "printer", "a printer");
	is_str(kinds_of("hub", NULL, NULL), "hub", "a hub");
	is_str(
	    kinds_of("ff:00:00", "as=wwan", NULL), "net,wwan", "a modem card");
	is_str(kinds_of("ff:00:00", "as=net", NULL), "net",
	    "UP-05: a vendor's class that is a network card");
	is_str(kinds_of("ff:00:00", "as=other", NULL), "other", "a driver");
	is_str(kinds_of("ff:00:00", "as=none", NULL), "none", "no driver");
	is_str(kinds_of("03:01:02", "as=kbd", NULL), "kbd",
	    "UB-07: a mouse by its word, a keyboard by its keys");
	is_str(kinds_of("03:00:00", "as=kbd", NULL), "kbd",
	    "UB-07: nothing by its word");
	is_str(kinds_of("storage", "keyboard", NULL), "kbd,block", "both");
	is_str(kinds_of("keyboard", "hid", NULL), "kbd",
	    "UB-23: what else a keyboard's driver holds");
	is_str(kinds_of("keyboard", "ff:00:00", "as=other"), "kbd,other",
	    "but not what another one holds");
}

/* What is behind a hub is not the hub's. */
static void
test_hub(void)
{
	char text[64];

	usbtree(s.dir, "1-2", "hub", "on");
	usbtree(s.dir, "1-2.1", "keyboard", "on");
	is_int(look("1-2"), 0, "a hub with a keyboard behind it");
	bnd_usb_kinds_print(seen.kinds, text, sizeof(text));
	is_str(text, "hub", "is a hub");
	ok(!seen.has_report, "without a report descriptor");
	usbtree(s.dir, "1-3", "keyboard");
	is_int(look("1-3"), 0, "a device that is denied");
	ok(seen.looked && seen.kinds == 0, "is nothing yet");
}

/* In a node that words of the device could have named. */
static void
put_input(const char *below, const char *keys, const char *rel)
{
	char at[UK_PATH];

	ut_mkdir("%s/sys%s", s.dir, below);
	ut_input(s.dir, uk_path(at, "%s/sys%s", s.dir, below), below + 1, keys,
	    rel, "0");
}

static const char *
kinds_now(const char *port)
{
	static char text[128];

	if (look(port) == -1)
		return err.text;
	bnd_usb_kinds_print(seen.kinds, text, sizeof(text));
	return text;
}

static void
test_places(void)
{
	char at[UK_PATH];

	usbtree(s.dir, "1-4", "sound", "on");
	put_input(HOST "/usb1/1-4", UT_KBD_KEYS, "0");
	is_str(kinds_now("1-4"), "kbd,sound",
	    "an input node that hangs on the device itself");
	usbtree(s.dir, "1-5", "bt", "on");
	put_input(
	    HOST "/usb1/1-5/1-5:1.0/bluetooth/hci0/hci0:12", UT_KBD_KEYS, "0");
	is_str(kinds_now("1-5"), "kbd,bt", "a keyboard behind a radio");
	usbtree(s.dir, "1-6", "net", "on");
	put_input(HOST "/usb1/1-6/1-6:1.0/power", UT_KBD_KEYS, "0");
	is_str(kinds_now("1-6"), "net", "power is no node");
	usbtree(s.dir, "1-7", "net", "as=net", "on");
	ut_mkdir("%s/sys" HOST "/usb1/1-7/1-7:1.0/net/power", s.dir);
	uk_path(at, "%s/sys" HOST "/usb1/1-7/1-7:1.0/net/power", s.dir);
	ut_link(at, "subsystem",
	    "devices/pci0000:00/0000:00:14.0/usb1/1-7/"
	    "1-7:1.0/net/power",
	    "class/net");
	ut_file(at, "uevent", "INTERFACE=power\nDEVTYPE=wlan\n");
	is_str(kinds_now("1-7"), "net,wlan", "unless a link is called that");
	usbtree(s.dir, "1-8", "03:00:00", "as=fido", "on");
	put_input(HOST "/usb1/1-8/1-8:1.0/0003:1234:ABCD.0099", "1", "0");
	is_str(kinds_now("1-8"), "fido,input", "a button beside a FIDO node");
}

/* What it will have is told by what can have it: its disk comes later. */
static void
test_early(void)
{
	static const struct {
		const char *subsystem, *below, *kinds;
	} rows[] = {
		{ "scsi_host", "host6/scsi_host/host6", "block" },
		{ "mmc_host", "rtsx_usb_sdmmc.1.auto/mmc_host/mmc0", "block" },
		{ "memstick_host", "memstick_host/memstick0", "block" },
		{ "atm", "atm/cxacru0", "net" },
		{ "mISDN", "mISDN/hfcsusb.1", "net" },
		{ "nfc", "nfc/nfc0", "wlan" },
		{ "ieee802154", "ieee802154/phy0", "wlan" },
		{ "i2c-adapter", "i2c-9", "other" },
	};
	char at[UK_PATH], below[UK_PATH], class[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		usbtree(s.dir, "1-9", "ff:00:00", "as=other", "on");
		uk_path(below, HOST "/usb1/1-9/1-9:1.0/%s", rows[i].below);
		ut_mkdir("%s/sys%s", s.dir, below);
		snprintf(class, sizeof(class), "class/%s", rows[i].subsystem);
		ut_link(uk_path(at, "%s/sys%s", s.dir, below), "subsystem",
		    below + 1, class);
		is_str(
		    kinds_now("1-9"), rows[i].kinds, "%s", rows[i].subsystem);
		usbtree_unplug(s.dir, "1-9");
	}
	/* Its adapter is another module's, which comes by itself. */
	usbtree(s.dir, "1-9", "ff:00:00", "as=other", "on");
	uk_path(below, HOST "/usb1/1-9/1-9:1.0");
	ut_link(uk_path(at, "%s/sys%s", s.dir, below), "driver", below + 1,
	    "bus/usb/drivers/rtsx_usb");
	is_str(kinds_now("1-9"), "block", "a card reader's driver");
	usbtree_unplug(s.dir, "1-9");
}

static void
test_more(void)
{
	char at[UK_PATH];

	usbtree(s.dir, "1-1", "hid", "on");
	put_input(HOST "/usb1/1-1/1-1:1.0", "0 0 0", "0");
	is_str(kinds_now("1-1"), "input", "neither keys nor axes");
	put_input(HOST "/usb1/1-1/1-1:1.0", "what?", "0");
	is_str(kinds_now("1-1"), "kbd,input", "what cannot be read types");
	usbtree_unplug(s.dir, "1-1");
	usbtree(s.dir, "1-1", "hid", "on");
	for (unsigned i = 0; i < 30; i++) {
		size_t n = (size_t)snprintf(
		    at, sizeof(at), "%s/sys" HOST "/usb1/1-1/1-1:1.0", s.dir);

		for (unsigned k = 0; k < i; k++)
			n += (size_t)snprintf(at + n, sizeof(at) - n, "/d");
		ut_mkdir("%s", at);
	}
	is_int(look("1-1"), -1, "a tree without an end is refused");
	ok(err.kind == BND_E_INPUT && !seen.looked, "and nobody has looked");
	usbtree_unplug(s.dir, "1-1");
}

static void
report(const char *port, char text[static 65])
{
	is_int(look(port), 0, "a device with a report descriptor");
	ok(seen.has_report && strlen(seen.report) == 64, "its digest");
	memcpy(text, seen.report, 65);
}

static void
test_reports(void)
{
	char one[65], other[65], both[65], turned[65];

	usbtree(s.dir, "1-1", "keyboard", "mouse", "on");
	report("1-1", both);
	usbtree_unplug(s.dir, "1-1");
	usbtree(s.dir, "1-1", "keyboard", "mouse", "serial=x", "on");
	report("1-1", other);
	is_str(other, both, "the same, with other numbers of nodes");
	usbtree_unplug(s.dir, "1-1");
	usbtree(s.dir, "1-1", "mouse", "keyboard", "on");
	report("1-1", turned);
	ok(strcmp(turned, both) != 0, "which interface has which counts");
	usbtree_unplug(s.dir, "1-1");
	usbtree(s.dir, "1-1", "keyboard", "on");
	report("1-1", one);
	ok(strcmp(one, both) != 0, "one of them alone");
	usbtree_unplug(s.dir, "1-1");
	usbtree(s.dir, "1-1", "03:01:01", "as=mouse", "on");
	report("1-1", other);
	ok(strcmp(one, other) != 0, "another descriptor, same words");
	usbtree_unplug(s.dir, "1-1");
	usbtree(s.dir, "1-1", "storage", "on");
	is_int(look("1-1"), 0, "storage");
	ok(!seen.has_report && seen.report[0] == '\0', "has none");
	usbtree_unplug(s.dir, "1-1");
}

/* Nodes of one interface are numbered, and listed, as they happen to come. */
static void
test_order(void)
{
	char text[2][65];

	for (size_t i = 0; i < 2; i++) {
		struct ut_node n = { .root = s.dir };

		usbtree(s.dir, "1-1", "hid", "on");
		uk_path(n.at, "%s/sys" HOST "/usb1/1-1/1-1:1.0", s.dir);
		uk_path(n.below, "%s", &HOST[1]);
		ut_hid(&n, i == 0 ? "kbd" : "mouse");
		ut_hid(&n, i == 0 ? "mouse" : "kbd");
		report("1-1", text[i]);
		usbtree_unplug(s.dir, "1-1");
	}
	is_str(text[1], text[0], "in which order they come does not count");
}

/* The kernel shows none before a driver is bound. */
static void
test_unbound(void)
{
	char path[UK_PATH];
	unsigned n;

	usbtree(s.dir, "1-1", "keyboard", "on");
	n = ut_next(s.dir, "hid") - 1;
	if (unlink(uk_path(path,
		"%s/sys" HOST "/usb1/1-1/1-1:1.0/0003:1234:ABCD.%04X/driver",
		s.dir, n)) != 0)
		bail("no driver to take away");
	is_int(look("1-1"), 0, "a HID node without a driver");
	ok(!seen.has_report, "has no report descriptor");
	usbtree_unplug(s.dir, "1-1");
}

/* What types is seen, whatever else of the node is no longer there. */
static void
test_going(void)
{
	char path[UK_PATH];
	unsigned n;

	usbtree(s.dir, "1-1", "keyboard", "storage", "on");
	n = ut_next(s.dir, "hid") - 1;
	if (unlink(uk_path(path,
		"%s/sys" HOST
		"/usb1/1-1/1-1:1.0/0003:1234:ABCD.%04X/report_descriptor",
		s.dir, n)) != 0)
		bail("no report descriptor to take away");
	is_str(kinds_now("1-1"), "kbd,block", "a HID node that is going");
	usbtree_unplug(s.dir, "1-1");
}

static void
test_fido(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		bool fido;
	} rows[] = {
		{ "\x06\xd0\xf1\x09\x01\xa1\x01\xc0", 8, true },
		{ "\x05\x01\x09\x06\x06\xd0\xf1", 7, true },
		{ "\x05\x01\x09\x06", 4, false },
		{ "\x06\xd0\xf0\x09\x01", 5, false },
		{ "\x06\xd0", 2, false },
		{ "\x06", 1, false },
		{ "", 0, false },
		/* The same bytes, as the data of another item. */
		{ "\x27\x06\xd0\xf1\x00", 5, false },
		{ "\xfe\x03\x00\x06\xd0\xf1", 6, false },
		{ "\xfe\x00\x00\x06\xd0\xf1", 6, true },
		{ "\xfe\xff\x00\x06\xd0\xf1", 6, false },
		{ "\xfe", 1, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_int(bnd_usb_report_is_fido(
			   (const uint8_t *)rows[i].bytes, rows[i].n),
		    rows[i].fido, "UB-08: report descriptor %zu", i);
}

int
main(void)
{
	scratch_make_fast(&s);
	if (bnd_sign_init(&err) == -1)
		bail("no libsodium");
	usbtree_host(s.dir);
	usbtree_bus(s.dir, 1, "pci0000:00/0000:00:14.0");
	test_kinds();
	test_hub();
	test_places();
	test_early();
	test_more();
	test_reports();
	test_order();
	test_unbound();
	test_going();
	test_fido();
	scratch_remove(&s);
	return tap_done();
}
