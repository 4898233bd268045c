/* policy.c: bnd.conf(5), what the administrator may choose */
/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include <stdio.h>
#include <string.h>

#include "file.h"
#include "scope.h"

#define PERSONAL     "bnd-policy-v1"
#define NEED_MAX     8
#define COOLDOWN_MAX 86400
#define HUBS_MAX     5 /* USB 2.0, 4.1.1: as many as a bus can have */

const char bnd_policy_default[] =
    "# bnd.conf: what this host asks of bnd beyond its built-in rules.\n"
    "# See bnd.conf(5).  Nothing here but lockdown_hid keep and usb_composite "
    "filter\n"
    "# can make the host laxer than those.\n"
    "# This file must exist: without it the host boots into LOCKDOWN.\n"
    "\n"
    "# The laxest mode the host boots into.\n"
    "#floor RESTRICTED\n"
    "\n"
    "# No loosening while the kernel keeps no audit trail.\n"
    "#require_audit yes\n"
    "\n"
    "# Knobs that stay until reboot, set in this mode and stricter ones.\n"
    "#one_way modules_disabled COLDROOM\n"
    "#one_way kexec_load_disabled AIRGAP\n"
    "\n"
    "# To leave a mode: approvals, seconds of cool-down, kinds of key.\n"
    "#need AIRGAP 2\n"
    "#cooldown AIRGAP 300\n"
    "#kinds AIRGAP offline\n"
    "\n"
    "# USB: the baseline's keyboards in LOCKDOWN, devices in part, hubs in a "
    "row.\n"
    "#lockdown_hid auto\n"
    "#usb_composite strict\n"
    "#usb_hub_depth 5\n";

static const char *const one_way_name[BND_ONE_WAY_KNOBS] = {
	[BND_ONE_WAY_MODULES] = "modules_disabled",
	[BND_ONE_WAY_KEXEC] = "kexec_load_disabled",
};

static const char *const keep_name[] = {
	[BND_USB_KEEP_AUTO] = "auto",
	[BND_USB_KEEP_NONE] = "none",
	[BND_USB_KEEP] = "keep",
};

const char *
bnd_usb_keep_name(enum bnd_usb_keep k)
{
	return keep_name[k];
}

bool
bnd_usb_keep_parse(struct bnd_str word, enum bnd_usb_keep *k)
{
	for (size_t i = 0; i < sizeof(keep_name) / sizeof(keep_name[0]); i++) {
		if (!bnd_str_is(word, keep_name[i]))
			continue;
		*k = (enum bnd_usb_keep)i;
		return true;
	}
	return false;
}

/* Where the parser stands, for its messages and to see repetitions. */
struct place {
	const char *name;
	unsigned line;
	const char *start; /* of the line */
	struct bnd_str rest;
	struct bnd_str word; /* the last one taken */
	struct bnd_policy *p;
	bool seen_floor, seen_audit;
	bool seen_keep, seen_composite, seen_depth;
	bool seen_need[BND_MODE_LAST + 1];
	bool seen_cooldown[BND_MODE_LAST + 1];
	bool seen_kinds[BND_MODE_LAST + 1];
};

static int
complain(const struct place *at, const char *what, struct bnd_err *err)
{
	char shown[64];

	bnd_text_show(at->word, shown, sizeof(shown));
	return bnd_fail(err, BND_E_INPUT, "%s:%u:%u: %s: \"%s\"", at->name,
	    at->line, (unsigned)(at->word.p - at->start) + 1, what, shown);
}

static int
next(struct place *at, const char *what, struct bnd_err *err)
{
	if (bnd_text_word(&at->rest, &at->word))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "%s:%u:%u: %s is missing", at->name,
	    at->line, (unsigned)(at->rest.p - at->start) + 1, what);
}

static int
take_mode(struct place *at, enum bnd_mode *mode, struct bnd_err *err)
{
	if (next(at, "a mode", err) != 0)
		return -1;
	if (!bnd_mode_parse(at->word, mode))
		return complain(at, "unknown mode", err);
	return 0;
}

/* A mode that each key may name once. */
static int
take_mode_once(
    struct place *at, bool *seen, enum bnd_mode *mode, struct bnd_err *err)
{
	if (take_mode(at, mode, err) != 0)
		return -1;
	if (seen[*mode])
		return complain(at, "named a second time", err);
	seen[*mode] = true;
	return 0;
}

static int
once(struct place *at, bool *seen, struct bnd_err *err)
{
	if (*seen)
		return complain(at, "given a second time", err);
	*seen = true;
	return 0;
}

static int
take_number(struct place *at, uint64_t min, uint64_t max, uint64_t *n,
    struct bnd_err *err)
{
	if (next(at, "a number", err) != 0)
		return -1;
	if (!bnd_text_u64(at->word, max, n) || *n < min)
		return complain(at, "not a number that is allowed here", err);
	return 0;
}

static int
key_floor(struct place *at, struct bnd_err *err)
{
	if (once(at, &at->seen_floor, err) != 0)
		return -1;
	return take_mode(at, &at->p->floor, err);
}

static int
key_require_audit(struct place *at, struct bnd_err *err)
{
	if (once(at, &at->seen_audit, err) != 0 ||
	    next(at, "yes or no", err) != 0)
		return -1;
	at->p->require_audit = bnd_str_is(at->word, "yes");
	if (!at->p->require_audit && !bnd_str_is(at->word, "no"))
		return complain(at, "neither yes nor no", err);
	return 0;
}

