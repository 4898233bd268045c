/* verify-approvals.c: who allowed what, told record by record */
/* SPDX-License-Identifier: ISC */
/*
 * What is printed here comes from the rules' own reading of the chain
 * (ledger.h): no approver is named whose signature was not verified in the
 * very reading that names him.
 */
#include "verify-approvals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "json.h"
#include "ledger.h"
#include "text.h"

#define DEED_MAX 4096 /* of one as JSON; 8 approvers and a reason fit */

struct teller {
	uint64_t last; /* no record behind it */
	bool json;
	unsigned told;
	bool lost; /* one that did not fit */
};

static int64_t
wall_clock(const struct bnd_ledger *l)
{
	return (int64_t)l->boot_us + l->offset_us;
}

/* ---- for people ---- */

static void
say_signer(const struct bnd_signer *s)
{
	if (strcmp(s->name, s->person) == 0)
		printf("%s (%s)", s->name, bnd_key_kind_name(s->kind));
	else
		printf("%s (%s, of %s)", s->name, bnd_key_kind_name(s->kind),
		    s->person);
}

static void
say_what(const struct bnd_deed *d)
{
	switch (d->action) {
	case BND_ACTION_LOOSEN:
		printf(
		    "%s to %s", bnd_mode_name(d->from), bnd_mode_name(d->to));
		return;
	case BND_ACTION_ENROLL:
	case BND_ACTION_REVOKE:
		say_signer(&d->whom);
		printf(
		    d->action == BND_ACTION_ENROLL ? " enrolled" : " revoked");
		return;
	case BND_ACTION_UNFREEZE:
		printf("unfrozen");
		return;
	case BND_ACTION_SUCCEED:
		printf("took over from an older log");
		return;
	case BND_ACTION_DRILL:
	case BND_ACTION_NONE:
		break;
	}
	printf("%s", bnd_action_name(d->action));
}

static void
say_deed(const struct bnd_deed *d, int64_t real_us)
{
	const struct bnd_consent *by = &d->by;
	char t[BND_TIME_LEN + 1], reason[4 * BND_CHALLENGE_REASON + 1];

	bnd_clock_format(real_us, t);
	printf("record %" PRIu64 ", %s: ", d->seq, t);
	say_what(d);
	printf(", allowed by %s", by->n == 0 ? "nobody" : "");
	for (unsigned i = 0; i < by->n; i++) {
		if (i > 0)
			printf(" and ");
		say_signer(&by->by[i]);
	}
	bnd_text_show((struct bnd_str){ by->reason, strlen(by->reason) },
	    reason, sizeof(reason));
	if (reason[0] != '\0')
		printf("; reason: %s", reason);
	printf("\n");
}

static void
say_key(const struct bnd_approver *a, const struct bnd_key_use *use)
{
	struct bnd_signer s;
	char t[BND_TIME_LEN + 1];

	bnd_signer_of(a, &s);
	bnd_clock_format(use->worked_us, t);
	say_signer(&s);
	printf(": enrolled by record %" PRIu64 ", last worked in record "
	       "%" PRIu64 ", %s\n",
	    use->enrolled, use->worked, t);
}

/* ---- for programs ---- */

static void
put_time(struct bnd_json *j, int64_t real_us)
{
	char t[BND_TIME_LEN + 1];

	bnd_clock_format(real_us, t);
	bnd_json_str(j, "t", t);
}

static void
put_signer(struct bnd_json *j, const struct bnd_signer *s)
{
	bnd_json_str(j, "name", s->name);
	bnd_json_str(j, "person", s->person);
	bnd_json_str(j, "kind", bnd_key_kind_name(s->kind));
}

