/* head.c: slots there and back, every bit of them, and every row of the table */
/* SPDX-License-Identifier: ISC */
#include "head.h"

#include <string.h>

#include "tap.h"

static struct bnd_slot
sample(uint64_t gen)
{
	struct bnd_slot s = { .gen = gen,
		.next_seq = gen - 1,
		.file = 1,
		.start = 100 * gen,
		.end = 100 * gen + 100 };

	bnd_random(s.link, sizeof(s.link));
	bnd_sign_keypair(s.pk, s.secret);
	return s;
}

static void
pack_two(const struct bnd_slot *a, const struct bnd_slot *b,
    uint8_t bytes[static BND_HEAD_LEN])
{
	memset(bytes, 0, BND_HEAD_LEN);
	bnd_slot_pack(a, bytes);
	bnd_slot_pack(b, bytes + BND_SLOT_GAP);
}

static void
there_and_back(void)
{
	struct bnd_slot a = sample(5), b = sample(6);
	uint8_t bytes[BND_HEAD_LEN];
	struct bnd_head h;

	pack_two(&a, &b, bytes);
	bnd_head_unpack(bytes, &h);
	ok(h.good[0] && h.good[1] && h.s == 1 && h.o == 0, "the newer is S");
	is_mem(&h.slot[0], &a, sizeof(a), "slot 0 comes back");
	is_mem(&h.slot[1], &b, sizeof(b), "slot 1 comes back");
	pack_two(&b, &a, bytes);
	bnd_head_unpack(bytes, &h);
	ok(h.s == 0 && h.o == 1, "wherever it stands");
	pack_two(&a, &a, bytes);
	bnd_head_unpack(bytes, &h);
	ok(h.s == -1 && h.o == -1, "two of one gen are none");
	ok(bnd_slot_is_live(&a) && bnd_slot_holds(&a, a.pk),
	    "it holds its key");
	ok(!bnd_slot_holds(&a, b.pk), "and no other");
	a.pk[0] ^= 1;
	ok(!bnd_slot_holds(&a, a.pk), "nor one it cannot have");
	memset(a.secret, 0, sizeof(a.secret));
	ok(!bnd_slot_is_live(&a) && !bnd_slot_holds(&a, a.pk),
	    "erased, it holds none");
}

/* L48: padding included. */
static void
every_bit_counts(void)
{
	struct bnd_slot a = sample(5), b = sample(6);
	uint8_t bytes[BND_HEAD_LEN];
	struct bnd_head h;
	unsigned wrong = 0;

	pack_two(&a, &b, bytes);
	for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
		int hit = bit / 8 >= BND_SLOT_GAP;

		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		bnd_head_unpack(bytes, &h);
		wrong += h.good[hit] || !h.good[1 - hit] || h.s != 1 - hit ||
		    h.o != -1;
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	is_int(wrong, 0, "any flipped bit makes that slot bad, and that only");
	for (int i = 0; i < 2; i++) {
		memset(bytes, 0, sizeof(bytes));
		bnd_slot_pack(&a, bytes + i * BND_SLOT_GAP);
		bnd_head_unpack(bytes, &h);
		ok(h.s == i && h.o == -1, "slot %d alone", i);
	}
}

static void
impossible_places(void)
{
	struct bnd_slot a = sample(5), out;
	uint8_t bytes[BND_SLOT_GAP] = { 0 };

	a.start = a.end + 1;
	bnd_slot_pack(&a, bytes);
	ok(!bnd_slot_unpack(bytes, bytes + BND_SLOT_LEN, &out),
	    "a line that ends before it starts");
	a.start = 0;
	a.end = UINT64_MAX;
	bnd_slot_pack(&a, bytes);
	ok(!bnd_slot_unpack(bytes, bytes + BND_SLOT_LEN, &out),
	    "a line beyond any file");
}

