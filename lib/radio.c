/* radio.c: every radio switch blocked by software, and back as it was */
/* SPDX-License-Identifier: ISC */
/*
 * Each switch is blocked by its number.  A single write could block them all
 * (RFKILL_OP_CHANGE_ALL), but it also decides for switches that come later, the
 * kernel does not tell how that was before, and so there is no way back.  A
 * switch that comes later is seen by hook and check instead.
 *
 * What is kept is written before the first switch changes, and a switch that is
 * in it is not written down again, so a crash anywhere keeps what was found.
 */
#include "radio.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rfkill.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "scope.h"

#define DEVICE	   "dev/rfkill"
#define CLASS	   "sys/class/rfkill"
#define HEAD	   "bnd-radios/1"
#define TEXT_MAX   (BND_RADIO_MAX * (BND_RADIO_NAME + 24) + 64)
#define EVENTS_MAX 4096 /* a device that never ends is none */

const struct bnd_radio *
bnd_radio_find(const struct bnd_radios *r, uint32_t index)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->v[i].index == index)
			return &r->v[i];
	return NULL;
}

static void
drop(struct bnd_radios *r, uint32_t index)
{
	size_t i, kept = 0;

	for (i = 0; i < r->n; i++)
		if (r->v[i].index != index)
			r->v[kept++] = r->v[i];
	r->n = kept;
}

/* The one of that number, or a new one. */
static struct bnd_radio *
place(struct bnd_radios *r, uint32_t index)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->v[i].index == index)
			return &r->v[i];
	if (r->n == BND_RADIO_MAX) {
		r->more = true;
		return NULL;
	}
	r->v[r->n] = (struct bnd_radio){ .index = index };
	return &r->v[r->n++];
}

bool
bnd_radio_event(struct bnd_radios *r, const void *event, size_t len)
{
	struct rfkill_event e;
	struct bnd_radio *one;

	if (len < sizeof e)
		return false;
	memcpy(&e, event, sizeof e);
	if (e.op == RFKILL_OP_DEL) {
		drop(r, e.idx);
		return true;
	}
	if (e.op != RFKILL_OP_ADD && e.op != RFKILL_OP_CHANGE)
		return true;
	one = place(r, e.idx);
	if (one != NULL) {
		one->type = e.type;
		one->soft = e.soft != 0;
		one->hard = e.hard != 0;
	}
	return true;
}

/* The driver's word, which may be anything; "-" if there is none. */
static void
read_name(const struct bnd_root *root, struct bnd_radio *r)
{
	SCOPED_FD int fd = -1;
	struct bnd_err none = { 0 };
	char path[64];
	size_t len = 0, i;

	(void)snprintf(path, sizeof path, CLASS "/rfkill%u/name", r->index);
	fd = bnd_root_open_sysfs(root, path, O_RDONLY, &none);
	if (fd != -1 &&
	    bnd_file_read_fd(
		fd, path, r->name, sizeof r->name - 1, &len, &none) == -1)
		len = 0;
	if (len > 0 && r->name[len - 1] == '\n')
		len--;
	for (i = 0; i < len; i++)
		if (r->name[i] <= ' ' || r->name[i] > '~')
			r->name[i] = '_';
	if (len == 0)
		r->name[len++] = '-';
	r->name[len] = '\0';
}

/*
 * The class is asked first, since opening a device node may load a module.  One
 * that cannot be read may have switches.
 */
static bool
has_switches(const struct bnd_root *root)
{
	struct bnd_err why = { 0 };
	int fd = bnd_root_open_sysfs(root, CLASS, O_RDONLY | O_DIRECTORY, &why);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return fd != -1 || why.errnum != ENOENT;
	}
	do
		e = readdir(dir);
	while (e != NULL && e->d_name[0] == '.');
	closedir(dir);
	return e != NULL;
}

static int
open_device(const struct bnd_root *root, int flags, struct bnd_err *err)
{
	return bnd_root_openat(root, DEVICE, flags, 0, err);
}

static int
read_events(int fd, struct bnd_radios *r, struct bnd_err *err)
{
	char event[sizeof(struct rfkill_event)];
	unsigned i;
	ssize_t n;

	for (i = 0; i < EVENTS_MAX; i++) {
		n = read(fd, event, sizeof event);
		if (n == 0 || (n == -1 && errno == EAGAIN))
			return 0;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return bnd_fail_errno(err, "cannot read /" DEVICE);
		if (!bnd_radio_event(r, event, (size_t)n))
			break;
	}
	return bnd_fail(err, BND_E_SYS, "/" DEVICE " is not one");
}

