/* box-stage.c: notes as they are sent, and the only order of a start */
/* SPDX-License-Identifier: ISC */
#include "box-stage.h"

#include "box-child.h"
#include "box-payload.h"
#include "tap.h"

#define ROWS 32

static void
words(void)
{
	bool all = true;

	for (int s = BND_STAGE_NONE; s < BND_STAGES; s++) {
		const char *w = bnd_box_stage_word((enum bnd_box_stage)s);

		all &= w != NULL && *w >= 'a' && *w <= 'z';
		for (int t = BND_STAGE_NONE; t < s; t++)
			all &=
			    strcmp(w,
				bnd_box_stage_word((enum bnd_box_stage)t)) != 0;
	}
	ok(all, "every stage has a word of its own");
	is_str(bnd_box_stage_word(BND_STAGE_SECCOMP), "seccomp", "seccomp");
	is_str(bnd_box_stage_word((enum bnd_box_stage)BND_STAGES), "?",
	    "what is no stage has none");
}

static struct bnd_box_note
sound(void)
{
	return (struct bnd_box_note){ .magic = BND_NOTE_MAGIC,
		.kind = BND_NOTE_FAILED,
		.stage = BND_STAGE_ROOT,
		.errnum = ENOENT,
		.arg = 7,
		.value = -3 };
}

static void
codec(void)
{
	struct bnd_box_note n = sound(), got;
	char buf[sizeof(n) + 1] = { 0 };

	memcpy(buf, &n, sizeof(n));
	ok(bnd_box_note_read(buf, sizeof(n), &got), "a note");
	ok(got.kind == n.kind && got.stage == n.stage &&
		got.errnum == n.errnum && got.arg == n.arg &&
		got.value == n.value,
	    "says what was written");
	ok(!bnd_box_note_read(buf, sizeof(n) - 1, &got), "a byte short");
	ok(!bnd_box_note_read(buf, sizeof(n) + 1, &got), "a byte long");
	ok(!bnd_box_note_read(buf, 0, &got), "empty");
}