static void
put_consent(struct bnd_json *j, const struct bnd_consent *by)
{
	char auth[2 * BND_CHALLENGE_ID_LEN + 1];

	if (by->given) {
		bnd_text_to_hex(by->auth, sizeof(by->auth), auth);
		bnd_json_str(j, "auth", auth);
		bnd_json_str(j, "reason", by->reason);
	} else {
		bnd_json_null(j, "auth");
		bnd_json_null(j, "reason");
	}
	bnd_json_open(j, "by", '[');
	for (unsigned i = 0; i < by->n; i++) {
		bnd_json_open(j, NULL, '{');
		put_signer(j, &by->by[i]);
		bnd_json_close(j, '}');
	}
	bnd_json_close(j, ']');
}

static void
put_deed(struct bnd_json *j, const struct bnd_deed *d, int64_t real_us)
{
	bnd_json_int(j, "seq", (int64_t)d->seq);
	put_time(j, real_us);
	bnd_json_str(j, "action", bnd_action_name(d->action));
	bnd_json_str(j, "from", bnd_mode_name(d->from));
	bnd_json_str(j, "to", bnd_mode_name(d->to));
	if (d->whom.name[0] != '\0') {
		bnd_json_open(j, "whom", '{');
		put_signer(j, &d->whom);
		bnd_json_close(j, '}');
	} else
		bnd_json_null(j, "whom");
	put_consent(j, &d->by);
}

static void
put_key(struct bnd_json *j, const struct bnd_approver *a,
    const struct bnd_key_use *use)
{
	char id[2 * BND_APPROVER_ID_LEN + 1];
	struct bnd_signer s;

	bnd_signer_of(a, &s);
	bnd_text_to_hex(a->id, sizeof(a->id), id);
	bnd_json_str(j, "id", id);
	put_signer(j, &s);
	bnd_json_int(j, "enrolled", (int64_t)use->enrolled);
	bnd_json_int(j, "worked", (int64_t)use->worked);
	put_time(j, use->worked_us);
}

static bool
print_object(struct bnd_json *j, const char *buf, bool first)
{
	bnd_json_close(j, '}');
	if (!bnd_json_end(j))
		return false;
	printf("%s%s", first ? "" : ",", buf);
	return true;
}

/* ---- both ---- */

static void
tell_deed(
    void *arg, uint64_t seq, struct bnd_str line, const struct bnd_ledger *l)
{
	struct teller *t = arg;
	char buf[DEED_MAX];
	struct bnd_json j;

	(void)line;
	if (seq == 0 || seq > t->last || l->deed.seq != seq)
		return;
	if (!t->json) {
		say_deed(&l->deed, wall_clock(l));
		return;
	}
	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	put_deed(&j, &l->deed, wall_clock(l));
	t->lost |= !print_object(&j, buf, t->told++ == 0);
}

static void
tell_keys(struct teller *t, const struct bnd_ledger *l)
{
	char buf[DEED_MAX];
	struct bnd_json j;

	for (unsigned i = 0; i < l->approvers; i++) {
		if (!t->json) {
			say_key(&l->approver[i], &l->use[i]);
			continue;
		}
		bnd_json_begin(&j, buf, sizeof(buf));
		bnd_json_open(&j, NULL, '{');
		put_key(&j, &l->approver[i], &l->use[i]);
		t->lost |= !print_object(&j, buf, i == 0);
	}
}

int
verify_approvals(const struct bnd_verify *in, const struct bnd_verdict *v,
    bool json, struct bnd_err *err)
{
	struct teller t = { .last = v->last.seq, .json = json };
	struct bnd_verify again = *in;
	struct bnd_verdict unused;

	again.sink = (struct bnd_sink){ NULL, NULL };
	again.reader = (struct bnd_reader){ tell_deed, &t };
	if (json)
		printf("\"approvals\":[");
	if (v->records > 0 && bnd_verify(&again, &unused, err) != 0)
		return -1;
	if (json)
		printf("],\"keys\":[");
	tell_keys(&t, &v->ledger);
	if (json)
		printf("]");
	if (t.lost)
		return bnd_fail(err, BND_E_SYS, "cannot print: too long");
	return 0;
}
