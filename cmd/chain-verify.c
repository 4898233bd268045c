/* chain-verify.c: judge an event log, say what was found, write nothing */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "finding.h"
#include "opt.h"
#include "scope.h"
#include "text.h"
#include "verify-approvals.h"
#include "verify.h"

#define KEPT_MAX     256 /* findings told; more are counted */
#define JSON_MAX     (KEPT_MAX * 512 + 4096)
#define STATE_LAG_NS 300000000L
#define SEQ_MAX	     ((UINT64_C(1) << 53) - 1)

enum {
	O_APPROVALS = OPT_ID_OWN,
	O_COPY,
	O_EXPECT,
	O_HEAD,
	O_LOG,
	O_PIN,
	O_PREVIOUS,
	O_STATE,
	O_STRICT,
	O_STRUCTURE,
	O_TAIL,
};

static const struct opt opts[] = {
	OPT_COMMON,
	{ "approvals", 'a', NULL, "print who allowed what, and the keys",
	    OPT_ANY, O_APPROVALS },
	{ "copy", 'c', NULL, "a copy: without head, of any owner", OPT_ANY,
	    O_COPY },
	{ "expect", 'e', "SEQ:LINK...", "record SEQ must have this link",
	    OPT_ANY, O_EXPECT },
	{ "head", 0, NULL, "print the last record's place, to expect later",
	    OPT_ANY, O_HEAD },
	{ "json", 'j', NULL, "print the verdict as JSON", OPT_ANY,
	    OPT_ID_JSON },
	{ "log", 'l', "DIR", "the log's directory", OPT_ANY, O_LOG },
	{ "pin", 'p', "FILE", "the pin, the operator's own copy", OPT_ANY,
	    O_PIN },
	{ "previous", 0, "DIR", "the log that this one succeeds", OPT_ANY,
	    O_PREVIOUS },
	{ "quiet", 'q', NULL, "say it by the exit status alone", OPT_ANY,
	    OPT_ID_QUIET },
	{ "root", 'R', "DIR", "verify what is below DIR instead of /", OPT_ANY,
	    OPT_ID_ROOT },
	{ "state", 's', "FILE", "the published state must agree", OPT_ANY,
	    O_STATE },
	{ "strict", 0, NULL, "a note is a finding too", OPT_ANY, O_STRICT },
	{ "structure-only", 0, NULL, "leave the signatures out", OPT_ANY,
	    O_STRUCTURE },
	{ "tail", 'n', "N", "print the last N verified records", OPT_ANY,
	    O_TAIL },
	{ NULL, 0, NULL, NULL, OPT_ANY, 0 },
};

static const struct opt_spec spec = {
	.prog = "chain-verify",
	.synopsis = "chain-verify [-acjq] [--head] [--strict] "
		    "[--structure-only] [-e SEQ:LINK] [-l DIR] [-n N] "
		    "[-p FILE] [--previous DIR] [-R DIR] [-s FILE]",
	.about = "Judge the event log: 0 only if every byte is proven and "
		 "nothing is missing.",
	.opts = opts,
};

/* What was found, as far as it is told. */
struct kept {
	struct bnd_finding f[KEPT_MAX];
	unsigned n, more;
	bool strict;
};

static void
keep(void *arg, const struct bnd_finding *f)
{
	struct kept *k = arg;

	if (k->n < KEPT_MAX)
		k->f[k->n++] = *f;
	else
		k->more++;
}

/* ---- arguments ---- */

/* "SEQ:LINK", as --head prints it. */
static int
read_anchor(const char *arg, struct bnd_anchor *a, struct bnd_err *err)
{
	const char *colon = strchr(arg, ':');
	struct bnd_str seq = { arg, colon != NULL ? (size_t)(colon - arg) : 0 };

	if (colon == NULL || !bnd_text_u64(seq, SEQ_MAX, &a->seq) ||
	    !bnd_text_from_b64((struct bnd_str){ colon + 1, strlen(colon + 1) },
		a->link, sizeof(a->link)))
		return bnd_fail(
		    err, BND_E_INPUT, "not SEQ:LINK of a record: %.80s", arg);
	return 0;
}

static int
read_anchors(
    const struct opt_args *args, struct bnd_anchor *a, struct bnd_err *err)
{
	for (unsigned i = 0; i < args->many_n; i++)
		if (read_anchor(args->many[i], &a[i], err) != 0)
			return -1;
	return 0;
}

static int
read_tail(const struct opt_args *args, uint64_t *n, struct bnd_err *err)
{
	const char *s = args->value[O_TAIL];

	*n = 0;
	if (s != NULL &&
	    !bnd_text_u64((struct bnd_str){ s, strlen(s) }, SEQ_MAX, n))
		return bnd_fail(
		    err, BND_E_INPUT, "not a number of records: %.40s", s);
	return 0;
}

/* ---- the verdict for people ---- */

static void
say_finding(const struct bnd_finding *f)
{
	char place[80] = "", seq[40] = "";

	if (f->placed)
		snprintf(place, sizeof(place), "%06u.jsonl, byte %" PRIu64 ": ",
		    f->file, f->offset);
	if (f->has_seq)
		snprintf(seq, sizeof(seq), "record %" PRIu64 ": ", f->seq);
	cmd_warn("%s%s%s: %s", place, seq, bnd_code_name(f->code), f->detail);
}