static void
ranges(void)
{
	static const struct {
		const char *what;
		size_t at;
		uint32_t value;
	} bad[] = {
		{ "other magic", offsetof(struct bnd_box_note, magic), 1 },
		{ "no kind", offsetof(struct bnd_box_note, kind), 0 },
		{ "kind past the last", offsetof(struct bnd_box_note, kind),
		    BND_NOTES },
		{ "stage past the last", offsetof(struct bnd_box_note, stage),
		    BND_STAGES },
		{ "something spare", offsetof(struct bnd_box_note, spare), 1 },
		{ "errno below 0", offsetof(struct bnd_box_note, errnum),
		    UINT32_MAX },
		{ "errno no kernel has", offsetof(struct bnd_box_note, errnum),
		    4096 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bnd_box_note n = sound(), got;

		memcpy((char *)&n + bad[i].at, &bad[i].value, 4);
		ok(!bnd_box_note_read(&n, sizeof(n), &got), "%s", bad[i].what);
	}
}

/* Junk of any length: what is taken lies within the ranges. */
static void
junk(void)
{
	uint64_t x = 88172645463325252U;
	bool good = true;
	unsigned taken = 0;

	for (int i = 0; i < 200000; i++) {
		struct bnd_box_note n = sound(), got;
		char buf[64];

		memcpy(buf, &n, sizeof(n));
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		buf[x % sizeof(n)] = (char)(x >> 32);
		buf[(x >> 8) % sizeof(n)] = (char)(x >> 40);
		if (!bnd_box_note_read(
			buf, x % 16 == 0 ? x % 64 : sizeof(n), &got))
			continue;
		taken++;
		good &= got.magic == BND_NOTE_MAGIC && got.kind != 0 &&
		    got.kind < BND_NOTES && got.stage < BND_STAGES &&
		    got.errnum >= 0 && got.errnum < 4096;
	}
	ok(good && taken > 1000, "junk: none of %u notes is out of range",
	    taken);
}

static unsigned
rows(const struct bnd_box_step *t, struct bnd_box_step copy[static ROWS])
{
	unsigned n = 0;

	for (; t[n].run != NULL; n++)
		copy[n] = t[n];
	copy[n] = t[n];
	return n;
}

/* What the init has, and the payload when it is cloned. */
#define AT_INIT	   ((unsigned)BND_HAS_CAPS)
#define AT_PAYLOAD (at_payload())

static unsigned
at_payload(void)
{
	unsigned state = BND_HAS_CAPS;

	for (const struct bnd_box_step *s = bnd_box_init_steps;
	     s->stage != BND_STAGE_PAYLOAD; s++)
		state = (state & ~s->takes) | s->gives;
	return state;
}

static void
in_order(void)
{
	unsigned init = AT_INIT, payload = AT_PAYLOAD;

	is_int(bnd_box_steps_wrong(bnd_box_init_steps, &init), -1,
	    "the init's steps are in order");
	ok((init & BND_HAS_CAPS) == 0 && (init & BND_HAS_FILTER) != 0,
	    "and end without capabilities, filtered");
	is_int(bnd_box_steps_wrong(bnd_box_payload_steps, &payload), -1,
	    "the payload's too");
	ok((payload & BND_HAS_CAPS) == 0 && (payload & BND_HAS_FILTER) != 0 &&
		(payload & BND_HAS_LAND) != 0 &&
		(payload & BND_HAS_NO_NEW) != 0 && (payload & BND_HAS_FDS) != 0,
	    "and end with everything on");
}

/* Each step left out: a later one, or the end, misses what it gives. */
static void
left_out(const struct bnd_box_step *table, unsigned first, const char *whose)
{
	struct bnd_box_step t[ROWS];
	unsigned n = rows(table, t), whole = first, missed = 0, give = 0;

	(void)bnd_box_steps_wrong(table, &whole);
	for (unsigned i = 0; i < n; i++) {
		unsigned state = first;

		(void)rows(table, t);
		if (t[i].gives == 0)
			continue;
		give++;
		memmove(&t[i], &t[i + 1], (n - i) * sizeof(t[0]));
		missed +=
		    bnd_box_steps_wrong(t, &state) != -1 || state != whole;
	}
	is_int(missed, give, "%s: every step left out is missed", whose);
}

static const struct bnd_box_step *
named(const struct bnd_box_step *t, enum bnd_box_stage s, unsigned step)
{
	while (t->run != NULL && (t->stage != s || t->step != step))
		t++;
	return t;
}

/* Pairs whose order is what protects; the other way round is refused. */
static void
swapped(void)
{
	static const struct {
		const struct bnd_box_step *table;
		enum bnd_box_stage s1;
		unsigned n1;
		enum bnd_box_stage s2;
		unsigned n2;
		const char *why;
	} pair[] = {
		{ bnd_box_init_steps, BND_STAGE_JOIN, 1, BND_STAGE_JOIN, 2,
		    "cgroup namespace after its leaf" },
		{ bnd_box_init_steps, BND_STAGE_JOIN, 3, BND_STAGE_JOIN, 4,
		    "ids after their maps" },
		{ bnd_box_init_steps, BND_STAGE_JOIN, 4, BND_STAGE_TIME, 0,
		    "procfs after the ids" },
		{ bnd_box_init_steps, BND_STAGE_TIME, 1, BND_STAGE_PAYLOAD, 0,
		    "clocks before whoever reads them" },
		{ bnd_box_init_steps, BND_STAGE_ROOT, 0, BND_STAGE_PAYLOAD, 0,
		    "the root before the payload" },
		{ bnd_box_init_steps, BND_STAGE_HOST, 2, BND_STAGE_PAYLOAD, 0,
		    "the bounding set before the payload" },
		{ bnd_box_init_steps, BND_STAGE_HOST, 3, BND_STAGE_PAYLOAD, 0,
		    "no_new_privs before the payload" },
		{ bnd_box_init_steps, BND_STAGE_PAYLOAD, 0, BND_STAGE_SEAL, 1,
		    "the init's capabilities after the payload" },
		{ bnd_box_init_steps, BND_STAGE_SEAL, 1, BND_STAGE_SEAL, 2,
		    "its filter last" },
		{ bnd_box_payload_steps, BND_STAGE_LANDLOCK, 0, BND_STAGE_CREDS,
		    2, "Landlock's proof before the capabilities go" },
		{ bnd_box_payload_steps, BND_STAGE_CREDS, 1, BND_STAGE_CREDS, 2,
		    "the ids before the capabilities go" },
		{ bnd_box_payload_steps, BND_STAGE_CREDS, 2, BND_STAGE_SECCOMP,
		    0, "the filter after the capabilities" },
		{ bnd_box_payload_steps, BND_STAGE_CREDS, 2, BND_STAGE_CHDIR, 0,
		    "the directory as who the payload is" },
		{ bnd_box_payload_steps, BND_STAGE_FDS, 0, BND_STAGE_SECCOMP, 0,
		    "the filter after the descriptors" },
	};

	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
		const struct bnd_box_step *table = pair[i].table;
		struct bnd_box_step t[ROWS];
		unsigned state =
		    table == bnd_box_init_steps ? AT_INIT : AT_PAYLOAD;
		ptrdiff_t a = named(table, pair[i].s1, pair[i].n1) - table;
		ptrdiff_t b = named(table, pair[i].s2, pair[i].n2) - table;

		(void)rows(table, t);
		t[a] = table[b];
		t[b] = table[a];
		ok(a < b && t[a].run != NULL && t[b].run != NULL &&
			bnd_box_steps_wrong(t, &state) != -1,
		    "%s", pair[i].why);
	}
}

static int
nothing(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	(void)note;
	return 0;
}

static void
barred(void)
{
	static const struct bnd_box_step t[] = {
		{ BND_STAGE_CREDS, 0, "", nothing, 0, 0, 0, BND_HAS_PLAIN },
		{ BND_STAGE_FDS, 0, "", nothing, 0, BND_HAS_PLAIN, 0, 0 },
		{ 0 },
	};
	unsigned state = 0;

	is_int(bnd_box_steps_wrong(t, &state), 1, "a step whose time is over");
}

static void
twice(void)
{
	struct bnd_box_step t[ROWS];
	unsigned n = rows(bnd_box_payload_steps, t), state = AT_PAYLOAD;

	t[n + 1] = t[n];
	t[n] = t[0];
	is_int(bnd_box_steps_wrong(t, &state), (int)n,
	    "a name that is there twice");
}

int
main(void)
{
	words();
	codec();
	ranges();
	junk();
	in_order();
	left_out(bnd_box_init_steps, AT_INIT, "init");
	left_out(bnd_box_payload_steps, AT_PAYLOAD, "payload");
	swapped();
	barred();
	twice();
	return tap_done();
}
