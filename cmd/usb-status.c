/* usb-status.c: every device, its verdict and why, in one look */
/* SPDX-License-Identifier: ISC */
/*
 * The verdicts are those of a check: decided anew and compared with the kernel,
 * with nothing written.  What a device is called is read a second time, for
 * show alone.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "json.h"
#include "scope.h"
#include "usb-accepted.h"
#include "usb-apply.h"
#include "usb-guard.h"
#include "usb-look.h"
#include "usb-moment.h"
#include "usb-policy.h"
#include "usb-print.h"
#include "usb-show.h"
#include "usb-table.h"

#define PLAIN_SIZE  (64u << 10)
#define DEVICE_SIZE (256u << 10) /* three strings of 4 KiB, and a rule */

struct status {
	struct bnd_usb_report r;
	struct bnd_usb_policy p;
	struct bnd_usb_view v; /* of the row that is being shown */
};

/* Read it again; false if it is no device, or has gone. */
static bool
look_again(const struct bnd_root *root, const struct bnd_usb_row *row,
    struct bnd_usb_view *v)
{
	enum bnd_usb_found found;
	struct bnd_err none = { 0 };

	return bnd_usb_look(root, row->path, v, &found, NULL, &none) == 0 &&
	    found == BND_USB_DEVICE;
}

static size_t
count_rules(const struct bnd_usb_policy *p)
{
	size_t n = 0;

	for (size_t m = 0; m <= BND_MODE_LAST; m++)
		n += p->rules[m].n;
	return n;
}

/* ---- people ---- */

static void
show_knobs(const struct pen *p, const struct bnd_usb_report *r)
{
	unsigned buses = 0, good = 0;
	char text[ROW_MAX];

	for (size_t i = 0; i < r->n; i++) {
		buses += r->row[i].s.controller;
		good += r->row[i].s.controller && r->row[i].s.holds;
	}
	(void)snprintf(text, sizeof(text),
	    "by itself the kernel denies what is plugged into %u of %u buses",
	    good, buses);
	pen_row(p, good == buses ? INK_NONE : INK_BAD, "knobs", text);
}

/* Why it is LOCKDOWN, if nobody has said so. */
static void
show_state(const struct pen *p, const struct bnd_root *root)
{
	struct bnd_usb_moment m;

	bnd_usb_moment_take(root, BND_MODE_NONE, &m);
	if (m.why.kind != BND_E_NONE)
		pen_row(p, INK_BAD, "state", m.why.text);
}

static void
show_policy(const struct pen *p, const struct bnd_usb_policy *policy)
{
	char text[ROW_MAX];

	(void)snprintf(text, sizeof(text),
	    "%zu rule%s, %zu device%s in the baseline%s; lockdown_hid %s, "
	    "usb_composite %s, usb_hub_depth %u",
	    count_rules(policy), count_rules(policy) == 1 ? "" : "s",
	    policy->base.n, policy->base.n == 1 ? "" : "s",
	    policy->has_baseline_file ? "" : " (there is none)",
	    bnd_usb_keep_name(policy->keep),
	    policy->filter ? "filter" : "strict", policy->hub_depth);
	pen_row(p, INK_NONE, "policy", text);
	if (policy->usable)
		return;
	(void)snprintf(
	    text, sizeof(text), "the console set only: %s", policy->why.text);
	pen_row(p, INK_BAD, "policy", text);
}

static void
show_keyboards(const struct pen *p, const struct status *s)
{
	char text[ROW_MAX];

	if (!s->r.counted) {
		pen_row(p, INK_WARN, "keyboards", "cannot be counted");
		return;
	}
	(void)snprintf(text, sizeof(text), "%u now; LOCKDOWN would leave %u%s",
	    s->r.left.now, s->r.left.left,
	    s->r.left.console ? ", and another console" : "");
	pen_row(p, bnd_usb_left_is_bad(&s->r.left) ? INK_WARN : INK_NONE,
	    "keyboards", text);
}

/* What would admit this device alone, to be pasted; and its identity. */
static void
show_rule(const struct pen *p, const struct bnd_usb_device *d)
{
	static char rule[BND_USB_DEVICE_TEXT];

	bnd_usb_device_rule(d, BND_USB_RULE_ALLOW, rule, sizeof(rule));
	printf("  rule       %s\n", rule);
	pen_row(p, INK_DIM, "identity", d->identity);
}

static void
show_people(const struct bnd_root *root, struct status *s, bool verbose)
{
	const struct pen p = pen_take();

	usb_table_head(&p, &s->r, BND_NOTES_MAX);
	show_state(&p, root);
	for (size_t i = 0; i < s->r.n; i++) {
		const struct bnd_usb_row *row = &s->r.row[i];
		bool again = look_again(root, row, &s->v);

		if (row->s.controller && row->s.holds && !verbose)
			continue;
		usb_table_device(&p, &row->s, again ? &s->v.d : NULL);
		if (again && verbose)
			show_rule(&p, &s->v.d);
	}
	show_policy(&p, &s->p);
	if (s->r.absent)
		return;
	show_knobs(&p, &s->r);
	show_keyboards(&p, s);
}

