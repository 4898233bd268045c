/* usb-bring.c: one device brought to its verdict, and what it shows then */
/* SPDX-License-Identifier: ISC */
/*
 * What sysfs does not do (all measured on 6.1 and 6.12):
 *
 *	a write of 1 may fail and leave authorized at 1, unconfigured; a second
 *	1 then succeeds and does nothing: so after any error 0 is written
 *	a write of 0 succeeds whatever became of the configuration: so a device
 *	is denied only if it has no configuration and no interface either
 *	a write of 1 to an interface does not look for a driver: drivers_probe
 *	does, after all siblings are authorised, as audio and modems need theirs
 *	each SET_CONFIGURATION makes the interfaces anew, with their bus's default:
 *	so that must be 0 before a device is let in
 */
#include "usb-bring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "scope.h"
#include "text.h"
#include "usb-knob.h"

#define PROBE	 "sys/bus/usb/drivers_probe"
#define OUT_MS	 2000
#define OUT_STEP 20
#define ROUNDS	 2
#define NAME_LEN (BND_USB_PORT_MAX + 32)

/* ---- what is shown ---- */

static bool
is_gone(const struct bnd_err *err)
{
	return err->errnum == ENOENT || err->errnum == ENODEV;
}

static uint8_t
number_of(const char *iface)
{
	const char *dot = strrchr(iface, '.');
	uint64_t n;

	/* 255 is no number an interface is ever made with and admitted by. */
	if (dot == NULL ||
	    !bnd_text_u64(
		(struct bnd_str){ dot + 1, strlen(dot + 1) }, UINT8_MAX, &n))
		return UINT8_MAX;
	return (uint8_t)n;
}

static int
read_iface(const struct bnd_usb_dir *dir, struct bnd_usb_shown *k, size_t i,
    struct bnd_err *err)
{
	char name[NAME_LEN];
	struct stat st;
	unsigned on;

