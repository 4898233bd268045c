/* usb-explain.c: what each mode says of a device, and why */
/* SPDX-License-Identifier: ISC */
/*
 * The verdict is the one a settle would come to now, by the same function;
 * beside it stands what each mode makes of the device by itself, with the rule
 * and the ceilings it meets, whichever of them comes first.  Of a file there
 * are the descriptors alone: a device without strings, in no port.
 */
#include "usb-guard.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "json.h"
#include "pen.h"
#include "scope.h"
#include "usb-accepted.h"
#include "usb-ceiling.h"
#include "usb-id.h"
#include "usb-look.h"
#include "usb-moment.h"
#include "usb-peers.h"
#include "usb-print.h"
#include "usb-verdict.h"
#include "usb-walk.h"

#define JSON_SIZE (256u << 10)
#define WHERE_MAX 200

/* One run.  Large. */
struct explain {
	const struct bnd_root *root;
	enum bnd_mode present, asked;
	struct bnd_usb_policy p;
	struct bnd_usb_peers peers;
	struct bnd_usb_others others;
	struct bnd_usb_view v;
	bool is_file;
};

/* What one mode says. */
struct row {
	struct bnd_usb_verdict v;
	struct bnd_usb_cell cell;
	const struct bnd_usb_rule *rule; /* the first that matches, or NULL */
};

/* ---- the device ------------------------------------------------------------ */

static int
read_file(struct explain *x, const char *path, struct bnd_err *err)
{
	struct bnd_usb_view *v = &x->v;
	SCOPED_FD int fd =
	    open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", path);
	if (bnd_file_read_fd(fd, path, (char *)v->bytes, sizeof(v->bytes),
		&v->len, err) != 0)
		return -1;
	bnd_usb_desc_parse(v->bytes, v->len, &v->desc);
	v->d.desc = &v->desc;
	bnd_usb_hash(&v->d, v->bytes, v->len, v->d.hash);
	bnd_usb_identity(&v->d, v->bytes, v->len, v->d.identity);
	x->is_file = true;
	return 0;
}

/* As a settle judges: its twins, and how it was let in. */
static void
read_peers(struct explain *x, const char *port, ino_t inode)
{
	struct bnd_usb_port was = { 0 };
	struct bnd_err why = { 0 };

	if (bnd_usb_peers_read(x->root, port, &x->peers, &why) == -1)
		x->peers.lost = true;
	x->v.d.twins = bnd_usb_peers_twins(&x->peers, x->v.d.identity);
	x->v.d.kept_console =
	    bnd_usb_port_peek(x->root, port, &was, &why) == 0 &&
	    was.phase == BND_USB_RESULT && was.inode == inode &&
	    was.devnum == x->v.devnum && was.word == BND_USB_ADMIT &&
	    was.console;
}

static int
read_port(struct explain *x, const char *port, struct bnd_err *err)
{
	SCOPED_USB_PATHS struct bnd_usb_paths paths = { 0 };
	enum bnd_usb_found found = BND_USB_NONE;
	const char *path;
	ino_t inode = 0;

	if (bnd_usb_walk(x->root, &paths, err) == -1)
		return -1;
	path = bnd_usb_paths_find(&paths, port);
	if (path != NULL &&
	    bnd_usb_look(x->root, path, &x->v, &found, &inode, err) == -1)
		return -1;
	if (found == BND_USB_NONE)
		return bnd_fail(
		    err, BND_E_INPUT, "no USB device at port %s", port);
	read_peers(x, port, inode);
	return 0;
}

static struct row
ask(const struct explain *x, enum bnd_mode m)
{
	const struct bnd_usb_device *d = &x->v.d;
	struct row r;

	bnd_usb_judge(d, &x->p, m, &x->others, &r.v);
	bnd_usb_cell(d, &x->p, m, &x->others, &r.cell);
	r.rule = bnd_usb_rules_first(&x->p.rules[m], d, &x->others);
	if (r.rule == NULL)
		r.rule = bnd_usb_rules_first(
		    &x->p.rules[BND_MODE_NONE], d, &x->others);
	return r;
}

