/* record.c: a line is read by one strict table, and written to be read by it */
/* SPDX-License-Identifier: ISC */
#include "record.h"

#include <stdio.h>
#include <string.h>

#include "json-read.h"
#include "json.h"

#define PERSONAL_M    "bnd-log-rec-v1"
#define PERSONAL_LINK "bnd-log-lnk-v1"
#define PERSONAL_BODY "bnd-log-dat-v1"
#define PERSONAL_CUT  "bnd-log-cut-v1"

#define MEMBERS_MAX   64
#define NUMBER_LEN    16 /* digits of BND_SEQ_MAX */

/* ---- words and times ----------------------------------------------------- */

bool
bnd_ev_is_valid(struct bnd_str s)
{
	char before = '.';

	if (s.len == 0 || s.len > BND_WORD_MAX || s.p[s.len - 1] == '.')
		return false;
	for (size_t i = 0; i < s.len; before = s.p[i++]) {
		if (s.p[i] == '.' ? before == '.'
				  : s.p[i] < 'a' || s.p[i] > 'z')
			return false;
	}
	return true;
}

static bool
prog_is_valid(struct bnd_str s)
{
	if (s.len == 0 || s.len > BND_WORD_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '-' ||
			s.p[i] == '_'))
			return false;
	return true;
}

/* Days before 1 January of year, in the Gregorian calendar from year 1 on. */
static int64_t
days_before(int64_t year)
{
	int64_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400;
}

static int64_t
days_in(unsigned month, int64_t year)
{
	static const int64_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* n digits at s->p, leading zeros and all, from min to max. */
static bool
take_digits(
    struct bnd_str *s, unsigned n, int64_t min, int64_t max, int64_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < n; i++) {
		if (i >= s->len || s->p[i] < '0' || s->p[i] > '9')
			return false;
		*out = *out * 10 + (s->p[i] - '0');
	}
	s->p += n;
	s->len -= n;
	return *out >= min && *out <= max;
}

bool
bnd_time_parse(struct bnd_str s, int64_t *real_us)
{
	int64_t year, month, day, hour, min, sec, frac, days;

	if (!take_digits(&s, 4, 1900, 9999, &year) || !bnd_text_take(&s, "-") ||
	    !take_digits(&s, 2, 1, 12, &month) || !bnd_text_take(&s, "-") ||
	    !take_digits(&s, 2, 1, days_in((unsigned)month, year), &day) ||
	    !bnd_text_take(&s, "T") || !take_digits(&s, 2, 0, 23, &hour) ||
	    !bnd_text_take(&s, ":") || !take_digits(&s, 2, 0, 59, &min) ||
	    !bnd_text_take(&s, ":") || !take_digits(&s, 2, 0, 59, &sec) ||
	    !bnd_text_take(&s, ".") || !take_digits(&s, 6, 0, 999999, &frac) ||
	    !bnd_text_take(&s, "Z") || s.len != 0)
		return false;
	days = days_before(year) - days_before(1970) + day - 1;
	for (unsigned m = 1; m < (unsigned)month; m++)
		days += days_in(m, year);
	*real_us =
	    (((days * 24 + hour) * 60 + min) * 60 + sec) * 1000000 + frac;
	return true;
}

/* ---- reading ------------------------------------------------------------- */

/* What is between a quote that was taken and the next one. */
static bool
take_quoted(struct bnd_str *s, struct bnd_str *word)
{
	const char *quote = memchr(s->p, '"', s->len);

	if (quote == NULL)
		return false;
	*word = (struct bnd_str){ s->p, (size_t)(quote - s->p) };
	s->p += word->len + 1;
	s->len -= word->len + 1;
	return true;
}

static bool
take_b64(struct bnd_str *s, uint8_t *bin, size_t n)
{
	struct bnd_str word;

	return take_quoted(s, &word) && bnd_text_from_b64(word, bin, n);
}

