/* usbtree.h: made-up USB hosts: a sysfs tree with controllers and devices */
/* SPDX-License-Identifier: ISC */
/*
 *	usbtree_host(dir);
 *	usbtree_bus(dir, 1, "pci0000:00/0000:00:14.0");
 *	usbtree(dir, "1-1", "hub", "on");
 *	usbtree(dir, "1-1.2", "keyboard", "serial=A1", "name=a \"b\"");
 *
 * Words of a device, one an argument (names may hold anything):
 *
 *	name= maker= serial=		absent unless said
 *	connect=hotplug			connect_type of its port; unknown
 *	devnum=N			the next one of the bus
 *	keyboard mouse fido hid storage uas net wlan bt serial sound video
 *	printer hub			interfaces, with what they become
 *	as=KIND				what the last one becomes: kbd mouse fido
 *					hid block net wlan wwan bt tty sound video
 *					printer hub other none
 *	fault=WORD			of usbkernel.h
 *	on				authorised, drivers bound
 *
 * and those of usbdev.h.  What a device becomes waits in DIR/fake until it is
 * authorised by "on" or by a program that runs with tests/fake/usbkernel.so.
 */
#ifndef TEST_USBTREE_H
#define TEST_USBTREE_H

#include <stdarg.h>
#include <stdint.h>

#include "text.h"
#include "usb-desc.h"
#include "usbdev.h"
#include "usbkernel.h"

#define UT_IFACES 64

/* mkdir -p */
__attribute__((format(printf, 1, 2))) static inline void
ut_mkdir(const char *fmt, ...)
{
	char path[UK_PATH];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(path, sizeof(path), fmt, ap) >= UK_PATH)
		abort();
	va_end(ap);
	for (char *p = path + 1; *p != '\0'; p++)
		if (*p == '/') {
			*p = '\0';
			(void)mkdir(path, 0755);
			*p = '/';
		}
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		abort();
}

