/* usb-view.c: what is judged is one device, whole, as the kernel has it */
/* SPDX-License-Identifier: ISC */
#include "usb-view.h"

#include <pthread.h>

#include "scratch.h"
#include "sign.h"
#include "tap.h"
#include "usb-id.h"
#include "usbtree.h"

#define HOST "/devices/pci0000:00/0000:00:14.0"

static struct scratch s;
static struct bnd_err err;
static struct bnd_usb_view v;

/* Another device on the port while it is looked at: so many times. */
static unsigned changes;
static const char *vanish;

void __real_bnd_usb_desc_parse(
    const uint8_t *bytes, size_t len, struct bnd_usb_desc *d);
void __wrap_bnd_usb_desc_parse(
    const uint8_t *bytes, size_t len, struct bnd_usb_desc *d);

void
__wrap_bnd_usb_desc_parse(
    const uint8_t *bytes, size_t len, struct bnd_usb_desc *d)
{
	char path[UK_PATH], number[16];

	__real_bnd_usb_desc_parse(bytes, len, d);
	if (changes > 0 && d->class != 9) {
		snprintf(number, sizeof(number), "%u\n", 40 + changes--);
		uk_put(uk_path(path, "%s/sys" HOST "/usb1/1-1/devnum", s.dir),
		    number);
	}
	if (vanish != NULL && d->class != 9)
		unlink(vanish);
}

static int
view_for(const char *devpath, unsigned connect_ms)
{
	SCOPED_USB_DIR struct bnd_usb_dir d = { .dir = -1, .authorized = -1 };

	err = (struct bnd_err){ 0 };
	if (bnd_usb_dir_open(&s.root, devpath, false, &d, &err) == -1)
		return -1;
	return bnd_usb_view_read(&d, connect_ms, &v, &err);
}

static int
view(const char *port)
{
	char path[UK_PATH];
	struct uk u;

	ut_place(s.dir, port, &u);
	return view_for(uk_path(path, "%s", u.path), 0);
}

static bool
str_is(struct bnd_str got, const char *want, size_t n)
{
	return got.len == n && memcmp(got.p, want, n) == 0;
}
#define STR_IS(got, want) str_is(got, want, sizeof(want) - 1)

static void
test_fields(void)
{
	char hub_hash[BND_USB_HASH_LEN + 1];

	is_int(view("1-2"), 0, "a hub");
	memcpy(hub_hash, v.d.hash, sizeof(hub_hash));
	is_str(v.d.place, "0000:00:14.0/2", "its place");
	is_int(view("1-2.3.4"), 0, "a device behind two hubs");
	is_str(v.d.port, "1-2.3.4", "port");
	is_str(v.d.place, "0000:00:14.0/2.3.4", "place: not the bus's number");
	is_int(v.d.depth, 2, "depth");
	is_int(v.devnum, 9, "devnum");
	ok(v.authorized, "authorized");
	ok(STR_IS(v.d.name, "A  b ") && STR_IS(v.d.manufacturer, "Ma") &&
		STR_IS(v.d.serial, "S\\n1"),
	    "strings, as sysfs gives them");
	ok(STR_IS(v.d.connect, "hotplug"), "connect_type");
	is_int(v.desc.ifaces, 2, "interfaces");
	ok(v.d.desc == &v.desc && v.desc.bad == NULL, "descriptors");
	ok(!v.d.seen.looked && v.d.twins == 0, "nothing of what is not read");
	is_int(view("1-2.3"), 0, "the hub above it");
	is_str(v.d.parent_hash, hub_hash, "has the first as its parent");
	is_int(view("1-1"), 0, "a device that is denied");
	ok(!v.authorized, "is");
	is_int(v.d.depth, 0, "and behind no hub");
}