static void
say_findings(const struct kept *k)
{
	for (unsigned i = 0; i < k->n; i++)
		say_finding(&k->f[i]);
	if (k->more > 0)
		cmd_warn("and %u findings more", k->more);
}

static void
say_verdict(const struct bnd_verdict *v)
{
	printf("%s: ", bnd_exit_name(v->exit));
	if (v->records == 0)
		printf("no record\n");
	else
		printf("%" PRIu64 " records, mode %s, generation %" PRIu64
		       ", %u approvers, %u loosenings\n",
		    v->records, bnd_mode_name(v->ledger.mode), v->ledger.gen,
		    v->ledger.approvers, v->ledger.loosenings);
}

/* ---- the verdict for programs ---- */

static void
put_finding(struct bnd_json *j, const struct bnd_finding *f, bool strict)
{
	char file[24];

	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "code", bnd_code_name(f->code));
	bnd_json_str(j, "level", bnd_code_is_note(f->code) ? "note" : "fail");
	bnd_json_int(j, "exit", bnd_code_exit(f->code, strict));
	if (f->placed) {
		snprintf(file, sizeof(file), "%06u.jsonl", f->file);
		bnd_json_str(j, "file", file);
		bnd_json_int(j, "offset", (int64_t)f->offset);
	}
	if (f->has_seq)
		bnd_json_int(j, "seq", (int64_t)f->seq);
	bnd_json_str(j, "detail", f->detail);
	bnd_json_close(j, '}');
}

static void
put_place(struct bnd_json *j, const struct bnd_verdict *v)
{
	const struct bnd_ledger *l = &v->ledger;

	if (v->records == 0) {
		bnd_json_null(j, "log");
		bnd_json_null(j, "first");
		bnd_json_null(j, "last");
		bnd_json_null(j, "link");
		bnd_json_null(j, "nk");
		return;
	}
	bnd_json_b64(j, "log", v->log_id, sizeof(v->log_id));
	bnd_json_int(j, "first", 0);
	bnd_json_int(j, "last", (int64_t)v->last.seq);
	bnd_json_b64(j, "link", v->last.link, sizeof(v->last.link));
	bnd_json_b64(j, "nk", v->nk, sizeof(v->nk));
	bnd_json_str(j, "mode", bnd_mode_name(l->mode));
	bnd_json_int(j, "gen", (int64_t)l->gen);
	bnd_json_int(j, "approvers", l->approvers);
	bnd_json_int(j, "loosenings", l->loosenings);
}

static int
verdict_json(const struct bnd_verdict *v, const struct kept *k, char *buf,
    struct bnd_err *err)
{
	struct bnd_json j;

	bnd_json_begin(&j, buf, JSON_MAX);
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "bndlog", 1);
	bnd_json_str(&j, "verdict", bnd_exit_name(v->exit));
	bnd_json_int(&j, "exit", v->exit);
	put_place(&j, v);
	bnd_json_str(&j, "head", v->head == BND_HEAD_LIVE ? "live" : "absent");
	bnd_json_str(&j, "granularity", "record");
	bnd_json_open(&j, "findings", '[');
	for (unsigned i = 0; i < k->n; i++)
		put_finding(&j, &k->f[i], k->strict);
	bnd_json_close(&j, ']');
	if (k->more > 0)
		bnd_json_int(&j, "more", k->more);
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j))
		return bnd_fail(err, BND_E_SYS, "cannot print: too long");
	return 0;
}

/* Who allowed what may be much: it is streamed, in front of the last brace. */
static int
print_json(const struct opt_args *args, const struct bnd_verify *in,
    const struct bnd_verdict *v, const struct kept *k, struct bnd_err *err)
{
	SCOPED_FREE char *buf = malloc(JSON_MAX);

	if (buf == NULL)
		return bnd_fail_errno(err, "cannot print");
	if (verdict_json(v, k, buf, err) != 0)
		return -1;
	if (!args->seen[O_APPROVALS]) {
		printf("%s\n", buf);
		return 0;
	}
	printf("%.*s,", (int)strlen(buf) - 1, buf);
	if (verify_approvals(in, v, true, err) != 0)
		return -1;
	printf("}\n");
	return 0;
}

/* Nothing was established; JSON says that too. */
static int
trouble(const struct opt_args *args, const struct bnd_err *err)
{
	char buf[1024];
	struct bnd_json j;

	cmd_warn("%s%s", err->text,
	    err->errnum != EACCES
		? ""
		: " (a copy is verified with --copy --log DIR)");
	if (!args->seen[OPT_ID_JSON])
		return 2;
	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "bndlog", 1);
	bnd_json_str(&j, "verdict", bnd_exit_name(2));
	bnd_json_int(&j, "exit", 2);
	bnd_json_str(&j, "detail", err->text);
	bnd_json_close(&j, '}');
	if (bnd_json_end(&j))
		printf("%s\n", buf);
	return 2;
}

