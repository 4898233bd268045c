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
#include <errno.h>
#include <stdio.h>
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
#include "usb-left.h"
#include "usb-look.h"
#include "usb-print.h"
#include "usb-settle.h"
#include "usb-walk.h"

#define LOCK_PATH   "run/bnd/usb-baseline.lock"
#define LOCK_MS	    2000
#define RECORD_MS   2000
#define RECORD_SIZE 1024
#define FILE_MODE   0600
#define PREFIX_MIN  13 /* of an identity: "bnd1:" and 8 digits */

enum what {
	SHOW = 0,
	SAVE,
	ADD,
	REMOVE,
};

static const char *const word[] = {
	[SHOW] = "show", [SAVE] = "save", [ADD] = "add", [REMOVE] = "remove"
};

struct change {
	enum what what;
	const char *name; /* a port, or an identity */
	bool with_place;
	enum bnd_mode mode;
	bool was_held; /* what was read before was the policy in force */
	struct bnd_usb_baseline old, next;
	struct bnd_usb_policy policy;
	struct bnd_usb_view v, other;
	struct bnd_usb_left left;
	char identity[BND_USB_ID_LEN + 1]; /* of what is added */
	size_t used;			   /* of next.text */
	char *text, *was;		   /* the new file, and the old one */
	size_t len, was_len;
	bool was_there;
};

/* ---- reading ---- */

static int
read_old(const struct bnd_root *root, struct change *c, struct bnd_err *err)
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

/* ---- what it will be ---- */

/* A line more; its rule is copied. */
static int
put(struct change *c, const struct bnd_usb_known *k, struct bnd_err *err)
{
	struct bnd_usb_baseline *b = &c->next;

	if (b->n == BND_USB_BASELINE_LINES ||
	    k->rule.len > BND_USB_BASELINE_MAX - c->used)
		return bnd_fail(
		    err, BND_E_INPUT, "the baseline would be too long");
	b->known[b->n] = *k;
	if (k->rule.len > 0)
		memcpy(b->text + c->used, k->rule.p, k->rule.len);
	b->known[b->n++].rule.p = b->text + c->used;
	c->used += k->rule.len;
	return 0;
}

/* What c->v shows. */
static int
put_seen(struct change *c, struct bnd_err *err)
{
	static char rule[BND_USB_DEVICE_TEXT];
	struct bnd_usb_known k;

	bnd_usb_known_learn(&c->v.d, c->with_place, &k);
	bnd_usb_device_rule(&c->v.d, BND_USB_RULE_ALLOW, rule, sizeof(rule));
	k.rule = (struct bnd_str){ rule, strlen(rule) };
	return put(c, &k, err);
}

static int
save_all(const struct bnd_root *root, const struct bnd_usb_paths *paths,
    struct change *c, struct bnd_err *err)
{
	enum bnd_usb_found found;

	for (size_t i = 0; i < paths->n; i++) {
		if (bnd_usb_look(
			root, paths->path[i], &c->v, &found, NULL, err) == -1)
			return -1;
		if (found == BND_USB_DEVICE && c->v.authorized &&
		    put_seen(c, err) == -1)
			return -1;
	}
	return 0;
}

/* How many of an identity are here: it needs no more lines than that. */
static size_t
count_here(const struct bnd_root *root, const struct bnd_usb_paths *paths,
    const char *identity, struct bnd_usb_view *v)
{
	enum bnd_usb_found found;
	struct bnd_err none = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < paths->n; i++)
		if (bnd_usb_look(
			root, paths->path[i], v, &found, NULL, &none) == 0 &&
		    found == BND_USB_DEVICE)
			n += strcmp(v->d.identity, identity) == 0;
	return n;
}

static const char *
path_of(const struct bnd_usb_paths *paths, const char *port)
{
	for (size_t i = 0; i < paths->n; i++) {
		const char *slash = strrchr(paths->path[i], '/');

		if (slash != NULL && strcmp(slash + 1, port) == 0)
			return paths->path[i];
	}
	return NULL;
}

