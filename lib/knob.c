/* knob.c: kernel settings that a mode wants tighter, and their way back */
/* SPDX-License-Identifier: ISC */
#include "knob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "policy.h"
#include "scope.h"
#include "sign.h"
#include "text.h"

#define HEAD	  "bnd-knobs/1"
#define PERSONAL  "bnd-knobs-v1"
#define FOUND_MAX 2048
#define NAME_LEN  96
#define VALUE_TOP 1000000
#define MODES	  (BND_MODE_LAST + 1)

/* Which of two values is stricter. */
enum order {
	ORDER_UP,   /* the higher one */
	ORDER_DOWN, /* the lower one */
	ORDER_BPF,  /* 0 < 2 < 1: 1 cannot be taken back until reboot */
};

/* What each mode wants, OPEN first; -1 leaves the knob as it was found. */
#define FROM_RESTRICTED(v)            \
	{                             \
		-1, -1, v, v, v, v, v \
	}
#define FROM_TRUSTED(v)                \
	{                              \
		-1, -1, -1, v, v, v, v \
	}

static const struct knob {
	const char *name; /* below proc/sys */
	enum order order;
	int want[MODES];
} knobs[] = {
	{ "kernel/dmesg_restrict", ORDER_UP, FROM_RESTRICTED(1) },
	{ "kernel/kptr_restrict", ORDER_UP, FROM_RESTRICTED(2) },
	{ "kernel/unprivileged_bpf_disabled", ORDER_BPF, FROM_RESTRICTED(2) },
	{ "kernel/perf_event_paranoid", ORDER_UP, FROM_RESTRICTED(2) },
	{ "fs/protected_hardlinks", ORDER_UP, FROM_RESTRICTED(1) },
	{ "fs/protected_symlinks", ORDER_UP, FROM_RESTRICTED(1) },
	{ "fs/protected_fifos", ORDER_UP, FROM_RESTRICTED(1) },
	{ "fs/protected_regular", ORDER_UP, FROM_RESTRICTED(1) },
	{ "kernel/yama/ptrace_scope", ORDER_UP, { -1, -1, 1, 2, 2, 2, 2 } },
	{ "kernel/sysrq", ORDER_DOWN, FROM_TRUSTED(0) },
	{ "vm/unprivileged_userfaultfd", ORDER_DOWN, FROM_TRUSTED(0) },
};
#define KNOBS (sizeof(knobs) / sizeof(knobs[0]))

/* Names of BND_ONE_WAY_*, as bnd.conf spells them below kernel/. */
static const char *const one_way[BND_ONE_WAY_KNOBS] = {
	[BND_ONE_WAY_MODULES] = "kernel/modules_disabled",
	[BND_ONE_WAY_KEXEC] = "kernel/kexec_load_disabled",
};

const char *
bnd_knob_name(size_t i)
{
	return i < KNOBS ? knobs[i].name : NULL;
}

int
bnd_knob_wants(size_t i, enum bnd_mode m)
{
	return knobs[i].want[m];
}

static int
rank(enum order order, int v)
{
	switch (order) {
	case ORDER_UP:
		return v;
	case ORDER_DOWN:
		/* sysrq is a set of bits, but 1 is all of them. */
		return v == 1 ? -VALUE_TOP : -v;
	case ORDER_BPF:
	default:
		return v == 1 ? 3 : v;
	}
}

static bool
is_stricter(const struct knob *k, int a, int b)
{
	return rank(k->order, a) > rank(k->order, b);
}

/* 1 read, 0 this kernel has no such knob, -1 trouble. */
static int
read_knob(const struct bnd_root *root, const char *name, int *value,
    struct bnd_err *err)
{
	char path[NAME_LEN], buf[32];
	struct bnd_err why = { 0 };
	struct bnd_str line = { buf, 0 };
	uint64_t n;
	SCOPED_FD int fd = -1;

	(void)snprintf(path, sizeof(path), "proc/sys/%s", name);
	fd = bnd_root_openat(root, path, O_RDONLY, 0, &why);
	if (fd < 0 && why.errnum == ENOENT)
		return 0;
	if (fd < 0)
		return bnd_fail(err, why.kind, "%s", why.text);
	if (bnd_file_read_fd(fd, path, buf, sizeof(buf), &line.len, err) != 0)
		return -1;
	if (line.len > 0 && buf[line.len - 1] == '\n')
		line.len--;
	if (line.len > 1 && buf[0] == '-') {
		/* perf_event_paranoid may be -1: laxer than anything. */
		*value = -1;
		return 1;
	}
	if (!bnd_text_u64(line, VALUE_TOP, &n))
		return bnd_fail(err, BND_E_SYS, "%s is not a number", path);
	*value = (int)n;
	return 1;
}

