/* challenge.c: bnd-ceremony/1 in one spelling, and its names */
/* SPDX-License-Identifier: ISC */
#include "challenge.h"

#include <stdio.h>
#include <string.h>

#define HEAD	  "bnd-ceremony/1"
#define NUM_MAX	  ((UINT64_C(1) << 53) - 1)
#define NUM_TEXT  24
#define LINK_TEXT BND_B64_LEN(BND_HASH_LEN)

static const char *const actions[] = {
	[BND_ACTION_NONE] = "none",
	[BND_ACTION_LOOSEN] = "loosen",
	[BND_ACTION_ENROLL] = "enroll",
	[BND_ACTION_REVOKE] = "revoke",
	[BND_ACTION_UNFREEZE] = "unfreeze",
	[BND_ACTION_SUCCEED] = "succeed",
	[BND_ACTION_DRILL] = "drill",
};

static bool
is_action(enum bnd_action a)
{
	return a > BND_ACTION_NONE && a <= BND_ACTION_DRILL;
}

const char *
bnd_action_name(enum bnd_action action)
{
	return actions[is_action(action) ? action : BND_ACTION_NONE];
}

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

/* ---- what a ceremony may ask ---- */

/* One line of printable ASCII without blanks at its ends; "-" is "none". */
static bool
is_line(struct bnd_str s)
{
	if (s.len > 0 && (s.p[0] == ' ' || s.p[s.len - 1] == ' '))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return !bnd_str_is(s, "-");
}

static bool
is_tty(struct bnd_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return !bnd_str_is(s, "-");
}

static bool
is_key_id(struct bnd_str s)
{
	uint8_t id[BND_APPROVER_ID_LEN];

	return bnd_text_from_hex(s, id, sizeof(id));
}

/* Words separated by exactly one blank. */
static bool
next_word(struct bnd_str *rest, struct bnd_str *word)
{
	const char *blank = memchr(rest->p, ' ', rest->len);
	size_t n = blank != NULL ? (size_t)(blank - rest->p) : rest->len;

	*word = (struct bnd_str){ rest->p, n };
	n += blank != NULL;
	*rest = (struct bnd_str){ rest->p + n, rest->len - n };
	return word->len > 0;
}

static bool
is_enroll_subject(struct bnd_str s)
{
	struct bnd_str id, name, person, kind;
	enum bnd_key_kind k;

	return next_word(&s, &id) && is_key_id(id) && next_word(&s, &name) &&
	    bnd_name_is_valid(name) && next_word(&s, &person) &&
	    bnd_name_is_valid(person) && next_word(&s, &kind) &&
	    bnd_key_kind_parse(kind, &k) && s.len == 0;
}

static bool
take_mark(struct bnd_str s, struct bnd_mark *mark)
{
	struct bnd_str seq, link;

	mark->spooled = false;
	return next_word(&s, &seq) && bnd_text_u64(seq, NUM_MAX, &mark->seq) &&
	    next_word(&s, &link) &&
	    bnd_text_from_b64(link, mark->link, BND_HASH_LEN) && s.len == 0;
}

static bool
is_succeed_subject(struct bnd_str s)
{
	uint8_t id[BND_ID_LEN];
	struct bnd_mark mark;
	struct bnd_str log;

	return next_word(&s, &log) && bnd_text_from_b64(log, id, sizeof(id)) &&
	    take_mark(s, &mark);
}

static bool
subject_fits(const struct bnd_challenge *c)
{
	struct bnd_str s = str(c->subject);

	switch (c->action) {
	case BND_ACTION_ENROLL:
		return is_enroll_subject(s);
	case BND_ACTION_REVOKE:
		return is_key_id(s);
	case BND_ACTION_SUCCEED:
		return is_succeed_subject(s);
	case BND_ACTION_LOOSEN:
	case BND_ACTION_UNFREEZE:
	case BND_ACTION_DRILL:
	case BND_ACTION_NONE:
		break;
	}
	return s.len == 0;
}

static bool
is_mode(enum bnd_mode m)
{
	return m >= BND_MODE_FIRST && m <= BND_MODE_LAST;
}

