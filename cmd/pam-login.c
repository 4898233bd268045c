/* pam-login.c: the login and su rows of bnd(7), and the mode shown */
/* SPDX-License-Identifier: ISC */
/*
 * MUSTs of this file:
 *
 *  1. An unusable state is LOCKDOWN; any other trouble is "no", but for root
 *     and bnd-rescue on a console, who are the way back.
 *  2. Who asks for privilege is whoever started the program and whoever it
 *     says did; the one he wants to become says nothing about him.
 *  3. What bnd(7) calls recorded is recorded, or it does not happen.
 *  4. Nothing here loosens: a session may tighten, its end does nothing.
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "gate.h"
#include "json.h"
#include "log.h"
#include "pam-ration.h"
#include "pam-talk.h"
#include "policy.h"
#include "proc.h"
#include "state.h"
#include "tty.h"

#define RESCUE	   "bnd-rescue"
#define GROUPS_MAX 256
#define BODY_MAX   3072
#define LOG_MS	   1000
#define TIGHTEN_MS 20000

static const char mode_set[] = BND_SBIN "/mode-set";

/* One call, as far as it is known. */
struct login {
	const struct pam_asked *q;
	struct bnd_state state;
	enum bnd_gate_kind kind;
	bool console;
};

/* ---- who and where ---- */

static bool
is_member(const struct passwd *pw, const char *name)
{
	const struct group *g = getgrnam(name);
	gid_t id, list[GROUPS_MAX];
	int n = GROUPS_MAX;

	if (g == NULL)
		return false;
	id = g->gr_gid;
	if (getgrouplist(pw->pw_name, pw->pw_gid, list, &n) < 0)
		return false;
	for (int i = 0; i < n; i++) {
		if (list[i] == id)
			return true;
	}
	return false;
}

static bool
is_trusted(const struct passwd *pw)
{
	return pw != NULL && (pw->pw_uid == 0 || is_member(pw, RESCUE));
}

static bool
is_approver(const struct login *l)
{
	const struct pam_asked *q = l->q;

	if (l->kind != BND_GATE_PRIVILEGE)
		return q->user != NULL && is_trusted(getpwnam(q->user));
	if (!is_trusted(getpwuid(q->ruid)) ||
	    (q->ruser != NULL && !is_trusted(getpwnam(q->ruser))))
		return false;
	return bnd_gate_names_target(q->service) ||
	    (q->user != NULL && is_trusted(getpwnam(q->user)));
}

/*
 * The name of a device is the application's word.  The controlling terminal is
 * the kernel's, and for privilege there must be one: su on an idle console's
 * device from elsewhere is not on a console.
 */
static bool
is_console(const struct pam_asked *q, enum bnd_gate_kind kind)
{
	dev_t ctty;

	/* login of Debian 12 sets an empty PAM_RHOST where nobody is remote. */
	if ((q->rhost != NULL && q->rhost[0] != '\0') || q->tty == NULL ||
	    !bnd_tty_is_console(&q->root, q->tty) ||
	    bnd_tty_controlling(&ctty) != 0)
		return false;
	if (ctty == 0)
		return kind != BND_GATE_PRIVILEGE;
	return bnd_tty_is_console_dev(ctty);
}

/* ---- records ---- */

static const char *
or_dash(const char *s)
{
	return s != NULL ? s : "-";
}

static int
audit(const struct login *l, enum bnd_audit_login what, bool good)
{
	const struct bnd_audit_who who = { .what = what,
		.op = "bnd-login",
		.service = or_dash(l->q->service),
		.user = or_dash(l->q->user),
		.rhost = l->q->rhost,
		.tty = l->q->tty,
		.success = good };
	struct bnd_err err = { 0 };
	int rc = bnd_audit_login(&who, &err);

	if (rc < 0)
		pam_log("%s", err.text);
	return rc;
}

/* The log's key is in this process alone, never in the one that logs in. */
static int
record(const struct login *l, const char *ev, uint32_t left_out)
{
	const struct pam_asked *q = l->q;
	struct bnd_event event = { .prog = "pam-helper",
		.ev = ev,
		.need = BND_LOG_SPOOL_OK,
		.deadline_ms = LOG_MS };
	struct bnd_err err = { 0 };
	struct bnd_mark mark;
	char body[BODY_MAX];
	struct bnd_json j;

	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "service", or_dash(q->service));
	bnd_json_str(&j, "user", or_dash(q->user));
	bnd_json_str(&j, "ruser", or_dash(q->ruser));
	bnd_json_int(&j, "ruid", q->ruid);
	bnd_json_str(&j, "rhost", or_dash(q->rhost));
	bnd_json_str(&j, "tty", or_dash(q->tty));
	bnd_json_bool(&j, "console", l->console);
	bnd_json_str(&j, "mode", bnd_mode_name(l->state.effective));
	if (left_out != 0)
		bnd_json_int(&j, "left_out", left_out);
	bnd_json_close(&j, '}');
	event.body = (struct bnd_str){ body, j.len };
	if (!bnd_json_end(&j))
		return -1;
	if (bnd_log_append(&q->root, &event, &mark, &err) == 0)
		return 0;
	pam_log("cannot record in the log: %s", err.text);
	return -1;
}

/* ---- account ---- */

static bool
lacks_audit(const struct login *l, int audited)
{
	struct bnd_policy p;
	struct bnd_err err = { 0 };

	if (audited == 0)
		return false;
	/* A policy that cannot be read asks for everything. */
	return bnd_policy_load(&l->q->root, &p, &err) != 0 || p.require_audit;
}