/* ---- words ----------------------------------------------------------------- */

static const char *
word_of(const struct bnd_usb_verdict *v)
{
	if (v->word == BND_USB_ADMIT)
		return v->part ? "in part" : "admitted";
	return v->word == BND_USB_REMOVE ? "rejected" : "denied";
}

/* The laxest mode that never lets it in; NONE if each may. */
static enum bnd_mode
ceiling_of(const struct bnd_usb_iface *f)
{
	enum bnd_usb_group g = bnd_usb_group(f->class, f->subclass);

	for (enum bnd_mode m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++) {
		if (bnd_usb_ceiling_denies(m, g))
			return m;
	}
	return BND_MODE_NONE;
}

static void
class_text(const struct bnd_usb_iface *f, char *text, size_t size)
{
	(void)snprintf(
	    text, size, "%02x:%02x:%02x", f->class, f->subclass, f->protocol);
}

static void
rule_text(const struct bnd_usb_rule *r, char *text, size_t size)
{
	char where[WHERE_MAX];

	bnd_usb_rule_where(r, where, sizeof(where));
	(void)snprintf(text, size, "%s rule %s",
	    bnd_usb_target_name(bnd_usb_rule_target(r)), where);
}

/* ---- people ---------------------------------------------------------------- */

static void
show_device(const struct pen *p, const struct explain *x)
{
	const struct bnd_usb_desc *desc = x->v.d.desc;
	char name[128], text[ROW_MAX];

	bnd_text_show(x->v.d.name, name, sizeof(name));
	(void)snprintf(text, sizeof(text), "%04x:%04x%s%s", desc->vendor,
	    desc->product, name[0] != '\0' ? " " : "", name);
	pen_row(p, INK_NONE, x->is_file ? "file" : x->v.d.port, text);
	for (size_t i = 0; i < desc->ifaces; i++) {
		const struct bnd_usb_iface *f = &desc->iface[i];
		enum bnd_mode m = ceiling_of(f);
		char class[12];

		class_text(f, class, sizeof(class));
		(void)snprintf(text, sizeof(text),
		    "%u: %s %s, configuration %u, setting %u%s%s", f->number,
		    class,
		    bnd_usb_group_name(bnd_usb_group(f->class, f->subclass)),
		    f->config + 1U, f->alt,
		    m != BND_MODE_NONE ? ": never from this mode on: " : "",
		    m != BND_MODE_NONE ? bnd_mode_name(m) : "");
		pen_row(p, INK_DIM, "interface", text);
	}
}

static void
show_known(const struct pen *p, const struct explain *x)
{
	const struct bnd_usb_known *k;
	char kinds[BND_USB_KINDS_SIZE], text[ROW_MAX];
	bool taken;

	k = bnd_usb_baseline_find(&x->p.base, &x->v.d, &taken);
	if (k == NULL) {
		pen_row(p, INK_DIM, "baseline",
		    taken ? "its twins have all of its lines" : "unknown");
		return;
	}
	bnd_usb_kinds_print(k->kinds, kinds, sizeof(kinds));
	(void)snprintf(text, sizeof(text),
	    "/" BND_USB_BASELINE_PATH ":%u, kinds %s", k->number, kinds);
	pen_row(p, INK_DIM, "baseline", text);
}

/* Which interfaces, where it is not all of them. */
static size_t
numbers(const struct bnd_usb_verdict *v, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned n = 0; n <= UINT8_MAX && len + 8 < size; n++) {
		if (bnd_usb_may_iface(v, (uint8_t)n))
			len +=
			    (size_t)snprintf(text + len, size - len, " %u", n);
	}
	return len;
}

