/* pam-ceremony.c: a ceremony in one conversation, up to its quorum */
/* SPDX-License-Identifier: ISC */
/*
 * What happens here proves nothing: approvals go onto the chain, and mode-set
 * judges the chain whatever PAM returned.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "ceremony-look.h"
#include "audit.h"
#include "ceremony.h"
#include "evidence.h"
#include "pam-talk.h"
#include "passphrase.h"
#include "scope.h"
#include "sign.h"

#define PHRASE_TRIES 3
#define MISSES_MAX   5
#define PROMPTS_MAX  128 /* a pipe that answers for ever ends here */

/* One conversation; in secret memory because of the answer. */
struct talk {
	const struct pam_asked *q;
	struct bnd_view v;
	unsigned misses, told;
	char answer[BND_RELAY_TEXT + 1];
	size_t len;
};

static void
end_talk(struct talk **t)
{
	if (*t != NULL)
		bnd_secret_free(*t, sizeof(**t));
}
#define SCOPED_TALK __attribute__((cleanup(end_talk)))

static enum bnd_ruling
fail(enum bnd_ruling ruling, const char *why)
{
	pam_tell(BND_SAY_ERROR, "%s", why);
	pam_log("ceremony: %s", why);
	return ruling;
}

static void
audit(const struct pam_asked *q, enum bnd_audit_login what, bool good)
{
	const struct bnd_audit_who who = { .what = what,
		.op = "bnd-ceremony",
		.service = q->service != NULL ? q->service : "-",
		.user = q->user != NULL ? q->user : "-",
		.tty = q->tty,
		.success = good };
	struct bnd_err err = { 0 };

	if (bnd_audit_login(&who, &err) < 0)
		pam_log("%s", err.text);
}

/* The kernel's word for it that somebody can sit there: no variable, no name. */
static bool
has_terminal(void)
{
	SCOPED_FD int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd >= 0;
}

static bool
is_met(const struct bnd_view *v)
{
	return v->is_open && !v->expired && v->have >= v->c.need;
}

/* OK to go on; else why not. */
static enum bnd_ruling
look(struct talk *t)
{
	struct bnd_err err = { 0 };

	if (bnd_ceremony_look(&t->q->root, &t->v, &err) != 0)
		return fail(BND_RULING_TROUBLE, err.text);
	if (!t->v.is_open)
		return fail(BND_RULING_UNAVAILABLE, "no ceremony is open");
	if (t->v.expired)
		return fail(BND_RULING_DENIED, "the ceremony has run out");
	return BND_RULING_OK;
}

static void
show(const struct bnd_view *v)
{
	struct bnd_str rest = { v->text, v->len }, line;
	bool whole;

	while (bnd_text_line(&rest, &line, &whole))
		pam_tell(BND_SAY_INFO, "%.*s", (int)line.len, line.p);
}

static enum bnd_ruling
ask_phrase(struct talk *t)
{
	char phrase[BND_CHALLENGE_PHRASE];

	bnd_challenge_phrase(
	    &t->v.c, (struct bnd_str){ t->v.text, t->v.len }, phrase);
	for (int i = 0; i < PHRASE_TRIES; i++) {
		if (pam_ask(BND_SAY_ECHO, t->answer, &t->len,
			"Type \"%s\": ", phrase) != 0)
			return BND_RULING_UNAVAILABLE;
		if (strcmp(t->answer, phrase) == 0)
			return BND_RULING_OK;
	}
	return fail(BND_RULING_MAXTRIES, "that is not what was to be typed");
}

/* ---- approvals ---- */

/* A wait that outlasts the ceremony is the end of it. */
static void
count_miss(struct talk *t, const struct bnd_err *err, uint64_t wait_s)
{
	t->misses++;
	if (wait_s == 0) {
		pam_tell(BND_SAY_ERROR, "%s", err->text);
		return;
	}
	pam_tell(BND_SAY_ERROR,
	    "too many wrong passphrases: wait %" PRIu64 " s", wait_s);
	audit(t->q, BND_AUDIT_FAILURES, false);
	audit(t->q, BND_AUDIT_LOCK, true);
	if (wait_s >= t->v.left_s)
		t->misses = MISSES_MAX;
}

/* A name nobody has is asked like one somebody has. */
static int
by_passphrase(struct talk *t, const char *name)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_err err = { 0 };
	uint64_t wait_s = 0;

	memcpy(id, t->v.id, sizeof(id));
	if (pam_ask(BND_SAY_SECRET, t->answer, &t->len,
		"Passphrase of %s: ", name) != 0)
		return -1;
	if (t->len == 0)
		return 0;
	pam_tell(BND_SAY_NOTE, "checking, this takes a moment");
	if (bnd_passphrase_approve(
		&t->q->root, id, name, t->answer, t->len, &wait_s, &err) != 0)
		count_miss(t, &err, wait_s);
	bnd_wipe(t->answer, sizeof(t->answer));
	return 0;
}

