/* usb-console.c: who can still type */
/* SPDX-License-Identifier: ISC */
#include "usb-console.h"

#include "scratch.h"
#include "tap.h"
#include "usbtree.h"

static struct scratch s;

static void
test_keys(void)
{
	static const struct {
		const char *words, *what;
		bool types;
	} rows[] = {
		{ UT_KBD_KEYS, "a keyboard", true },
		{ "70000 0 0 0 0\n", "a mouse's buttons", false },
		{ "0\n", "no key", false },
		{ "2\n", "Escape", false },
		{ "4\n", "the digit 1", true },
		{ "800\n", "the digit 0", true },
		{ "1000\n", "minus", false },
		{ "8000\n", "Tab", false },
		{ "10000\n", "Q", true },
		{ "2000000\n", "P", true },
		{ "10000000\n", "Enter", false },
		{ "40000000\n", "A", true },
		{ "4000000000\n", "L", true },
		{ "100000000000\n", "Z", true },
		{ "4000000000000\n", "M", true },
		{ "8000000000000\n", "comma", false },
		{ "80 0\n", "7 on the keypad", true },
		{ "40000 0\n", "0 on the keypad", true },
		{ "400 0\n", "minus on the keypad", false },
		{ "3e000b00000000 0 0 0\n", "media keys", false },
		{ "", "nothing", true },
		{ "xyz\n", "no number", true },
		{ "FFFF\n", "not as the kernel writes it", true },
		{ "10000000000000000\n", "a word too long", true },
		{ "0 0 0 0 0 0 0 0 0 0 0 0 0\n", "too many words", true },
	};

	if (sizeof(long) != 8)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_int(bnd_usb_keys_type(rows[i].words), rows[i].types,
		    "types: %s", rows[i].what);
}

static void
counts(unsigned usb, unsigned other, const char *what)
{
	struct bnd_usb_keyboards k;
	struct bnd_err err = { 0 };

	is_int(bnd_usb_keyboards(&s.root, &k, &err), 0, "%s", what);
	is_int(k.usb, usb, "on USB");
	is_int(k.other, other, "elsewhere");
}

static void
test_keyboards(void)
{
	char at[UK_PATH];
	unsigned n;

	counts(0, 0, "a host without a keyboard");
	ok(!bnd_usb_other_console(&s.root), "has no other console");
	usbtree(s.dir, "1-1", "keyboard");
	counts(0, 0, "one that is denied");
	usbtree(s.dir, "1-2", "keyboard", "mouse", "on");
	usbtree(s.dir, "1-3", "03:01:02", "as=kbd", "on");
	counts(2, 0, "two that are not, whatever they call themselves");
	ok(!bnd_usb_other_console(&s.root), "no other console than USB");
	n = ut_next(s.dir, "input");
	usbtree_other(s.dir, "platform/hotkeys");
	uk_path(at,
	    "%s/sys/devices/platform/hotkeys/input/input%u/capabilities/key",
	    s.dir, n + 1);
	uk_put(at, "4\n");
	counts(2, 0, "a hot key is none");
	uk_put(at, "junk\n");
	counts(2, 0, "nor what cannot be read");
	usbtree_other(s.dir, "virtual");
	counts(2, 0, "nor what a program made");
	usbtree_other(s.dir, "virtual/misc/uhid/0005:046D:B342.0001");
	usbtree_other(s.dir, "platform/serial0/bluetooth/hci0/hci0:12");
	counts(2, 0, "nor one behind a radio");
	usbtree_other(s.dir, "platform/i8042/serio0");
	counts(2, 1, "one on PS/2");
	ok(bnd_usb_other_console(&s.root), "is another console");
}

static void
test_consoles(void)
{
	static const struct {
		const char *where, *name, *what;
		bool other;
	} rows[] = {
		{ "pnp0/00:04", "ttyS0", "a serial port", true },
		{ "virtual", "hvc0", "a hypervisor's", true },
		{ "virtual", "tty1", "a virtual terminal", false },
		{ "virtual", "ttynull", "a console that is none", false },
		{ "pci0000:00/0000:00:14.0/usb1/1-4/1-4:1.0/ttyUSB0", "ttyUSB0",
		    "a serial port on USB", false },
		{ "platform/usbuart.0", "ttyAMA0", "one that is called so",
		    true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scratch t;

		scratch_make_fast(&t);
		usbtree_host(t.dir);
		usbtree_tty(t.dir, rows[i].where, rows[i].name);
		is_int(bnd_usb_other_console(&t.root), rows[i].other,
		    "console: %s", rows[i].what);
		scratch_remove(&t);
	}
}

int
main(void)
{
	scratch_make_fast(&s);
	usbtree_host(s.dir);
	usbtree_bus(s.dir, 1, "pci0000:00/0000:00:14.0");
	test_keys();
	test_keyboards();
	test_consoles();
	scratch_remove(&s);
	return tap_done();
}