static int
key_one_way(struct place *at, struct bnd_err *err)
{
	if (next(at, "a knob", err) != 0)
		return -1;
	for (size_t i = 0; i < BND_ONE_WAY_KNOBS; i++) {
		if (!bnd_str_is(at->word, one_way_name[i]))
			continue;
		if (at->p->one_way[i] != BND_MODE_NONE)
			return complain(at, "named a second time", err);
		return take_mode(at, &at->p->one_way[i], err);
	}
	return complain(at, "unknown one-way knob", err);
}

static int
key_need(struct place *at, struct bnd_err *err)
{
	enum bnd_mode mode;
	uint64_t n;

	if (take_mode_once(at, at->seen_need, &mode, err) != 0 ||
	    take_number(at, 1, NEED_MAX, &n, err) != 0)
		return -1;
	at->p->need[mode] = (unsigned)n;
	return 0;
}

static int
key_cooldown(struct place *at, struct bnd_err *err)
{
	enum bnd_mode mode;

	if (take_mode_once(at, at->seen_cooldown, &mode, err) != 0)
		return -1;
	return take_number(at, 0, COOLDOWN_MAX, &at->p->cooldown_s[mode], err);
}

static int
key_kinds(struct place *at, struct bnd_err *err)
{
	enum bnd_mode mode;

	if (take_mode_once(at, at->seen_kinds, &mode, err) != 0 ||
	    next(at, "any or offline", err) != 0)
		return -1;
	at->p->offline[mode] = bnd_str_is(at->word, "offline");
	if (!at->p->offline[mode] && !bnd_str_is(at->word, "any"))
		return complain(at, "neither any nor offline", err);
	return 0;
}

static int
key_lockdown_hid(struct place *at, struct bnd_err *err)
{
	if (once(at, &at->seen_keep, err) != 0 ||
	    next(at, "auto, keep or none", err) != 0)
		return -1;
	if (!bnd_usb_keep_parse(at->word, &at->p->usb_keep))
		return complain(at, "neither auto, keep nor none", err);
	return 0;
}

static int
key_usb_composite(struct place *at, struct bnd_err *err)
{
	if (once(at, &at->seen_composite, err) != 0 ||
	    next(at, "strict or filter", err) != 0)
		return -1;
	at->p->usb_filter = bnd_str_is(at->word, "filter");
	if (!at->p->usb_filter && !bnd_str_is(at->word, "strict"))
		return complain(at, "neither strict nor filter", err);
	return 0;
}

static int
key_usb_hub_depth(struct place *at, struct bnd_err *err)
{
	uint64_t n;

	if (once(at, &at->seen_depth, err) != 0 ||
	    take_number(at, 1, HUBS_MAX, &n, err) != 0)
		return -1;
	at->p->usb_hub_depth = (unsigned)n;
	return 0;
}

static const struct {
	const char *word;
	int (*take)(struct place *at, struct bnd_err *err);
} keys[] = {
	{ "cooldown", key_cooldown },
	{ "floor", key_floor },
	{ "kinds", key_kinds },
	{ "lockdown_hid", key_lockdown_hid },
	{ "need", key_need },
	{ "one_way", key_one_way },
	{ "require_audit", key_require_audit },
	{ "usb_composite", key_usb_composite },
	{ "usb_hub_depth", key_usb_hub_depth },
};

static int
take_line(struct place *at, struct bnd_err *err)
{
	if (!bnd_text_word(&at->rest, &at->word) || at->word.p[0] == '#')
		return 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!bnd_str_is(at->word, keys[i].word))
			continue;
		if (keys[i].take(at, err) != 0)
			return -1;
		if (bnd_text_word(&at->rest, &at->word))
			return complain(at, "one word too many", err);
		return 0;
	}
	return complain(at, "unknown key", err);
}

static void
strictest(struct bnd_policy *p)
{
	*p = (struct bnd_policy){ .floor = BND_MODE_LAST,
		.require_audit = true };
	for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++) {
		p->need[m] = NEED_MAX;
		p->cooldown_s[m] = COOLDOWN_MAX;
		p->offline[m] = true;
	}
}

static int
parse_lines(struct place *at, struct bnd_str text, struct bnd_err *err)
{
	bool whole;

	while (bnd_text_line(&text, &at->rest, &whole)) {
		at->line++;
		at->start = at->rest.p;
		at->word = at->rest;
		if (!whole)
			return complain(at, "the last line has no end", err);
		if (memchr(at->rest.p, '\0', at->rest.len) != NULL)
			return complain(at, "a NUL byte", err);
		if (take_line(at, err) != 0)
			return -1;
	}
	return 0;
}

int
bnd_policy_parse(const char *name, struct bnd_str text, struct bnd_policy *p,
    struct bnd_err *err)
{
	struct place at = { .name = name, .p = p };

	*p = (struct bnd_policy){ 0 };
	if (parse_lines(&at, text, err) != 0) {
		strictest(p);
		return -1;
	}
	bnd_hash(PERSONAL, NULL, 0, text.p, text.len, p->digest);
	return 0;
}

int
bnd_policy_load(
    const struct bnd_root *root, struct bnd_policy *p, struct bnd_err *err)
{
	SCOPED_FREE char *buf = malloc(BND_POLICY_MAX);
	size_t len;

	strictest(p);
	if (buf == NULL)
		return bnd_fail_errno(err, "cannot read " BND_POLICY_PATH);
	/* The bytes that were checked are the bytes that are used. */
	if (bnd_file_read(root, BND_POLICY_PATH, 0022, buf, BND_POLICY_MAX,
		&len, err) != 0)
		return -1;
	return bnd_policy_parse(
	    "/" BND_POLICY_PATH, (struct bnd_str){ buf, len }, p, err);
}