static void
test_parent(void)
{
	char want[BND_USB_HASH_LEN + 1], parent[BND_USB_HASH_LEN + 1];

	is_int(view_for(HOST "/usb1", 0), 0, "a root hub");
	memcpy(parent, v.d.hash, sizeof(parent));
	is_str(v.d.place, "0000:00:14.0", "its place is its controller");
	bnd_usb_hash_path(HOST, want);
	is_str(v.d.parent_hash, want, "its parent is a path");
	ok(v.d.connect.p == NULL, "it is in no port");
	is_int(view("1-1"), 0, "a device");
	is_str(v.d.parent_hash, parent, "has the root hub as its parent");
}

/* UT-01 to UT-06, UT-08 */
static void
test_strings(void)
{
	static char longest[BND_USB_STRING_MAX + 2], serial[4001 + 7];
	char path[UK_PATH], identity[BND_USB_ID_LEN + 1];
	static const char hostile[] = "\xe2\x80\xae\xef\xbb\xbf\xc2\x9b\x7f"
				      "\n\"result=ALLOW\"\x1b[2J";
	int r;

	is_int(view("1-3"), 0, "UT-06: a device without strings");
	ok(v.d.name.p != NULL && v.d.name.len == 0 && v.d.serial.len == 0 &&
		v.d.manufacturer.len == 0,
	    "UT-02, UT-06: absent is empty");
	memcpy(serial, "serial=", 7);
	for (size_t i = 7; i < sizeof(serial) - 1; i++)
		serial[i] = (char)(i % 255 + 1);
	usbtree(s.dir, "1-4", "keyboard", serial, "name=x\n");
	is_int(view("1-4"), 0, "UT-08: a serial of 4,000 bytes");
	ok(v.d.serial.len == 4000 &&
		memcmp(v.d.serial.p, serial + 7, 4000) == 0,
	    "UT-08: every one of them is kept");
	ok(STR_IS(v.d.name, "x\n"), "one LF is sysfs's, the other its own");
	memcpy(identity, v.d.identity, sizeof(identity));
	serial[3000]++;
	usbtree_unplug(s.dir, "1-4");
	usbtree(s.dir, "1-4", "keyboard", serial, "name=x\n");
	is_int(view("1-4"), 0, "one byte of them changed");
	ok(strcmp(v.d.identity, identity) != 0, "UT-08: another identity");
	ut_bytes(uk_path(path, "%s/sys" HOST "/usb1/1-4", s.dir), "product",
	    hostile, sizeof(hostile) - 1);
	is_int(view("1-4"), 0, "UT-01, UT-04, UT-05: hostile bytes");
	ok(STR_IS(v.d.name, hostile), "are kept as they are");
	ut_bytes(path, "product", "a\0b\n", 4);
	is_int(view("1-4"), 0, "a NUL inside");
	ok(STR_IS(v.d.name, "a\0b"), "is kept");
	memset(longest, 'y', sizeof(longest));
	longest[BND_USB_STRING_MAX] = '\n';
	ut_bytes(path, "product", longest, BND_USB_STRING_MAX + 1);
	is_int(view("1-4"), 0, "UT-03: the longest string there can be");
	is_int(v.d.name.len, BND_USB_STRING_MAX, "UT-03: is taken whole");
	ut_bytes(path, "product", longest, BND_USB_STRING_MAX + 2);
	r = view("1-4");
	ok(r == -1 && err.kind == BND_E_INPUT,
	    "UT-08: one that is longer is refused, not cut");
}

static void
test_descriptors(void)
{
	static uint8_t huge[BND_USB_DESC_MAX + 100];
	char path[UK_PATH];

	usbtree(s.dir, "1-5", "03:01:01 fill=65553");
	is_int(view("1-5"), 0, "UD-11: as much as sysfs ever shows");
	ok(v.desc.bad != NULL, "UD-11: is not to be judged");
	ut_bytes(uk_path(path, "%s/sys" HOST "/usb1/1-5", s.dir), "descriptors",
	    huge, sizeof(huge));
	is_int(view("1-5"), 0, "UD-11: and what is longer");
	ok(v.desc.bad != NULL && v.len == sizeof(v.bytes), "neither");
	ut_bytes(path, "descriptors", huge, 0);
	is_int(view("1-5"), 0, "no byte at all");
	ok(v.desc.bad != NULL, "is not to be judged");
}

