/* usb-console.c: whether a human at the console can still type */
/* SPDX-License-Identifier: ISC */
#include "usb-console.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/input-event-codes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "scope.h"
#include "text.h"

#define INPUTS	   "sys/class/input"
#define ACTIVE	   "sys/class/tty/console/active"
#define WORD_BITS  (sizeof(unsigned long) * CHAR_BIT)
#define KEYS_WORDS ((KEY_CNT + WORD_BITS - 1) / WORD_BITS)
#define TEXT_MAX   4096

/* The least significant word is the last one. */
struct keys {
	size_t n;
	unsigned long word[KEYS_WORDS];
};

static bool
parse_word(struct bnd_str s, unsigned long *word)
{
	static const char digits[] = "0123456789abcdef";

	*word = 0;
	for (size_t i = 0; i < s.len; i++) {
		const char *at = s.p[i] != '\0' ? strchr(digits, s.p[i]) : NULL;

		if (at == NULL || i == WORD_BITS / 4)
			return false;
		*word = *word << 4 | (unsigned long)(at - digits);
	}
	return true;
}

static bool
parse_keys(struct bnd_str s, struct keys *k)
{
	struct bnd_str word;

	k->n = 0;
	s = bnd_str_until(s, '\n');
	while (bnd_text_word(&s, &word))
		if (k->n == KEYS_WORDS || !parse_word(word, &k->word[k->n++]))
			return false;
	return k->n > 0;
}

static bool
has_key(const struct keys *k, unsigned key)
{
	size_t w = key / WORD_BITS;

	return w < k->n &&
	    (k->word[k->n - 1 - w] >> (key % WORD_BITS) & 1) != 0;
}

static bool
has_any(const struct keys *k, unsigned from, unsigned to)
{
	for (unsigned key = from; key <= to; key++)
		if (has_key(k, key))
			return true;
	return false;
}

bool
bnd_usb_keys_type(const char *words)
{
	struct keys k;

	if (!parse_keys((struct bnd_str){ words, strlen(words) }, &k))
		return true;
	return has_any(&k, KEY_1, KEY_0) || has_any(&k, KEY_Q, KEY_P) ||
	    has_any(&k, KEY_A, KEY_L) || has_any(&k, KEY_Z, KEY_M) ||
	    has_any(&k, KEY_KP7, KEY_KP9) || has_any(&k, KEY_KP4, KEY_KP6) ||
	    has_any(&k, KEY_KP1, KEY_KP0);
}

/* udev's measure: from Escape to D.  Hot keys and remote controls have less. */
static bool
is_keyboard(struct bnd_str words)
{
	struct keys k;

	if (!parse_keys(words, &k))
		return false;
	for (unsigned key = KEY_ESC; key <= KEY_D; key++)
		if (!has_key(&k, key))
			return false;
	return true;
}

static bool
has(const char *target, const char *part)
{
	return strstr(target, part) != NULL;
}

/* Below a root hub's directory: "/usb1/". */
static bool
is_below_usb(const char *target)
{
	for (const char *at = target; (at = strstr(at, "/usb")) != NULL; at++)
		if (at[4] >= '0' && at[4] <= '9' &&
		    at[4 + strspn(at + 4, "0123456789")] == '/')
			return true;
	return false;
}

/* A keyboard that somebody can touch: not one made by a program or a radio. */
static void
count(struct bnd_usb_keyboards *k, const char *target)
{
	if (is_below_usb(target))
		k->usb++;
	else if (!has(target, "/virtual/") && !has(target, "/bluetooth/"))
		k->other++;
}

/* What goes while it is looked at is not counted. */
static int
look_at(const struct bnd_root *root, int dir, const char *name,
    struct bnd_usb_keyboards *k, struct bnd_err *err)
{
	char path[sizeof(INPUTS) + NAME_MAX + 32], target[1024], text[TEXT_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);
	struct bnd_err none = { 0 };
	struct bnd_str words = { text, 0 };
	SCOPED_FD int fd = -1;

	if (n < 0 || strncmp(name, "input", 5) != 0)
		return 0;
	target[n] = '\0';
	(void)snprintf(path, sizeof(path), INPUTS "/%s/capabilities/key", name);
	fd = bnd_root_open_sysfs(root, path, O_RDONLY, &none);
	if (fd < 0 && none.errnum == ENOENT)
		return 0;
	if (fd < 0)
		return bnd_fail(err, none.kind, "%s", none.text);
	if (bnd_file_read_fd(fd, path, text, sizeof(text), &words.len, &none) ==
	    -1)
		return none.errnum == ENODEV
		    ? 0
		    : bnd_fail(err, none.kind, "%s", none.text);
	if (is_keyboard(words))
		count(k, target);
	return 0;
}

int
bnd_usb_keyboards(const struct bnd_root *root, struct bnd_usb_keyboards *k,
    struct bnd_err *err)
{
	SCOPED_DIR DIR *dir = NULL;
	struct bnd_err none = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, INPUTS, O_RDONLY | O_DIRECTORY, 0, &none);
	const struct dirent *e;

	*k = (struct bnd_usb_keyboards){ 0 };
	if (fd < 0 && none.errnum == ENOENT)
		return 0;
	if (fd < 0)
		return bnd_fail(err, none.kind, "%s", none.text);
	dir = bnd_dir_of(&fd);
	if (dir == NULL)
		return bnd_fail_errno(err, "cannot read /" INPUTS);
	for (errno = 0; (e = readdir(dir)) != NULL; errno = 0)
		if (look_at(root, dirfd(dir), e->d_name, k, err) == -1)
			return -1;
	if (errno != 0)
		return bnd_fail_errno(err, "cannot read /" INPUTS);
	return 0;
}

/*
 * A terminal with a device of its own, which is not on USB, or a hypervisor's
 * console.  Virtual terminals are keyboards' and have none.
 */
static bool
is_serial(const struct bnd_root *root, struct bnd_str tty)
{
	char target[1024], name[64];
	struct bnd_err none = { 0 };
	SCOPED_FD int fd = -1;
	ssize_t n;

	if (!bnd_str_copy(tty, name, sizeof(name)))
		return false;
	fd = bnd_root_openat(
	    root, "sys/class/tty", O_PATH | O_DIRECTORY, 0, &none);
	n = fd < 0 ? -1 : readlinkat(fd, name, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	return !is_below_usb(target) &&
	    (!has(target, "/virtual/") || strncmp(name, "hvc", 3) == 0);
}

bool
bnd_usb_other_console(const struct bnd_root *root)
{
	struct bnd_usb_keyboards k;
	struct bnd_err none = { 0 };
	char text[TEXT_MAX];
	struct bnd_str rest = { text, 0 }, word;
	SCOPED_FD int fd = -1;

	if (bnd_usb_keyboards(root, &k, &none) == 0 && k.other > 0)
		return true;
	fd = bnd_root_open_sysfs(root, ACTIVE, O_RDONLY, &none);
	if (fd < 0 ||
	    bnd_file_read_fd(
		fd, ACTIVE, text, sizeof(text), &rest.len, &none) == -1)
		return false;
	rest = bnd_str_until(rest, '\n');
	while (bnd_text_word(&rest, &word))
		if (is_serial(root, word))
			return true;
	return false;
}