static inline void ut_file(const char *dir, const char *name, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
static inline void
ut_file(const char *dir, const char *name, const char *fmt, ...)
{
	char path[UK_PATH];
	va_list ap;
	int fd = open(uk_path(path, "%s/%s", dir, name),
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	va_start(ap, fmt);
	if (fd < 0 || vdprintf(fd, fmt, ap) < 0)
		abort();
	va_end(ap);
	close(fd);
}

static inline void
ut_bytes(const char *dir, const char *name, const void *p, size_t n)
{
	char path[UK_PATH];
	int fd = open(uk_path(path, "%s/%s", dir, name),
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

/* A link from DIR/NAME, where below will lie, to target: both below sys. */
static inline void
ut_link(
    const char *dir, const char *name, const char *below, const char *target)
{
	char at[UK_PATH], to[UK_PATH] = "";
	size_t n = 0;

	for (const char *p = below; p != NULL; p = strchr(p + 1, '/'))
		n += (size_t)snprintf(to + n, sizeof(to) - n, "../");
	snprintf(to + n, sizeof(to) - n, "%s", target);
	uk_path(at, "%s/%s", dir, name);
	(void)unlink(at);
	if (symlink(to, at) != 0)
		abort();
}

/* The next number of a kind, over all calls. */
static inline unsigned
ut_next(const char *dir, const char *what)
{
	char path[UK_PATH], text[64];
	unsigned n;

	uk_path(path, "%s/fake/next.%s", dir, what);
	n = (unsigned)atoi(uk_get(path, text));
	snprintf(text, sizeof(text), "%u", n + 1);
	uk_put(path, text);
	return n;
}

static inline void
usbtree_host(const char *dir)
{
	char path[UK_PATH];

	ut_mkdir("%s/fake", dir);
	ut_mkdir("%s/proc", dir);
	ut_mkdir("%s/sys/bus/usb/devices", dir);
	ut_mkdir("%s/sys/class/input", dir);
	ut_mkdir("%s/sys/class/tty", dir);
	ut_mkdir("%s/sys/module/usbcore/parameters", dir);
	ut_file(
	    uk_path(path, "%s/sys/bus/usb", dir), "drivers_probe", "%s", "");
	ut_file(uk_path(path, "%s/proc", dir), "cmdline",
	    "root=/dev/sda1 usbcore.authorized_default=0 quiet\n");
	ut_file(uk_path(path, "%s/sys/module/usbcore/parameters", dir),
	    "authorized_default", "0\n");
}

/* An input node where it lies, or waits to: in dir/input/inputN. */
static inline void
ut_input(const char *root, const char *dir, const char *below, const char *keys,
    const char *rel, const char *abs)
{
	unsigned n = ut_next(root, "input");
	char at[UK_PATH], to[UK_PATH], name[32], path[UK_PATH];

	snprintf(name, sizeof(name), "input%u", n);
	uk_path(at, "%s/input/%s", dir, name);
	uk_path(to, "%s/input/%s", below, name);
	ut_mkdir("%s/capabilities", at);
	ut_mkdir("%s/event%u", at, n);
	ut_link(at, "subsystem", to, "class/input");
	uk_path(path, "%s/event%u", at, n);
	uk_path(at, "%s/event%u", to, n);
	ut_link(path, "subsystem", at, "class/input");
	uk_path(at, "%s/input/%s/capabilities", dir, name);
	ut_file(at, "key", "%s\n", keys);
	ut_file(at, "rel", "%s\n", rel);
	ut_file(at, "abs", "%s\n", abs);
	uk_path(path, "../../%.300s", to);
	uk_path(at, "%s/sys/class/input/%s", root, name);
	(void)unlink(at);
	if (symlink(path, at) != 0)
		abort();
}

#define UT_KBD_KEYS \
	"1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"

/* A keyboard or what else is not on USB: ut_other(dir, "platform/i8042/serio0") */
static inline void
usbtree_other(const char *dir, const char *where)
{
	char at[UK_PATH], below[UK_PATH];

	uk_path(below, "devices/%s", where);
	uk_path(at, "%s/sys/%s", dir, below);
	ut_mkdir("%s", at);
	ut_input(dir, at, below, UT_KBD_KEYS, "0", "0");
}

/* "platform/serial8250" "ttyS0": a console, and in the list of them. */
static inline void
usbtree_tty(const char *dir, const char *where, const char *name)
{
	char at[UK_PATH], to[UK_PATH];

	ut_mkdir("%s/sys/devices/%s/tty/%s", dir, where, name);
	ut_mkdir("%s/sys/devices/virtual/tty/console", dir);
	uk_path(at, "%s/sys/class/tty/%s", dir, name);
	uk_path(to, "../../devices/%s/tty/%s", where, name);
	(void)unlink(at);
	if (symlink(to, at) != 0)
		abort();
	uk_path(at, "%s/sys/class/tty/console", dir);
	(void)unlink(at);
	if (symlink("../../devices/virtual/tty/console", at) != 0)
		abort();
	uk_path(at, "%s/sys/devices/virtual/tty/console", dir);
	ut_file(at, "active", "tty0 %s\n", name);
}

/* A root hub with eight ports; its controller is /devices/WHERE. */
static inline void
usbtree_bus(const char *dir, unsigned n, const char *where)
{
	struct usbdev *u = calloc(1, sizeof(*u));
	char at[UK_PATH], below[UK_PATH], iface[UK_PATH], port[UK_PATH];
	char path[16];
	struct uk k = { .port = path };

	if (u == NULL)
		abort();
	usbdev(u, "id=1d6b:0002 rel=0601 class=09:00:01 09:00:00 ep");
	uk_path(below, "devices/%s/usb%u", where, n);
	uk_path(at, "%s/sys/%s", dir, below);
	uk_path(iface, "%s/%u-0:1.0", at, n);
	ut_mkdir("%s", iface);
	ut_link(at, "subsystem", below, "bus/usb");
	ut_link(at, "driver", below, "bus/usb/drivers/usb");
	ut_file(at, "uevent", "DEVTYPE=usb_device\nDRIVER=usb\n");
	ut_file(at, "authorized", "1\n");
	ut_file(at, "authorized_default", "0\n");
	ut_file(at, "interface_authorized_default", "0\n");
	ut_file(at, "bConfigurationValue", "1\n");
	ut_file(at, "devnum", "1\n");
	ut_file(at, "product", "xHCI Host Controller\n");
	ut_file(at, "manufacturer", "Linux 6.1.0 xhci-hcd\n");
	ut_file(at, "serial", "%s\n", strrchr(where, '/') + 1);
	ut_bytes(at, "descriptors", u->bytes, u->len);
	uk_path(port, "%s/%u-0:1.0", below, n);
	ut_link(iface, "subsystem", port, "bus/usb");
	ut_link(iface, "driver", port, "bus/usb/drivers/hub");
	ut_file(iface, "uevent", "DEVTYPE=usb_interface\nDRIVER=hub\n");
	for (unsigned i = 1; i <= 8; i++) {
		ut_mkdir("%s/usb%u-port%u", iface, n, i);
		uk_path(port, "%s/usb%u-port%u", iface, n, i);
		ut_file(port, "connect_type", "unknown\n");
	}
	snprintf(path, sizeof(path), "usb%u", n);
	uk_path(k.dir, "%s", dir);
	uk_path(k.path, "/%s", below);
	uk_list(&k, "");
	free(u);
}

static const struct ut_kind {
	const char *word, *words; /* of usbdev.h */
	const char *as;
} ut_kinds[] = {
	{ "keyboard", "03:01:01 hid ep", "kbd" },
	{ "mouse", "03:01:02 hid ep", "mouse" },
	{ "fido", "03:00:00 hid ep ep", "fido" },
	{ "hid", "03:00:00 hid ep", "hid" },
	{ "storage", "08:06:50 ep ep", "block" },
	{ "uas", "08:06:50 ep ep +08:06:62 ep ep", "block" },
	{ "net", "02:06:00 ep 0a:00:00 +0a:00:00 ep ep", "net" },
	{ "wlan", "ff:ff:ff ep ep", "wlan" },
	{ "bt", "e0:01:01 ep e0:01:01 ep ep", "bt" },
	{ "serial", "02:02:01 ep 0a:00:00 ep ep", "tty" },
	{ "sound", "01:01:00 01:02:00 +01:02:00 ep", "sound" },
	{ "video", "0e:01:00 ep 0e:02:00 +0e:02:00 ep", "video" },
	{ "printer", "07:01:02 ep ep", "printer" },
	{ "hub", "class=09:00:01 09:00:00 ep", "hub" },
};

static const struct ut_made {
	const char *as, *driver;
} ut_made[] = {
	{ "kbd", "usbhid" },
	{ "mouse", "usbhid" },
	{ "fido", "usbhid" },
	{ "hid", "usbhid" },
	{ "block", "usb-storage" },
	{ "net", "cdc_ether" },
	{ "wlan", "mt7601u" },
	{ "wwan", "qmi_wwan" },
	{ "bt", "btusb" },
	{ "tty", "cdc_acm" },
	{ "sound", "snd-usb-audio" },
	{ "video", "uvcvideo" },
	{ "printer", "usblp" },
	{ "hub", "hub" },
	{ "other", "usbtest" },
};

/* What is made of an interface, where it waits (at) and will lie (below). */
struct ut_node {
	const char *root;
	char at[UK_PATH], below[UK_PATH];
};

__attribute__((format(printf, 3, 4))) static inline void
ut_class(const struct ut_node *n, const char *class, const char *fmt, ...)
{
	char name[256], at[UK_PATH], below[UK_PATH], target[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	ut_mkdir("%s/%s", n->at, name);
	uk_path(at, "%s/%s", n->at, name);
	uk_path(below, "%s/%s", n->below, name);
	snprintf(target, sizeof(target), "class/%s", class);
	ut_link(at, "subsystem", below, target);
	ut_file(at, "uevent", "%s", "");
}

static inline void
ut_hid(const struct ut_node *n, const char *as)
{
	static const uint8_t fido[] = { 0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1,
		0x01, 0xc0 };
	static const uint8_t kbd[] = { 0x05, 0x01, 0x09, 0x06, 0xa1, 0x01,
		0xc0 };
	static const uint8_t mouse[] = { 0x05, 0x01, 0x09, 0x02, 0xa1, 0x01,
		0xc0 };
	static const uint8_t other[] = { 0x06, 0x00, 0xff, 0x09, 0x01, 0xa1,
		0x01, 0xc0 };
	unsigned no = ut_next(n->root, "hid");
	struct ut_node h = { .root = n->root };

	uk_path(h.at, "%.300s/0003:1234:ABCD.%04X", n->at, no);
	uk_path(h.below, "%.300s/0003:1234:ABCD.%04X", n->below, no);
	ut_mkdir("%s/power", h.at);
	ut_link(h.at, "subsystem", h.below, "bus/hid");
	ut_link(h.at, "driver", h.below, "bus/hid/drivers/hid-generic");
	ut_file(h.at, "uevent", "DRIVER=hid-generic\nDEVTYPE=usb_device\n");
	ut_class(&h, "hidraw", "hidraw/hidraw%u", no);
	if (strcmp(as, "kbd") == 0) {
		ut_bytes(h.at, "report_descriptor", kbd, sizeof(kbd));
		ut_input(n->root, h.at, h.below, UT_KBD_KEYS, "0", "0");
	} else if (strcmp(as, "mouse") == 0) {
		ut_bytes(h.at, "report_descriptor", mouse, sizeof(mouse));
		ut_input(n->root, h.at, h.below, "70000 0 0 0 0", "903", "0");
	} else if (strcmp(as, "fido") == 0) {
		ut_bytes(h.at, "report_descriptor", fido, sizeof(fido));
	} else {
		ut_bytes(h.at, "report_descriptor", other, sizeof(other));
	}
}

static inline void
ut_make(const struct ut_node *n, const char *as)
{
	char path[UK_PATH];

	if (strcmp(as, "kbd") == 0 || strcmp(as, "mouse") == 0 ||
	    strcmp(as, "fido") == 0 || strcmp(as, "hid") == 0)
		ut_hid(n, as);
	else if (strcmp(as, "block") == 0)
		ut_class(n, "block", "host6/target6:0:0/6:0:0:0/block/sdx%u",
		    ut_next(n->root, "block"));
	else if (strcmp(as, "net") == 0)
		ut_class(n, "net", "net/usb%u", ut_next(n->root, "net"));
	else if (strcmp(as, "wlan") == 0) {
		unsigned no = ut_next(n->root, "wlan");

		ut_class(n, "ieee80211", "ieee80211/phy%u", no);
		ut_class(n, "net", "net/wlan%u", no);
		ut_file(uk_path(path, "%s/net/wlan%u", n->at, no), "uevent",
		    "DEVTYPE=wlan\nINTERFACE=wlan%u\n", no);
	} else if (strcmp(as, "wwan") == 0) {
		unsigned no = ut_next(n->root, "wwan");

		ut_class(n, "net", "net/wwan%u", no);
		ut_file(uk_path(path, "%s/net/wwan%u", n->at, no), "uevent",
		    "DEVTYPE=wwan\nINTERFACE=wwan%u\n", no);
	} else if (strcmp(as, "bt") == 0)
		ut_class(
		    n, "bluetooth", "bluetooth/hci%u", ut_next(n->root, "bt"));
	else if (strcmp(as, "tty") == 0)
		ut_class(n, "tty", "tty/ttyACM%u", ut_next(n->root, "tty"));
	else if (strcmp(as, "sound") == 0)
		ut_class(n, "sound", "sound/card%u", ut_next(n->root, "sound"));
	else if (strcmp(as, "video") == 0)
		ut_class(n, "video4linux", "video4linux/video%u",
		    ut_next(n->root, "video"));
	else if (strcmp(as, "printer") == 0)
		ut_class(n, "usbmisc", "usbmisc/lp%u", ut_next(n->root, "lp"));
}

static inline const char *
ut_driver(const char *as)
{
	for (size_t i = 0; i < sizeof(ut_made) / sizeof(ut_made[0]); i++)
		if (strcmp(ut_made[i].as, as) == 0)
			return ut_made[i].driver;
	return NULL;
}

/* Attributes of an interface, and its nodes if it has a driver. */
static inline void
ut_iface(const struct uk *u, const struct bnd_usb_iface *f, unsigned value,
    const char *as, const char *driver)
{
	struct ut_node n = { .root = u->dir };
	char name[64], at[UK_PATH], below[UK_PATH], to[96];

	snprintf(name, sizeof(name), "%s:%u.%u", u->port, value, f->number);
	uk_path(below, "%s/%s", u->path + 1, name);
	uk_path(at, "%s/fake/%s/iface/%s", u->dir, u->port, name);
	ut_mkdir("%s/ep_81", at);
	ut_link(at, "subsystem", below, "bus/usb");
	ut_file(at, "uevent", "DEVTYPE=usb_interface\n");
	ut_file(at, "authorized", "0\n");
	ut_file(at, "bInterfaceNumber", "%02x\n", f->number);
	ut_file(at, "bAlternateSetting", " 0\n");
	ut_file(at, "bInterfaceClass", "%02x\n", f->class);
	ut_file(at, "bInterfaceSubClass", "%02x\n", f->subclass);
	ut_file(at, "bInterfaceProtocol", "%02x\n", f->protocol);
	if (driver == NULL)
		return;
	uk_path(n.at, "%s/fake/%s/node/%s", u->dir, u->port, name);
	uk_path(n.below, "%s", below);
	ut_mkdir("%s", n.at);
	snprintf(to, sizeof(to), "bus/usb/drivers/%s", driver);
	ut_link(n.at, "driver", below, to);
	if (as != NULL)
		ut_make(&n, as);
}

/* Interfaces of the first configuration; one that says nothing is its
 * neighbour's: a data interface, a stream. */
static inline void
ut_ifaces(const struct uk *u, const struct bnd_usb_desc *d, unsigned value,
    const char *const as[static UT_IFACES])
{
	const char *driver = NULL;
	size_t at = 0;

	for (size_t i = 0; i < d->ifaces && at < UT_IFACES; i++) {
		const struct bnd_usb_iface *f = &d->iface[i];

		if (f->config != 0 || f->alt != 0)
			continue;
		if (as[at] != NULL)
			driver = ut_driver(as[at]);
		ut_iface(u, f, value, as[at], driver);
		at++;
	}
}

struct ut_words {
	char dev[8192]; /* for usbdev.h */
	size_t len;
	const char *as[UT_IFACES];
	size_t ifaces;
	const char *name, *maker, *serial, *connect, *fault;
	unsigned devnum;
	bool on;
};

static inline void
ut_add(struct ut_words *w, const char *words)
{
	for (const char *p = words; *p != '\0'; p++)
		if (p[0] != '+' && p[1] != '\0' && p[2] == ':' &&
		    (p == words || p[-1] == ' '))
			w->ifaces++;
	w->len += (size_t)snprintf(
	    w->dev + w->len, sizeof(w->dev) - w->len, "%s ", words);
	if (w->len >= sizeof(w->dev) || w->ifaces > UT_IFACES)
		abort();
}

static inline bool
ut_value(const char *word, const char *key, const char **value)
{
	if (strncmp(word, key, strlen(key)) != 0)
		return false;
	*value = word + strlen(key);
	return true;
}

static inline void
ut_word(struct ut_words *w, const char *word)
{
	const char *v;

	if (ut_value(word, "name=", &w->name) ||
	    ut_value(word, "maker=", &w->maker) ||
	    ut_value(word, "serial=", &w->serial) ||
	    ut_value(word, "connect=", &w->connect) ||
	    ut_value(word, "fault=", &w->fault))
		return;
	if (strcmp(word, "on") == 0) {
		w->on = true;
	} else if (ut_value(word, "devnum=", &v)) {
		w->devnum = (unsigned)atoi(v);
	} else if (ut_value(word, "as=", &v)) {
		if (w->ifaces == 0)
			abort();
		w->as[w->ifaces - 1] = strcmp(v, "none") == 0 ? "" : v;
	} else {
		for (size_t i = 0; i < sizeof(ut_kinds) / sizeof(ut_kinds[0]);
		     i++)
			if (strcmp(ut_kinds[i].word, word) == 0) {
				if (w->ifaces < UT_IFACES)
					w->as[w->ifaces] = ut_kinds[i].as;
				ut_add(w, ut_kinds[i].words);
				return;
			}
		ut_add(w, word);
	}
}

/* "1-1.2" hangs below "1-1", and that below "usb1". */
static inline void
ut_place(const char *dir, const char *port, struct uk *u)
{
	char hub[64], at[UK_PATH], to[UK_PATH];
	char *cut;
	ssize_t n;

	snprintf(hub, sizeof(hub), "%s", port);
	cut = strrchr(hub, '.');
	if (cut != NULL)
		*cut = '\0';
	else
		snprintf(hub, sizeof(hub), "usb%d", atoi(port));
	uk_path(at, "%s/sys/bus/usb/devices/%s", dir, hub);
	n = readlink(at, to, sizeof(to) - 1);
	if (n < 0)
		abort();
	to[n] = '\0';
	uk_path(u->dir, "%s", dir);
	uk_path(u->path, "%.300s/%s", strstr(to, "/devices/"), port);
	u->port = port;
}

/* The port of the hub it is in, and the link to that. */
static inline void
ut_port(const struct uk *u, const char *connect)
{
	char hub[64], at[UK_PATH], to[UK_PATH];
	const char *no = strrchr(u->port, '.');
	const char *up = u->path;

	if (no != NULL) {
		memcpy(hub, u->port, strlen(u->port) + 1);
		hub[no - u->port] = '\0';
		uk_path(to, "../%s:1.0/%s-port%s", hub, hub, no + 1);
	} else {
		no = strchr(u->port, '-');
		uk_path(to, "../%d-0:1.0/usb%d-port%s", atoi(u->port),
		    atoi(u->port), no + 1);
	}
	uk_path(at, "%s/sys%.*s%s", u->dir, (int)(strrchr(up, '/') - up), up,
	    to + 2);
	ut_mkdir("%s", at);
	ut_file(at, "connect_type", "%s\n", connect);
	uk_path(at, "%s/sys%s/port", u->dir, u->path);
	if (symlink(to, at) != 0)
		abort();
}

static inline void
ut_string(const char *at, const char *name, const char *value)
{
	char path[UK_PATH];

	if (value != NULL)
		ut_file(at, name, "%s\n", value);
	else
		(void)unlink(uk_path(path, "%s/%s", at, name));
}

static inline void
ut_switch_on(const struct uk *u)
{
	char at[UK_PATH], name[NAME_MAX + 1];
	DIR *dir;
	struct dirent *e;

	uk_put(uk_path(at, "%s/sys%s/authorized", u->dir, u->path), "1\n");
	uk_configure(u);
	uk_path(at, "%s/sys%s", u->dir, u->path);
	dir = opendir(at);
	while ((e = readdir(dir)) != NULL) {
		if (!uk_is_iface(e->d_name))
			continue;
		memcpy(name, e->d_name, strlen(e->d_name) + 1);
		uk_path(at, "%s/sys%s/%s/authorized", u->dir, u->path, name);
		uk_put(at, "1\n");
		uk_bind(u, name);
	}
	closedir(dir);
}

/* A device of an array of words, NULL at its end. */
static inline void
usbtree_device(const char *dir, const char *port, const char *const *words)
{
	struct usbdev *dev = calloc(1, sizeof(*dev));
	struct bnd_usb_desc *d = calloc(1, sizeof(*d));
	static struct ut_words w;
	struct uk u;
	char at[UK_PATH], value[16];

	if (dev == NULL || d == NULL)
		abort();
	w = (struct ut_words){ .connect = "unknown" };
	for (; *words != NULL; words++)
		ut_word(&w, *words);
	usbdev(dev, w.dev);
	bnd_usb_desc_parse(dev->bytes, dev->len, d);
	ut_place(dir, port, &u);
	uk_path(at, "%s/sys%s", dir, u.path);
	ut_mkdir("%s/power", at);
	ut_mkdir("%s/ep_00", at);
	ut_mkdir("%s/fake/%s/iface", dir, port);
	ut_mkdir("%s/fake/%s/node", dir, port);
	ut_link(at, "subsystem", u.path + 1, "bus/usb");
	ut_link(at, "driver", u.path + 1, "bus/usb/drivers/usb");
	ut_file(at, "uevent", "DEVTYPE=usb_device\nDRIVER=usb\n");
	ut_file(at, "authorized", "0\n");
	ut_file(at, "bConfigurationValue", "%s", "");
	ut_file(at, "remove", "%s", "");
	ut_file(at, "devnum", "%u\n",
	    w.devnum != 0 ? w.devnum : ut_next(dir, "devnum") + 2);
	ut_string(at, "product", w.name);
	ut_string(at, "manufacturer", w.maker);
	ut_string(at, "serial", w.serial);
	ut_bytes(at, "descriptors", dev->bytes, dev->len);
	ut_port(&u, w.connect);
	uk_list(&u, "");
	snprintf(value, sizeof(value), "%u\n",
	    dev->config != 0 ? dev->bytes[18 + 5] : 0);
	uk_path(at, "%s/fake/%s", dir, port);
	ut_file(at, "value", "%s", value);
	if (w.fault != NULL)
		ut_file(at, "fault", "%s\n", w.fault);
	ut_ifaces(&u, d, (unsigned)atoi(value), w.as);
	if (w.on)
		ut_switch_on(&u);
	free(dev);
	free(d);
}

#define usbtree(dir, port, ...) \
	usbtree_device(dir, port, (const char *const[]){ __VA_ARGS__, NULL })

static inline void
usbtree_unplug(const char *dir, const char *port)
{
	struct uk u;

	ut_place(dir, port, &u);
	uk_unplug(&u);
}

#endif
