/* init.c: set bnd up on a host, once */
/* SPDX-License-Identifier: ISC */
/*
 * A host without an approver could never loosen, so there is no log without
 * one, and no approver whose key has not signed for this very log: a mistyped
 * key is never enrolled.  The log's id must therefore exist before the log
 * does; it waits, with those who were asked, in BND_INIT_PATH.  The pin is
 * written last and ends it: from then on the first set can only be changed by
 * a ceremony.
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "floor.h"
#include "json.h"
#include "lockout.h"
#include "pending.h"
#include "policy.h"
#include "scope.h"
#include "state.h"
#include "text.h"

#define APPROVERS_MAX_JSON 4096

/*
 * A host that was tripped before it was set up has a mode and no way down but
 * a reboot; to begin a log in OPEN would be one.
 */
int
bnd_init_possible(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, BND_STATE_PATH, O_PATH, 0, &why);

	if (bnd_log_exists(root))
		return bnd_fail(err, BND_E_DENIED,
		    "this host is set up: /" BND_LOG_PIN " exists");
	if (fd >= 0 || why.errnum != ENOENT ||
	    bnd_request_strictest(root) != BND_MODE_NONE)
		return bnd_fail(err, BND_E_DENIED,
		    "this host has a mode already; reboot it first");
	return 0;
}

static void
begin_anew(struct bnd_pending *p, const struct bnd_now *now)
{
	*p = (struct bnd_pending){ 0 };
	bnd_random(p->id, sizeof(p->id));
	memcpy(p->boot, now->boot, sizeof(p->boot));
}

/*
 * Nothing yet is a fresh start with an id of its own; so is what was asked
 * before a reboot, as a right to enrol does not stay good for ever.
 */
static int
load(const struct bnd_root *root, struct bnd_pending *p, struct bnd_err *err)
{
	char buf[BND_PENDING_MAX];
	struct bnd_err why = { 0 };
	struct bnd_now now;
	size_t len;

	*p = (struct bnd_pending){ 0 };
	if (bnd_init_possible(root, err) != 0 || bnd_clock_now(&now, err) != 0)
		return -1;
	if (bnd_file_read(
		root, BND_INIT_PATH, 0077, buf, sizeof(buf), &len, &why) != 0) {
		if (why.errnum != ENOENT)
			return bnd_fail(err, why.kind, "%s", why.text);
		begin_anew(p, &now);
		return 0;
	}
	if (bnd_pending_unpack((struct bnd_str){ buf, len }, p, &why) != 0)
		return bnd_fail(err, BND_E_CORRUPT,
		    "/" BND_INIT_PATH " is damaged; remove it to start over");
	if (strcmp(p->boot, now.boot) != 0)
		begin_anew(p, &now);
	return 0;
}

static int
save(const struct bnd_root *root, const struct bnd_pending *p,
    struct bnd_err *err)
{
	char buf[BND_PENDING_MAX];
	size_t len;

	if (bnd_pending_pack(p, buf, &len, err) != 0 ||
	    bnd_root_mkdir(root, "var/lib/bnd", 0700, err) != 0 ||
	    bnd_lockout_make(root, err) != 0)
		return -1;
	return bnd_file_replace(root, BND_INIT_PATH, buf, len, 0600, err);
}

