/* approver.c: entries read and written in one spelling, and their proof */
/* SPDX-License-Identifier: ISC */
#include "approver.h"

#include <stdio.h>
#include <string.h>

#include "json-read.h"

#define ENROLL_HEAD "bnd-enroll/1"
#define APP_HEAD    "ssh:"

static bool
is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool
bnd_name_is_valid(struct bnd_str s)
{
	if (s.len == 0 || s.len > BND_NAME_MAX || !is_lower_or_digit(s.p[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_lower_or_digit(s.p[i]) && s.p[i] != '.' &&
		    s.p[i] != '_' && s.p[i] != '-')
			return false;
	return true;
}

/* Of a token: "ssh:" and printable ASCII without blanks. */
static bool
app_is_valid(struct bnd_str s)
{
	size_t head = strlen(APP_HEAD);

	if (s.len < head || s.len > BND_APP_MAX ||
	    memcmp(s.p, APP_HEAD, head) != 0)
		return false;
	for (size_t i = head; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

void
bnd_approver_id(const uint8_t key[static BND_KEY_LEN],
    uint8_t id[static BND_APPROVER_ID_LEN])
{
	uint8_t hash[BND_HASH_LEN];

	bnd_hash("bnd-approver-v1", NULL, 0, key, BND_KEY_LEN, hash);
	memcpy(id, hash, BND_APPROVER_ID_LEN);
}

static int
check_fields(const struct bnd_approver *a, struct bnd_err *err)
{
	if (!bnd_name_is_valid(str(a->name)))
		return bnd_fail(err, BND_E_INPUT,
		    "not a name of an approver: "
		    "want a-z 0-9 . _ -, at most %d",
		    BND_NAME_MAX);
	if (!bnd_name_is_valid(str(a->person)))
		return bnd_fail(err, BND_E_INPUT,
		    "not a name of a person: "
		    "want a-z 0-9 . _ -, at most %d",
		    BND_NAME_MAX);
	if (a->pub.kind == BND_KEY_NONE)
		return bnd_fail(err, BND_E_INPUT, "unknown kind of key");
	if ((a->pub.kind == BND_KEY_SSH) != app_is_valid(str(a->pub.app)))
		return bnd_fail(err, BND_E_INPUT,
		    "an ssh key, and no other, "
		    "has an application ssh:...");
	if (a->pub.kind != BND_KEY_SSH && a->pub.app[0] != '\0')
		return bnd_fail(err, BND_E_INPUT,
		    "only an ssh key has an "
		    "application");
	return 0;
}

int
bnd_approver_text(const struct bnd_approver *a,
    const uint8_t log_id[static BND_ID_LEN], char *text, size_t *len,
    struct bnd_err *err)
{
	char log[BND_B64_LEN(BND_ID_LEN) + 1],
	    key[BND_B64_LEN(BND_KEY_LEN) + 1];
	bool ssh = a->pub.kind == BND_KEY_SSH;
	int n;

	if (check_fields(a, err) != 0)
		return -1;
	bnd_text_to_b64(log_id, BND_ID_LEN, log);
	bnd_text_to_b64(a->pub.key, BND_KEY_LEN, key);
	n = snprintf(text, BND_ENROLL_MAX + 1,
	    ENROLL_HEAD "\nlog %s\nname %s\nperson %s\nkind %s\nkey %s\n%s%s%s",
	    log, a->name, a->person, bnd_key_kind_name(a->pub.kind), key,
	    ssh ? "app " : "", a->pub.app, ssh ? "\n" : "");
	if (n < 0 || n > BND_ENROLL_MAX)
		return bnd_fail(err, BND_E_INPUT, "entry too long");
	*len = (size_t)n;
	return 0;
}

/* The value of the next line, which must be "word value". */
static bool
value_of(struct bnd_str *rest, const char *word, struct bnd_str *value)
{
	size_t n = strlen(word);
	struct bnd_str line;
	bool whole;

	if (!bnd_text_line(rest, &line, &whole) || !whole || line.len <= n ||
	    memcmp(line.p, word, n) != 0 || line.p[n] != ' ')
		return false;
	*value = (struct bnd_str){ line.p + n + 1, line.len - n - 1 };
	return true;
}

static bool
read_lines(struct bnd_str rest, struct bnd_approver *a,
    uint8_t log_id[static BND_ID_LEN])
{
	struct bnd_str v, line;
	bool whole;

	if (!bnd_text_line(&rest, &line, &whole) ||
	    !bnd_str_is(line, ENROLL_HEAD) || !whole)
		return false;
	return value_of(&rest, "log", &v) &&
	    bnd_text_from_b64(v, log_id, BND_ID_LEN) &&
	    value_of(&rest, "name", &v) &&
	    bnd_str_copy(v, a->name, sizeof(a->name)) &&
	    value_of(&rest, "person", &v) &&
	    bnd_str_copy(v, a->person, sizeof(a->person)) &&
	    value_of(&rest, "kind", &v) &&
	    bnd_key_kind_parse(v, &a->pub.kind) && value_of(&rest, "key", &v) &&
	    bnd_text_from_b64(v, a->pub.key, BND_KEY_LEN) &&
	    (a->pub.kind != BND_KEY_SSH ||
		(value_of(&rest, "app", &v) &&
		    bnd_str_copy(v, a->pub.app, sizeof(a->pub.app)))) &&
	    rest.len == 0;
}

int
bnd_approver_from_text(struct bnd_str text, struct bnd_approver *a,
    uint8_t log_id[static BND_ID_LEN], struct bnd_err *err)
{
	memset(a, 0, sizeof(*a));
	if (!read_lines(text, a, log_id))
		return bnd_fail(
		    err, BND_E_INPUT, "not a well-formed %s text", ENROLL_HEAD);
	if (check_fields(a, err) != 0)
		return -1;
	bnd_approver_id(a->pub.key, a->id);
	return 0;
}

void
bnd_approver_to_json(
    const struct bnd_approver *a, struct bnd_json *j, const char *key)
{
	bnd_json_open(j, key, '{');
	bnd_json_str(j, "name", a->name);
	bnd_json_str(j, "person", a->person);
	bnd_json_str(j, "kind", bnd_key_kind_name(a->pub.kind));
	bnd_json_b64(j, "key", a->pub.key, BND_KEY_LEN);
	if (a->pub.kind == BND_KEY_SSH)
		bnd_json_str(j, "app", a->pub.app);
	bnd_evidence_to_json(&a->pop, a->pub.kind, j, "pop");
	bnd_json_close(j, '}');
}

/* The very bytes that writing makes: no other member, order or spelling. */
static bool
is_own_spelling(struct bnd_str json, const struct bnd_approver *a)
{
	char buf[BND_ENTRY_MAX];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_approver_to_json(a, &j, NULL);
	return bnd_json_end(&j) && bnd_str_is(json, buf);
}

int
bnd_approver_from_json(
    struct bnd_str json, struct bnd_approver *a, struct bnd_err *err)
{
	char kind[BND_NAME_MAX];
	struct bnd_str app;

	memset(a, 0, sizeof(*a));
	if (json.len < 2 || json.p[0] != '{' ||
	    !bnd_json_get_str(json, "name", a->name, sizeof(a->name)) ||
	    !bnd_json_get_str(json, "person", a->person, sizeof(a->person)) ||
	    !bnd_json_get_str(json, "kind", kind, sizeof(kind)) ||
	    !bnd_key_kind_parse(str(kind), &a->pub.kind) ||
	    !bnd_json_get_b64(json, "key", a->pub.key, BND_KEY_LEN) ||
	    !bnd_evidence_from_json(json, a->pub.kind, "pop", &a->pop))
		return bnd_fail(err, BND_E_INPUT, "not an approver's entry");
	if (bnd_json_get(json, "app", &app) &&
	    !bnd_json_get_str(json, "app", a->pub.app, sizeof(a->pub.app)))
		return bnd_fail(err, BND_E_INPUT, "bad application of a key");
	if (check_fields(a, err) != 0)
		return -1;
	if (!is_own_spelling(json, a))
		return bnd_fail(err, BND_E_INPUT,
		    "an approver's entry with other members than its own");
	bnd_approver_id(a->pub.key, a->id);
	return 0;
}

/* Secret keys that everybody has: of RFC 8032, and of everybody's tests. */
static const char *const public_seeds[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0101010101010101010101010101010101010101010101010101010101010101",
	"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	"f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
	"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
};

/* Keys that have no secret half are for bnd_sign_verify() to refuse. */
static bool
is_public_secret(const uint8_t key[static BND_KEY_LEN])
{
	uint8_t seed[BND_SEED_LEN], pk[BND_KEY_LEN];
	bool found = false;

	for (size_t i = 0; i < sizeof(public_seeds) / sizeof(*public_seeds);
	     i++) {
		if (!bnd_text_from_hex(
			str(public_seeds[i]), seed, sizeof(seed)))
			continue;
		bnd_sign_public(seed, pk);
		found |= bnd_same(pk, key, sizeof(pk));
	}
	return found;
}

int
bnd_approver_check(const struct bnd_approver *a,
    const uint8_t log_id[static BND_ID_LEN], struct bnd_err *err)
{
	char text[BND_ENROLL_MAX + 1];
	size_t len;

	if (bnd_approver_text(a, log_id, text, &len, err) != 0)
		return -1;
	if (!bnd_evidence_verify(
		&a->pub, (struct bnd_str){ text, len }, &a->pop))
		return bnd_fail(err, BND_E_INPUT,
		    "%s: the key has not signed "
		    "its own entry",
		    a->name);
	if (is_public_secret(a->pub.key))
		return bnd_fail(err, BND_E_INPUT,
		    "%s: everybody has the secret half of this key", a->name);
	return 0;
}

unsigned
bnd_approver_persons(const struct bnd_approver *a, unsigned n, unsigned mask)
{
	unsigned persons = 0;

	for (unsigned i = 0; i < n; i++) {
		bool seen = (mask >> i & 1) == 0;

		for (unsigned j = 0; j < i && !seen; j++)
			seen = (mask >> j & 1) != 0 &&
			    strcmp(a[i].person, a[j].person) == 0;
		persons += !seen;
	}
	return persons;
}
