/* usb-seen.c: what a device's drivers made of it, whatever it says it is */
/* SPDX-License-Identifier: ISC */
/*
 * A node is what its subsystem link says, which the kernel makes; names may
 * hold words of the device, and so may uevent files but for those of net.
 */
#include "usb-seen.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "scope.h"
#include "sign.h"
#include "text.h"
#include "usb-console.h"

#define FLAGS	    (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
#define DEEP	    24
#define DIRS_MAX    4096
#define TEXT_MAX    4096
#define REPORT_MAX  8192 /* HID_MAX_DESCRIPTOR_SIZE is 4096 */
#define REPORTS_MAX 64
#define DRIVERS_MAX 32 /* interfaces of a configuration */
#define NAME_LEN    64

/* One HID device's report descriptor: of which interface, and its digest. */
struct report {
	char iface[NAME_LEN];
	uint8_t sum[BND_SHA256_LEN];
};

/* A driver of an interface, and whether anything we know came of it. */
struct driver {
	char name[NAME_LEN];
	unsigned kinds;
};

struct walk {
	const struct bnd_usb_dir *dev;
	unsigned dirs, deep;
	unsigned kinds;
	bool input;	      /* below the HID device in hand */
	char iface[NAME_LEN]; /* ":1.0", zeros to its end */
	size_t reports;
	struct report report[REPORTS_MAX];
	size_t drivers;
	struct driver driver[DRIVERS_MAX];
};

static int visit(struct walk *w, int parent, const char *name,
    struct bnd_err *err) BND_CHECK;

/* The last component of a link; false if there is no such link. */
static bool
link_word(int dir, const char *link, char word[static NAME_LEN])
{
	char target[512];
	ssize_t n = readlinkat(dir, link, target, sizeof(target));
	struct bnd_str s = { target, n < 0 ? 0 : (size_t)n };
	const char *slash;

	if (n <= 0 || (size_t)n == sizeof(target))
		return false;
	while ((slash = memchr(s.p, '/', s.len)) != NULL)
		s = bnd_str_from(s, (size_t)(slash + 1 - s.p));
	return bnd_str_copy(s, word, NAME_LEN);
}

