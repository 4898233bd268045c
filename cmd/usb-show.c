/* usb-show.c: what usb-guard says, as one JSON object or for people */
/* SPDX-License-Identifier: ISC */
#include "usb-show.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "json.h"
#include "scope.h"
#include "usb-table.h"

#define REPORT_SIZE (60u << 10) /* mode-set takes 64 KiB (plan.c) */
#define LIST_MAX    64		/* members of an array a reader of ours takes */
#define SHOWN_MAX   8		/* findings, for people */

struct count {
	int64_t devices, admitted, denied, changed, failed, vanished;
};

static struct count
count_rows(const struct bnd_usb_report *r)
{
	struct count c = { 0 };

	for (size_t i = 0; i < r->n; i++) {
		const struct bnd_usb_settled *s = &r->row[i].s;

		c.changed += s->changed;
		c.vanished += s->vanished;
		if (s->controller || s->vanished)
			continue;
		c.devices++;
		c.failed += !s->holds || !s->whole;
		c.admitted += s->verdict.word == BND_USB_ADMIT;
		c.denied += s->verdict.word != BND_USB_ADMIT;
	}
	return c;
}

static void
json_row(struct bnd_json *j, const struct bnd_usb_settled *s)
{
	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "port", s->port);
	if (s->id[0] != '\0')
		bnd_json_str(j, "id", s->id);
	bnd_json_str(j, "verdict", usb_word(s));
	bnd_json_bool(j, "changed", s->changed);
	bnd_json_bool(j, "holds", s->holds);
	bnd_json_bool(j, "whole", s->whole);
	if (s->why.kind != BND_E_NONE)
		bnd_json_str(j, "why", s->why.text);
	if (!s->controller && !s->vanished)
		bnd_json_str(j, "reason", s->verdict.reason);
	bnd_json_close(j, '}');
}

/* Those that are not as they should be first: the list is bounded. */
static void
json_rows(struct bnd_json *j, const struct bnd_usb_report *r, size_t max)
{
	size_t shown = 0;

	bnd_json_open(j, "devices", '[');
	for (int good = 0; good < 2; good++)
		for (size_t i = 0; i < r->n && shown < max; i++) {
			const struct bnd_usb_settled *s = &r->row[i].s;

			if ((s->holds && s->whole) != good)
				continue;
			json_row(j, s);
			shown++;
		}
	bnd_json_close(j, ']');
}

/* Those are what mode-set puts into its record. */
void
usb_json_scalars(struct bnd_json *j, const struct bnd_usb_report *r)
{
	const struct count c = count_rows(r);

	bnd_json_str(j, "mode", bnd_mode_name(r->mode));
	bnd_json_bool(j, "sealed", r->sealed);
	bnd_json_int(j, "exit", bnd_usb_report_exit(r));
	if (r->policy[0] != '\0')
		bnd_json_str(j, "policy", r->policy);
	if (r->absent)
		bnd_json_bool(j, "absent", true);
	bnd_json_int(j, "present", c.devices);
	bnd_json_int(j, "admitted", c.admitted);
	bnd_json_int(j, "denied", c.denied);
	bnd_json_int(j, "changed", c.changed);
	bnd_json_int(j, "failed", c.failed);
	if (r->counted) {
		bnd_json_int(j, "keyboards", r->left.now);
		bnd_json_int(j, "lockdown", r->left.left);
	}
	bnd_json_int(j, "found", (int64_t)(r->findings.n + r->findings.lost));
}

void
usb_json_findings(struct bnd_json *j, const struct bnd_usb_report *r)
{
	bnd_json_open(j, "findings", '[');
	for (size_t i = 0; i < r->findings.n && i < LIST_MAX; i++) {
		bnd_json_open(j, NULL, '{');
		bnd_json_str(j, "code", r->findings.note[i].code);
		bnd_json_str(j, "text", r->findings.note[i].text);
		bnd_json_close(j, '}');
	}
	bnd_json_close(j, ']');
}

static void
json_report(struct bnd_json *j, const struct bnd_usb_report *r, size_t rows)
{
	bnd_json_open(j, NULL, '{');
	usb_json_scalars(j, r);
	usb_json_findings(j, r);
	json_rows(j, r, rows);
	bnd_json_close(j, '}');
}

/* The verdict of all of it must get through, however many devices there are. */
static void
print_json(const struct bnd_usb_report *r)
{
	SCOPED_FREE char *buf = malloc(REPORT_SIZE);
	struct bnd_json j;
	bool fits = false;

	for (size_t rows = LIST_MAX; buf != NULL && !fits; rows /= 2) {
		bnd_json_begin(&j, buf, REPORT_SIZE);
		json_report(&j, r, rows);
		fits = bnd_json_end(&j);
		if (rows == 0)
			break;
	}
	if (fits)
		printf("%s\n", buf);
	else
		cmd_warn("the answer is too long");
}

static void
print_people(const struct bnd_usb_report *r, bool verbose)
{
	const struct pen p = pen_take();

	usb_table_head(&p, r, verbose ? BND_NOTES_MAX : SHOWN_MAX);
	for (size_t i = 0; i < r->n; i++) {
		const struct bnd_usb_settled *s = &r->row[i].s;

		/* What is as it was says nothing new. */
		if (verbose || s->changed || !s->holds ||
		    (s->verdict.word == BND_USB_ADMIT && !s->whole))
			usb_table_device(&p, s, NULL);
	}
}

int
usb_report(const struct bnd_usb_report *r, const struct opt_args *args)
{
	if (r->why.kind != BND_E_NONE)
		cmd_warn_err(&r->why);
	if (args->seen[OPT_ID_JSON])
		print_json(r);
	else if (!args->seen[OPT_ID_QUIET])
		print_people(r, args->seen[OPT_ID_VERBOSE]);
	return bnd_usb_report_exit(r);
}