/* In short where m itself is the reason, or none is needed. */
static void
mode_text(const struct explain *x, enum bnd_mode m, const struct row *r,
    char *text, size_t size)
{
	char some[64];

	(void)numbers(&r->v, some, r->v.part ? sizeof(some) : 1);
	if (r->v.word != BND_USB_ADMIT && r->v.by != m && !r->cell.alone &&
	    x->p.usable)
		(void)snprintf(text, size, "%s by %s; by itself %s: %s",
		    word_of(&r->v), bnd_mode_name(r->v.by),
		    r->cell.word == BND_USB_ADMIT ? "admitted" : "denied",
		    r->cell.reason);
	else
		(void)snprintf(text, size, "%s%s: %s", word_of(&r->v), some,
		    r->v.by == m && !r->v.part && x->p.usable ? r->cell.reason
							      : r->v.reason);
}

static void
show_mode(const struct pen *p, const struct explain *x, enum bnd_mode m)
{
	const struct row r = ask(x, m);
	char text[ROW_MAX], rule[WHERE_MAX + 16];
	bool yes = r.v.word == BND_USB_ADMIT;

	mode_text(x, m, &r, text, sizeof(text));
	pen_row(p, yes ? INK_GOOD : INK_BAD, bnd_mode_name(m), text);
	if (r.rule == NULL)
		return;
	rule_text(r.rule, rule, sizeof(rule));
	if (strstr(text, rule) == NULL)
		pen_row(p, INK_DIM, "", rule);
}

static void
show_people(const struct explain *x)
{
	const struct pen p = pen_take();

	show_device(&p, x);
	show_known(&p, x);
	if (!x->p.usable)
		pen_row(&p, INK_BAD, "policy", x->p.why.text);
	for (enum bnd_mode m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++)
		show_mode(&p, x, m);
	pen_row(&p, INK_NONE, "in force", bnd_mode_name(x->present));
}

/* ---- JSON ------------------------------------------------------------------ */

static void
json_ifaces(struct bnd_json *j, const struct explain *x)
{
	const struct bnd_usb_desc *desc = x->v.d.desc;
	char class[12];

	bnd_json_open(j, "interfaces", '[');
	for (size_t i = 0; i < desc->ifaces; i++) {
		const struct bnd_usb_iface *f = &desc->iface[i];
		enum bnd_mode m = ceiling_of(f);

		class_text(f, class, sizeof(class));
		bnd_json_open(j, NULL, '{');
		bnd_json_int(j, "number", f->number);
		bnd_json_int(j, "setting", f->alt);
		bnd_json_int(j, "configuration", f->config + 1);
		bnd_json_str(j, "class", class);
		bnd_json_str(j, "group",
		    bnd_usb_group_name(bnd_usb_group(f->class, f->subclass)));
		if (m != BND_MODE_NONE)
			bnd_json_str(j, "never", bnd_mode_name(m));
		bnd_json_close(j, '}');
	}
	bnd_json_close(j, ']');
}

static void
json_mode(struct bnd_json *j, const struct explain *x, enum bnd_mode m)
{
	const struct row r = ask(x, m);
	char rule[WHERE_MAX + 16];

	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "mode", bnd_mode_name(m));
	bnd_json_str(j, "verdict", word_of(&r.v));
	bnd_json_str(j, "reason", r.v.reason);
	if (r.v.by != BND_MODE_NONE)
		bnd_json_str(j, "by", bnd_mode_name(r.v.by));
	else
		bnd_json_null(j, "by");
	bnd_json_bool(j, "alert", r.v.alert);
	bnd_json_bool(j, "console", r.v.console);
	bnd_json_bool(j, "itself", r.cell.word == BND_USB_ADMIT);
	bnd_json_str(j, "cell", r.cell.reason);
	if (r.rule != NULL) {
		rule_text(r.rule, rule, sizeof(rule));
		bnd_json_str(j, "rule", rule);
	} else {
		bnd_json_null(j, "rule");
	}
	bnd_json_open(j, "admits", '[');
	for (unsigned n = 0; n <= UINT8_MAX; n++) {
		if (bnd_usb_may_iface(&r.v, (uint8_t)n))
			bnd_json_int(j, NULL, (int64_t)n);
	}
	bnd_json_close(j, ']');
	bnd_json_close(j, '}');
}

