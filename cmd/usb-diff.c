/* usb-diff.c: the baseline beside what is here, and what was seen of it */
/* SPDX-License-Identifier: ISC */
/*
 * Exact sets: every line stands for one device at most, and every device for
 * one line.  Compared are identities, places where a line names one, and what a
 * device has turned out to be; never a number that changes with a re-plug.
 * Port files say what was decided last at a port: if that is about another
 * device than the one that is there, a coming or going was not seen.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "json.h"
#include "pen.h"
#include "scope.h"
#include "usb-diff.h"
#include "usb-guard.h"
#include "usb-look.h"
#include "usb-port.h"
#include "usb-table.h"
#include "usb-walk.h"

#define NAME_LEN   40
#define TEXT_LEN   256
#define PER_DEVICE 3 /* differences of one device, at most */
#define PORTS_MAX  256

/* A device that is here, without the 90 KiB of its view. */
struct present {
	char port[BND_USB_PORT_MAX];
	char text[NAME_LEN + 48]; /* what it is, and its name */
	struct bnd_usb_seen seen;
	unsigned devnum;
	ino_t inode;
};

struct difference {
	const char *code;
	char port[BND_USB_PORT_MAX];
	char identity[BND_USB_ID_LEN + 1];
	char text[TEXT_LEN];
};

struct diff {
	struct bnd_usb_baseline base;
	bool no_file;
	size_t n;
	struct present *here;
	struct bnd_usb_here *ids; /* the same devices, as lines are given */
	bool *taken;
	size_t found;
	struct difference *list;
	struct bnd_usb_view v;
};

static void
free_diff(struct diff *d)
{
	bnd_usb_baseline_free(&d->base);
	free(d->here);
	free(d->ids);
	free(d->taken);
	free(d->list);
}

/* ---- reading ---- */

static int
read_baseline(const struct bnd_root *root, struct diff *d, struct bnd_err *err)
{
	SCOPED_FREE char *text = malloc(BND_USB_BASELINE_MAX);
	size_t len;

	if (text == NULL)
		return bnd_fail_errno(err, "cannot read the baseline");
	if (bnd_file_read(root, BND_USB_BASELINE_PATH, BND_USB_BASELINE_FORBID,
		text, BND_USB_BASELINE_MAX, &len, err) == 0)
		return bnd_usb_baseline_parse("/" BND_USB_BASELINE_PATH,
		    (struct bnd_str){ text, len }, &d->base, err);
	d->no_file = err->errnum == ENOENT;
	if (!d->no_file)
		return -1;
	*err = (struct bnd_err){ 0 };
	return 0;
}

static int
read_one(const struct bnd_root *root, const char *path, struct diff *d,
    struct bnd_err *err)
{
	struct present *p = &d->here[d->n];
	char what[40], name[NAME_LEN] = "";
	enum bnd_usb_found found;

	if (bnd_usb_look(root, path, &d->v, &found, &p->inode, err) == -1)
		return -1;
	if (found == BND_USB_NONE)
		return 0;
	usb_what(&d->v.d, what, sizeof(what));
	bnd_text_show(d->v.d.name, name, sizeof(name));
	(void)snprintf(p->text, sizeof(p->text), "%s %s", what, name);
	memcpy(p->port, d->v.d.port, sizeof(p->port));
	p->seen = d->v.d.seen;
	p->devnum = d->v.devnum;
	memcpy(d->ids[d->n].identity, d->v.d.identity,
	    sizeof(d->ids[d->n].identity));
	memcpy(d->ids[d->n].place, d->v.d.place, sizeof(d->ids[d->n].place));
	d->n++;
	return 0;
}

static int
read_here(const struct bnd_root *root, struct diff *d, struct bnd_err *err)
{
	SCOPED_USB_PATHS struct bnd_usb_paths paths = { 0 };

	if (bnd_usb_walk(root, &paths, err) == -1)
		return -1;
	d->here = calloc(paths.n + 1, sizeof(*d->here));
	d->ids = calloc(paths.n + 1, sizeof(*d->ids));
	d->taken = calloc(d->base.n + 1, sizeof(*d->taken));
	d->list = calloc(
	    d->base.n + PER_DEVICE * paths.n + PORTS_MAX, sizeof(*d->list));
	if (d->here == NULL || d->ids == NULL || d->taken == NULL ||
	    d->list == NULL)
		return bnd_fail_errno(err, "cannot compare");
	for (size_t i = 0; i < paths.n; i++)
		if (read_one(root, paths.path[i], d, err) == -1)
			return -1;
	return 0;
}

