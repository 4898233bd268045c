/* usb-policy.c: settings, rules and baseline, as one thing with one digest */
/* SPDX-License-Identifier: ISC */
/*
 * 1. MUST: the bytes that were checked are the bytes that are parsed and that
 *    the digest is of; each file is opened and read once.
 * 2. MUST: one error anywhere, and no rule is in force, never a part of them.
 */
#include "usb-policy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "scope.h"
#include "usb-console.h"

#define PERSONAL "bnd-usb-policy-1"
#define SUFFIX	 ".rules"
#define NAME_LEN 256
#define PATH_LEN (sizeof(BND_USB_RULES_DIR) + 16 + NAME_LEN)

/* One reading of everything. */
struct reading {
	struct bnd_hasher digest;
	const struct bnd_root *root;
	struct bnd_usb_policy *p;
	char *text; /* BND_USB_RULES_FILE_MAX bytes */
};

/* Names of one directory. */
struct names {
	size_t n;
	char name[BND_USB_RULES_FILES][NAME_LEN];
};

/* Framed by lengths, so that no byte can move between a name and a text. */
static void
digest_item(struct reading *r, const char *name, const char *text, size_t len)
{
	size_t size[2] = { strlen(name), len };
	uint8_t frame[16];

	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)((uint64_t)size[i / 8] >> 8 * (i % 8));
	bnd_hash_add(&r->digest, frame, sizeof(frame));
	bnd_hash_add(&r->digest, name, size[0]);
	bnd_hash_add(&r->digest, text, len);
}

/* ---- settings -------------------------------------------------------------- */

/* What they come to: another key of bnd.conf is no other policy. */
static int
take_settings(struct reading *r, struct bnd_err *err)
{
	struct bnd_usb_policy *p = r->p;
	struct bnd_policy conf;
	char text[96];
	int rc = bnd_policy_load(r->root, &conf, err);

	p->keep = conf.usb_keep;
	p->filter = conf.usb_filter;
	p->hub_depth =
	    conf.usb_hub_depth != 0 ? conf.usb_hub_depth : BND_USB_HUB_DEPTH;
	(void)snprintf(text, sizeof(text), "%s %s %u",
	    bnd_usb_keep_name(p->keep), p->filter ? "filter" : "strict",
	    p->hub_depth);
	digest_item(r, BND_POLICY_PATH, text, strlen(text));
	return rc;
}

/* ---- rules ----------------------------------------------------------------- */

static bool
is_rules_name(const char *name)
{
	size_t len = strlen(name), suffix = strlen(SUFFIX);

	return name[0] != '.' && len > suffix &&
	    strcmp(name + len - suffix, SUFFIX) == 0;
}

static int
complain(
    const char *dir, const char *name, const char *what, struct bnd_err *err)
{
	char shown[NAME_LEN];

	bnd_text_show(
	    (struct bnd_str){ name, strlen(name) }, shown, sizeof(shown));
	return bnd_fail(err, BND_E_INPUT, "/%s/%.120s: %s", dir, shown, what);
}

/*
 * A directory that is no mode's, "airgap" for one, would be rules that somebody
 * believes to be in force.  Anything else may lie about.
 */
static int
pass_over(int fd, const char *dir, const char *name, struct bnd_err *err)
{
	struct bnd_str word = { name, strlen(name) };
	enum bnd_mode m;
	struct stat st;
	bool top = strcmp(dir, BND_USB_RULES_DIR) == 0;
	bool of_mode = top && bnd_mode_parse_exact(word, &m);

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return bnd_fail_errno(err, "cannot look into /%s", dir);
	if (S_ISDIR(st.st_mode) && !of_mode)
		return complain(dir, name,
		    top ? "no mode, in capitals, is called so"
			: "a directory, which nobody would read",
		    err);
	if (!S_ISDIR(st.st_mode) && of_mode)
		return bnd_fail(
		    err, BND_E_UNSAFE, "/%s/%s is not a directory", dir, name);
	return 0;
}