static void
test_change(void)
{
	char path[UK_PATH];
	int r;

	changes = 1;
	is_int(view("1-1"), 0, "another device came while one was read");
	is_int(v.devnum, 41, "the other one is what is shown");
	changes = 2;
	is_int(view("1-1"), 0, "and another");
	is_int(v.devnum, 41, "the last one is what is shown");
	changes = 3;
	r = view("1-1");
	ok(r == -1 && err.kind == BND_E_BUSY, "a third time is no device");
	changes = 0;
	usbtree(s.dir, "1-6", "keyboard");
	vanish = uk_path(path, "%s/sys" HOST "/usb1/1-6/devnum", s.dir);
	r = view("1-6");
	ok(r == -1 && err.errnum == ENOENT, "one that goes has gone");
	vanish = NULL;
}

static void *
come_late(void *arg)
{
	const struct timespec wait = { .tv_nsec = 30000000 };
	const char *port = arg;
	char path[UK_PATH];

	nanosleep(&wait, NULL);
	if (symlink("../1-0:1.0/usb1-port7",
		uk_path(path, "%s/sys" HOST "/usb1/%s/port", s.dir, port)) != 0)
		abort();
	return NULL;
}

/* UR-17's half of it: the link appears after the event. */
static void
test_connect(void)
{
	char port[UK_PATH];
	static char name[] = "1-7";
	pthread_t thread;

	usbtree(s.dir, "1-7", "keyboard", "connect=hardwired");
	if (unlink(uk_path(port, "%s/sys" HOST "/usb1/1-7/port", s.dir)) != 0)
		bail("no port");
	is_int(view_for(HOST "/usb1/1-7", 20), 0, "a port that is not there");
	ok(v.d.connect.p == NULL, "UR-17: says nothing, after a wait");
	if (pthread_create(&thread, NULL, come_late, name) != 0)
		bail("no thread");
	is_int(view_for(HOST "/usb1/1-7", 5000), 0, "one that comes late");
	ok(STR_IS(v.d.connect, "hardwired"), "UR-17: is waited for");
	pthread_join(thread, NULL);
	if (unlink(port) != 0 || symlink("/proc/self", port) != 0)
		bail("no link");
	is_int(view_for(HOST "/usb1/1-7", 0), 0, "a link that leads away");
	ok(v.d.connect.p == NULL, "is not followed");
	if (unlink(port) != 0 || symlink("../../../etc", port) != 0)
		bail("no link");
	is_int(view_for(HOST "/usb1/1-7", 0), 0, "nor one that climbs");
	ok(v.d.connect.p == NULL, "is followed");
}

int
main(void)
{
	scratch_make_fast(&s);
	if (bnd_sign_init(&err) == -1)
		bail("no libsodium");
	usbtree_host(s.dir);
	usbtree_bus(s.dir, 1, "pci0000:00/0000:00:14.0");
	usbtree(s.dir, "1-1", "keyboard", "devnum=5");
	usbtree(s.dir, "1-2", "hub", "serial=outer", "on");
	usbtree(s.dir, "1-2.3", "hub", "serial=inner", "on");
	usbtree(s.dir, "1-2.3.4", "storage", "keyboard", "name=A  b ",
	    "maker=Ma", "serial=S\\n1", "connect=hotplug", "devnum=9", "on");
	usbtree(s.dir, "1-3", "storage");
	test_fields();
	test_parent();
	test_strings();
	test_descriptors();
	test_change();
	test_connect();
	scratch_remove(&s);
	return tap_done();
}