int
bnd_radios_read(
    const struct bnd_root *root, struct bnd_radios *r, struct bnd_err *err)
{
	SCOPED_FD int fd = -1;
	size_t i;

	*r = (struct bnd_radios){ 0 };
	if (!has_switches(root)) {
		r->none = true;
		return 0;
	}
	fd = open_device(root, O_RDONLY, err);
	if (fd == -1 || read_events(fd, r, err) == -1)
		return -1;
	if (r->more)
		return bnd_fail(err, BND_E_SYS, "more than %d radio switches",
		    BND_RADIO_MAX);
	for (i = 0; i < r->n; i++)
		read_name(root, &r->v[i]);
	return 0;
}

/* ---- what is kept ---- */

static bool
parse_one(struct bnd_str line, struct bnd_radio *r)
{
	struct bnd_str index, type, how, name, rest;
	uint64_t n = 0, kind = 0;

	if (!bnd_text_word(&line, &index) || !bnd_text_word(&line, &type) ||
	    !bnd_text_word(&line, &how) || !bnd_text_word(&line, &name) ||
	    bnd_text_word(&line, &rest))
		return false;
	if (!bnd_text_u64(index, UINT32_MAX, &n) ||
	    !bnd_text_u64(type, UINT8_MAX, &kind) ||
	    !bnd_str_copy(name, r->name, sizeof r->name))
		return false;
	r->index = (uint32_t)n;
	r->type = (uint8_t)kind;
	r->soft = bnd_str_is(how, "blocked");
	return r->soft || bnd_str_is(how, "open");
}

bool
bnd_radios_parse(struct bnd_str text, struct bnd_radios *r)
{
	struct bnd_str line;
	bool whole = false;

	*r = (struct bnd_radios){ 0 };
	if (!bnd_text_line(&text, &line, &whole) || !whole ||
	    !bnd_str_is(line, HEAD))
		return false;
	while (bnd_text_line(&text, &line, &whole) && whole) {
		if (bnd_str_is(line, "end"))
			return text.len == 0;
		if (r->n == BND_RADIO_MAX || !parse_one(line, &r->v[r->n]) ||
		    bnd_radio_find(r, r->v[r->n].index) != NULL)
			return false;
		r->n++;
	}
	return false;
}

/* Append; once it did not fit, *len stays at size. */
static void BND_PRINTF(4, 5)
    put(char *text, size_t size, size_t *len, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (*len >= size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text + *len, size - *len, fmt, ap);
	va_end(ap);
	*len = n < 0 || (size_t)n >= size - *len ? size : *len + (size_t)n;
}

bool
bnd_radios_print(
    const struct bnd_radios *r, char *text, size_t size, size_t *len)
{
	size_t i;

	*len = 0;
	put(text, size, len, HEAD "\n");
	for (i = 0; i < r->n; i++)
		put(text, size, len, "%u %u %s %s\n", r->v[i].index,
		    r->v[i].type, r->v[i].soft ? "blocked" : "open",
		    r->v[i].name);
	put(text, size, len, "end\n");
	return *len < size;
}

/* errnum ENOENT: nothing is kept. */
static int
load(const struct bnd_root *root, struct bnd_radios *r, struct bnd_err *err)
{
	char text[TEXT_MAX];
	size_t len = 0;

	*r = (struct bnd_radios){ 0 };
	if (bnd_file_read(
		root, BND_RADIO_FILE, 0077, text, sizeof text, &len, err) == -1)
		return -1;
	if (!bnd_radios_parse((struct bnd_str){ text, len }, r)) {
		*r = (struct bnd_radios){ 0 };
		return bnd_fail(
		    err, BND_E_CORRUPT, "/" BND_RADIO_FILE " is not whole");
	}
	return 0;
}

static int
store(const struct bnd_root *root, const struct bnd_radios *r,
    struct bnd_err *err)
{
	char text[TEXT_MAX];
	size_t len = 0;

	if (!bnd_radios_print(r, text, sizeof text, &len))
		return bnd_fail(err, BND_E_SYS, "too many radio switches");
	if (bnd_root_mkdir(root, "run/bnd/net", 0755, err) == -1)
		return -1;
	return bnd_file_replace(root, BND_RADIO_FILE, text, len, 0600, err);
}

static bool
is_same(const struct bnd_radio *a, const struct bnd_radio *b)
{
	return a->index == b->index && a->type == b->type &&
	    strcmp(a->name, b->name) == 0;
}

static const struct bnd_radio *
find_same(const struct bnd_radios *r, const struct bnd_radio *one)
{
	const struct bnd_radio *found = bnd_radio_find(r, one->index);

	return found != NULL && is_same(found, one) ? found : NULL;
}

/*
 * Whatever is not kept already; *was_ours: one we had blocked is open.  A switch
 * that went away is forgotten.
 */
static void
keep(const struct bnd_root *root, const struct bnd_radios *now, bool *was_ours,
    struct bnd_notes *findings)
{
	struct bnd_radios kept, next = *now;
	struct bnd_err why = { 0 };
	size_t i, known = 0;