static void
json_all(struct bnd_json *j, const struct explain *x)
{
	const struct bnd_usb_desc *desc = x->v.d.desc;
	char id[10];
	bool taken;

	(void)snprintf(
	    id, sizeof(id), "%04x:%04x", desc->vendor, desc->product);
	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "mode", bnd_mode_name(x->present));
	if (x->is_file)
		bnd_json_null(j, "port");
	else
		bnd_json_str(j, "port", x->v.d.port);
	bnd_json_str(j, "id", id);
	bnd_json_bytes(j, "name", x->v.d.name);
	bnd_json_str(j, "identity", x->v.d.identity);
	bnd_json_bool(j, "baseline",
	    bnd_usb_baseline_find(&x->p.base, &x->v.d, &taken) != NULL);
	bnd_json_bool(j, "usable", x->p.usable);
	if (!x->p.usable)
		bnd_json_str(j, "why", x->p.why.text);
	json_ifaces(j, x);
	bnd_json_open(j, "modes", '[');
	for (enum bnd_mode m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++)
		json_mode(j, x, m);
	bnd_json_close(j, ']');
	bnd_json_close(j, '}');
}

static int
show_json(const struct explain *x, int status)
{
	SCOPED_FREE char *buf = malloc(JSON_SIZE);
	struct bnd_json j;

	if (buf == NULL) {
		cmd_warn("cannot explain: %m");
		return 2;
	}
	bnd_json_begin(&j, buf, JSON_SIZE);
	json_all(&j, x);
	return cmd_put_json(&j, status);
}

/* ---- the verb -------------------------------------------------------------- */

/* Which mode is asked, and which one it is. */
static int
take_mode(struct explain *x, const char *word, struct bnd_err *err)
{
	struct bnd_usb_moment m;

	bnd_usb_moment_take(x->root, BND_MODE_NONE, &m);
	x->present = x->asked = m.mode;
	if (word != NULL &&
	    !bnd_mode_parse((struct bnd_str){ word, strlen(word) }, &x->asked))
		return bnd_fail(
		    err, BND_E_INPUT, "unknown mode \"%.40s\"", word);
	return 0;
}

static int
answer(const struct explain *x, const struct opt_args *args)
{
	struct bnd_usb_verdict v;
	int status;

	bnd_usb_judge(&x->v.d, &x->p, x->asked, &x->others, &v);
	status = v.word == BND_USB_ADMIT ? 0 : 1;
	if (args->seen[OPT_ID_JSON])
		return show_json(x, status);
	if (!args->seen[OPT_ID_QUIET])
		show_people(x);
	return status;
}

int
usb_explain(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	static struct explain x;
	struct bnd_err why = { 0 };
	int status;

	if (args->operands != 1) {
		cmd_warn("explain takes one port (1-1.2) or one file of "
			 "descriptors");
		return 2;
	}
	x.root = root;
	x.others = (struct bnd_usb_others){ bnd_usb_peers_any, &x.peers };
	(void)!bnd_usb_policy_take(root, NULL, false, &x.p, &why);
	if (take_mode(&x, args->value[USB_ID_MODE], err) == -1 ||
	    (bnd_usb_is_port(args->operand[0])
		    ? read_port(&x, args->operand[0], err)
		    : read_file(&x, args->operand[0], err)) == -1)
		status = cmd_fail(err);
	else
		status = answer(&x, args);
	bnd_usb_peers_free(&x.peers);
	bnd_usb_policy_free(&x.p);
	return status;
}
