/* usb-knob.c: the kernel's own no, set and read back, on every knob */
/* SPDX-License-Identifier: ISC */
#include "usb-knob.h"

#include <sys/wait.h>

#include "scratch.h"
#include "tap.h"
#include "usb-boot.h"
#include "usbtree.h"

#define HOST	  "/devices/pci0000:00/0000:00:14.0"
#define PARAMETER "/sys/module/usbcore/parameters/authorized_default"
#define BUS	  "/sys" HOST "/usb1/"

static struct scratch s;
static struct bnd_err err;
static struct bnd_notes notes;

static unsigned writes;
static enum { WORKS, LOST, FAILS } how;

ssize_t __real_pwrite(int fd, const void *buf, size_t len, off_t at);
ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t at);

ssize_t
__wrap_pwrite(int fd, const void *buf, size_t len, off_t at)
{
	writes++;
	if (how == FAILS) {
		errno = EROFS;
		return -1;
	}
	if (how == LOST)
		return (ssize_t)len;
	if (ftruncate(fd, 0) != 0) /* a knob holds what was written last */
		return -1;
	return __real_pwrite(fd, buf, len, at);
}

static const char *
at(const char *file)
{
	static char path[UK_PATH];

	return uk_path(path, "%s%s", s.dir, file);
}

static const char *
now(const char *file)
{
	static char text[64];

	return uk_get(at(file), text);
}

static void
clear(void)
{
	err = (struct bnd_err){ 0 };
	memset(&notes, 0, sizeof(notes));
	writes = 0;
}

static bool
noted(const char *code, const char *part)
{
	for (size_t i = 0; i < notes.n; i++)
		if (strcmp(notes.note[i].code, code) == 0 &&
		    strstr(notes.note[i].text, part) != NULL)
			return true;
	return false;
}

static int
bus(int (*set)(const struct bnd_usb_dir *, struct bnd_err *), bool *good)
{
	SCOPED_USB_DIR struct bnd_usb_dir d = { .dir = -1, .authorized = -1 };

	if (bnd_usb_dir_open(&s.root, HOST "/usb1", true, &d, &err) == -1)
		bail(err.text);
	return set != NULL ? set(&d, &err)
			   : bnd_usb_knob_look_bus(&d, good, &notes, &err);
}

static const char *const files[] = {
	PARAMETER,
	BUS "authorized_default",
	BUS "interface_authorized_default",
};

static int
set(size_t i)
{
	clear();
	return i == 0 ? bnd_usb_knob_set(&s.root, &err)
		      : bus(bnd_usb_knob_set_bus, NULL);
}

static bool
is_good(size_t i)
{
	bool good = false;

	clear();
	if ((i == 0 ? bnd_usb_knob_look(&s.root, &good, &notes, &err)
		    : bus(NULL, &good)) == -1)
		bail(err.text);
	return good;
}

/* UP-19 */
static void
test_each(void)
{
	static const char *const wrong[] = { "1", "-1", "2", "", "00" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		ok(is_good(i) && notes.n == 0, "0 is good: %zu", i);
		is_int(set(i), 0, "setting it");
		is_int(writes, 0, "UE-14: writes nothing");
		for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
			uk_put(at(files[i]), wrong[k]);
			ok(!is_good(i) && noted("default", "not 0"),
			    "UP-19: '%.2s' is not", wrong[k]);
			is_int(writes, 0, "looking writes nothing");
			how = LOST;
			ok(set(i) == -1 && err.kind == BND_E_ENFORCER,
			    "a write that does nothing is seen");
			how = FAILS;
			ok(set(i) == -1 && err.errnum == EROFS,
			    "UE-13: a write that fails is told");
			how = WORKS;
			is_int(set(i), 0, "set");
			is_str(now(files[i]), "0", "arrived");
		}
	}
}

/* The second is not left as it is for the first. */
static void
test_both(void)
{
	char away[UK_PATH];

	uk_put(at(files[2]), "1\n");
	uk_path(away, "%s.away", at(files[1]));
	if (rename(at(files[1]), away) != 0)
		bail("cannot move a file");
	ok(set(1) == -1 && err.errnum == ENOENT, "a knob that is not there");
	is_str(now(files[2]), "0", "keeps no other from being set");
	if (rename(away, at(files[1])) != 0)
		bail("cannot move a file");
}