static int
by_signature(struct talk *t, const struct bnd_approver *a)
{
	struct bnd_evidence e;
	struct bnd_err err = { 0 };

	if (pam_ask(BND_SAY_ECHO, t->answer, &t->len,
		"Signature of %s (%s, one line): ", a->name,
		bnd_key_kind_name(a->pub.kind)) != 0)
		return -1;
	if (t->len == 0)
		return 0;
	if (bnd_evidence_parse(&a->pub, (struct bnd_str){ t->answer, t->len },
		&e, &err) != 0 ||
	    bnd_ceremony_approve(&t->q->root, t->v.id, a->name, &e, &err) != 0)
		count_miss(t, &err, 0);
	return 0;
}

/* -1 when nobody answers any more. */
static int
ask_approver(struct talk *t)
{
	char name[BND_NAME_MAX + 1];

	if (pam_ask(BND_SAY_ECHO, t->answer, &t->len,
		"Approver (%u of %u persons; empty to look again): ", t->v.have,
		t->v.c.need) != 0)
		return -1;
	if (t->len == 0)
		return 0;
	if (!bnd_name_is_valid((struct bnd_str){ t->answer, t->len }) ||
	    !bnd_str_copy(
		(struct bnd_str){ t->answer, t->len }, name, sizeof(name))) {
		pam_tell(BND_SAY_ERROR, "that is no approver's name");
		return 0;
	}
	for (unsigned i = 0; i < t->v.n; i++) {
		const struct bnd_approver *a = &t->v.approver[i];

		if (strcmp(a->name, name) != 0)
			continue;
		if (t->v.approved[i]) {
			pam_tell(BND_SAY_INFO, "%s has approved", name);
			return 0;
		}
		if (a->pub.kind != BND_KEY_PASSPHRASE)
			return by_signature(t, a);
	}
	return by_passphrase(t, name);
}

static enum bnd_ruling
gather(struct talk *t)
{
	for (unsigned i = 0; i < PROMPTS_MAX; i++) {
		enum bnd_ruling ruling = look(t);

		if (ruling != BND_RULING_OK)
			return ruling;
		if (t->v.have != t->told)
			pam_tell(BND_SAY_INFO, "%u of %u persons", t->v.have,
			    t->v.c.need);
		t->told = t->v.have;
		if (is_met(&t->v))
			return BND_RULING_OK;
		if (t->misses >= MISSES_MAX)
			break;
		if (ask_approver(t) != 0)
			return BND_RULING_UNAVAILABLE;
	}
	return fail(BND_RULING_MAXTRIES, "too many tries");
}

static enum bnd_ruling
authenticate(struct talk *t)
{
	enum bnd_ruling ruling;

	if (!has_terminal())
		return fail(
		    BND_RULING_UNAVAILABLE, "a ceremony needs a terminal");
	ruling = look(t);
	if (ruling != BND_RULING_OK)
		return ruling;
	show(&t->v);
	ruling = ask_phrase(t);
	return ruling == BND_RULING_OK ? gather(t) : ruling;
}

/* Whatever was said before: what stands on the chain now. */
static enum bnd_ruling
demand_quorum(struct talk *t)
{
	struct bnd_err err = { 0 };

	if (bnd_ceremony_look(&t->q->root, &t->v, &err) != 0)
		return fail(BND_RULING_TROUBLE, err.text);
	return is_met(&t->v) ? BND_RULING_OK : BND_RULING_DENIED;
}

enum bnd_ruling
pam_ceremony(const struct pam_asked *q)
{
	struct bnd_err err = { 0 };
	SCOPED_TALK struct talk *t = bnd_secret_new(sizeof(*t), &err);
	enum bnd_ruling ruling;

	if (t == NULL)
		return fail(BND_RULING_TROUBLE, err.text);
	t->q = q;
	switch (q->phase) {
	case PAM_PHASE_AUTH:
		ruling = authenticate(t);
		audit(q, BND_AUDIT_AUTH, ruling == BND_RULING_OK);
		return ruling;
	case PAM_PHASE_SETCRED:
		return demand_quorum(t);
	case PAM_PHASE_ACCOUNT:
		ruling = demand_quorum(t);
		audit(q, BND_AUDIT_ACCT, ruling == BND_RULING_OK);
		return ruling;
	case PAM_PHASE_OPEN:
	case PAM_PHASE_CLOSE:
		return BND_RULING_OK;
	case PAM_PHASE_NONE:
	default:
		return BND_RULING_TROUBLE;
	}
}