/* By who asks: whom he wants to become is his to vary. */
static void
record_denial(const struct login *l)
{
	const struct pam_asked *q = l->q;
	char who[2 * BND_RELAY_TEXT];
	uint32_t left_out;

	(void)snprintf(who, sizeof(who), "%u %s %s", (unsigned)q->ruid,
	    or_dash(q->ruser),
	    bnd_gate_names_target(q->service) ? "-" : or_dash(q->user));
	if (l->state.gen != 0 && pam_ration(&q->root, who, &left_out))
		(void)record(l, "login.deny", left_out);
}

static enum bnd_ruling
deny(const struct login *l, const char *why)
{
	const struct pam_asked *q = l->q;

	(void)audit(l, BND_AUDIT_ACCT, false);
	record_denial(l);
	pam_log("%s: %s refused in %s: %s", or_dash(q->service),
	    or_dash(q->user), bnd_mode_name(l->state.effective), why);
	pam_tell(BND_SAY_ERROR, "bnd: refused, the mode is %s: %s",
	    bnd_mode_name(l->state.effective), why);
	return BND_RULING_DENIED;
}

static enum bnd_ruling
allow(const struct login *l, bool recorded)
{
	int audited = audit(l, BND_AUDIT_ACCT, true);
	const char *lacks = NULL;

	if (recorded && record(l, "login.allow", 0) != 0 && audited != 0)
		lacks = "it cannot be recorded";
	else if (lacks_audit(l, audited))
		lacks = "the audit trail is required and not there";
	if (lacks == NULL || (l->console && is_approver(l)))
		return BND_RULING_OK;
	return deny(l, lacks);
}

static enum bnd_ruling
account(const struct login *l)
{
	const bool privilege = l->kind == BND_GATE_PRIVILEGE;

	switch (bnd_gate(l->kind, l->state.effective, l->console)) {
	case BND_GATE_ALLOW:
		return allow(l, false);
	case BND_GATE_RECORD:
		return allow(l, true);
	case BND_GATE_APPROVERS:
		if (!is_approver(l))
			return deny(l, "for root and " RESCUE " only");
		return allow(l, privilege);
	case BND_GATE_DENY:
	default:
		return deny(
		    l, privilege ? "on a console only" : "no remote login");
	}
}

/* ---- session ---- */

static bool
concerns(const struct bnd_tighten *t, const char *user)
{
	const struct passwd *pw;

	if (t->who[0] == '\0')
		return true;
	/* Whoever cannot be told is concerned: tightening is the safe side. */
	if (user == NULL)
		return true;
	if (!t->group)
		return strcmp(user, t->who) == 0;
	pw = getpwnam(user);
	return pw == NULL || is_member(pw, t->who);
}

static int
tighten(const struct login *l, enum bnd_mode m)
{
	const char *argv[] = { mode_set, "--at-least", bnd_mode_name(m), NULL,
		l->q->arg.root, NULL };
	char out[256];
	struct bnd_proc p = { .path = mode_set,
		.argv = argv,
		.deadline_ms = TIGHTEN_MS,
		.out = out,
		.out_size = sizeof(out) };
	struct bnd_err err = { 0 };

	if (l->q->arg.root != NULL)
		argv[3] = "--root";
	if (bnd_proc_run(&p, &err) != 0)
		pam_log("%s", err.text);
	else if (p.status != 0)
		pam_log("mode-set --at-least %s exits %d: %s", bnd_mode_name(m),
		    p.status, p.errtext);
	else
		return 0;
	pam_tell(BND_SAY_ERROR, "bnd: cannot tighten to %s", bnd_mode_name(m));
	return -1;
}

static enum bnd_ruling
open_session(struct login *l)
{
	const struct bnd_pamarg *arg = &l->q->arg;
	enum bnd_mode want = BND_MODE_NONE;
	struct bnd_err err = { 0 };
	int rc = 0;

	for (unsigned i = 0; i < arg->n; i++) {
		if (concerns(&arg->tighten[i], l->q->user))
			want = bnd_mode_max(want, arg->tighten[i].mode);
	}
	if (want > l->state.effective) {
		rc = tighten(l, want);
		if (bnd_state_load(&l->q->root, &l->state, &err) != 0)
			pam_log("taken for LOCKDOWN: %s", err.text);
	}
	if (l->kind == BND_GATE_LOGIN)
		pam_tell(BND_SAY_NOTE, "bnd: the mode is %s",
		    bnd_mode_name(l->state.effective));
	(void)audit(l, BND_AUDIT_START, rc == 0);
	return rc == 0 ? BND_RULING_OK : BND_RULING_TROUBLE;
}

enum bnd_ruling
pam_login(const struct pam_asked *q)
{
	struct login l = { .q = q };
	struct bnd_err err = { 0 };

	if (q->service == NULL)
		return BND_RULING_TROUBLE;
	l.kind = bnd_gate_kind(q->service);
	l.console = is_console(q, l.kind);
	if (bnd_state_load(&q->root, &l.state, &err) != 0)
		pam_log("taken for LOCKDOWN: %s", err.text);
	switch (q->phase) {
	case PAM_PHASE_ACCOUNT:
		return account(&l);
	case PAM_PHASE_OPEN:
		return open_session(&l);
	case PAM_PHASE_CLOSE:
		(void)audit(&l, BND_AUDIT_END, true);
		return BND_RULING_OK;
	case PAM_PHASE_AUTH:
	case PAM_PHASE_SETCRED:
	case PAM_PHASE_NONE:
	default:
		pam_log("login is for account and session, not for auth");
		return BND_RULING_DENIED;
	}
}