static int
add_name(int fd, const char *dir, const char *name, struct names *all,
    struct bnd_err *err)
{
	if (name[0] == '.')
		return 0;
	if (!is_rules_name(name))
		return pass_over(fd, dir, name, err);
	if (all->n == BND_USB_RULES_FILES)
		return bnd_fail(err, BND_E_INPUT, "/%s: more than %d files",
		    dir, BND_USB_RULES_FILES);
	(void)snprintf(all->name[all->n++], NAME_LEN, "%s", name);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
read_names(const struct bnd_root *root, const char *dir, struct names *all,
    struct bnd_err *err)
{
	SCOPED_DIR DIR *d = NULL;
	SCOPED_FD int fd = bnd_root_open_dir(root, dir, err);
	const struct dirent *e;

	all->n = 0;
	if (fd < 0)
		return -1;
	d = fdopendir(fd);
	if (d == NULL)
		return bnd_fail_errno(err, "cannot read /%s", dir);
	(void)take_fd(&fd); /* it is d's now */
	for (errno = 0; (e = readdir(d)) != NULL; errno = 0) {
		if (add_name(dirfd(d), dir, e->d_name, all, err) != 0)
			return -1;
	}
	if (errno != 0)
		return bnd_fail_errno(err, "cannot read /%s", dir);
	qsort(all->name, all->n, NAME_LEN, compare);
	return 0;
}

static size_t
count_rules(const struct bnd_usb_policy *p)
{
	size_t n = 0;

	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++)
		n += p->rules[m].n;
	return n;
}

static int
add_file(
    struct reading *r, enum bnd_mode m, const char *path, struct bnd_err *err)
{
	char name[PATH_LEN + 1];
	struct bnd_str text = { r->text, 0 };

	(void)snprintf(name, sizeof(name), "/%s", path);
	if (bnd_file_read(r->root, path, BND_USB_RULES_FORBID, r->text,
		BND_USB_RULES_FILE_MAX, &text.len, err) != 0 ||
	    bnd_usb_rules_add(&r->p->rules[m], name, text, err) != 0)
		return -1;
	digest_item(r, path, text.p, text.len);
	if (count_rules(r->p) <= BND_USB_RULES_MAX)
		return 0;
	return bnd_fail(err, BND_E_INPUT, "%s:1:1: more than %d rules in all",
	    name, BND_USB_RULES_MAX);
}

/* A file's name may be any bytes, and a message is for a terminal. */
static int
take_file(
    struct reading *r, enum bnd_mode m, const char *path, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	char shown[sizeof(why.text)];

	if (add_file(r, m, path, &why) == 0)
		return 0;
	bnd_text_keep((struct bnd_str){ why.text, strlen(why.text) }, shown,
	    sizeof(shown));
	return bnd_fail(err, why.kind, "%s", shown);
}

/* m NONE: those for all modes. */
static int
take_dir(
    struct reading *r, enum bnd_mode m, struct names *all, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	char dir[sizeof(BND_USB_RULES_DIR) + 16], path[PATH_LEN];

	(void)snprintf(dir, sizeof(dir), BND_USB_RULES_DIR "%s%s",
	    m != BND_MODE_NONE ? "/" : "",
	    m != BND_MODE_NONE ? bnd_mode_name(m) : "");
	if (read_names(r->root, dir, all, &why) != 0)
		return why.errnum == ENOENT
		    ? 0
		    : bnd_fail(err, why.kind, "%s", why.text);
	for (size_t i = 0; i < all->n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, all->name[i]);
		if (take_file(r, m, path, err) != 0)
			return -1;
	}
	return 0;
}

static int
take_rules(struct reading *r, struct bnd_err *err)
{
	SCOPED_FREE struct names *all = malloc(sizeof(*all));

	if (all == NULL)
		return bnd_fail_errno(err, "cannot read the USB rules");
	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++) {
		if (take_dir(r, (enum bnd_mode)m, all, err) != 0)
			return -1;
	}
	return 0;
}