static bool
take_u64(struct bnd_str *s, uint64_t max, uint64_t *out)
{
	struct bnd_str digits = { s->p, 0 };

	while (digits.len < s->len && digits.len <= NUMBER_LEN &&
	    s->p[digits.len] >= '0' && s->p[digits.len] <= '9')
		digits.len++;
	s->p += digits.len;
	s->len -= digits.len;
	return bnd_text_u64(digits, max, out);
}

static bool
take_u32(struct bnd_str *s, uint32_t max, uint32_t *out)
{
	uint64_t n;

	if (!take_u64(s, max, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

/* A number, or null: never set. */
static bool
take_id(struct bnd_str *s, bool *has, uint32_t *id)
{
	*id = 0;
	*has = !bnd_text_take(s, "null");
	return !*has || take_u32(s, UINT32_MAX - 1, id);
}

static bool
take_time(struct bnd_str *s, struct bnd_now *time)
{
	struct bnd_str t, boot;
	uint8_t bin[BND_BOOT_ID_LEN / 2];

	return take_quoted(s, &t) && bnd_time_parse(t, &time->real_us) &&
	    bnd_text_take(s, ",\"bt\":") &&
	    take_u64(s, BND_SEQ_MAX, &time->boot_us) &&
	    bnd_text_take(s, ",\"boot\":\"") && take_quoted(s, &boot) &&
	    bnd_text_from_hex(boot, bin, sizeof(bin)) &&
	    bnd_str_copy(boot, time->boot, sizeof(time->boot));
}

bool
bnd_by_take(struct bnd_str *s, struct bnd_by *by)
{
	struct bnd_str prog;

	return bnd_text_take(s, "{\"prog\":\"") && take_quoted(s, &prog) &&
	    prog_is_valid(prog) &&
	    bnd_str_copy(prog, by->prog, sizeof(by->prog)) &&
	    bnd_text_take(s, ",\"pid\":") && take_u32(s, INT32_MAX, &by->pid) &&
	    bnd_text_take(s, ",\"uid\":") &&
	    take_u32(s, UINT32_MAX, &by->uid) &&
	    bnd_text_take(s, ",\"auid\":") &&
	    take_id(s, &by->has_auid, &by->auid) &&
	    bnd_text_take(s, ",\"ses\":") &&
	    take_id(s, &by->has_ses, &by->ses) && bnd_text_take(s, "}");
}

static bool
take_ev(struct bnd_str *s, char ev[static BND_WORD_MAX + 1])
{
	struct bnd_str word;

	return take_quoted(s, &word) && bnd_ev_is_valid(word) &&
	    bnd_str_copy(word, ev, BND_WORD_MAX + 1);
}

/* The end of the line; a salt and a body, or neither. */
static bool
take_body(struct bnd_str *s, struct bnd_record *r)
{
	r->redacted = bnd_text_take(s, "null,\"d\":null}");
	if (r->redacted) {
		r->body = (struct bnd_str){ NULL, 0 };
		return s->len == 0;
	}
	if (!bnd_text_take(s, "\"") || !take_b64(s, r->salt, sizeof(r->salt)) ||
	    !bnd_text_take(s, ",\"d\":") || s->len < 3 || s->p[0] != '{' ||
	    s->p[s->len - 1] != '}')
		return false;
	r->body = (struct bnd_str){ s->p, s->len - 1 };
	return bnd_json_valid(r->body);
}

/* NULL, or the name of the field that is not as it must be. */
static const char *
take_record(struct bnd_str *s, const char *start, struct bnd_record *r)
{
	if (!bnd_text_take(s, "{\"v\":1,\"seq\":") ||
	    !take_u64(s, BND_SEQ_MAX, &r->seq))
		return "seq";
	if (!bnd_text_take(s, ",\"prev\":\"") ||
	    !take_b64(s, r->prev, sizeof(r->prev)))
		return "prev";
	if (!bnd_text_take(s, ",\"t\":\"") || !take_time(s, &r->time))
		return "time";
	if (!bnd_text_take(s, ",\"ev\":\"") || !take_ev(s, r->ev))
		return "ev";
	if (!bnd_text_take(s, ",\"by\":") || !bnd_by_take(s, &r->by))
		return "by";
	if (!bnd_text_take(s, ",\"dh\":\"") ||
	    !take_b64(s, r->dh, sizeof(r->dh)))
		return "dh";
	if (!bnd_text_take(s, ",\"nk\":\"") ||
	    !take_b64(s, r->nk, sizeof(r->nk)))
		return "nk";
	r->m_len = (size_t)(s->p - start);
	if (!bnd_text_take(s, ",\"sig\":\"") ||
	    !take_b64(s, r->sig, sizeof(r->sig)))
		return "sig";
	r->link_len = (size_t)(s->p - start);
	if (!bnd_text_take(s, ",\"s\":") || !take_body(s, r))
		return "body";
	return NULL;
}

int
bnd_record_parse(struct bnd_str line, struct bnd_record *r, struct bnd_err *err)
{
	struct bnd_str s = line;
	const char *bad;

	memset(r, 0, sizeof(*r));
	if (line.len >= BND_RECORD_MAX)
		return bnd_fail(err, BND_E_TAMPERED,
		    "a record of more than %d bytes", BND_RECORD_MAX);
	bad = take_record(&s, line.p, r);
	if (bad != NULL)
		return bnd_fail(err, BND_E_TAMPERED,
		    "not a record: field %s, near byte %zu", bad,
		    (size_t)(s.p - line.p));
	return 0;
}

/* ---- hashes -------------------------------------------------------------- */

void
bnd_record_link(struct bnd_str line, const struct bnd_record *r,
    uint8_t link[static BND_HASH_LEN])
{
	bnd_hash(PERSONAL_LINK, NULL, 0, line.p, r->link_len, link);
}

static void
hash_m(const char *line, size_t len, uint8_t m[static BND_HASH_LEN])
{
	bnd_hash(PERSONAL_M, NULL, 0, line, len, m);
}

static void
hash_body(const struct bnd_record *r, uint8_t dh[static BND_HASH_LEN])
{
	bnd_hash(PERSONAL_BODY, r->salt, sizeof(r->salt), r->body.p,
	    r->body.len, dh);
}

bool
bnd_record_signed_by(struct bnd_str line, const struct bnd_record *r,
    const uint8_t pk[static BND_KEY_LEN])
{
	uint8_t m[BND_HASH_LEN];

	hash_m(line.p, r->m_len, m);
	return bnd_sign_verify(pk, m, sizeof(m), r->sig);
}

bool
bnd_record_body_is_whole(const struct bnd_record *r)
{
	uint8_t dh[BND_HASH_LEN];

	if (r->redacted)
		return false;
	hash_body(r, dh);
	return bnd_same(dh, r->dh, sizeof(dh));
}

/* ---- writing ------------------------------------------------------------- */

static void
put_id(struct bnd_json *j, const char *key, bool has, uint32_t id)
{
	if (has)
		bnd_json_int(j, key, id);
	else
		bnd_json_null(j, key);
}

void
bnd_by_put(struct bnd_json *j, const char *key, const struct bnd_by *by)
{
	bnd_json_open(j, key, '{');
	bnd_json_str(j, "prog", by->prog);
	bnd_json_int(j, "pid", by->pid);
	bnd_json_int(j, "uid", by->uid);
	put_id(j, "auid", by->has_auid, by->auid);
	put_id(j, "ses", by->has_ses, by->ses);
	bnd_json_close(j, '}');
}

/* Everything that is signed. */
static void
put_m(struct bnd_json *j, const struct bnd_record *r)
{
	char t[BND_TIME_LEN + 1];

	bnd_clock_format(r->time.real_us, t);
	bnd_json_open(j, NULL, '{');
	bnd_json_int(j, "v", 1);
	bnd_json_int(j, "seq", (int64_t)r->seq);
	bnd_json_b64(j, "prev", r->prev, sizeof(r->prev));
	bnd_json_str(j, "t", t);
	bnd_json_int(j, "bt", (int64_t)r->time.boot_us);
	bnd_json_str(j, "boot", r->time.boot);
	bnd_json_str(j, "ev", r->ev);
	bnd_by_put(j, "by", &r->by);
	bnd_json_b64(j, "dh", r->dh, sizeof(r->dh));
	bnd_json_b64(j, "nk", r->nk, sizeof(r->nk));
}

int
bnd_record_write(struct bnd_record *r, const uint8_t seed[static BND_SEED_LEN],
    const uint8_t pk[static BND_KEY_LEN], char *line, size_t *len,
    struct bnd_err *err)
{
	struct bnd_json j;
	uint8_t m[BND_HASH_LEN];

	hash_body(r, r->dh);
	bnd_json_begin(&j, line, BND_RECORD_MAX);
	put_m(&j, r);
	hash_m(line, j.len, m);
	bnd_sign_paired(seed, pk, m, sizeof(m), r->sig);
	bnd_json_b64(&j, "sig", r->sig, sizeof(r->sig));
	bnd_json_b64(&j, "s", r->salt, sizeof(r->salt));
	bnd_json_raw(&j, "d", r->body);
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j))
		return bnd_fail(
		    err, BND_E_INPUT, "record %s is too long", r->ev);
	if (bnd_record_parse((struct bnd_str){ line, j.len }, r, err) != 0)
		return bnd_fail(
		    err, BND_E_INPUT, "cannot write what cannot be read back");
	line[j.len] = '\n';
	*len = j.len + 1;
	return 0;
}

/* ---- bodies that are too long -------------------------------------------- */

struct member {
	struct bnd_str key, val;
	bool cut;
};

/* Levels of brackets; inside a string none counts. */
static unsigned
depth_of(struct bnd_str val)
{
	unsigned depth = 0, deepest = 0;
	bool quoted = false;

	for (size_t i = 0; i < val.len; i++) {
		char c = val.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']'))
			depth--;
		if (depth > deepest)
			deepest = depth;
	}
	return deepest;
}