static void
test_here(void)
{
	struct bnd_root none = s.root;

	ok(bnd_usb_is_here(&s.root), "USB is here");
	none.fd = open(at("/proc"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	ok(!bnd_usb_is_here(&none), "a root without sysfs has none");
	none.real = true;
	ok(bnd_usb_is_here(&none),
	    "a host whose sysfs is not there has not shown that");
	close(none.fd);
}

static void
test_cmdline(void)
{
	static const struct {
		const char *line;
		enum bnd_usb_boot says;
	} rows[] = {
		{ "", BND_USB_BOOT_NONE },
		{ "quiet\n", BND_USB_BOOT_NONE },
		{ "usbcore.authorized_default=0", BND_USB_BOOT_NO },
		{ "a usbcore.authorized_default=0 b\n", BND_USB_BOOT_NO },
		{ "usbcore.authorized-default=0", BND_USB_BOOT_NO },
		{ "usbcore.authorized_default=1", BND_USB_BOOT_OTHER },
		{ "usbcore.authorized_default=-1", BND_USB_BOOT_OTHER },
		{ "usbcore.authorized_default=00", BND_USB_BOOT_OTHER },
		{ "usbcore.authorized_default=", BND_USB_BOOT_OTHER },
		{ "usbcore.authorized_default", BND_USB_BOOT_OTHER },
		{ "usbcore.authorized_default=1 usbcore.authorized_default=0",
		    BND_USB_BOOT_NO },
		{ "usbcore.authorized_default=0 usbcore.authorized_default=1",
		    BND_USB_BOOT_OTHER },
		{ "-- usbcore.authorized_default=0", BND_USB_BOOT_NONE },
		{ "x=\"a usbcore.authorized_default=0\"", BND_USB_BOOT_NONE },
		{ "x=\"a usbcore.authorized_default=0", BND_USB_BOOT_NONE },
		{ "xusbcore.authorized_default=0", BND_USB_BOOT_NONE },
		{ "usbcore.authorized_default2=0", BND_USB_BOOT_NONE },
		{ "USBCORE.authorized_default=0", BND_USB_BOOT_NONE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_int(bnd_usb_boot_cmdline((struct bnd_str){
			   rows[i].line, strlen(rows[i].line) }),
		    rows[i].says, "command line %zu", i);
}

static void
test_modprobe(void)
{
	static const struct {
		const char *text;
		enum bnd_usb_boot says;
	} rows[] = {
		{ "", BND_USB_BOOT_NONE },
		{ "options usbcore authorized_default=0\n", BND_USB_BOOT_NO },
		{ "options usbcore authorized_default=0", BND_USB_BOOT_NO },
		{ "  options\tusbcore  autosuspend=1 authorized_default=0\n",
		    BND_USB_BOOT_NO },
		{ "options usbcore \\\n authorized_default=0\n",
		    BND_USB_BOOT_NO },
		{ "#options usbcore authorized_default=0\n",
		    BND_USB_BOOT_NONE },
		{ "# \\\noptions usbcore authorized_default=0\n",
		    BND_USB_BOOT_NONE },
		{ "options usb authorized_default=0\n", BND_USB_BOOT_NONE },
		{ "options usbcore authorized_default=1\n",
		    BND_USB_BOOT_OTHER },
		{ "options usbcore authorized_default=0\n"
		  "options usbcore authorized_default=-1\n",
		    BND_USB_BOOT_OTHER },
		{ "options usbcore authorized_default=1 authorized_default=0\n",
		    BND_USB_BOOT_OTHER },
		{ "blacklist usbcore\nalias x usbcore\n", BND_USB_BOOT_NONE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_int(bnd_usb_boot_modprobe((struct bnd_str){
			   rows[i].text, strlen(rows[i].text) }),
		    rows[i].says, "modprobe.d %zu", i);
}

static bool
boots(void)
{
	bool good = false;

	clear();
	if (bnd_usb_boot_look(&s.root, &good, &notes, &err) == -1)
		bail(err.text);
	if (good != (notes.n == 0))
		bail("a bad one is told, and a good one is not");
	return good;
}

#define WITH	"usbcore.authorized_default=0\n"
#define OPTION	"options usbcore authorized_default="
#define ETC	"/etc/modprobe.d/bnd-usb.conf"
#define SHIPPED "/usr/lib/modprobe.d/bnd-usb.conf"

static void
test_boot(void)
{
	uk_put(at("/proc/cmdline"), WITH);
	ok(boots(), "the command line says no");
	uk_put(at("/proc/cmdline"), "quiet\n");
	ok(!boots() && noted("boot", "built in"), "built in, and it does not");
	ut_mkdir("%s/usr/lib/modprobe.d", s.dir);
	ut_mkdir("%s/etc/modprobe.d", s.dir);
	uk_put(at(SHIPPED), OPTION "0\n");
	ok(!boots(), "modprobe.d does nothing for what is built in");
	uk_put(at("/sys/module/usbcore/initstate"), "live\n");
	ok(boots(), "but for a module");
	if (symlink("usr/lib", at("/lib")) != 0)
		bail("no link");
	ok(boots(), "seen once where /lib is a link");
	uk_put(at("/proc/cmdline"), "usbcore.authorized_default=1\n");
	ok(!boots() && noted("boot", "not to 0"), "a 1 on the command line");
	uk_put(at("/proc/cmdline"), "quiet\n");
	uk_put(at("/etc/modprobe.d/other.conf"), OPTION "-1\n");
	ok(!boots() && noted("boot", "/etc/modprobe.d/other.conf"),
	    "another file that says otherwise is named");
	if (unlink(at("/etc/modprobe.d/other.conf")) != 0)
		bail("cannot remove a file");
	uk_put(at("/etc/modprobe.d/other.conf.off"), OPTION "-1\n");
	ok(boots(), "what is not called .conf says nothing");
	ut_mkdir("%s/dev", s.dir);
	uk_put(at("/dev/null"), "");
	if (symlink("/dev/null", at(ETC)) != 0)
		bail("no link");
	ok(!boots(), "the shipped file put out by one of the same name");
	if (unlink(at(ETC)) != 0)
		bail("cannot remove a link");
	ok(boots(), "and back");
	ut_mkdir("%s/etc/modprobe.d/dir.conf", s.dir);
	ok(!boots() && noted("boot", "dir.conf"),
	    "one that cannot be read is told");
}

int
main(void)
{
	scratch_make_fast(&s);
	usbtree_host(s.dir);
	usbtree_bus(s.dir, 1, "pci0000:00/0000:00:14.0");
	test_here();
	test_each();
	test_both();
	test_cmdline();
	test_modprobe();
	test_boot();
	scratch_remove(&s);
	return tap_done();
}
