/* usb-run.c: what touches devices: hook, apply, check */
/* SPDX-License-Identifier: ISC */
#include "usb-guard.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "scope.h"
#include "state.h"
#include "trip.h"
#include "usb-apply.h"
#include "usb-dry.h"
#include "usb-show.h"

/*
 * The port's lock is given back by now.  Inside a transaction mode-set comes by
 * itself to what is requested; in another root nobody does, and where nobody
 * could be told the request is what readers act on.
 */
static void
trip_usb(const struct bnd_root *root, const struct opt_args *args)
{
	struct bnd_err err = { 0 };

	if (root->real && !args->seen[USB_ID_TXN] &&
	    trip(args->value[OPT_ID_ROOT], "usb") == 0)
		return;
	if (bnd_request_make(root, BND_LOCKDOWN, &err) == -1)
		cmd_warn_err(&err);
}

static int
finish(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_usb_report *r)
{
	int status = usb_report(r, args);

	if (r->trip)
		trip_usb(root, args);
	return status;
}

/* ---- hook ---- */

static int
hook_operands(const struct opt_args *args, struct bnd_usb_order *order)
{
	const char *word = args->operands > 0 ? args->operand[0] : "";

	order->removed = strcmp(word, "remove") == 0;
	if (args->operands == 2 && (order->removed || strcmp(word, "add") == 0))
		return 0;
	cmd_warn("hook takes add or remove, and a DEVPATH");
	return -1;
}

static int
settle_one(const struct bnd_root *root, const char *devpath,
    const struct bnd_usb_order *order, struct bnd_usb_report *r,
    struct bnd_err *err)
{
	SCOPED_FREE struct bnd_usb_view *view = calloc(1, sizeof(*view));

	r->row = calloc(1, sizeof(*r->row));
	if (view == NULL || r->row == NULL)
		return bnd_fail_errno(err, "cannot settle a device");
	r->n = 1;
	r->sealed = true;
	r->mode = BND_MODE_LAST;
	if (bnd_usb_settle(root, devpath, order, view, &r->row->s, err) == -1)
		return -1;
	bnd_usb_report_sum(r);
	return 0;
}

int
usb_hook(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	struct bnd_usb_order order = { .prog = cmd_prog };
	SCOPED_USB_REPORT struct bnd_usb_report r = { 0 };

	if (hook_operands(args, &order) == -1)
		return 2;
	if (settle_one(root, args->operand[1], &order, &r, err) == -1)
		return cmd_fail(err);
	return finish(root, args, &r);
}

/* ---- apply, check ---- */

static int
order_of(const struct opt_args *args, struct bnd_usb_order *order,
    struct bnd_err *err)
{
	const char *word = args->operands > 0 ? args->operand[0] : NULL;

	*order = (struct bnd_usb_order){ .prog = cmd_prog,
		.txn = args->value[USB_ID_TXN],
		.repair = args->seen[USB_ID_REPAIR] };
	if (args->operands > 1)
		return bnd_fail(err, BND_E_INPUT, "one mode is enough");
	if (word == NULL ||
	    bnd_mode_parse(
		(struct bnd_str){ word, strlen(word) }, &order->least))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "unknown mode: %.60s", word);
}

/* In LOCKDOWN it is too late to say so. */
static void
guard(struct bnd_usb_report *r)
{
	char text[200];

	if (!r->counted || !bnd_usb_left_is_bad(&r->left) ||
	    r->mode == BND_LOCKDOWN)
		return;
	bnd_usb_left_text(&r->left, text, sizeof(text));
	bnd_note(&r->findings, "keyboard", "%s", text);
	r->no = true;
}

static int
run_all(const struct bnd_root *root, const struct opt_args *args, bool look,
    struct bnd_err *err)
{
	struct bnd_usb_order order;
	SCOPED_USB_REPORT struct bnd_usb_report r = { 0 };

	if (order_of(args, &order, err) == -1)
		return cmd_fail(err);
	order.only_look = look;
	if (bnd_usb_apply(root, &order, &r, err) == -1)
		return cmd_fail(err);
	if (args->seen[USB_ID_DRY])
		return usb_dry(root, &r, args);
	if (look && !args->seen[USB_ID_NO_KEYBOARD])
		guard(&r);
	return finish(root, args, &r);
}

int
usb_apply(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	return run_all(root, args, args->seen[USB_ID_DRY], err);
}

int
usb_check(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	return run_all(root, args, true, err);
}