/* ---- what else is printed ---- */

/* Only of a log in which nothing is false; "expect" is what --expect takes. */
static void
print_head(const struct bnd_verdict *v)
{
	char id[BND_B64_LEN(BND_ID_LEN) + 1], nk[BND_B64_LEN(BND_KEY_LEN) + 1];
	char link[BND_B64_LEN(BND_HASH_LEN) + 1];

	if (v->records == 0 || (v->exit != 0 && v->exit != 5 && v->exit != 6))
		return;
	bnd_text_to_b64(v->log_id, sizeof(v->log_id), id);
	bnd_text_to_b64(v->last.link, sizeof(v->last.link), link);
	bnd_text_to_b64(v->nk, sizeof(v->nk), nk);
	printf("log %s\nexpect %" PRIu64 ":%s\nnk %s\n", id, v->last.seq, link,
	    nk);
}

/* The records of the first reading that the second one prints. */
struct range {
	uint64_t first, last;
};

static void
print_record(
    void *arg, uint64_t seq, struct bnd_str line, const struct bnd_ledger *l)
{
	const struct range *r = arg;

	(void)l;
	if (seq >= r->first && seq <= r->last)
		printf("%.*s\n", (int)line.len, line.p);
}

/*
 * Read again rather than keep N records: memory stays the same for any N, and
 * what is printed was verified in the very reading that prints it.
 */
static int
print_tail(const struct bnd_verify *in, const struct bnd_verdict *v, uint64_t n,
    struct bnd_err *err)
{
	struct range r = { v->last.seq + 1 > n ? v->last.seq + 1 - n : 0,
		v->last.seq };
	struct bnd_verify again = *in;
	static struct bnd_verdict unused; /* too large for a stack */

	if (n == 0 || v->records == 0)
		return 0;
	again.sink = (struct bnd_sink){ NULL, NULL };
	again.reader = (struct bnd_reader){ print_record, &r };
	return bnd_verify(&again, &unused, err);
}

static int
tell(const struct opt_args *args, const struct bnd_verify *in,
    const struct bnd_verdict *v, const struct kept *k, uint64_t tail,
    struct bnd_err *err)
{
	if (print_tail(in, v, tail, err) != 0)
		return -1;
	if (args->seen[OPT_ID_JSON])
		return print_json(args, in, v, k, err);
	if (args->seen[O_APPROVALS] && verify_approvals(in, v, false, err) != 0)
		return -1;
	if (args->seen[O_HEAD])
		print_head(v);
	if (!args->seen[OPT_ID_QUIET])
		say_findings(k);
	if (!args->seen[OPT_ID_QUIET] && !args->seen[O_HEAD] &&
	    !args->seen[O_TAIL])
		say_verdict(v);
	return 0;
}

static bool
state_differs(const struct kept *k)
{
	for (unsigned i = 0; i < k->n; i++)
		if (k->f[i].code == BND_F_MODE && !k->f[i].has_seq)
			return true;
	return false;
}

/*
 * A transition publishes its state a moment after it was logged.  What is
 * different only in between is no finding, so look once more.
 */
static int
judge(const struct bnd_verify *in, struct kept *k, struct bnd_verdict *v,
    struct bnd_err *err)
{
	const struct timespec moment = { 0, STATE_LAG_NS };

	if (bnd_verify(in, v, err) != 0)
		return -1;
	if (!state_differs(k))
		return 0;
	nanosleep(&moment, NULL);
	k->n = k->more = 0;
	return bnd_verify(in, v, err);
}

static int
run(const struct opt_args *args, struct kept *k, struct bnd_err *err)
{
	SCOPED_ROOT struct bnd_root root = { .fd = -1 };
	struct bnd_anchor anchor[OPT_MANY];
	static struct bnd_verdict v;
	struct bnd_verify in = {
		.root = &root,
		.log_dir = args->value[O_LOG],
		.pin = args->value[O_PIN],
		.previous = args->value[O_PREVIOUS],
		.copy = args->seen[O_COPY],
		.structure_only = args->seen[O_STRUCTURE],
		.strict = args->seen[O_STRICT],
		.anchor = anchor,
		.anchors = args->many_n,
		.state = args->value[O_STATE],
		.sink = { keep, k },
	};
	uint64_t tail;

	k->strict = in.strict;
	if (read_anchors(args, anchor, err) != 0 ||
	    read_tail(args, &tail, err) != 0 ||
	    cmd_root(&root, args->value[OPT_ID_ROOT], err) != 0 ||
	    judge(&in, k, &v, err) != 0 ||
	    tell(args, &in, &v, k, tail, err) != 0)
		return trouble(args, err);
	return v.exit;
}

int
main(int argc, char **argv)
{
	static struct kept k;
	struct opt_args args;
	struct bnd_err err = { 0 };
	int rc;

	cmd_start("chain-verify");
	rc = opt_parse(&spec, argc, argv, &args, &err);
	if (rc > 0)
		return cmd_end(0);
	if (rc < 0)
		return cmd_fail(&err);
	return cmd_end(run(&args, &k, &err));
}