static int
find(struct bnd_pending *p, const char *name)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (strcmp(p->a[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

/* The slot of this approver: the old one of that name, or a new one. */
static int
slot(struct bnd_pending *p, const struct bnd_approver *a, struct bnd_err *err)
{
	int i = find(p, a->name);

	for (unsigned k = 0; k < p->n; k++) {
		if ((int)k != i &&
		    bnd_same(p->a[k].pub.key, a->pub.key, BND_KEY_LEN))
			return bnd_fail(err, BND_E_INPUT,
			    "the key of %s is the key of %s", a->name,
			    p->a[k].name);
	}
	if (i >= 0)
		return i;
	if (p->n == BND_APPROVERS_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "more than %d approvers at the beginning",
		    BND_APPROVERS_MAX);
	return (int)p->n++;
}

int
bnd_init_ask(const struct bnd_root *root, const struct bnd_approver *a,
    char *text, size_t *len, struct bnd_err *err)
{
	struct bnd_pending p;
	int i;

	if (load(root, &p, err) != 0)
		return -1;
	i = slot(&p, a, err);
	if (i < 0)
		return -1;
	p.a[i] = *a;
	bnd_approver_id(a->pub.key, p.a[i].id);
	p.a[i].pop = (struct bnd_evidence){ 0 };
	p.proven[i] = false;
	if (bnd_approver_text(&p.a[i], p.id, text, len, err) != 0)
		return -1;
	return save(root, &p, err);
}

static int
default_policy(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, BND_POLICY_PATH, O_PATH, 0, &why);

	if (fd >= 0)
		return 0;
	if (why.errnum != ENOENT)
		return bnd_fail(err, why.kind, "%s", why.text);
	if (bnd_root_mkdir(root, "etc/bnd", 0755, err) != 0)
		return -1;
	return bnd_file_replace(root, BND_POLICY_PATH, bnd_policy_default,
	    strlen(bnd_policy_default), 0644, err);
}

/*
 * bnd_init_possible() was asked some syncs ago: a trip that came in since must not be
 * written over with OPEN.
 */
static enum bnd_mode
found_mode(const struct bnd_root *root)
{
	struct bnd_state s;
	struct bnd_err why = { 0 };

	if (bnd_state_load(root, &s, &why) == 0)
		return s.effective;
	if (why.errnum != ENOENT)
		return BND_LOCKDOWN;
	return bnd_mode_max(BND_OPEN, bnd_request_strictest(root));
}

/* Left as of a process that died: the next one records where it lands. */
static void
begin_stricter(struct bnd_state *s, enum bnd_mode m)
{
	uint8_t id[BND_TXN_LEN / 2];

	bnd_random(id, sizeof(id));
	bnd_text_to_hex(id, sizeof(id), s->txn);
	s->txn_pid = getpid();
	s->txn_to = m;
	s->effective = m;
	s->phase = BND_ENTERING;
}

/* OPEN is what the log begins with. */
static int
first_state(const struct bnd_root *root, const struct bnd_pending *p,
    const struct bnd_mark *mark, struct bnd_err *err)
{
	enum bnd_mode found = found_mode(root);
	struct bnd_now now;
	struct bnd_state s = { .gen = 1,
		.mode = BND_OPEN,
		.effective = BND_OPEN,
		.phase = BND_STABLE,
		.log = *mark };

	if (bnd_clock_now(&now, err) != 0 ||
	    bnd_root_mkdir(root, "run/bnd", 0755, err) != 0)
		return -1;
	memcpy(s.boot, now.boot, sizeof(s.boot));
	memcpy(s.log_id, p->id, sizeof(s.log_id));
	s.at_us = now.boot_us;
	s.offset_us = now.real_us - (int64_t)now.boot_us;
	if (found > BND_OPEN)
		begin_stricter(&s, found);
	return bnd_state_store(root, &s, err);
}

static int
begin(const struct bnd_root *root, const struct bnd_pending *p,
    struct bnd_mark *mark, struct bnd_err *err)
{
	char list[APPROVERS_MAX_JSON];
	struct bnd_genesis g = { 0 };
	struct bnd_json j;

	bnd_json_begin(&j, list, sizeof(list));
	bnd_json_open(&j, NULL, '[');
	for (unsigned i = 0; i < p->n; i++)
		bnd_approver_to_json(&p->a[i], &j, NULL);
	bnd_json_close(&j, ']');
	if (!bnd_json_end(&j))
		return bnd_fail(err, BND_E_INPUT, "too many approvers");
	memcpy(g.id, p->id, sizeof(g.id));
	g.approvers = (struct bnd_str){ list, j.len };
	if (bnd_floor_make(root, err) != 0 || default_policy(root, err) != 0 ||
	    bnd_log_init(root, &g, mark, err) != 0 ||
	    first_state(root, p, mark, err) != 0)
		return -1;
	return bnd_file_unlink(root, BND_INIT_PATH, err);
}

int
bnd_init_prove(const struct bnd_root *root, const struct bnd_approver *a,
    bool *done, struct bnd_mark *mark, struct bnd_err *err)
{
	struct bnd_pending p;
	int i;

	*done = false;
	if (load(root, &p, err) != 0)
		return -1;
	i = find(&p, a->name);
	if (i < 0 || !bnd_same(p.a[i].pub.key, a->pub.key, BND_KEY_LEN))
		return bnd_fail(err, BND_E_DENIED,
		    "%s was not asked to sign for this key", a->name);
	p.a[i].pop = a->pop;
	if (bnd_approver_check(&p.a[i], p.id, err) != 0)
		return -1;
	p.proven[i] = true;
	if (save(root, &p, err) != 0)
		return -1;
	for (unsigned k = 0; k < p.n; k++) {
		if (!p.proven[k])
			return 0;
	}
	*done = true;
	return begin(root, &p, mark, err);
}