static int
check(const struct bnd_challenge *c, struct bnd_err *err)
{
	bool loosen = c->action == BND_ACTION_LOOSEN;
	uint8_t boot[BND_ID_LEN];

	if (!is_action(c->action) || !is_mode(c->from) || !is_mode(c->to))
		return bnd_fail(err, BND_E_INPUT, "no such action or mode");
	if (loosen ? c->to >= c->from : c->to != c->from)
		return bnd_fail(err, BND_E_INPUT,
		    "%s from %s to %s needs no "
		    "ceremony",
		    bnd_action_name(c->action), bnd_mode_name(c->from),
		    bnd_mode_name(c->to));
	if (!subject_fits(c))
		return bnd_fail(err, BND_E_INPUT, "bad subject for %s",
		    bnd_action_name(c->action));
	if (c->for_s != 0 && !loosen)
		return bnd_fail(err, BND_E_INPUT,
		    "only a loosening can be "
		    "bounded");
	if (c->for_s > BND_CHALLENGE_FOR_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "a bounded loosening lasts a week at most");
	if (c->gen == 0 || c->need == 0 || c->need > BND_APPROVERS_MAX)
		return bnd_fail(err, BND_E_INPUT, "bad gen or need");
	if (!is_line(str(c->reason)) || !is_tty(str(c->requester.tty)))
		return bnd_fail(err, BND_E_INPUT,
		    "reason or terminal is not "
		    "a line of printable ASCII");
	if (!bnd_text_from_hex(str(c->boot), boot, sizeof(boot)))
		return bnd_fail(err, BND_E_INPUT, "bad boot id");
	return 0;
}

/* ---- writing ---- */

static const char *
or_dash(const char *s)
{
	return s[0] != '\0' ? s : "-";
}

static void
number(bool has, uint64_t n, char text[static NUM_TEXT])
{
	if (has)
		snprintf(text, NUM_TEXT, "%llu", (unsigned long long)n);
	else
		snprintf(text, NUM_TEXT, "-");
}

static int
write_text(const struct bnd_challenge *c, char *text)
{
	const struct bnd_requester *r = &c->requester;
	char log[BND_B64_LEN(BND_ID_LEN) + 1], link[LINK_TEXT + 1];
	char nonce[LINK_TEXT + 1], bound[NUM_TEXT], auid[NUM_TEXT],
	    ses[NUM_TEXT];

	bnd_text_to_b64(c->log_id, BND_ID_LEN, log);
	bnd_text_to_b64(c->base.link, BND_HASH_LEN, link);
	bnd_text_to_b64(c->nonce, BND_HASH_LEN, nonce);
	number(c->for_s != 0, c->for_s, bound);
	number(r->has_auid, r->auid, auid);
	number(r->has_ses, r->ses, ses);
	return snprintf(text, BND_CHALLENGE_MAX + 1,
	    HEAD
	    "\nlog %s\naction %s\nfrom %s\nto %s\nsubject %s\nfor %s\n"
	    "gen %llu\nboot %s\nbase %llu %s\nopened %llu\nneed %u\nkinds %s\n"
	    "cooldown %llu\nrequester auid=%s uid=%u tty=%s ses=%s\n"
	    "reason %s\nnonce %s\n",
	    log, bnd_action_name(c->action), bnd_mode_name(c->from),
	    bnd_mode_name(c->to), or_dash(c->subject), bound,
	    (unsigned long long)c->gen, c->boot,
	    (unsigned long long)c->base.seq, link,
	    (unsigned long long)c->opened_us, c->need,
	    c->offline ? "offline" : "any", (unsigned long long)c->cooldown_s,
	    auid, (unsigned)r->uid, or_dash(r->tty), ses, or_dash(c->reason),
	    nonce);
}

int
bnd_challenge_pack(
    const struct bnd_challenge *c, char *text, size_t *len, struct bnd_err *err)
{
	int n;

	if (check(c, err) != 0)
		return -1;
	n = write_text(c, text);
	if (n < 0 || n > BND_CHALLENGE_MAX)
		return bnd_fail(err, BND_E_INPUT, "challenge too long");
	*len = (size_t)n;
	return 0;
}

/* ---- reading ---- */

static bool
take_optional(struct bnd_str v, char *dst, size_t size)
{
	dst[0] = '\0';
	return bnd_str_is(v, "-") || (v.len > 0 && bnd_str_copy(v, dst, size));
}

