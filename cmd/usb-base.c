/* usb-base.c: what belongs here, shown and changed */
/* SPDX-License-Identifier: ISC */
/*
 * A change is made in this order: the new text is made up and parsed; the
 * lock-out guard counts what LOCKDOWN would leave with it; the file is replaced
 * and read back; the change is recorded; and what the policy is now is taken
 * in, if what it was before had been.  What admits more and cannot be recorded
 * is undone.
 *
 * From TRUSTED on nothing is added: a file that was edited there only takes
 * away (bnd-usb(5), MODES), and this is no way around that.
 */
#include "usb-base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "json.h"
#include "lock.h"
#include "log.h"
#include "scope.h"
#include "usb-accepted.h"
#include "usb-guard.h"
#include "usb-moment.h"

#define LOCK_PATH   "run/bnd/usb-baseline.lock"
#define LOCK_MS	    2000
#define RECORD_MS   2000
#define RECORD_SIZE 1024
#define FILE_MODE   0600

/* ---- reading ---- */

static int
read_old(const struct bnd_root *root, struct usb_change *c, struct bnd_err *err)
{
	c->was = malloc(BND_USB_BASELINE_MAX + 1);
	if (c->was == NULL)
		return bnd_fail_errno(err, "cannot read the baseline");
	c->was_there = true;
	if (bnd_file_read(root, BND_USB_BASELINE_PATH, BND_USB_BASELINE_FORBID,
		c->was, BND_USB_BASELINE_MAX, &c->was_len, err) == 0)
		return bnd_usb_baseline_parse("/" BND_USB_BASELINE_PATH,
		    (struct bnd_str){ c->was, c->was_len }, &c->old, err);
	if (err->errnum != ENOENT)
		return -1;
	*err = (struct bnd_err){ 0 };
	c->was_there = false;
	c->was_len = 0;
	return 0;
}

/* ---- may it be ---- */

/* Asked anew each time: a device that is slow to be read may have held us up. */
static int
may(const struct bnd_root *root, struct usb_change *c, struct bnd_err *err)
{
	struct bnd_usb_moment now;

	bnd_usb_moment_take(root, BND_MODE_NONE, &now);
	c->mode = now.mode;
	if (c->what == USB_REMOVE || c->mode <= BND_RESTRICTED)
		return 0;
	return bnd_fail(err, BND_E_DENIED,
	    "nothing is added in %s: OPEN and RESTRICTED are for that",
	    bnd_mode_name(c->mode));
}

/*
 * What is only added takes no keyboard away: the hub first, then what is on it.
 * The new text is parsed on the way, before it replaces anything.
 */
static int
guard(const struct bnd_root *root, struct usb_change *c, bool meant,
    struct bnd_err *err)
{
	char text[200];

	if (bnd_usb_policy_know(&c->policy, "the new baseline",
		(struct bnd_str){ c->text, c->len }, err) == -1 ||
	    bnd_usb_left_count(root, &c->policy, &c->other, &c->left, err) ==
		-1)
		return -1;
	if (meant || !bnd_usb_left_is_bad(&c->left))
		return 0;
	bnd_usb_left_text(&c->left, text, sizeof(text));
	if (c->what != USB_ADD)
		return bnd_fail(err, BND_E_DENIED,
		    "not done: %s; so does --no-keyboard", text);
	cmd_warn("%s", text);
	return 0;
}

/* ---- doing it ---- */

static int
replace(const struct bnd_root *root, const struct usb_change *c,
    struct bnd_err *err)
{
	SCOPED_FREE char *text = malloc(BND_USB_BASELINE_MAX + 1);
	size_t len;

	if (text == NULL)
		return bnd_fail_errno(err, "cannot change the baseline");
	if (bnd_file_replace(root, BND_USB_BASELINE_PATH, c->text, c->len,
		FILE_MODE, err) == -1 ||
	    bnd_file_read(root, BND_USB_BASELINE_PATH, BND_USB_BASELINE_FORBID,
		text, BND_USB_BASELINE_MAX, &len, err) == -1)
		return -1;
	if (len != c->len || memcmp(text, c->text, len) != 0)
		return bnd_fail(err, BND_E_SYS,
		    "/" BND_USB_BASELINE_PATH " is not what was written");
	return 0;
}

static int
record(const struct bnd_root *root, const struct usb_change *c,
    struct bnd_err *err)
{
	char body[RECORD_SIZE], digest[2 * BND_SHA256_LEN + 1];
	uint8_t sum[BND_SHA256_LEN];
	struct bnd_event event = { .prog = cmd_prog,
		.ev = "usb.policy",
		.need =
		    c->what == USB_REMOVE ? BND_LOG_SPOOL_OK : BND_LOG_DURABLE,
		.deadline_ms = RECORD_MS };
	struct bnd_err why = { 0 };
	struct bnd_mark mark;
	struct bnd_json j;

