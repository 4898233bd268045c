/* usb-boot.c: whether the next boot begins with the kernel saying no */
/* SPDX-License-Identifier: ISC */
#include "usb-boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "scope.h"

#define CMDLINE	 "proc/cmdline"
#define LOADED	 "sys/module/usbcore/initstate" /* modules have one */
#define FILE_MAX (256 << 10)

/* The first directory that has a file of a name hides the others' (kmod). */
static const char *const dirs[] = {
	"etc/modprobe.d",
	"run/modprobe.d",
	"usr/local/lib/modprobe.d",
	"usr/lib/modprobe.d",
	"lib/modprobe.d",
};
#define DIRS (sizeof(dirs) / sizeof(dirs[0]))

/* The kernel takes - for _ in names of parameters. */
static bool
is_name(struct bnd_str s, const char *name)
{
	if (s.len != strlen(name))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != name[i] && !(s.p[i] == '-' && name[i] == '_'))
			return false;
	return true;
}

/* "authorized_default=0", with prefix before it. */
static enum bnd_usb_boot
read_word(struct bnd_str word, const char *name)
{
	struct bnd_str key = bnd_str_until(word, '=');

	if (!is_name(key, name))
		return BND_USB_BOOT_NONE;
	return word.len == key.len + 2 && word.p[key.len + 1] == '0'
	    ? BND_USB_BOOT_NO
	    : BND_USB_BOOT_OTHER;
}

/* Up to a blank that is in no quotes. */
static bool
next_parameter(struct bnd_str *rest, struct bnd_str *word)
{
	bool quoted = false;
	size_t i = 0;

	while (rest->len > 0 && strchr(" \t\n", rest->p[0]) != NULL)
		*rest = bnd_str_from(*rest, 1);
	while (
	    i < rest->len && (quoted || strchr(" \t\n", rest->p[i]) == NULL)) {
		quoted ^= rest->p[i] == '"';
		i++;
	}
	*word = (struct bnd_str){ rest->p, i };
	*rest = bnd_str_from(*rest, i);
	return i > 0;
}

enum bnd_usb_boot
bnd_usb_boot_cmdline(struct bnd_str line)
{
	enum bnd_usb_boot last = BND_USB_BOOT_NONE, now;
	struct bnd_str word;

	/* What is behind -- is for init. */
	while (next_parameter(&line, &word) && !bnd_str_is(word, "--")) {
		now = read_word(word, "usbcore.authorized_default");
		if (now != BND_USB_BOOT_NONE)
			last = now;
	}
	return last;
}

static enum bnd_usb_boot
worse(enum bnd_usb_boot a, enum bnd_usb_boot b)
{
	return a > b ? a : b;
}

enum bnd_usb_boot
bnd_usb_boot_modprobe(struct bnd_str text)
{
	enum bnd_usb_boot all = BND_USB_BOOT_NONE;
	struct bnd_str line, word;
	bool whole, goes_on = false, ours = false;

	while (bnd_text_line(&text, &line, &whole)) {
		bool more = line.len > 0 && line.p[line.len - 1] == '\\';

		if (more)
			line.len--;
		if (!goes_on)
			ours = bnd_text_word(&line, &word) &&
			    bnd_str_is(word, "options") &&
			    bnd_text_word(&line, &word) &&
			    bnd_str_is(word, "usbcore");
		while (ours && bnd_text_word(&line, &word))
			all = worse(all, read_word(word, "authorized_default"));
		goes_on = more;
	}
	return all;
}

/* Followed below the root: a link to /dev/null is how a file is put out. */
static int
read_below(const struct bnd_root *root, const char *path, char *buf,
    struct bnd_str *text, struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_open_sysfs(root, path, O_RDONLY, err);

	*text = (struct bnd_str){ buf, 0 };
	if (fd < 0)
		return -1;
	return bnd_file_read_fd(fd, path, buf, FILE_MAX, &text->len, err);
}

