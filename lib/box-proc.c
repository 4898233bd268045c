/* box-proc.c: what files of /proc/N say of a process, strictly read */
/* SPDX-License-Identifier: ISC */
#include "box-proc.h"

#include <string.h>

static int
bad(struct bnd_err *err, const char *what)
{
	return bnd_fail(
	    err, BND_E_CORRUPT, "%s is not as proc(5) has it", what);
}

/* ---- status ---- */

enum kind { KIND_COUNT, KIND_IDS, KIND_WORDS, KIND_HEX };

static const struct {
	const char *key;
	enum kind kind;
	size_t at; /* in struct bnd_proc_status */
} keys[] = {
	{ "Uid", KIND_IDS, offsetof(struct bnd_proc_status, uid) },
	{ "Gid", KIND_IDS, offsetof(struct bnd_proc_status, gid) },
	{ "Groups", KIND_WORDS, offsetof(struct bnd_proc_status, groups) },
	{ "CapInh", KIND_HEX, offsetof(struct bnd_proc_status, caps[0]) },
	{ "CapPrm", KIND_HEX, offsetof(struct bnd_proc_status, caps[1]) },
	{ "CapEff", KIND_HEX, offsetof(struct bnd_proc_status, caps[2]) },
	{ "CapBnd", KIND_HEX, offsetof(struct bnd_proc_status, caps[3]) },
	{ "CapAmb", KIND_HEX, offsetof(struct bnd_proc_status, caps[4]) },
	{ "NoNewPrivs", KIND_COUNT,
	    offsetof(struct bnd_proc_status, no_new_privs) },
	{ "Seccomp", KIND_COUNT, offsetof(struct bnd_proc_status, seccomp) },
	{ "Seccomp_filters", KIND_COUNT,
	    offsetof(struct bnd_proc_status, filters) },
	{ "Threads", KIND_COUNT, offsetof(struct bnd_proc_status, threads) },
	{ "TracerPid", KIND_COUNT, offsetof(struct bnd_proc_status, tracer) },
	{ "SigBlk", KIND_HEX, offsetof(struct bnd_proc_status, blocked) },
	{ "SigIgn", KIND_HEX, offsetof(struct bnd_proc_status, ignored) },
	{ "SigCgt", KIND_HEX, offsetof(struct bnd_proc_status, caught) },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* Sixteen digits of lower-case hex, as masks are printed. */
static bool
take_hex(struct bnd_str s, uint64_t *n)
{
	uint8_t bin[8];

	*n = 0;
	if (!bnd_text_from_hex(s, bin, sizeof(bin)))
		return false;
	for (size_t i = 0; i < sizeof(bin); i++)
		*n = *n << 8 | bin[i];
	return true;
}

static bool
take_numbers(struct bnd_str line, uint64_t *n, size_t want)
{
	struct bnd_str word;
	size_t i = 0;

	while (bnd_text_word(&line, &word))
		if (i == want || !bnd_text_u64(word, UINT32_MAX, &n[i++]))
			return false;
	return i == want;
}

static bool
count_words(struct bnd_str line, uint64_t *n)
{
	struct bnd_str word;
	uint64_t id;

	for (*n = 0; bnd_text_word(&line, &word); ++*n)
		if (!bnd_text_u64(word, UINT32_MAX, &id))
			return false;
	return true;
}

static bool
take_value(enum kind kind, struct bnd_str line, uint64_t *to)
{
	struct bnd_str word;

	switch (kind) {
	case KIND_IDS:
		return take_numbers(line, to, 4);
	case KIND_WORDS:
		return count_words(line, to);
	case KIND_HEX:
		return bnd_text_word(&line, &word) && line.len == 0 &&
		    take_hex(word, to);
	case KIND_COUNT:
	default:
		return take_numbers(line, to, 1);
	}
}

/* Which of the keys a line begins with, KEYS for none of them. */
static size_t
key_of(struct bnd_str line)
{
	struct bnd_str key = bnd_str_until(line, ':');
	size_t i = 0;

	while (
	    i < KEYS && (key.len == line.len || !bnd_str_is(key, keys[i].key)))
		i++;
	return i;
}

int
bnd_proc_status(
    struct bnd_str text, struct bnd_proc_status *s, struct bnd_err *err)
{
	struct bnd_str line;
	bool whole, had[KEYS] = { false };

	*s = (struct bnd_proc_status){ 0 };
	while (bnd_text_line(&text, &line, &whole)) {
		size_t i = key_of(line);

		if (!whole)
			return bad(err, "status");
		if (i == KEYS)
			continue;
		line = bnd_str_from(line, strlen(keys[i].key) + 1);
		if (had[i] ||
		    !take_value(keys[i].kind, line,
			(uint64_t *)(void *)((char *)s + keys[i].at)))
			return bad(err, keys[i].key);
		had[i] = true;
	}
	for (size_t i = 0; i < KEYS; i++)
		if (!had[i])
			return bad(err, keys[i].key);
	return 0;
}

/* ---- limits ---- */

static bool
take_limit(struct bnd_str *line, uint64_t *n)
{
	struct bnd_str word;

	*n = UINT64_MAX;
	return bnd_text_word(line, &word) &&
	    (bnd_str_is(word, "unlimited") ||
		bnd_text_u64(word, UINT64_MAX - 1, n));
}

int
bnd_proc_limit(struct bnd_str text, const char *name, uint64_t *soft,
    uint64_t *hard, struct bnd_err *err)
{
	struct bnd_str line;
	bool whole, had = false;

	while (bnd_text_line(&text, &line, &whole)) {
		/* "Max processes" is no beginning of another row's name. */
		if (!bnd_text_take(&line, name) || line.len == 0 ||
		    line.p[0] != ' ')
			continue;
		if (had || !whole || !take_limit(&line, soft) ||
		    !take_limit(&line, hard))
			return bad(err, name);
		had = true;
	}
	return had ? 0 : bad(err, name);
}

/* ---- cgroup ---- */

int
bnd_proc_cgroup(struct bnd_str text, const char *controllers,
    struct bnd_str *path, struct bnd_err *err)
{
	struct bnd_str line, names;
	bool whole, had = false;
	uint64_t n;

	while (bnd_text_line(&text, &line, &whole)) {
		struct bnd_str id = bnd_str_until(line, ':');

		line =
		    bnd_str_from(line, id.len < line.len ? id.len + 1 : id.len);
		names = bnd_str_until(line, ':');
		if (!whole || !bnd_text_u64(id, UINT32_MAX, &n) ||
		    names.len == line.len)
			return bad(err, "cgroup");
		if ((n == 0) != (controllers[0] == '\0') ||
		    !bnd_str_is(names, controllers))
			continue;
		if (had)
			return bad(err, "cgroup");
		*path = bnd_str_from(line, names.len + 1);
		had = true;
	}
	return had ? 0 : bad(err, "cgroup");
}