/* As it was if all that are alike have a line already. */
static int
add_one(const struct bnd_root *root, const struct bnd_usb_paths *paths,
    struct change *c, struct bnd_err *err)
{
	const char *path = path_of(paths, c->name);
	enum bnd_usb_found found;
	size_t lines = 0;

	if (path == NULL)
		return bnd_fail(
		    err, BND_E_INPUT, "no USB device at port %s", c->name);
	if (bnd_usb_look(root, path, &c->v, &found, NULL, err) == -1)
		return -1;
	if (found == BND_USB_NONE || !c->v.authorized)
		return bnd_fail(err, BND_E_DENIED,
		    "%s is not let in now, so what it turns out to be cannot "
		    "be learned",
		    c->name);
	memcpy(c->identity, c->v.d.identity, sizeof(c->identity));
	for (size_t i = 0; i < c->old.n; i++)
		lines += strcmp(c->old.known[i].identity, c->identity) == 0;
	if (lines > 0 &&
	    lines >= count_here(root, paths, c->identity, &c->other))
		return 0;
	return put_seen(c, err);
}

static bool
is_named(const struct change *c, const struct bnd_usb_known *k)
{
	return c->what == REMOVE &&
	    strncmp(k->identity, c->name, strlen(c->name)) == 0;
}

/* A name stands for one identity; all lines of it go. */
static int
check_name(const struct change *c, struct bnd_err *err)
{
	const struct bnd_usb_known *first = NULL;

	if (strlen(c->name) < PREFIX_MIN)
		return bnd_fail(err, BND_E_INPUT,
		    "an identity is named by its first %d characters or more",
		    PREFIX_MIN);
	for (size_t i = 0; i < c->old.n; i++) {
		const struct bnd_usb_known *k = &c->old.known[i];

		if (!is_named(c, k))
			continue;
		if (first != NULL && strcmp(first->identity, k->identity) != 0)
			return bnd_fail(err, BND_E_INPUT,
			    "%s stands for more than one device", c->name);
		first = k;
	}
	return first != NULL
	    ? 0
	    : bnd_fail(err, BND_E_DENIED, "%s is not in the baseline", c->name);
}

static int
make_up(const struct bnd_root *root, struct change *c, struct bnd_err *err)
{
	SCOPED_USB_PATHS struct bnd_usb_paths paths = { 0 };

	if (c->what == REMOVE ? check_name(c, err) == -1
			      : bnd_usb_walk(root, &paths, err) == -1)
		return -1;
	for (size_t i = 0; i < c->old.n && c->what != SAVE; i++)
		if (!is_named(c, &c->old.known[i]) &&
		    put(c, &c->old.known[i], err) == -1)
			return -1;
	if (c->what == SAVE)
		return save_all(root, &paths, c, err);
	return c->what == ADD ? add_one(root, &paths, c, err) : 0;
}

static int
spell(struct change *c, struct bnd_err *err)
{
	if (bnd_usb_baseline_print(
		&c->next, c->text, BND_USB_BASELINE_MAX, &c->len))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "the baseline would be too long");
}

/* ---- may it be ---- */