/* ---- comparing ---- */

static struct difference *
add(struct diff *d, const char *code, const char *port, const char *identity)
{
	struct difference *one = &d->list[d->found++];

	one->code = code;
	(void)snprintf(one->port, sizeof(one->port), "%.*s",
	    (int)sizeof(one->port) - 1, port);
	(void)snprintf(one->identity, sizeof(one->identity), "%s", identity);
	return one;
}

/* A line for another place is no stranger's. */
static void
compare_stranger(struct diff *d, size_t i)
{
	const struct bnd_usb_known *k =
	    bnd_usb_baseline_of(&d->base, d->ids[i].identity);
	struct difference *one =
	    add(d, "extra", d->here[i].port, d->ids[i].identity);

	if (k == NULL)
		(void)snprintf(
		    one->text, sizeof(one->text), "%s", d->here[i].text);
	else
		(void)snprintf(one->text, sizeof(one->text),
		    "%s; the baseline has it%s%s", d->here[i].text,
		    k->place[0] != '\0' ? " at " : ", but one less of it",
		    k->place);
}

static void
compare_known(struct diff *d, size_t i)
{
	const struct bnd_usb_known *k = &d->base.known[d->ids[i].line];
	const struct present *p = &d->here[i];
	char was[BND_USB_KINDS_SIZE], is[BND_USB_KINDS_SIZE];
	struct difference *one;

	/* A driver that has not loaded yet takes nothing away. */
	if (!p->seen.looked)
		return;
	if ((p->seen.kinds & ~k->kinds) != 0) {
		bnd_usb_kinds_print(k->kinds, was, sizeof(was));
		bnd_usb_kinds_print(p->seen.kinds, is, sizeof(is));
		one = add(d, "kinds", p->port, k->identity);
		(void)snprintf(one->text, sizeof(one->text),
		    "learned as %.60s, is %.60s", was, is);
	}
	if (p->seen.has_report && k->report[0] != '\0' &&
	    strcmp(p->seen.report, k->report) != 0) {
		one = add(d, "report", p->port, k->identity);
		(void)snprintf(one->text, sizeof(one->text),
		    "its report descriptor is not the one that was learned");
	}
}

static const struct present *
at_port(const struct diff *d, const char *port)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->here[i].port, port) == 0)
			return &d->here[i];
	return NULL;
}

static void
compare_port(const struct bnd_root *root, const char *port, struct diff *d)
{
	const struct present *p = at_port(d, port);
	struct bnd_err why = { 0 };
	struct bnd_usb_port last;
	struct difference *one;

	if (bnd_usb_port_peek(root, port, &last, &why) == -1) {
		if (why.errnum == ENOENT)
			return;
		one = add(d, "file", port, "");
		(void)snprintf(one->text, sizeof(one->text), "%.*s",
		    TEXT_LEN - 1, why.text);
		return;
	}
	if (last.phase == BND_USB_EMPTY ||
	    (p != NULL && last.devnum == p->devnum && last.inode == p->inode))
		return;
	one = add(d, "unseen", port, last.identity);
	(void)snprintf(one->text, sizeof(one->text), "%s",
	    p == NULL ? "it has gone, and its going was not seen"
		      : "another one is here now, and its coming was not "
			"seen");
}

/* Names of ports begin with the number of their bus. */
static void
compare_ports(const struct bnd_root *root, struct diff *d)
{
	struct bnd_err none = { 0 };
	int fd = bnd_root_openat(
	    root, BND_USB_RUN_DIR, O_RDONLY | O_DIRECTORY, 0, &none);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	const size_t before = d->found;
	struct dirent *e;

	if (dir == NULL) {
		bnd_close_fd(&fd);
		return;
	}
	while ((e = readdir(dir)) != NULL && d->found - before < PORTS_MAX)
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9')
			compare_port(root, e->d_name, d);
	closedir(dir);
}

