/* pin.c: the pin is believed only if it contradicts itself nowhere */
/* SPDX-License-Identifier: ISC */
#include "pin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json-read.h"
#include "scope.h"

#define FIRST_LINE "bndlog-pin/1"

/* ---- record 0 ------------------------------------------------------------ */

/* "host" is null or a hash. */
static bool
get_host(struct bnd_str body, struct bnd_begin *b)
{
	struct bnd_str val;

	if (!bnd_json_get(body, "host", &val))
		return false;
	b->has_host = !bnd_json_is_null(val);
	return !b->has_host ||
	    bnd_json_get_b64(body, "host", b->host, sizeof(b->host));
}

static bool
get_approvers(struct bnd_str body, struct bnd_begin *b)
{
	struct bnd_str key, val;

	return bnd_json_get(body, "approvers", &b->approvers) &&
	    bnd_json_at(b->approvers, 0, &key, &val) && key.p == NULL &&
	    !bnd_json_at(b->approvers, 8, &key, &val);
}

static bool
get_succeeds(struct bnd_str body, struct bnd_begin *b)
{
	struct bnd_str val;

	if (!bnd_json_get(body, "succeeds", &val))
		return false;
	b->succeeds = !bnd_json_is_null(val);
	return !b->succeeds || bnd_succeeds_from_json(val, &b->from);
}

/* Exactly these keys, in this order. */
static bool
has_keys(struct bnd_str body)
{
	static const char *const keys[] = { "id", "host", "k0", "mode", "attr",
		"seal", "approvers", "succeeds" };
	size_t n = sizeof(keys) / sizeof(keys[0]);
	struct bnd_str key, val;

	for (size_t i = 0; i < n; i++)
		if (!bnd_json_at(body, i, &key, &val) ||
		    !bnd_str_is(key, keys[i]))
			return false;
	return !bnd_json_at(body, n, &key, &val);
}

static bool
read_body(struct bnd_str body, struct bnd_begin *b)
{
	char mode[16];
	uint64_t seal;

	return has_keys(body) &&
	    bnd_json_get_b64(body, "id", b->id, sizeof(b->id)) &&
	    get_host(body, b) &&
	    bnd_json_get_b64(body, "k0", b->k0, sizeof(b->k0)) &&
	    bnd_json_get_str(body, "mode", mode, sizeof(mode)) &&
	    (strcmp(mode, "OPEN") == 0 || strcmp(mode, "LOCKDOWN") == 0) &&
	    bnd_json_get_bool(body, "attr", &b->attr) &&
	    bnd_json_get_u64(body, "seal", &seal) && seal == 0 &&
	    get_approvers(body, b) && get_succeeds(body, b) &&
	    b->succeeds == (strcmp(mode, "LOCKDOWN") == 0);
}

static int
read_begin(const struct bnd_record *r, struct bnd_begin *b, struct bnd_err *err)
{
	memset(b, 0, sizeof(*b));
	if (r->seq != 0 || strcmp(r->ev, "log.genesis") != 0 ||
	    !bnd_is_zero(r->prev, sizeof(r->prev)))
		return bnd_fail(err, BND_E_TAMPERED,
		    "record 0 is not the beginning of a log");
	if (!bnd_record_body_is_whole(r) || !read_body(r->body, b))
		return bnd_fail(err, BND_E_TAMPERED,
		    "the body of record 0 is not that of log.genesis");
	return 0;
}

int
bnd_begin_read(struct bnd_str line, const struct bnd_record *r,
    struct bnd_begin *b, struct bnd_err *err)
{
	if (read_begin(r, b, err) != 0)
		return -1;
	if (!bnd_record_signed_by(line, r, b->k0))
		return bnd_fail(err, BND_E_TAMPERED,
		    "record 0 is not signed by its own key");
	return 0;
}

/* ---- the pin ------------------------------------------------------------- */

static bool
word_is(struct bnd_str *line, const char *want)
{
	struct bnd_str word;

	return bnd_text_word(line, &word) && bnd_str_is(word, want);
}

/* The next word, as n bytes of base64. */
static bool
word_b64(struct bnd_str *line, uint8_t *bin, size_t n)
{
	struct bnd_str word;

	return bnd_text_word(line, &word) && bnd_text_from_b64(word, bin, n);
}

/* "anchor SEQ LINK NK" */
static bool
read_anchor(struct bnd_str line, struct bnd_pin_anchor *a)
{
	struct bnd_str word, rest = line;
	char again[192], link[BND_B64_LEN(BND_HASH_LEN) + 1];
	char nk[BND_B64_LEN(BND_KEY_LEN) + 1];

	if (!word_is(&rest, "anchor") || !bnd_text_word(&rest, &word) ||
	    !bnd_text_u64(word, BND_SEQ_MAX, &a->seq) ||
	    !word_b64(&rest, a->link, sizeof(a->link)) ||
	    !word_b64(&rest, a->nk, sizeof(a->nk)))
		return false;
	/* One spelling: single blanks and nothing behind. */
	bnd_text_to_b64(a->link, sizeof(a->link), link);
	bnd_text_to_b64(a->nk, sizeof(a->nk), nk);
	snprintf(
	    again, sizeof(again), "anchor %" PRIu64 " %s %s", a->seq, link, nk);
	return bnd_str_is(line, again);
}