static int
may_add(const struct change *c, struct bnd_err *err)
{
	if (c->what == REMOVE || c->mode <= BND_RESTRICTED)
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
guard(const struct bnd_root *root, struct change *c, bool meant,
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
	if (c->what != ADD)
		return bnd_fail(err, BND_E_DENIED,
		    "not done: %s; so does --no-keyboard", text);
	cmd_warn("%s", text);
	return 0;
}

/* ---- doing it ---- */

static int
replace(
    const struct bnd_root *root, const struct change *c, struct bnd_err *err)
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
record(const struct bnd_root *root, const struct change *c, struct bnd_err *err)
{
	char body[RECORD_SIZE], digest[2 * BND_SHA256_LEN + 1];
	uint8_t sum[BND_SHA256_LEN];
	struct bnd_event event = { .prog = cmd_prog,
		.ev = "usb.policy",
		.need = c->what == REMOVE ? BND_LOG_SPOOL_OK : BND_LOG_DURABLE,
		.deadline_ms = RECORD_MS };
	struct bnd_err why = { 0 };
	struct bnd_mark mark;
	struct bnd_json j;

	bnd_sha256(c->text, c->len, sum);
	bnd_text_to_hex(sum, sizeof(sum), digest);
	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "what", word[c->what]);
	if (c->name != NULL)
		bnd_json_str(&j, "device", c->name);
	if (c->what == ADD)
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
undo(const struct bnd_root *root, const struct change *c, struct bnd_err *err)
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
take_in(
    const struct bnd_root *root, const struct change *c, struct bnd_err *err)
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

/* A device that is slow to be read may have held us up until another mode. */
static int
may_still(const struct bnd_root *root, struct change *c, struct bnd_err *err)
{
	const struct bnd_usb_order order = { .prog = cmd_prog };
	struct bnd_err why = { 0 };
	uint64_t gen;

	c->mode = bnd_usb_mode(root, &order, &gen, &why);
	return may_add(c, err);
}

static int
make(const struct bnd_root *root, struct change *c, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int rc;

	if (may_still(root, c, err) == -1 || replace(root, c, err) == -1)
		return -1;
	rc = record(root, c, err);
	if (rc == 0)
		rc = may_still(root, c, err);
	if (rc == -1 && c->what != REMOVE)
		return undo(root, c, err);
	if (take_in(root, c, &why) == -1 && rc == 0) {
		*err = why;
		return -1;
	}
	return rc;
}

static bool
is_same(const struct change *c)
{
	return c->was_there && c->len == c->was_len &&
	    memcmp(c->text, c->was, c->len) == 0;
}

/* ---- saying it ---- */

static void
json_known(struct bnd_json *j, const struct bnd_usb_known *k)
{
	char kinds[BND_USB_KINDS_SIZE];

	bnd_usb_kinds_print(k->kinds, kinds, sizeof(kinds));
	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "identity", k->identity);
	bnd_json_str(j, "kinds", kinds);
	if (k->report[0] != '\0')
		bnd_json_str(j, "report", k->report);
	if (k->place[0] != '\0')
		bnd_json_str(j, "place", k->place);
	bnd_json_bytes(j, "rule", k->rule);
	bnd_json_close(j, '}');
}

static int
say_json(const struct change *c, const struct bnd_usb_baseline *b)
{
	const size_t size = 2 * BND_USB_BASELINE_MAX + b->n * 128 + 4096;
	SCOPED_FREE char *buf = malloc(size);
	struct bnd_json j;

	if (buf == NULL) {
		cmd_warn("cannot show the baseline: %m");
		return 2;
	}
	bnd_json_begin(&j, buf, size);
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "did", word[c->what]);
	if (c->what != SHOW) {
		bnd_json_bool(&j, "changed", !is_same(c));
		bnd_json_int(&j, "keyboards", c->left.left);
	}
	bnd_json_open(&j, "devices", '[');
	for (size_t i = 0; i < b->n; i++)
		json_known(&j, &b->known[i]);
	bnd_json_close(&j, ']');
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j)) {
		cmd_warn("the answer is too long");
		return 2;
	}
	printf("%s\n", buf);
	return 0;
}

static int
show(const struct change *c, const struct opt_args *args)
{
	static char line[BND_USB_DEVICE_TEXT + 512];

	if (!c->was_there) {
		cmd_warn("there is no baseline (/" BND_USB_BASELINE_PATH ")");
		return 1;
	}
	if (args->seen[OPT_ID_JSON])
		return say_json(c, &c->old);
	for (size_t i = 0; i < c->old.n && !args->seen[OPT_ID_QUIET]; i++)
		if (bnd_usb_known_print(&c->old.known[i], line, sizeof(line)))
			printf("%s\n", line);
	return 0;
}