static bool
has_entry(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* text takes TEXT_MAX + 1 bytes.  What is not there is the empty text. */
static int
read_text(int dir, const char *name, char *text, struct bnd_err *err)
{
	SCOPED_FD int fd = openat(dir, name, FLAGS);
	size_t len = 0;

	text[0] = '\0';
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", name);
	if (bnd_file_read_fd(fd, name, text, TEXT_MAX, &len, err) == -1)
		return -1;
	text[len] = '\0';
	return 0;
}

/* Bit 0 is the X axis, of rel and abs alike: the last digit is odd. */
static bool
has_x(const char *words)
{
	size_t n = strcspn(words, "\n");

	return n > 0 && strchr("13579bdf", words[n - 1]) != NULL;
}

static int
see_input(struct walk *w, int dir, struct bnd_err *err)
{
	char text[TEXT_MAX + 1];
	unsigned kinds = 0;

	if (!has_entry(dir, "capabilities"))
		return 0; /* an event or mouse node of it */
	w->input = true;
	if (read_text(dir, "capabilities/key", text, err) == -1)
		return -1;
	if (bnd_usb_keys_type(text))
		kinds |= BND_USB_IS_KBD;
	if (read_text(dir, "capabilities/rel", text, err) == -1)
		return -1;
	if (has_x(text))
		kinds |= BND_USB_IS_POINTER;
	if (read_text(dir, "capabilities/abs", text, err) == -1)
		return -1;
	if (has_x(text))
		kinds |= BND_USB_IS_POINTER;
	w->kinds |= kinds != 0 ? kinds : BND_USB_IS_INPUT;
	return 0;
}

static int
see_net(struct walk *w, int dir, struct bnd_err *err)
{
	char text[TEXT_MAX + 1];
	struct bnd_str rest = { text, 0 }, line;
	bool whole;

	w->kinds |= BND_USB_IS_NET;
	if (read_text(dir, "uevent", text, err) == -1)
		return -1;
	rest.len = strlen(text);
	while (bnd_text_line(&rest, &line, &whole))
		if (bnd_str_is(line, "DEVTYPE=wlan"))
			w->kinds |= BND_USB_IS_WLAN;
		else if (bnd_str_is(line, "DEVTYPE=wwan"))
			w->kinds |= BND_USB_IS_WWAN;
		else if (bnd_str_is(line, "DEVTYPE=bluetooth"))
			w->kinds |= BND_USB_IS_BT;
	return 0;
}

bool
bnd_usb_report_is_fido(const uint8_t *bytes, size_t len)
{
	static const size_t sizes[] = { 0, 1, 2, 4 };
	size_t i = 0;

	/* HID 1.11, 6.2.2: short items; 0xfe begins a long one. */
	while (i < len) {
		size_t size = sizes[bytes[i] & 3];

		if (bytes[i] == 0xfe)
			size = i + 1 < len ? bytes[i + 1] + 2U : 2;
		if (size >= len - i)
			return false;
		/* Usage Page, a global item of two bytes */
		if (bytes[i] == 0x06 && bytes[i + 1] == 0xd0 &&
		    bytes[i + 2] == 0xf1)
			return true;
		i += 1 + size;
	}
	return false;
}

/*
 * Without a driver the kernel shows no report descriptor, and nothing comes of
 * the node: it will be seen when one binds.
 */
static int
see_hid(struct walk *w, int dir, bool *fido, struct bnd_err *err)
{
	uint8_t bytes[REPORT_MAX];
	struct report *r = &w->report[w->reports];
	char driver[NAME_LEN];
	SCOPED_FD int fd = -1;
	size_t len;

	if (!link_word(dir, "driver", driver))
		return 0;
	if (w->reports == REPORTS_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "%s has more HID nodes than can be", w->dev->port);
	fd = openat(dir, "report_descriptor", FLAGS);
	if (fd < 0)
		return bnd_fail_errno(err, "cannot open report_descriptor");
	if (bnd_file_read_fd(fd, "report_descriptor", (char *)bytes,
		sizeof(bytes), &len, err) == -1)
		return -1;
	memset(r, 0, sizeof(*r));
	memcpy(r->iface, w->iface, sizeof(r->iface));
	bnd_sha256(bytes, len, r->sum);
	w->reports++;
	*fido = bnd_usb_report_is_fido(bytes, len);
	return 0;
}

/*
 * What a node of that subsystem makes of the device.  False: nothing that
 * counts is below it.  A host adapter is there at once; its disk or card comes
 * when the device likes, and no hook is called for it.
 */
static bool
see_known(struct walk *w, const char *subsystem)
{
	static const struct {
		const char *name;
		unsigned kind;
	} known[] = {
		{ "atm", BND_USB_IS_NET },
		{ "block", BND_USB_IS_BLOCK },
		{ "bluetooth", BND_USB_IS_BT },
		{ "dvb", BND_USB_IS_VIDEO },
		{ "ieee80211", BND_USB_IS_WLAN },
		{ "ieee802154", BND_USB_IS_WLAN },
		{ "mISDN", BND_USB_IS_NET },
		{ "memstick_host", BND_USB_IS_BLOCK },
		{ "mmc_host", BND_USB_IS_BLOCK },
		{ "mtd", BND_USB_IS_BLOCK },
		{ "nfc", BND_USB_IS_WLAN },
		{ "scsi_host", BND_USB_IS_BLOCK },
		{ "scsi_tape", BND_USB_IS_BLOCK },
		{ "sound", BND_USB_IS_SOUND },
		{ "tty", BND_USB_IS_TTY },
		{ "usb-serial", BND_USB_IS_TTY },
		{ "video4linux", BND_USB_IS_VIDEO },
		{ "wwan", BND_USB_IS_WWAN },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, subsystem) == 0)
			w->kinds |= known[i].kind;
	return strcmp(subsystem, "block") != 0 &&
	    strcmp(subsystem, "hidraw") != 0;
}

/* Drivers whose nodes do not say what they are for. */
static unsigned
kind_of_driver(const char *name)
{
	static const struct {
		const char *name;
		unsigned kind;
	} drivers[] = {
		{ "hub", BND_USB_IS_HUB },
		{ "usblp", BND_USB_IS_PRINTER },
		{ "cdc_mbim", BND_USB_IS_WWAN },
		{ "cdc_wdm", BND_USB_IS_WWAN },
		{ "qmi_wwan", BND_USB_IS_WWAN },
		{ "rtsx_usb", BND_USB_IS_BLOCK },
	};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strcmp(drivers[i].name, name) == 0)
			return drivers[i].kind;
	return 0;
}

/* Every node has these, and nothing below; in "net" they may be a link's name. */
static bool
is_dull(const struct dirent *e, bool of_node)
{
	return e->d_name[0] == '.' ||
	    (of_node && strcmp(e->d_name, "power") == 0) ||
	    (of_node && strncmp(e->d_name, "ep_", 3) == 0) ||
	    (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN);
}

static int
visit_all(struct walk *w, int at, bool of_node, struct bnd_err *err)
{
	SCOPED_FD int fd = openat(at, ".", FLAGS | O_DIRECTORY);
	SCOPED_DIR DIR *dir = bnd_dir_of(&fd);
	const struct dirent *e;

	if (dir == NULL)
		return bnd_fail_errno(
		    err, "cannot read what is below %s", w->dev->port);
	for (errno = 0; (e = readdir(dir)) != NULL; errno = 0)
		if (!is_dull(e, of_node) &&
		    visit(w, dirfd(dir), e->d_name, err) == -1)
			return -1;
	if (errno != 0)
		return bnd_fail_errno(
		    err, "cannot read what is below %s", w->dev->port);
	return 0;
}