	(void)snprintf(name, sizeof(name), "%s/authorized", k->ifaces.name[i]);
	if (bnd_usb_attr_number(dir, name, 1, &on, err) == -1)
		return -1;
	k->on[i] = on == 1;
	(void)snprintf(name, sizeof(name), "%s/driver", k->ifaces.name[i]);
	if (fstatat(dir->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		k->bound[i] = true;
	else if (errno != ENOENT)
		return bnd_fail_errno(err, "cannot look at %s", name);
	return 0;
}

static int
read_configured(const struct bnd_usb_dir *dir, bool *is, struct bnd_err *err)
{
	char text[16];
	size_t len;

	if (bnd_usb_attr(dir, "bConfigurationValue", text, sizeof(text), &len,
		err) == -1)
		return -1;
	*is = len > 0 && text[0] != '\n';
	return 0;
}

int
bnd_usb_shown_read(
    const struct bnd_usb_dir *dir, struct bnd_usb_shown *k, struct bnd_err *err)
{
	*k = (struct bnd_usb_shown){ 0 };
	if (bnd_usb_dir_authorized(dir, &k->authorized, err) == -1 ||
	    read_configured(dir, &k->configured, err) == -1 ||
	    bnd_usb_dir_ifaces(dir, &k->ifaces, err) == -1)
		return -1;
	for (size_t i = 0; i < k->ifaces.n; i++)
		if (read_iface(dir, k, i, err) == -1)
			return -1;
	return 0;
}

bool
bnd_usb_shown_denied(const struct bnd_usb_shown *k)
{
	return !k->authorized && !k->configured && k->ifaces.n == 0;
}

static bool
may(const struct bnd_usb_shown *k, size_t i, const struct bnd_usb_verdict *v)
{
	return bnd_usb_may_iface(v, number_of(k->ifaces.name[i]));
}

bool
bnd_usb_shown_holds(
    const struct bnd_usb_shown *k, const struct bnd_usb_verdict *v)
{
	if (v->word != BND_USB_ADMIT)
		return bnd_usb_shown_denied(k);
	for (size_t i = 0; i < k->ifaces.n; i++)
		if (!may(k, i, v) && (k->on[i] || k->bound[i]))
			return false;
	return true;
}

bool
bnd_usb_shown_whole(
    const struct bnd_usb_shown *k, const struct bnd_usb_verdict *v)
{
	if (v->word != BND_USB_ADMIT)
		return bnd_usb_shown_denied(k);
	return k->authorized && k->configured && !bnd_usb_shown_lacks(k, v);
}

bool
bnd_usb_shown_lacks(
    const struct bnd_usb_shown *k, const struct bnd_usb_verdict *v)
{
	if (v->word != BND_USB_ADMIT)
		return false;
	for (size_t i = 0; i < k->ifaces.n; i++)
		if (may(k, i, v) && !k->on[i])
			return true;
	return !k->authorized || !k->configured;
}

bool
bnd_usb_bring_gone(const struct bnd_root *root, const struct bnd_usb_dir *dir)
{
	char path[BND_USB_PATH_MAX + 4];
	struct bnd_err why = { 0 };
	struct stat st;

	(void)snprintf(path, sizeof(path), "sys%s", dir->path);
	SCOPED_FD int fd =
	    bnd_root_open_sysfs(root, path, O_PATH | O_DIRECTORY, &why);

	if (fd == -1)
		return why.errnum == ENOENT;
	return fstat(fd, &st) == 0 && st.st_ino != dir->inode;
}

/* ---- down ---- */

static int
shown_denied(const struct bnd_usb_dir *dir, struct bnd_err *err)
{
	struct bnd_usb_shown k;

	if (bnd_usb_shown_read(dir, &k, err) == -1)
		return -1;
	if (bnd_usb_shown_denied(&k))
		return 0;
	return bnd_fail(err, BND_E_ENFORCER,
	    "%s is not denied: authorized %d, %sconfigured, %zu interfaces",
	    dir->port, k.authorized, k.configured ? "" : "not ", k.ifaces.n);
}

static int
write_0(const struct bnd_usb_dir *dir, struct bnd_err *err)
{
	struct bnd_err also = { 0 };
	int r = bnd_usb_write(dir->authorized, dir->port, '0', err);

	return shown_denied(dir, r == -1 ? &also : err);
}

int
bnd_usb_bring_down(const struct bnd_root *root, const struct bnd_usb_dir *dir,
    struct bnd_err *err)
{
	struct bnd_err first = { 0 }, why = { 0 };

	/*
	 * Twice, as whatever stood against it may have been for an instant.  What
	 * the write said does not count, but what is shown.
	 */
	if (write_0(dir, &first) == 0 || write_0(dir, &why) == 0)
		return 0;
	if (bnd_usb_bring_out(root, dir, &why) == 0)
		return 0;
	return bnd_fail(err, BND_E_ENFORCER, "%s: NOT ENFORCED: %.180s",
	    dir->port, first.text);
}

/* The hub's own thread takes the device away, a moment later. */
int
bnd_usb_bring_out(const struct bnd_root *root, const struct bnd_usb_dir *dir,
    struct bnd_err *err)
{
	const struct timespec nap = { 0, OUT_STEP * 1000000L };
	struct bnd_err why = { 0 };
	int r = bnd_usb_attr_write(dir, "remove", '1', &why);

	for (unsigned waited = 0; waited < OUT_MS; waited += OUT_STEP) {
		if (bnd_usb_bring_gone(root, dir))
			return 0;
		if (r == -1)
			return bnd_fail(err, why.kind, "%s", why.text);
		(void)nanosleep(&nap, NULL);
	}
	return bnd_fail(err, BND_E_ENFORCER,
	    "%s was removed and is still there", dir->port);
}

/* ---- up ---- */

/* Every interface of a configuration is made with its bus's default. */
static int
close_bus(const struct bnd_root *root, const struct bnd_usb_dir *dir,
    struct bnd_err *err)
{
	SCOPED_USB_DIR struct bnd_usb_dir bus = { .dir = -1, .authorized = -1 };
	char path[BND_USB_PATH_MAX];
	char *at = strstr(dir->path, "/usb");

	/* ".../usb1/1-1": the first "/usb" followed by a number is the bus. */
	while (at != NULL && (at[4] < '0' || at[4] > '9'))
		at = strstr(at + 1, "/usb");
	at = at != NULL ? strchr(at + 1, '/') : NULL;
	if (at == NULL)
		return bnd_fail(
		    err, BND_E_ENFORCER, "%s: no bus above it", dir->path);
	(void)snprintf(
	    path, sizeof(path), "%.*s", (int)(at - dir->path), dir->path);
	if (bnd_usb_dir_open(root, path, true, &bus, err) == -1)
		return -1;
	return bnd_usb_knob_set_bus(&bus, err);
}

static int
write_ifaces(const struct bnd_usb_dir *dir, const struct bnd_usb_shown *k,
    const struct bnd_usb_verdict *v, bool on, struct bnd_err *err)
{
	char name[NAME_LEN];

	for (size_t i = 0; i < k->ifaces.n; i++) {
		if (k->on[i] == on || may(k, i, v) != on)
			continue;
		(void)snprintf(
		    name, sizeof(name), "%s/authorized", k->ifaces.name[i]);
		if (bnd_usb_attr_write(dir, name, on ? '1' : '0', err) == -1)
			return -1;
	}
	return 0;
}

/* No driver is no failure: it may come later, or there is none. */
static int
probe_ifaces(const struct bnd_root *root, const struct bnd_usb_shown *k,
    const struct bnd_usb_verdict *v, struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_open_sysfs(root, PROBE, O_WRONLY, err);

	if (fd == -1)
		return -1;
	for (size_t i = 0; i < k->ifaces.n; i++) {
		const char *name = k->ifaces.name[i];
		ssize_t n;

		if (k->bound[i] || !may(k, i, v))
			continue;
		do
			n = pwrite(fd, name, strlen(name), 0);
		while (n == -1 && errno == EINTR);
		if (n == -1)
			return bnd_fail_errno(
			    err, "cannot look for a driver for %s", name);
	}
	return 0;
}

static int
authorize(const struct bnd_root *root, const struct bnd_usb_dir *dir,
    struct bnd_usb_shown *k, struct bnd_err *err)
{
	/* Half a configuration, of a writer that was killed or failed. */
	if (k->authorized && !k->configured &&
	    bnd_usb_bring_down(root, dir, err) == -1)
		return -1;
	if (k->authorized && k->configured)
		return 0;
	if (close_bus(root, dir, err) == -1 ||
	    bnd_usb_write(dir->authorized, dir->port, '1', err) == -1)
		return -1;
	return bnd_usb_shown_read(dir, k, err);
}

static int
bring_up(const struct bnd_root *root, const struct bnd_usb_dir *dir,
    const struct bnd_usb_verdict *v, struct bnd_err *err)
{
	struct bnd_usb_shown k;

	if (bnd_usb_shown_read(dir, &k, err) == -1 ||
	    write_ifaces(dir, &k, v, false, err) == -1 ||
	    authorize(root, dir, &k, err) == -1 ||
	    write_ifaces(dir, &k, v, false, err) == -1 ||
	    write_ifaces(dir, &k, v, true, err) == -1 ||
	    probe_ifaces(root, &k, v, err) == -1 ||
	    bnd_usb_shown_read(dir, &k, err) == -1)
		return -1;
	if (bnd_usb_shown_holds(&k, v) && bnd_usb_shown_whole(&k, v))
		return 0;
	return bnd_fail(err, BND_E_ENFORCER,
	    "%s did not become what it may be: authorized %d, %sconfigured",
	    dir->port, k.authorized, k.configured ? "" : "not ");
}

/*
 * Where the kernel had not finished with a new device, it configures it again
 * and makes its interfaces anew while we write to them: once more, then.
 */
int
bnd_usb_bring_up(const struct bnd_root *root, const struct bnd_usb_dir *dir,
    const struct bnd_usb_verdict *v, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	for (unsigned i = 0; i < ROUNDS; i++) {
		why = (struct bnd_err){ 0 };
		if (bring_up(root, dir, v, &why) == 0)
			return 0;
		if (!is_gone(&why) || bnd_usb_bring_gone(root, dir))
			break;
	}
	*err = why;
	return -1;
}