	bnd_sha256(c->text, c->len, sum);
	bnd_text_to_hex(sum, sizeof(sum), digest);
	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "what", usb_change_word(c->what));
	if (c->name != NULL)
		bnd_json_str(&j, "device", c->name);
	if (c->what == USB_ADD)
		bnd_json_str(&j, "identity", c->identity);
	bnd_json_str(&j, "mode", bnd_mode_name(c->mode));
	bnd_json_int(&j, "before", (int64_t)c->old.n);
	bnd_json_int(&j, "baseline", (int64_t)c->next.n);
	bnd_json_int(&j, "keyboards", c->left.left);
	bnd_json_str(&j, "sha256", digest);
	bnd_json_close(&j, '}');
	event.body = (struct bnd_str){ body, j.len };
	if (bnd_json_end(&j) &&
	    bnd_log_append(root, &event, &mark, &why) == 0 && !mark.spooled)
		return 0;
	return bnd_fail(err, BND_E_UNLOGGED, "not recorded: %s", why.text);
}

/* What admits more, and has no record or is no more to be, does not stay. */
static int
undo(const struct bnd_root *root, const struct usb_change *c,
    struct bnd_err *err)
{
	struct bnd_err why = *err;
	int rc;

	rc = c->was_there ? bnd_file_replace(root, BND_USB_BASELINE_PATH,
				c->was, c->was_len, FILE_MODE, err)
			  : bnd_file_unlink(root, BND_USB_BASELINE_PATH, err);
	return bnd_fail(err, why.kind, "%s; %s", why.text,
	    rc == 0 ? "so the baseline is as it was"
		    : "and the old baseline could not be put back");
}

/* What was changed here is no edit that waits to be taken in. */
static int
take_in(const struct bnd_root *root, const struct usb_change *c,
    struct bnd_err *err)
{
	static struct bnd_usb_policy now;
	int rc;

	if (!c->was_held)
		return 0;
	rc = bnd_usb_policy_load(root, &now, err);
	if (rc == 0)
		rc = bnd_usb_policy_accept(root, &now, err);
	bnd_usb_policy_free(&now);
	return rc;
}

static int
make(const struct bnd_root *root, struct usb_change *c, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int rc;

	if (may(root, c, err) == -1 || replace(root, c, err) == -1)
		return -1;
	rc = record(root, c, err);
	if (rc == 0)
		rc = may(root, c, err);
	if (rc == -1 && c->what != USB_REMOVE)
		return undo(root, c, err);
	if (take_in(root, c, &why) == -1 && rc == 0) {
		*err = why;
		return -1;
	}
	return rc;
}

/* ---- the verb ---- */

static int
what_is_asked(
    const struct opt_args *args, struct usb_change *c, struct bnd_err *err)
{
	static const struct {
		int id;
		enum usb_change_what what;
	} asked[] = { { USB_ID_SAVE, USB_SAVE }, { USB_ID_ADD, USB_ADD },
		{ USB_ID_REMOVE, USB_REMOVE } };

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		if (!args->seen[asked[i].id])
			continue;
		if (c->what != USB_SHOW)
			return bnd_fail(err, BND_E_INPUT,
			    "one of --save, --add and --remove at a time");
		c->what = asked[i].what;
		c->name = args->value[asked[i].id];
	}
	c->with_place = args->seen[USB_ID_PORT];
	if (args->operands > 0)
		return bnd_fail(
		    err, BND_E_INPUT, "a device is named by --add or --remove");
	if (c->with_place && c->what != USB_ADD && c->what != USB_SAVE)
		return bnd_fail(
		    err, BND_E_INPUT, "--port goes with --add or --save");
	return 0;
}

static int
change(const struct bnd_root *root, const struct opt_args *args,
    struct usb_change *c, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	/* A bad rule or setting is no reason to keep a device. */
	c->was_held =
	    bnd_usb_policy_take(root, NULL, false, &c->policy, &why) == 0;
	c->text = malloc(BND_USB_BASELINE_MAX);
	c->next.text = malloc(BND_USB_BASELINE_MAX);
	c->next.known = calloc(BND_USB_BASELINE_LINES, sizeof(*c->next.known));
	if (c->text == NULL || c->next.text == NULL || c->next.known == NULL)
		return bnd_fail_errno(err, "cannot make up a baseline");
	if (may(root, c, err) == -1 || usb_change_make_up(root, c, err) == -1 ||
	    guard(root, c, args->seen[USB_ID_NO_KEYBOARD], err) == -1)
		return -1;
	return usb_change_is_none(c) || args->seen[USB_ID_DRY]
	    ? 0
	    : make(root, c, err);
}

int
usb_baseline(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	static struct usb_change c;
	SCOPED_FD int lock = -1;
	int status;

	if (what_is_asked(args, &c, err) == -1)
		return cmd_fail(err);
	if (c.what != USB_SHOW && !args->seen[USB_ID_DRY]) {
		if (bnd_root_mkdir(root, "run/bnd", 0755, err) == 0)
			lock =
			    bnd_lock(root, LOCK_PATH, true, true, LOCK_MS, err);
		if (lock == -1)
			return cmd_fail(err);
	}
	if (read_old(root, &c, err) == -1)
		status = cmd_fail(err);
	else if (c.what == USB_SHOW)
		status = usb_change_show(&c, args);
	else if (change(root, args, &c, err) == -1)
		status = cmd_fail(err);
	else
		status = usb_change_say(&c, args);
	bnd_usb_baseline_free(&c.old);
	bnd_usb_baseline_free(&c.next);
	bnd_usb_policy_free(&c.policy);
	free(c.text);
	free(c.was);
	return status;
}