static bool
next_line(struct bnd_str *rest, struct bnd_str *line)
{
	bool whole;

	return bnd_text_line(rest, line, &whole) && whole;
}

/* "KEY BASE64" with a single blank. */
static bool
next_value(struct bnd_str *rest, const char *key, uint8_t *bin, size_t n)
{
	struct bnd_str line;
	size_t len = strlen(key);

	if (!next_line(rest, &line) || line.len <= len ||
	    memcmp(line.p, key, len) != 0 || line.p[len] != ' ')
		return false;
	line.p += len + 1;
	line.len -= len + 1;
	return bnd_text_from_b64(line, bin, n);
}

static bool
read_lines(struct bnd_str text, struct bnd_pin *pin)
{
	struct bnd_str rest = text, line;
	struct bnd_pin_anchor a;

	if (!next_line(&rest, &line) || !bnd_str_is(line, FIRST_LINE) ||
	    !next_value(&rest, "log", pin->id, sizeof(pin->id)) ||
	    !next_value(&rest, "genesis", pin->genesis, sizeof(pin->genesis)))
		return false;
	pin->anchor_lines = (struct bnd_str){ rest.p, 0 };
	while (next_line(&rest, &line) && line.len > 0 && line.p[0] == 'a') {
		if (!read_anchor(line, &a))
			return false;
		pin->anchors++;
		pin->anchor_lines.len += line.len + 1;
	}
	pin->line = line;
	return rest.len == 0 && line.len > 0 && line.p[0] == '{' &&
	    line.p[line.len] == '\n';
}

int
bnd_pin_parse(struct bnd_str text, struct bnd_pin *pin, struct bnd_err *err)
{
	uint8_t link[BND_HASH_LEN];
	struct bnd_err why = { 0 };

	memset(pin, 0, sizeof(*pin));
	if (text.len == 0 || text.p[text.len - 1] != '\n' ||
	    !read_lines(text, pin))
		return bnd_fail(err, BND_E_INPUT, "the pin is malformed");
	if (bnd_record_parse(pin->line, &pin->record, &why) != 0 ||
	    read_begin(&pin->record, &pin->begin, &why) != 0)
		return bnd_fail(
		    err, BND_E_INPUT, "the pin is malformed: %s", why.text);
	bnd_record_link(pin->line, &pin->record, link);
	if (!bnd_same(link, pin->genesis, sizeof(link)))
		return bnd_fail(err, BND_E_INPUT,
		    "the pin is malformed: its record 0 has another link");
	if (!bnd_same(pin->id, pin->begin.id, sizeof(pin->id)))
		return bnd_fail(err, BND_E_INPUT,
		    "the pin is malformed: its record 0 has another log id");
	return 0;
}

int
bnd_pin_peek(struct bnd_str text, uint8_t id[static BND_ID_LEN], bool *attr,
    struct bnd_err *err)
{
	static const char has_attr[] = "\"attr\":true";
	struct bnd_str rest = text, line;

	if (!next_line(&rest, &line) || !bnd_str_is(line, FIRST_LINE) ||
	    !next_value(&rest, "log", id, BND_ID_LEN))
		return bnd_fail(err, BND_E_INPUT, "the pin is malformed");
	*attr =
	    memmem(rest.p, rest.len, has_attr, sizeof(has_attr) - 1) != NULL;
	return 0;
}

bool
bnd_pin_anchor(const struct bnd_pin *pin, size_t i, struct bnd_pin_anchor *a)
{
	struct bnd_str rest = pin->anchor_lines, line;

	while (next_line(&rest, &line))
		if (i-- == 0)
			return read_anchor(line, a);
	return false;
}

int
bnd_pin_write(const uint8_t id[static BND_ID_LEN],
    const uint8_t genesis[static BND_HASH_LEN], struct bnd_str line, char *text,
    size_t size, size_t *len, struct bnd_err *err)
{
	char id64[BND_B64_LEN(BND_ID_LEN) + 1];
	char link64[BND_B64_LEN(BND_HASH_LEN) + 1];
	int n;

	bnd_text_to_b64(id, BND_ID_LEN, id64);
	bnd_text_to_b64(genesis, BND_HASH_LEN, link64);
	n = snprintf(
	    text, size, FIRST_LINE "\nlog %s\ngenesis %s\n", id64, link64);
	if (n < 0 || line.len + (size_t)n >= size)
		return bnd_fail(err, BND_E_INPUT, "the pin is too long");
	memcpy(text + n, line.p, line.len);
	*len = (size_t)n + line.len;
	text[(*len)++] = '\n';
	return 0;
}