	if (load(root, &kept, &why) == -1 && why.errnum != ENOENT)
		bnd_note(findings, "radio.kept", "%s", why.text);
	for (i = 0; i < next.n; i++) {
		const struct bnd_radio *was = find_same(&kept, &next.v[i]);

		if (was == NULL)
			continue;
		*was_ours |= !next.v[i].soft;
		next.v[i] = *was;
		known++;
	}
	if (known == next.n && known == kept.n)
		return;
	why = (struct bnd_err){ 0 };
	if (store(root, &next, &why) == -1)
		bnd_note(findings, "radio.kept", "%s", why.text);
}

/* ---- switching ---- */

static int
set_soft(int fd, const struct bnd_radio *r, bool soft, struct bnd_err *err)
{
	const struct rfkill_event e = { .idx = r->index,
		.type = r->type,
		.op = RFKILL_OP_CHANGE,
		.soft = soft };
	ssize_t n;

	do
		n = write(fd, &e, sizeof e);
	while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof e)
		return bnd_fail_errno(err, "cannot switch %s", r->name);
	return 0;
}

static void
judge(const struct bnd_radios *r, struct bnd_radio_result *res,
    struct bnd_notes *findings)
{
	size_t i;

	res->none = r->none || r->n == 0;
	for (i = 0; i < r->n; i++)
		if (!r->v[i].soft) {
			res->open = true;
			bnd_note(findings, "radio", "%s is not blocked",
			    r->v[i].name);
		}
}

int
bnd_radios_look(const struct bnd_root *root, struct bnd_radio_result *res,
    struct bnd_notes *findings, struct bnd_err *err)
{
	struct bnd_radios now;

	*res = (struct bnd_radio_result){ 0 };
	if (bnd_radios_read(root, &now, err) == -1)
		return -1;
	judge(&now, res, findings);
	return 0;
}

int
bnd_radios_block(const struct bnd_root *root, struct bnd_radio_result *res,
    struct bnd_notes *findings, struct bnd_err *err)
{
	SCOPED_FD int fd = -1;
	struct bnd_radios now;
	struct bnd_err why = { 0 };
	size_t i;

	*res = (struct bnd_radio_result){ 0 };
	if (bnd_radios_read(root, &now, err) == -1)
		return -1;
	if (now.n > 0)
		keep(root, &now, &res->was_ours, findings);
	for (i = 0; i < now.n; i++) {
		if (now.v[i].soft)
			continue;
		if (fd == -1)
			fd = open_device(root, O_RDWR, err);
		if (fd == -1)
			return -1;
		if (set_soft(fd, &now.v[i], true, &why) == 0)
			res->changed++;
	}
	if (bnd_radios_read(root, &now, err) == -1)
		return -1;
	judge(&now, res, findings);
	return 0;
}

static void
restore(const struct bnd_root *root, const struct bnd_radios *kept,
    const struct bnd_radios *now, struct bnd_radio_result *res,
    struct bnd_notes *findings)
{
	SCOPED_FD int fd = -1;
	struct bnd_err why = { 0 };
	size_t i;

	for (i = 0; i < kept->n; i++) {
		const struct bnd_radio *was = &kept->v[i];
		const struct bnd_radio *is = find_same(now, was);

		if (was->soft || is == NULL || !is->soft)
			continue;
		if (fd == -1)
			fd = open_device(root, O_RDWR, &why);
		if (fd != -1 && set_soft(fd, is, false, &why) == 0)
			res->changed++;
		else
			bnd_note(findings, "radio", "%s stays blocked: %s",
			    was->name, why.text);
	}
}

/* By the kernel's own word; a switch that went away is none to bring back. */
static void
prove(const struct bnd_radios *kept, const struct bnd_radios *now,
    struct bnd_notes *findings)
{
	size_t i;

	for (i = 0; i < kept->n; i++) {
		const struct bnd_radio *is = find_same(now, &kept->v[i]);

		if (is != NULL && is->soft && !kept->v[i].soft)
			bnd_note(
			    findings, "radio", "%s is still blocked", is->name);
	}
}

int
bnd_radios_return(const struct bnd_root *root, struct bnd_radio_result *res,
    struct bnd_notes *findings, struct bnd_err *err)
{
	struct bnd_radios kept, now;

	*res = (struct bnd_radio_result){ .none = true };
	if (load(root, &kept, err) == -1) {
		if (err->errnum == ENOENT)
			return 0;
		bnd_note(findings, "radio.kept", "%s", err->text);
		return bnd_file_unlink(root, BND_RADIO_FILE, err);
	}
	res->none = false;
	if (bnd_radios_read(root, &now, err) == -1)
		return -1;
	restore(root, &kept, &now, res, findings);
	if (bnd_radios_read(root, &now, err) == -1)
		return -1;
	prove(&kept, &now, findings);
	return bnd_file_unlink(root, BND_RADIO_FILE, err);
}