static void
put_cut(struct bnd_json *j, const char *key, struct bnd_str val)
{
	uint8_t h[BND_HASH_LEN];

	bnd_hash(PERSONAL_CUT, NULL, 0, val.p, val.len, h);
	bnd_json_open(j, key, '{');
	bnd_json_open(j, "trunc", '{');
	bnd_json_int(j, "len", (int64_t)val.len);
	bnd_json_b64(j, "h", h, sizeof(h));
	bnd_json_close(j, '}');
	bnd_json_close(j, '}');
}

static bool
put_members(
    const struct member *m, size_t n, char *out, size_t size_max, size_t *len)
{
	struct bnd_json j;
	char key[BND_WORD_MAX + 1];

	bnd_json_begin(&j, out, size_max + 1);
	bnd_json_open(&j, NULL, '{');
	for (size_t i = 0; i < n; i++) {
		if (!bnd_str_copy(m[i].key, key, sizeof(key)))
			return false;
		if (m[i].cut)
			put_cut(&j, key, m[i].val);
		else
			bnd_json_raw(&j, key, m[i].val);
	}
	bnd_json_close(&j, '}');
	*len = j.len;
	return bnd_json_end(&j);
}

static bool
cut_longest(struct member *m, size_t n)
{
	struct member *longest = NULL;

	for (size_t i = 0; i < n; i++)
		if (!m[i].cut &&
		    (longest == NULL || m[i].val.len > longest->val.len))
			longest = &m[i];
	if (longest != NULL)
		longest->cut = true;
	return longest != NULL;
}

int
bnd_body_fit(struct bnd_str body, size_t size_max, unsigned depth_max,
    char *out, size_t *len, struct bnd_err *err)
{
	struct member m[MEMBERS_MAX];
	size_t n = 0;

	if (body.len == 0 || body.p[0] != '{' || !bnd_json_valid(body))
		return bnd_fail(err, BND_E_INPUT,
		    "the body of a record is not a valid JSON object");
	while (n < MEMBERS_MAX && bnd_json_at(body, n, &m[n].key, &m[n].val)) {
		m[n].cut = depth_of(m[n].val) >= depth_max;
		n++;
	}
	while (!put_members(m, n, out, size_max, len))
		if (!cut_longest(m, n))
			return bnd_fail(err, BND_E_INPUT,
			    "the body of a record is too long");
	return 0;
}