static int
write_knob(const struct bnd_root *root, const char *name, int value,
    struct bnd_err *err)
{
	char path[NAME_LEN], buf[32];
	SCOPED_FD int fd = -1;
	int n;

	(void)snprintf(path, sizeof(path), "proc/sys/%s", name);
	fd = bnd_root_openat(root, path, O_WRONLY | O_TRUNC, 0, err);
	if (fd < 0)
		return -1;
	n = snprintf(buf, sizeof(buf), "%d\n", value);
	return bnd_file_write_all(fd, path, buf, (size_t)n, err);
}

/* What each knob was before the first tightening. */
struct found {
	bool known[KNOBS];
	int value[KNOBS];
};

static int
parse_found(struct bnd_str text, struct found *f)
{
	struct bnd_str line, word, number;
	bool whole;
	uint64_t n;

	*f = (struct found){ 0 };
	if (!bnd_text_line(&text, &line, &whole) || !bnd_str_is(line, HEAD))
		return -1;
	while (bnd_text_line(&text, &line, &whole)) {
		size_t i = 0;
		bool minus;

		if (!whole || !bnd_text_word(&line, &word) ||
		    !bnd_text_word(&line, &number) || line.len != 0)
			return -1;
		while (i < KNOBS && !bnd_str_is(word, knobs[i].name))
			i++;
		minus = bnd_str_is(number, "-1");
		if (i == KNOBS || f->known[i] ||
		    (!minus && !bnd_text_u64(number, VALUE_TOP, &n)))
			return -1;
		f->known[i] = true;
		f->value[i] = minus ? -1 : (int)n;
	}
	return 0;
}

/* 1 read, 0 nothing was written down, -1 unusable. */
static int
load_found(const struct bnd_root *root, struct found *f, struct bnd_err *err)
{
	char buf[FOUND_MAX];
	struct bnd_err why = { 0 };
	size_t len;

	*f = (struct found){ 0 };
	if (bnd_file_read(
		root, BND_KNOB_FOUND, 0077, buf, sizeof(buf), &len, &why) != 0)
		return why.errnum == ENOENT
		    ? 0
		    : bnd_fail(err, why.kind, "%s", why.text);
	if (parse_found((struct bnd_str){ buf, len }, f) != 0)
		return bnd_fail(err, BND_E_CORRUPT,
		    BND_KNOB_FOUND " is damaged: old values unknown");
	return 1;
}

static int
save_found(const struct bnd_root *root, struct bnd_err *err)
{
	char buf[FOUND_MAX];
	int len = snprintf(buf, sizeof(buf), HEAD "\n");

	for (size_t i = 0; i < KNOBS; i++) {
		int value, there = read_knob(root, knobs[i].name, &value, err);

		if (there < 0)
			return -1;
		if (there == 0)
			continue;
		len += snprintf(buf + len, sizeof(buf) - (size_t)len, "%s %d\n",
		    knobs[i].name, value);
	}
	return bnd_file_replace(
	    root, BND_KNOB_FOUND, buf, (size_t)len, 0600, err);
}

/* What the knob should be: the mode's value, or the one found if stricter. */
static bool
target(
    const struct knob *k, enum bnd_mode mode, bool known, int found, int *value)
{
	int want = k->want[mode];

	if (want < 0 && !known)
		return false;
	*value =
	    want < 0 || (known && is_stricter(k, found, want)) ? found : want;
	return true;
}

/* Tally of one pass over the table, which becomes the result. */
struct tally {
	unsigned held, wrong;
	char absent[160];
	char first[120];
};

static void
note_absent(struct tally *t, const char *name)
{
	size_t at = strlen(t->absent);

	(void)snprintf(t->absent + at, sizeof(t->absent) - at, "%s%s",
	    at != 0 ? " " : "", strrchr(name, '/') + 1);
}

static void
note_wrong(struct tally *t, const char *name, const char *why)
{
	t->wrong++;
	if (t->first[0] == '\0')
		(void)snprintf(
		    t->first, sizeof(t->first), "%.40s: %.70s", name, why);
}