static bool
take_u32(struct bnd_str v, bool *has, uint32_t *out)
{
	uint64_t n = 0;

	*has = !bnd_str_is(v, "-");
	if (*has && !bnd_text_u64(v, UINT32_MAX, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool
on_log(struct bnd_str v, struct bnd_challenge *c)
{
	return bnd_text_from_b64(v, c->log_id, BND_ID_LEN);
}

static bool
on_action(struct bnd_str v, struct bnd_challenge *c)
{
	for (int a = BND_ACTION_LOOSEN; a <= (int)BND_ACTION_DRILL; a++)
		if (bnd_str_is(v, actions[a]))
			c->action = (enum bnd_action)a;
	return c->action != BND_ACTION_NONE;
}

static bool
on_from(struct bnd_str v, struct bnd_challenge *c)
{
	return bnd_mode_parse_exact(v, &c->from);
}

static bool
on_to(struct bnd_str v, struct bnd_challenge *c)
{
	return bnd_mode_parse_exact(v, &c->to);
}

static bool
on_subject(struct bnd_str v, struct bnd_challenge *c)
{
	return take_optional(v, c->subject, sizeof(c->subject));
}

static bool
on_for(struct bnd_str v, struct bnd_challenge *c)
{
	return bnd_str_is(v, "-") || bnd_text_u64(v, NUM_MAX, &c->for_s);
}

static bool
on_gen(struct bnd_str v, struct bnd_challenge *c)
{
	return bnd_text_u64(v, NUM_MAX, &c->gen);
}

static bool
on_boot(struct bnd_str v, struct bnd_challenge *c)
{
	return bnd_str_copy(v, c->boot, sizeof(c->boot));
}

static bool
on_base(struct bnd_str v, struct bnd_challenge *c)
{
	return take_mark(v, &c->base);
}

static bool
on_opened(struct bnd_str v, struct bnd_challenge *c)
{
	return bnd_text_u64(v, NUM_MAX, &c->opened_us);
}

static bool
on_need(struct bnd_str v, struct bnd_challenge *c)
{
	uint64_t n;

	if (!bnd_text_u64(v, BND_APPROVERS_MAX, &n))
		return false;
	c->need = (unsigned)n;
	return true;
}

static bool
on_kinds(struct bnd_str v, struct bnd_challenge *c)
{
	c->offline = bnd_str_is(v, "offline");
	return c->offline || bnd_str_is(v, "any");
}

static bool
on_cooldown(struct bnd_str v, struct bnd_challenge *c)
{
	return bnd_text_u64(v, UINT32_MAX, &c->cooldown_s);
}

/* The value of the next word, which must be "key=value". */
static bool
pair(struct bnd_str *rest, const char *key, struct bnd_str *value)
{
	size_t n = strlen(key);
	struct bnd_str word;

	if (!next_word(rest, &word) || word.len <= n ||
	    memcmp(word.p, key, n) != 0)
		return false;
	*value = (struct bnd_str){ word.p + n, word.len - n };
	return true;
}

static bool
on_requester(struct bnd_str v, struct bnd_challenge *c)
{
	struct bnd_requester *r = &c->requester;
	struct bnd_str auid, uid, tty, ses;
	bool has_uid;

	return pair(&v, "auid=", &auid) &&
	    take_u32(auid, &r->has_auid, &r->auid) && pair(&v, "uid=", &uid) &&
	    take_u32(uid, &has_uid, &r->uid) && has_uid &&
	    pair(&v, "tty=", &tty) &&
	    take_optional(tty, r->tty, sizeof(r->tty)) &&
	    pair(&v, "ses=", &ses) && take_u32(ses, &r->has_ses, &r->ses);
}

static bool
on_reason(struct bnd_str v, struct bnd_challenge *c)
{
	return take_optional(v, c->reason, sizeof(c->reason));
}

static bool
on_nonce(struct bnd_str v, struct bnd_challenge *c)
{
	return bnd_text_from_b64(v, c->nonce, BND_HASH_LEN);
}

/* Every line, in order. */
static const struct {
	const char *word;
	bool (*take)(struct bnd_str value, struct bnd_challenge *c);
} lines[] = {
	{ "log ", on_log },
	{ "action ", on_action },
	{ "from ", on_from },
	{ "to ", on_to },
	{ "subject ", on_subject },
	{ "for ", on_for },
	{ "gen ", on_gen },
	{ "boot ", on_boot },
	{ "base ", on_base },
	{ "opened ", on_opened },
	{ "need ", on_need },
	{ "kinds ", on_kinds },
	{ "cooldown ", on_cooldown },
	{ "requester ", on_requester },
	{ "reason ", on_reason },
	{ "nonce ", on_nonce },
};

#define LINES (sizeof(lines) / sizeof(lines[0]))

/* Which line is wrong, from 1 on; 0 if none is. */
static unsigned
read_text(struct bnd_str rest, struct bnd_challenge *c)
{
	struct bnd_str line;
	bool whole;

	if (!bnd_text_line(&rest, &line, &whole) || !whole ||
	    !bnd_str_is(line, HEAD))
		return 1;
	for (unsigned i = 0; i < LINES; i++) {
		size_t n = strlen(lines[i].word);

		if (!bnd_text_line(&rest, &line, &whole) || !whole ||
		    line.len <= n || memcmp(line.p, lines[i].word, n) != 0)
			return i + 2;
		line = (struct bnd_str){ line.p + n, line.len - n };
		if (!lines[i].take(line, c))
			return i + 2;
	}
	return rest.len == 0 ? 0 : (unsigned)LINES + 2;
}

/*
 * What was read is written again and compared: whatever a line's parser might
 * forgive, another spelling of the same challenge is not one.
 */
int
bnd_challenge_unpack(
    struct bnd_str text, struct bnd_challenge *c, struct bnd_err *err)
{
	char again[BND_CHALLENGE_MAX + 1];
	unsigned bad;
	size_t len;

	memset(c, 0, sizeof(*c));
	if (text.len > BND_CHALLENGE_MAX)
		return bnd_fail(err, BND_E_INPUT, "challenge too long");
	bad = read_text(text, c);
	if (bad != 0)
		return bnd_fail(err, BND_E_INPUT,
		    "not a well-formed %s text: line %u", HEAD, bad);
	if (bnd_challenge_pack(c, again, &len, err) != 0)
		return -1;
	if (!bnd_str_is(text, again))
		return bnd_fail(err, BND_E_INPUT,
		    "not the one spelling of a %s text", HEAD);
	return 0;
}

/* ---- names of a challenge ---- */

static void
digest(struct bnd_str text, uint8_t hash[static BND_HASH_LEN])
{
	bnd_hash("bnd-ceremony-v1", NULL, 0, text.p, text.len, hash);
}

void
bnd_challenge_id(struct bnd_str text, uint8_t id[static BND_CHALLENGE_ID_LEN])
{
	uint8_t hash[BND_HASH_LEN];

	digest(text, hash);
	memcpy(id, hash, BND_CHALLENGE_ID_LEN);
}

void
bnd_challenge_phrase(const struct bnd_challenge *c, struct bnd_str text,
    char phrase[static BND_CHALLENGE_PHRASE])
{
	/* without the letters that are read as digits, and without U */
	static const char set[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t h[BND_HASH_LEN];
	unsigned bits;
	char code[5];

	digest(text, h);
	bits = (unsigned)h[29] << 16 | (unsigned)h[30] << 8 | h[31];
	for (unsigned i = 0; i < 4; i++)
		code[i] = set[bits >> (15 - 5 * i) & 31];
	code[4] = '\0';
	if (c->action == BND_ACTION_LOOSEN)
		snprintf(phrase, BND_CHALLENGE_PHRASE, "downgrade %s to %s %s",
		    bnd_mode_name(c->from), bnd_mode_name(c->to), code);
	else
		snprintf(phrase, BND_CHALLENGE_PHRASE, "%s %s",
		    bnd_action_name(c->action), code);
}

void
bnd_challenge_subject_enroll(const struct bnd_approver *a,
    char subject[static BND_CHALLENGE_SUBJECT + 1])
{
	char id[2 * BND_APPROVER_ID_LEN + 1];

	bnd_text_to_hex(a->id, BND_APPROVER_ID_LEN, id);
	snprintf(subject, BND_CHALLENGE_SUBJECT + 1, "%s %s %s %s", id, a->name,
	    a->person, bnd_key_kind_name(a->pub.kind));
}
