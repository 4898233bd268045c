/* usb-device.h: a device as rules and modes judge it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_DEVICE_H
#define BND_USB_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"
#include "usb-desc.h"

#define BND_USB_PORT_MAX   32	/* "3-1.2.4.1.2" with a NUL */
#define BND_USB_PLACE_MAX  96	/* "0000:00:14.0/1.2" with a NUL */
#define BND_USB_STRING_MAX 4096 /* bytes of one string, as sysfs gives it */
#define BND_USB_HASH_LEN   44	/* USBGuard's: base64 of a SHA-256 */
#define BND_USB_ID_LEN	   69	/* "bnd1:" and 64 hex digits */
#define BND_USB_ID_SHORT   13	/* "bnd1:" and 8: enough to name one */

/* What a device can turn out to be, told by what its drivers made of it. */
enum bnd_usb_kind {
	BND_USB_IS_HUB = 1 << 0,
	BND_USB_IS_KBD = 1 << 1,     /* an input node with letters or digits */
	BND_USB_IS_POINTER = 1 << 2, /* relative or absolute X */
	BND_USB_IS_FIDO = 1 << 3,  /* hidraw, usage page f1d0, no input node */
	BND_USB_IS_INPUT = 1 << 4, /* any other input node */
	BND_USB_IS_BLOCK = 1 << 5,
	BND_USB_IS_NET = 1 << 6,
	BND_USB_IS_WLAN = 1 << 7,
	BND_USB_IS_BT = 1 << 8,
	BND_USB_IS_WWAN = 1 << 9,
	BND_USB_IS_TTY = 1 << 10,
	BND_USB_IS_SOUND = 1 << 11,
	BND_USB_IS_VIDEO = 1 << 12,
	BND_USB_IS_PRINTER = 1 << 13,
	BND_USB_IS_OTHER = 1
	    << 14, /* a driver is bound, and none of these came */
};

/*
 * "kbd,pointer"; "none" for the empty set.  The words of bnd-usb(5).  Every set
 * fits BND_USB_KINDS_SIZE bytes.
 */
#define BND_USB_KINDS_SIZE 96
void bnd_usb_kinds_print(unsigned kinds, char *text, size_t size);
bool bnd_usb_kinds_parse(struct bnd_str s, unsigned *kinds);

/* What stands below an authorised device.  {0}: nobody has looked yet. */
struct bnd_usb_seen {
	bool looked;
	unsigned kinds;
	bool has_report; /* HID children with a report descriptor */
	char report[65]; /* hex SHA-256 over all of them, by interface */
};

struct bnd_usb_device {
	char port[BND_USB_PORT_MAX];   /* "1-1.2", the kernel's name */
	char place[BND_USB_PLACE_MAX]; /* controller and ports: buses move */
	unsigned depth;		       /* hubs between it and the root hub */
	/* As sysfs gives them but for one LF at the end; empty if absent. */
	struct bnd_str name, manufacturer, serial;
	struct bnd_str connect; /* connect_type; p NULL: the kernel says none */
	char hash[BND_USB_HASH_LEN + 1], parent_hash[BND_USB_HASH_LEN + 1];
	char identity[BND_USB_ID_LEN + 1];
	const struct bnd_usb_desc *desc;
	struct bnd_usb_seen seen;
	unsigned twins;	   /* others of this identity that are admitted now */
	bool kept_console; /* as this incarnation it was let in as console */
};

/* N and S of USBGuard: without trailing NUL, BS, TAB, LF, CR. */
struct bnd_str bnd_usb_trim(struct bnd_str s);

/* "3-1.2": a bus, and a port of each hub on the way. */
bool bnd_usb_is_port(const char *name);
/* The last part of a path if it is one, else empty. */
void bnd_usb_port_name(const char *devpath, char port[static BND_USB_PORT_MAX]);
/* Whether port hangs below hub: "1-1" and "1-1.4.2". */
bool bnd_usb_port_is_below(const char *port, const char *hub);

#endif