static void
compare(const struct bnd_root *root, struct diff *d)
{
	struct difference *one;

	bnd_usb_diff(&d->base, d->ids, d->n, d->taken);
	for (size_t i = 0; i < d->base.n; i++) {
		const struct bnd_usb_known *k = &d->base.known[i];

		if (d->taken[i])
			continue;
		one = add(d, "missing", k->place, k->identity);
		(void)snprintf(one->text, sizeof(one->text), "%.*s",
		    (int)(k->rule.len < TEXT_LEN - 1 ? k->rule.len
						     : TEXT_LEN - 1),
		    k->rule.len > 0 ? k->rule.p : "");
	}
	for (size_t i = 0; i < d->n; i++) {
		if (d->ids[i].line == BND_USB_NO_LINE)
			compare_stranger(d, i);
		else
			compare_known(d, i);
	}
	compare_ports(root, d);
}

/* ---- saying it ---- */

static int
say_json(const struct diff *d, int status)
{
	const size_t size = 4096 + d->found * 2048;
	SCOPED_FREE char *buf = malloc(size);
	struct bnd_json j;

	if (buf == NULL) {
		cmd_warn("cannot show the difference: %m");
		return 2;
	}
	bnd_json_begin(&j, buf, size);
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "exit", status);
	bnd_json_bool(&j, "baseline", !d->no_file);
	bnd_json_int(&j, "lines", (int64_t)d->base.n);
	bnd_json_int(&j, "present", (int64_t)d->n);
	bnd_json_int(&j, "found", (int64_t)d->found);
	bnd_json_open(&j, "findings", '[');
	for (size_t i = 0; i < d->found; i++) {
		bnd_json_open(&j, NULL, '{');
		bnd_json_str(&j, "code", d->list[i].code);
		bnd_json_str(&j, "port", d->list[i].port);
		bnd_json_str(&j, "identity", d->list[i].identity);
		bnd_json_str(&j, "text", d->list[i].text);
		bnd_json_close(&j, '}');
	}
	bnd_json_close(&j, ']');
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, status);
}

static void
say_people(const struct diff *d, bool verbose)
{
	const struct pen p = pen_take();
	char text[ROW_MAX];

	for (size_t i = 0; i < d->found; i++) {
		const struct difference *one = &d->list[i];

		(void)snprintf(text, sizeof(text), "%-7s  %.*s  %s",
		    one->port[0] != '\0' ? one->port : "-",
		    verbose ? BND_USB_ID_LEN : BND_USB_ID_SHORT,
		    one->identity[0] != '\0' ? one->identity : "-", one->text);
		pen_row(&p, INK_BAD, one->code, text);
	}
	for (size_t i = 0; i < d->n && verbose; i++) {
		if (d->ids[i].line == BND_USB_NO_LINE)
			continue;
		(void)snprintf(text, sizeof(text), "%-7s  %s  %s",
		    d->here[i].port, d->ids[i].identity, d->here[i].text);
		pen_row(&p, INK_GOOD, "same", text);
	}
	if (d->no_file)
		pen_row(&p, INK_BAD, "baseline",
		    "there is none: usb-guard baseline --save makes one");
}

static int
say(const struct diff *d, const struct opt_args *args)
{
	int status = d->found > 0 || d->no_file;

	if (args->seen[OPT_ID_JSON])
		return say_json(d, status);
	if (!args->seen[OPT_ID_QUIET])
		say_people(d, args->seen[OPT_ID_VERBOSE]);
	return status;
}

int
usb_diff(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	static struct diff d;
	int status;

	if (args->operands > 0) {
		cmd_warn("all devices are compared, no operand");
		return 2;
	}
	if (read_baseline(root, &d, err) == -1 ||
	    read_here(root, &d, err) == -1) {
		status = cmd_fail(err);
	} else {
		compare(root, &d);
		status = say(&d, args);
	}
	free_diff(&d);
	return status;
}