enum how {
	LOOK,
	AT_LEAST, /* a tightening: what somebody has set tighter stays */
	EXACTLY,  /* a loosening: as it was found */
};

static bool
must_write(const struct knob *k, int value, int want, enum how how)
{
	if (how == AT_LEAST)
		return is_stricter(k, want, value);
	return how == EXACTLY && value != want;
}

/* One knob, then read back; stricter than wanted is held, too. */
static void
one_knob(const struct bnd_root *root, const struct knob *k, int want,
    enum how how, struct tally *t)
{
	struct bnd_err err = { 0 };
	int value, there = read_knob(root, k->name, &value, &err);

	if (there == 0) {
		note_absent(t, k->name);
		return;
	}
	/* What cannot be read can perhaps be written. */
	if (there < 0 ? how != LOOK : must_write(k, value, want, how)) {
		err.text[0] = '\0';
		(void)write_knob(root, k->name, want, &err);
		there = read_knob(root, k->name, &value, &err);
	}
	if (there > 0 && (value == want || is_stricter(k, value, want)))
		t->held++;
	else
		note_wrong(t, k->name,
		    err.text[0] != '\0' ? err.text : "has another value");
}

static void
one_way_knobs(const struct bnd_root *root, const struct bnd_plan *plan,
    enum how how, struct tally *t)
{
	for (size_t i = 0; plan->policy != NULL && i < BND_ONE_WAY_KNOBS; i++) {
		struct knob k = { one_way[i], ORDER_UP, { 0 } };
		enum bnd_mode from = plan->policy->one_way[i];

		if (from != BND_MODE_NONE && plan->mode >= from)
			one_knob(root, &k, 1, how, t);
	}
}

static void
pass(const struct bnd_root *root, const struct bnd_plan *plan,
    const struct found *f, enum how how, struct bnd_result *res)
{
	struct tally t = { 0 };
	struct bnd_json j;

	for (size_t i = 0; i < KNOBS; i++) {
		int want;

		if (target(
			&knobs[i], plan->mode, f->known[i], f->value[i], &want))
			one_knob(root, &knobs[i], want, how, &t);
	}
	one_way_knobs(root, plan, how, &t);
	res->in_force = t.wrong == 0;
	(void)snprintf(res->why, sizeof(res->why), "%s", t.first);
	bnd_json_begin(&j, res->json, sizeof(res->json));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "mode", bnd_mode_name(plan->mode));
	bnd_json_bool(&j, "sealed", res->in_force);
	bnd_json_int(&j, "held", t.held);
	bnd_json_int(&j, "wrong", t.wrong);
	bnd_json_str(&j, "absent", t.absent);
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j))
		(void)snprintf(res->json, sizeof(res->json), "{}");
}

int
bnd_knob_apply(const struct bnd_root *root, const struct bnd_plan *plan,
    struct bnd_result *res, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct found f;
	int there = load_found(root, &f, &why);

	/*
	 * Old values that cannot be kept or read must not stop a tightening;
	 * they do stop a loosening, which would have to guess.
	 */
	if (there == 0 && plan->mode > BND_OPEN && !plan->exact) {
		if (save_found(root, &why) == 0)
			there = load_found(root, &f, &why);
		else
			there = -1;
	}
	if (there < 0 && plan->exact)
		return bnd_fail(err, why.kind, "%s", why.text);
	pass(root, plan, &f, plan->exact ? EXACTLY : AT_LEAST, res);
	if (there < 0) {
		res->finding = true;
		(void)snprintf(res->why, sizeof(res->why), "%.199s", why.text);
	}
	if (plan->mode == BND_OPEN && res->in_force)
		return bnd_file_unlink(root, BND_KNOB_FOUND, err);
	return 0;
}

int
bnd_knob_check(const struct bnd_root *root, const struct bnd_plan *plan,
    struct bnd_result *res, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct found f;

	(void)err;
	/* Without the old values only the mode's own can be compared. */
	if (plan->mode == BND_OPEN || load_found(root, &f, &why) < 0)
		f = (struct found){ 0 };
	pass(root, plan, &f, LOOK, res);
	if (why.kind != BND_E_NONE) {
		res->finding = true;
		(void)snprintf(res->why, sizeof(res->why), "%.199s", why.text);
	}
	return 0;
}