static bool
is_hidden(const struct bnd_root *root, size_t by, const char *name)
{
	char path[sizeof("usr/local/lib/modprobe.d/") + NAME_MAX];
	struct bnd_err none = { 0 };

	for (size_t i = 0; i < by; i++) {
		SCOPED_FD int fd = -1;

		(void)snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
		fd = bnd_root_openat(root, path, O_PATH, 0, &none);
		if (fd >= 0)
			return true;
	}
	return false;
}

static bool
is_conf(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n > 5 && strcmp(name + n - 5, ".conf") == 0;
}

/* What cannot be read is told, and may say anything. */
static enum bnd_usb_boot
look_at_file(const struct bnd_root *root, const char *dir, const char *name,
    char *buf, struct bnd_notes *notes)
{
	char path[sizeof("usr/local/lib/modprobe.d/") + NAME_MAX];
	struct bnd_err why = { 0 };
	struct bnd_str text;
	enum bnd_usb_boot says;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (read_below(root, path, buf, &text, &why) == -1) {
		bnd_note(notes, "boot", "%s", why.text);
		return BND_USB_BOOT_OTHER;
	}
	says = bnd_usb_boot_modprobe(text);
	if (says == BND_USB_BOOT_OTHER)
		bnd_note(notes, "boot",
		    "/%s sets usbcore's authorized_default, and not to 0",
		    path);
	return says;
}

static int
look_in_dir(const struct bnd_root *root, size_t which, char *buf,
    enum bnd_usb_boot *all, struct bnd_notes *notes, struct bnd_err *err)
{
	SCOPED_DIR DIR *dir = NULL;
	struct bnd_err why = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, dirs[which], O_RDONLY | O_DIRECTORY, 0, &why);
	const struct dirent *e;

	/* /lib is a link to usr/lib on most hosts, which was looked into. */
	if (fd < 0)
		return why.errnum == ENOENT || why.errnum == ELOOP
		    ? 0
		    : bnd_fail(err, why.kind, "%s", why.text);
	dir = bnd_dir_of(&fd);
	if (dir == NULL)
		return bnd_fail_errno(err, "cannot read /%s", dirs[which]);
	for (errno = 0; (e = readdir(dir)) != NULL; errno = 0)
		if (is_conf(e->d_name) && !is_hidden(root, which, e->d_name))
			*all = worse(*all,
			    look_at_file(
				root, dirs[which], e->d_name, buf, notes));
	if (errno != 0)
		return bnd_fail_errno(err, "cannot read /%s", dirs[which]);
	return 0;
}

int
bnd_usb_boot_look(const struct bnd_root *root, bool *good,
    struct bnd_notes *notes, struct bnd_err *err)
{
	SCOPED_FREE char *buf = malloc(FILE_MAX);
	enum bnd_usb_boot line, files = BND_USB_BOOT_NONE;
	struct bnd_err none = { 0 };
	struct bnd_str text;
	SCOPED_FD int loaded = bnd_root_openat(root, LOADED, O_PATH, 0, &none);

	*good = false;
	if (buf == NULL)
		return bnd_fail_errno(err, "no memory");
	if (read_below(root, CMDLINE, buf, &text, err) == -1)
		return -1;
	line = bnd_usb_boot_cmdline(text);
	for (size_t i = 0; loaded >= 0 && i < DIRS; i++)
		if (look_in_dir(root, i, buf, &files, notes, err) == -1)
			return -1;
	if (line == BND_USB_BOOT_OTHER)
		bnd_note(notes, "boot",
		    "the kernel command line sets "
		    "usbcore.authorized_default, and not to 0");
	else if (line == BND_USB_BOOT_NONE && loaded < 0)
		bnd_note(notes, "boot",
		    "usbcore is built in, and the kernel "
		    "command line lacks usbcore.authorized_default=0");
	else if (worse(line, files) == BND_USB_BOOT_NONE)
		bnd_note(notes, "boot",
		    "neither the kernel command line nor modprobe.d sets "
		    "usbcore's authorized_default to 0");
	*good = worse(line, files) == BND_USB_BOOT_NO;
	return 0;
}