static int
say(const struct change *c, const struct opt_args *args)
{
	const bool dry = args->seen[USB_ID_DRY];

	if (args->seen[OPT_ID_JSON])
		return say_json(c, &c->next);
	if (args->seen[OPT_ID_QUIET])
		return 0;
	if (is_same(c))
		printf("the baseline is as it was: %zu devices\n", c->old.n);
	else
		printf("%s%zu devices were in the baseline, %zu are%s\n",
		    dry ? "nothing is written: " : "", c->old.n, c->next.n,
		    dry ? " to be" : "");
	printf("LOCKDOWN would leave %u of %u keyboards\n", c->left.left,
	    c->left.here);
	return 0;
}

/* ---- the verb ---- */

static int
what_is_asked(
    const struct opt_args *args, struct change *c, struct bnd_err *err)
{
	static const struct {
		int id;
		enum what what;
	} asked[] = { { USB_ID_SAVE, SAVE }, { USB_ID_ADD, ADD },
		{ USB_ID_REMOVE, REMOVE } };

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		if (!args->seen[asked[i].id])
			continue;
		if (c->what != SHOW)
			return bnd_fail(err, BND_E_INPUT,
			    "one of --save, --add and --remove at a time");
		c->what = asked[i].what;
		c->name = args->value[asked[i].id];
	}
	c->with_place = args->seen[USB_ID_PORT];
	if (args->operands > 0)
		return bnd_fail(
		    err, BND_E_INPUT, "a device is named by --add or --remove");
	if (c->with_place && c->what != ADD && c->what != SAVE)
		return bnd_fail(
		    err, BND_E_INPUT, "--port goes with --add or --save");
	return 0;
}

static int
change(const struct bnd_root *root, const struct opt_args *args,
    struct change *c, struct bnd_err *err)
{
	const struct bnd_usb_order order = { .prog = cmd_prog };
	struct bnd_err why = { 0 };
	uint64_t gen;

	c->mode = bnd_usb_mode(root, &order, &gen, &why);
	/* A bad rule or setting is no reason to keep a device. */
	c->was_held =
	    bnd_usb_policy_take(root, NULL, false, &c->policy, &why) == 0;
	c->text = malloc(BND_USB_BASELINE_MAX);
	c->next.text = malloc(BND_USB_BASELINE_MAX);
	c->next.known = calloc(BND_USB_BASELINE_LINES, sizeof(*c->next.known));
	if (c->text == NULL || c->next.text == NULL || c->next.known == NULL)
		return bnd_fail_errno(err, "cannot make up a baseline");
	if (may_add(c, err) == -1 || make_up(root, c, err) == -1 ||
	    spell(c, err) == -1 ||
	    guard(root, c, args->seen[USB_ID_NO_KEYBOARD], err) == -1)
		return -1;
	return is_same(c) || args->seen[USB_ID_DRY] ? 0 : make(root, c, err);
}

int
usb_baseline(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	static struct change c;
	SCOPED_FD int lock = -1;
	int status;

	if (what_is_asked(args, &c, err) == -1)
		return cmd_fail(err);
	if (c.what != SHOW && !args->seen[USB_ID_DRY]) {
		if (bnd_root_mkdir(root, "run/bnd", 0755, err) == 0)
			lock =
			    bnd_lock(root, LOCK_PATH, true, true, LOCK_MS, err);
		if (lock == -1)
			return cmd_fail(err);
	}
	if (read_old(root, &c, err) == -1)
		status = cmd_fail(err);
	else if (c.what == SHOW)
		status = show(&c, args);
	else if (change(root, args, &c, err) == -1)
		status = cmd_fail(err);
	else
		status = say(&c, args);
	bnd_usb_baseline_free(&c.old);
	bnd_usb_baseline_free(&c.next);
	bnd_usb_policy_free(&c.policy);
	free(c.text);
	free(c.was);
	return status;
}