/* O's line ends at 600, S announces [600, 700). */
static const struct {
	const char *what;
	bool o_live, s_live, gap; /* gap: generations that do not follow */
	struct bnd_tail tail;
	enum bnd_row row;
} rows[] = {
	{ "clean", false, true, false, { 700, true, false, true },
	    BND_ROW_CLEAN },
	{ "clean, wipe pending", true, true, false, { 700, true, false, true },
	    BND_ROW_CLEAN },
	{ "clean but the key is gone", false, false, false,
	    { 700, true, false, true }, BND_ROW_NO_HEAD },
	{ "crash before the line", true, true, false,
	    { 600, false, false, true }, BND_ROW_AGAIN },
	{ "the LF is missing", true, true, false, { 699, false, true, true },
	    BND_ROW_ADD_LF },
	{ "one byte of a line", true, true, false, { 601, false, false, true },
	    BND_ROW_TORN },
	{ "as long as announced, but other bytes", true, true, false,
	    { 700, false, false, true }, BND_ROW_TORN },
	{ "lacks the LF, but other bytes", true, true, false,
	    { 699, false, false, true }, BND_ROW_TORN },
	{ "fake tear: cut after commit", false, true, false,
	    { 650, false, false, true }, BND_ROW_CUT },
	{ "cut by the LF after commit", false, true, false,
	    { 699, false, true, true }, BND_ROW_CUT },
	{ "cut back to O after commit", false, true, false,
	    { 600, false, false, true }, BND_ROW_CUT },
	{ "cut into O, key alive", true, true, false,
	    { 599, false, false, false }, BND_ROW_CUT },
	{ "emptied", true, true, false, { 0, false, false, false },
	    BND_ROW_CUT },
	{ "bytes added", false, true, false, { 701, true, false, true },
	    BND_ROW_FOREIGN },
	{ "bytes added, key alive", true, true, false,
	    { 701, true, false, true }, BND_ROW_FOREIGN },
	{ "last line changed", false, true, false, { 700, false, false, true },
	    BND_ROW_FOREIGN },
	{ "O's line changed under a tear", true, true, false,
	    { 650, false, false, false }, BND_ROW_FOREIGN },
	{ "O's line changed, no line", true, true, false,
	    { 600, false, false, false }, BND_ROW_FOREIGN },
	{ "slots of two different times", true, true, true,
	    { 600, false, false, true }, BND_ROW_NO_HEAD },
};

static void
table(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bnd_slot o = sample(5), s = sample(6);
		struct bnd_head h = { .slot = { o, s },
			.good = { true, true } };

		h.slot[0].end = 600;
		h.slot[1].start = 600;
		h.slot[1].end = 700;
		if (rows[i].gap) {
			h.slot[1].gen = 9;
			h.slot[1].next_seq = 8;
		}
		if (!rows[i].o_live)
			memset(h.slot[0].secret, 0, BND_SEED_LEN);
		if (!rows[i].s_live)
			memset(h.slot[1].secret, 0, BND_SEED_LEN);
		bnd_head_order(&h);
		is_int(bnd_head_row(&h, &rows[i].tail), rows[i].row, "%s",
		    rows[i].what);
	}
}

static void
one_bad_slot(void)
{
	struct bnd_head h = { .slot = { sample(5) }, .good = { true, false } };
	struct bnd_tail t = { .size = 600, .s_whole = true };

	bnd_head_order(&h);
	is_int(bnd_head_row(&h, &t), BND_ROW_SLOT, "the other is in step");
	t.size = 601;
	is_int(bnd_head_row(&h, &t), BND_ROW_FOREIGN, "the log is longer");
	t.size = 599;
	is_int(bnd_head_row(&h, &t), BND_ROW_CUT, "the log is shorter");
	t = (struct bnd_tail){ .size = 600 };
	is_int(bnd_head_row(&h, &t), BND_ROW_FOREIGN, "its line is another");
	memset(h.slot[0].secret, 0, BND_SEED_LEN);
	t.s_whole = true;
	is_int(bnd_head_row(&h, &t), BND_ROW_NO_HEAD, "it holds no key");
	h.good[0] = false;
	bnd_head_order(&h);
	is_int(bnd_head_row(&h, &t), BND_ROW_NO_HEAD, "no slot at all");
}

static void
junk_is_bounded(void)
{
	struct bnd_head h = { .slot = { sample(5), sample(6) },
		.good = { true, true } };
	struct bnd_tail t = { .o_whole = true };

	h.slot[1].end = h.slot[0].end + 2 * BND_JUNK_MAX;
	bnd_head_order(&h);
	t.size = h.slot[0].end + BND_JUNK_MAX;
	is_int(bnd_head_row(&h, &t), BND_ROW_TORN, "64 KiB of junk");
	t.size++;
	is_int(bnd_head_row(&h, &t), BND_ROW_FOREIGN, "one byte more");
}

int
main(void)
{
	struct bnd_err err = { 0 };

	if (bnd_sign_init(&err) != 0)
		bail(err.text);
	there_and_back();
	every_bit_counts();
	impossible_places();
	table();
	one_bad_slot();
	junk_is_bounded();
	return tap_done();
}