/* What came of an interface counts for all that its driver holds. */
static int
count_driver(struct walk *w, const char *name, struct bnd_err *err)
{
	size_t i = 0;

	while (i < w->drivers && strcmp(w->driver[i].name, name) != 0)
		i++;
	if (i == DRIVERS_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "%s has more drivers than can be", w->dev->port);
	if (i == w->drivers)
		memcpy(w->driver[w->drivers++].name, name, strlen(name) + 1);
	w->driver[i].kinds |= w->kinds;
	return 0;
}

static int
visit_iface(struct walk *w, int dir, const char *name, struct bnd_err *err)
{
	struct bnd_str whole = { name, strlen(name) };
	unsigned before = w->kinds;
	char driver[NAME_LEN];
	int r;

	memset(w->iface, 0, sizeof(w->iface));
	(void)bnd_str_copy(bnd_str_from(whole, bnd_str_until(whole, ':').len),
	    w->iface, sizeof(w->iface));
	w->kinds = 0;
	r = visit_all(w, dir, true, err);
	/* usbfs is no driver: a program holds the interface. */
	if (r == 0 && link_word(dir, "driver", driver) &&
	    strcmp(driver, "usbfs") != 0) {
		w->kinds |= kind_of_driver(driver);
		r = count_driver(w, driver, err);
	}
	w->kinds |= before;
	return r;
}

/* What it does comes first: its words may have gone when they are asked for. */
static int
visit_hid(struct walk *w, int dir, struct bnd_err *err)
{
	bool before = w->input, fido = false;
	int r;

	w->input = false;
	r = visit_all(w, dir, true, err);
	if (r == 0)
		r = see_hid(w, dir, &fido, err);
	if (fido && !w->input)
		w->kinds |= BND_USB_IS_FIDO;
	w->input |= before;
	return r;
}

static int
visit_node(struct walk *w, int dir, const char *name, struct bnd_err *err)
{
	char subsystem[NAME_LEN];
	int r;

	if (!link_word(dir, "subsystem", subsystem))
		return visit_all(w, dir, false, err);
	if (strcmp(subsystem, "usb") == 0) {
		r = bnd_usb_dir_is_device(dir, false, err);
		/* Another device, behind this hub: judged on its own. */
		return r != 0 ? (r == 1 ? 0 : -1)
			      : visit_iface(w, dir, name, err);
	}
	if (strcmp(subsystem, "input") == 0)
		return see_input(w, dir, err);
	if (strcmp(subsystem, "net") == 0)
		return see_net(w, dir, err);
	if (strcmp(subsystem, "hid") == 0)
		return visit_hid(w, dir, err);
	return see_known(w, subsystem) ? visit_all(w, dir, true, err) : 0;
}

/* A node that goes while it is looked at was not there. */
static int
visit(struct walk *w, int parent, const char *name, struct bnd_err *err)
{
	SCOPED_FD int dir =
	    openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct bnd_err why = { 0 };
	int r;

	if (dir < 0)
		return errno == ENOENT || errno == ENOTDIR
		    ? 0
		    : bnd_fail_errno(err, "cannot open %s", name);
	if (++w->dirs > DIRS_MAX || w->deep == DEEP)
		return bnd_fail(err, BND_E_INPUT,
		    "there is more below %s than can be", w->dev->port);
	w->deep++;
	r = visit_node(w, dir, name, &why);
	w->deep--;
	if (r == -1 && why.errnum != ENOENT && why.errnum != ENODEV) {
		if (err != NULL)
			*err = why;
		return -1;
	}
	return 0;
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct report));
}

/* By interface, then by digest: HID nodes are numbered as they come. */
static void
sum_reports(struct walk *w, struct bnd_usb_seen *seen)
{
	uint8_t sum[BND_SHA256_LEN];

	seen->has_report = w->reports > 0;
	if (!seen->has_report)
		return;
	qsort(w->report, w->reports, sizeof(w->report[0]), by_bytes);
	bnd_sha256(w->report, w->reports * sizeof(w->report[0]), sum);
	bnd_text_to_hex(sum, sizeof(sum), seen->report);
}

int
bnd_usb_seen_read(const struct bnd_usb_dir *dir, struct bnd_usb_seen *seen,
    struct bnd_err *err)
{
	struct walk w = { .dev = dir };

	*seen = (struct bnd_usb_seen){ 0 };
	if (visit_all(&w, dir->dir, true, err) == -1)
		return -1;
	seen->kinds = w.kinds;
	for (size_t i = 0; i < w.drivers; i++)
		if (w.driver[i].kinds == 0)
			seen->kinds |= BND_USB_IS_OTHER;
	sum_reports(&w, seen);
	seen->looked = true;
	return 0;
}