/* Of rules, never a part. */
static void
drop_rules(struct bnd_usb_policy *p)
{
	p->usable = false;
	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++)
		bnd_usb_rules_free(&p->rules[m]);
}

/* ---- baseline -------------------------------------------------------------- */

void
bnd_usb_policy_forget(struct bnd_usb_policy *p)
{
	bnd_usb_baseline_free(&p->base);
	free(p->base_text);
	p->base_text = NULL;
	p->base_len = 0;
	p->base_bad = true;
}

int
bnd_usb_policy_know(struct bnd_usb_policy *p, const char *name,
    struct bnd_str text, struct bnd_err *err)
{
	bnd_usb_policy_forget(p);
	if (text.len != 0) {
		p->base_text = malloc(text.len);
		if (p->base_text == NULL)
			return bnd_fail_errno(err, "cannot keep the baseline");
		memcpy(p->base_text, text.p, text.len);
		p->base_len = text.len;
		if (bnd_usb_baseline_parse(name, text, &p->base, err) != 0)
			return -1;
	}
	p->base_bad = false;
	return 0;
}

static int
take_baseline(struct reading *r, struct bnd_err *err)
{
	struct bnd_str text = { r->text, 0 };
	struct bnd_err why = { 0 };

	if (bnd_file_read(r->root, BND_USB_BASELINE_PATH,
		BND_USB_BASELINE_FORBID, r->text, BND_USB_BASELINE_MAX,
		&text.len, &why) != 0) {
		r->p->base_bad = why.errnum != ENOENT;
		return r->p->base_bad ? bnd_fail(err, why.kind, "%s", why.text)
				      : 0;
	}
	r->p->has_baseline_file = true;
	if (text.len == 0)
		return bnd_fail(err, BND_E_INPUT,
		    "/" BND_USB_BASELINE_PATH ":1:1: it is empty");
	digest_item(r, BND_USB_BASELINE_PATH, text.p, text.len);
	return bnd_usb_policy_know(r->p, "/" BND_USB_BASELINE_PATH, text, err);
}

/* ---- all of it ------------------------------------------------------------- */

/* The first thing that is wrong is why. */
static void
unless(struct bnd_usb_policy *p, int rc, const struct bnd_err *err)
{
	if (rc != 0 && p->why.kind == BND_E_NONE)
		p->why = *err;
}

int
bnd_usb_policy_load(
    const struct bnd_root *root, struct bnd_usb_policy *p, struct bnd_err *err)
{
	SCOPED_FREE char *text = malloc(BND_USB_RULES_FILE_MAX);
	struct reading r = { .root = root, .p = p, .text = text };
	struct bnd_err e = { 0 };

	*p = (struct bnd_usb_policy){ .base_bad = true };
	p->other_console = bnd_usb_other_console(root);
	if (text == NULL) {
		(void)bnd_fail_errno(&p->why, "cannot read the USB policy");
		return bnd_fail(err, p->why.kind, "%s", p->why.text);
	}
	bnd_hash_start(&r.digest, PERSONAL);
	unless(p, take_settings(&r, &e), &e);
	unless(p, take_rules(&r, &e), &e);
	unless(p, take_baseline(&r, &e), &e);
	p->usable = p->why.kind == BND_E_NONE;
	if (p->usable) {
		bnd_hash_end(&r.digest, p->digest);
		return 0;
	}
	drop_rules(p);
	return bnd_fail(err, p->why.kind, "%s", p->why.text);
}

void
bnd_usb_policy_refuse(
    struct bnd_usb_policy *p, enum bnd_kind kind, const char *why)
{
	drop_rules(p);
	(void)bnd_fail(&p->why, kind, "%s", why);
}

void
bnd_usb_policy_free(struct bnd_usb_policy *p)
{
	drop_rules(p);
	bnd_usb_policy_forget(p);
}
