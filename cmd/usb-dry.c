/* usb-dry.c: what an apply would do, and what would die of it */
/* SPDX-License-Identifier: ISC */
/*
 * Nothing is ever unmounted by usb-guard: what is on a device that is denied
 * is lost with it.  So whoever asks first is told what that would be.
 */
#include "usb-dry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "json.h"
#include "pen.h"
#include "scope.h"
#include "usb-guard.h"
#include "usb-left.h"
#include "usb-look.h"
#include "usb-mounts.h"
#include "usb-table.h"

#define ROW_SIZE 16384 /* of JSON: mounts of 128 bytes, a reason */

struct one {
	struct bnd_usb_settled s;
	bool denies; /* else it would be let in */
	char what[40];
	struct bnd_usb_mounts mounts;
};

struct dry {
	const struct bnd_usb_report *r;
	size_t n;
	struct one *list;	  /* of what would change */
	struct bnd_usb_left left; /* in the mode that would be applied */
	struct bnd_usb_view v;
};

static bool
would_change(const struct bnd_usb_settled *s)
{
	if (s->vanished)
		return false;
	return !s->holds || (s->verdict.word == BND_USB_ADMIT && !s->whole);
}

static int
look_at(const struct bnd_root *root, const struct bnd_usb_row *row,
    struct dry *d, struct bnd_err *err)
{
	struct one *one = &d->list[d->n];
	enum bnd_usb_found found;

	if (row->s.controller) {
		*one = (struct one){
			.s = row->s, .denies = true, .what = "controller"
		};
		d->n++;
		return 0;
	}
	if (bnd_usb_look(root, row->path, &d->v, &found, NULL, err) == -1)
		return -1;
	if (found == BND_USB_NONE)
		return 0;
	*one = (struct one){ .s = row->s,
		.denies = row->s.verdict.word != BND_USB_ADMIT };
	usb_what(&d->v.d, one->what, sizeof(one->what));
	d->n++;
	return one->denies
	    ? bnd_usb_mounts_find(root, row->path, &one->mounts, err)
	    : 0;
}

static int
look(const struct bnd_root *root, struct dry *d, struct bnd_err *err)
{
	for (size_t i = 0; i < d->r->n; i++)
		if (would_change(&d->r->row[i].s) &&
		    look_at(root, &d->r->row[i], d, err) == -1)
			return -1;
	return 0;
}

/* What is behind a hub that goes would go with it. */
static void
count(struct dry *d)
{
	SCOPED_FREE struct bnd_usb_item *item =
	    calloc(d->r->n + 1, sizeof(*item));

	if (item == NULL)
		return;
	d->left.left = d->r->left.other;
	bnd_usb_left_add(
	    &d->left, item, bnd_usb_report_items(d->r, true, item));
}

/* ---- saying it ---- */

/* A bus has no verdict, but something is wrong with its default. */
static const char *
reason_of(const struct one *one)
{
	const struct bnd_usb_settled *s = &one->s;

	return s->controller ? s->why.text : s->verdict.reason;
}

static void
json_one(struct bnd_json *j, const struct one *one)
{
	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "port", one->s.port);
	bnd_json_str(j, "would", one->denies ? "deny" : "admit");
	bnd_json_str(j, "what", one->what);
	bnd_json_str(j, "name", one->s.name);
	bnd_json_str(j, "reason", reason_of(one));
	bnd_json_open(j, "mounts", '[');
	for (size_t i = 0; i < one->mounts.n; i++)
		bnd_json_str(j, NULL, one->mounts.point[i]);
	bnd_json_close(j, ']');
	bnd_json_close(j, '}');
}

static int
say_json(const struct dry *d)
{
	const size_t size = 65536 + d->n * ROW_SIZE;
	SCOPED_FREE char *buf = malloc(size);
	struct bnd_json j;

	if (buf == NULL) {
		cmd_warn("cannot show it: %m");
		return 2;
	}
	bnd_json_begin(&j, buf, size);
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "mode", bnd_mode_name(d->r->mode));
	bnd_json_bool(&j, "dry", true);
	bnd_json_bool(&j, "sealed", d->r->sealed);
	bnd_json_open(&j, "changes", '[');
	for (size_t i = 0; i < d->n; i++)
		json_one(&j, &d->list[i]);
	bnd_json_close(&j, ']');
	bnd_json_open(&j, "keyboards", '{');
	bnd_json_int(&j, "now", d->r->left.now);
	bnd_json_int(&j, "left", d->left.left);
	bnd_json_int(&j, "lockdown", d->r->left.left);
	bnd_json_close(&j, '}');
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, 0);
}

static void
row_of(const struct pen *p, const struct one *one)
{
	char text[ROW_MAX];

	(void)snprintf(text, sizeof(text), "%-7s  %-16s  %-20s  %s",
	    one->s.port, one->what, one->s.name[0] != '\0' ? one->s.name : "-",
	    reason_of(one));
	pen_row(p, one->denies ? INK_WARN : INK_GOOD,
	    one->denies ? "deny" : "admit", text);
	for (size_t i = 0; i < one->mounts.n; i++) {
		(void)snprintf(text, sizeof(text), "%-7s  %s", one->s.port,
		    one->mounts.point[i]);
		pen_row(p, INK_BAD, "lost", text);
	}
	if (one->mounts.lost > 0) {
		(void)snprintf(text, sizeof(text), "%-7s  and %zu more mounts",
		    one->s.port, one->mounts.lost);
		pen_row(p, INK_BAD, "lost", text);
	}
	if (one->denies && one->s.types) {
		(void)snprintf(
		    text, sizeof(text), "%-7s  a keyboard", one->s.port);
		pen_row(p, INK_BAD, "lost", text);
	}
}

/* Those of devices are the changes. */
static bool
is_other(const char *code)
{
	return strcmp(code, "device") != 0 && strcmp(code, "failed") != 0;
}

static void
say_people(const struct dry *d)
{
	const struct pen p = pen_take();
	char text[ROW_MAX];

	printf("%s, and nothing is written: %zu devices would change\n",
	    bnd_mode_name(d->r->mode), d->n);
	for (size_t i = 0; i < d->r->findings.n; i++) {
		if (!is_other(d->r->findings.note[i].code))
			continue;
		(void)snprintf(text, sizeof(text), "%s: %s",
		    d->r->findings.note[i].code, d->r->findings.note[i].text);
		pen_row(&p, INK_WARN, "finding", text);
	}
	for (size_t i = 0; i < d->n; i++)
		row_of(&p, &d->list[i]);
	(void)snprintf(text, sizeof(text),
	    "%u now, %u left; LOCKDOWN would leave %u", d->r->left.now,
	    d->left.left, d->r->left.left);
	pen_row(&p,
	    d->r->left.now > 0 && d->left.left == 0 ? INK_BAD : INK_NONE,
	    "keyboards", text);
}

int
usb_dry(const struct bnd_root *root, const struct bnd_usb_report *r,
    const struct opt_args *args)
{
	static struct dry d;
	struct bnd_err err = { 0 };
	int status = 0;

	d.r = r;
	d.list = calloc(r->n + 1, sizeof(*d.list));
	if (d.list == NULL) {
		cmd_warn("cannot look: %m");
		return 2;
	}
	count(&d);
	if (look(root, &d, &err) == -1)
		status = cmd_fail(&err);
	else if (args->seen[OPT_ID_JSON])
		status = say_json(&d);
	else if (!args->seen[OPT_ID_QUIET])
		say_people(&d);
	free(d.list);
	return status;
}