/* ---- JSON ---- */

static void
json_ifaces(struct bnd_json *j, const struct bnd_usb_desc *d)
{
	char text[12];

	bnd_json_open(j, "interfaces", '[');
	for (size_t i = 0; i < d->ifaces; i++) {
		(void)snprintf(text, sizeof(text), "%02x:%02x:%02x",
		    d->iface[i].class, d->iface[i].subclass,
		    d->iface[i].protocol);
		bnd_json_str(j, NULL, text);
	}
	bnd_json_close(j, ']');
}

static void
json_device(struct bnd_json *j, const struct bnd_usb_device *d)
{
	static char rule[BND_USB_DEVICE_TEXT];
	char text[96];

	bnd_usb_device_rule(d, BND_USB_RULE_ALLOW, rule, sizeof(rule));
	bnd_json_str(j, "place", d->place);
	bnd_json_bytes(j, "name", d->name);
	bnd_json_bytes(j, "manufacturer", d->manufacturer);
	bnd_json_bytes(j, "serial", d->serial);
	usb_what(d, text, sizeof(text));
	bnd_json_str(j, "what", text);
	json_ifaces(j, d->desc);
	bnd_json_str(j, "identity", d->identity);
	bnd_json_str(j, "hash", d->hash);
	bnd_json_str(j, "rule", rule);
}

static void
json_row(struct bnd_json *j, const struct bnd_usb_settled *s,
    const struct bnd_usb_device *d)
{
	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "port", s->port);
	bnd_json_str(j, "verdict", usb_word(s));
	bnd_json_str(j, "reason", s->verdict.reason);
	if (s->verdict.by != BND_MODE_NONE)
		bnd_json_str(j, "by", bnd_mode_name(s->verdict.by));
	else
		bnd_json_null(j, "by");
	bnd_json_bool(j, "holds", s->holds);
	bnd_json_bool(j, "whole", s->whole);
	bnd_json_bool(j, "baseline", s->verdict.in_baseline);
	bnd_json_bool(j, "console", s->verdict.console);
	if (s->why.kind != BND_E_NONE)
		bnd_json_str(j, "why", s->why.text);
	if (d != NULL)
		json_device(j, d);
	bnd_json_close(j, '}');
}

static void
json_policy(struct bnd_json *j, const struct bnd_usb_policy *p)
{
	bnd_json_open(j, "settings", '{');
	bnd_json_bool(j, "usable", p->usable);
	if (!p->usable)
		bnd_json_str(j, "why", p->why.text);
	bnd_json_int(j, "rules", (int64_t)count_rules(p));
	bnd_json_int(j, "baseline", (int64_t)p->base.n);
	bnd_json_str(j, "lockdown_hid", bnd_usb_keep_name(p->keep));
	bnd_json_str(j, "usb_composite", p->filter ? "filter" : "strict");
	bnd_json_int(j, "usb_hub_depth", p->hub_depth);
	bnd_json_close(j, '}');
}

static void
json_status(const struct bnd_root *root, struct bnd_json *j, struct status *s)
{
	bnd_json_open(j, NULL, '{');
	usb_json_scalars(j, &s->r);
	usb_json_findings(j, &s->r);
	json_policy(j, &s->p);
	if (s->r.counted) {
		bnd_json_open(j, "console", '{');
		bnd_json_int(j, "now", s->r.left.now);
		bnd_json_int(j, "lockdown", s->r.left.left);
		bnd_json_bool(j, "other", s->r.left.console);
		bnd_json_close(j, '}');
	}
	bnd_json_open(j, "devices", '[');
	for (size_t i = 0; i < s->r.n; i++)
		json_row(j, &s->r.row[i].s,
		    look_again(root, &s->r.row[i], &s->v) ? &s->v.d : NULL);
	bnd_json_close(j, ']');
	bnd_json_close(j, '}');
}

static int
show_json(const struct bnd_root *root, struct status *s)
{
	size_t size = PLAIN_SIZE + s->r.n * DEVICE_SIZE;
	SCOPED_FREE char *buf = malloc(size);
	struct bnd_json j;

	if (buf == NULL) {
		cmd_warn("cannot show the devices: %m");
		return 2;
	}
	bnd_json_begin(&j, buf, size);
	json_status(root, &j, s);
	return cmd_put_json(&j, 0);
}

/* ---- the verb ---- */

int
usb_status(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	static struct status s;
	const struct bnd_usb_order order = { .prog = cmd_prog,
		.only_look = true };
	struct bnd_err why = { 0 };
	int status = 0;

	if (args->operands > 0) {
		cmd_warn("all devices are shown, no operand");
		return 2;
	}
	if (bnd_usb_apply(root, &order, &s.r, err) == -1)
		return cmd_fail(err);
	(void)!bnd_usb_policy_take(root, NULL, false, &s.p, &why);
	if (args->seen[OPT_ID_JSON])
		status = show_json(root, &s);
	else if (!args->seen[OPT_ID_QUIET])
		show_people(root, &s, args->seen[OPT_ID_VERBOSE]);
	bnd_usb_policy_free(&s.p);
	bnd_usb_report_free(&s.r);
	return status;
}
