/* head.c: slots to bytes and back, and what they say about the log's end */
/* SPDX-License-Identifier: ISC */
#include "head.h"

#include <string.h>

#define MAGIC	 "BNDHEAD1"
#define PERSONAL "bnd-log-slot-v1"

/* Little-endian places in a slot. */
enum {
	AT_MAGIC = 0,
	AT_GEN = 8,
	AT_NEXT_SEQ = 16,
	AT_FILE = 24, /* and four bytes of padding */
	AT_START = 32,
	AT_END = 40,
	AT_LINK = 48,
	AT_SECRET = 80,
	AT_PK = 112,
	AT_EPOCH = 144,
	AT_ZEROS = 176,
	AT_SUM = 480,
};

static void
put_u64(uint8_t *p, uint64_t n)
{
	for (unsigned i = 0; i < 8; i++)
		p[i] = (uint8_t)(n >> (8 * i));
}

static uint64_t
get_u64(const uint8_t *p)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 8; i++)
		n |= (uint64_t)p[i] << (8 * i);
	return n;
}

void
bnd_slot_pack(const struct bnd_slot *s, uint8_t bytes[static BND_SLOT_LEN])
{
	memset(bytes, 0, BND_SLOT_LEN);
	memcpy(bytes + AT_MAGIC, MAGIC, 8);
	put_u64(bytes + AT_GEN, s->gen);
	put_u64(bytes + AT_NEXT_SEQ, s->next_seq);
	put_u64(bytes + AT_FILE, s->file);
	put_u64(bytes + AT_START, s->start);
	put_u64(bytes + AT_END, s->end);
	memcpy(bytes + AT_LINK, s->link, sizeof(s->link));
	memcpy(bytes + AT_SECRET, s->secret, sizeof(s->secret));
	memcpy(bytes + AT_PK, s->pk, sizeof(s->pk));
	memcpy(bytes + AT_EPOCH, s->epoch, sizeof(s->epoch));
	bnd_hash(PERSONAL, NULL, 0, bytes, AT_SUM, bytes + AT_SUM);
}

/* Nothing secret stands there, so this one may stop early. */
static bool
is_blank(const uint8_t *p, size_t n)
{
	static const uint8_t zeros[BND_SLOT_GAP];

	return memcmp(p, zeros, n) == 0;
}

bool
bnd_slot_unpack(const uint8_t bytes[static BND_SLOT_LEN],
    const uint8_t gap[static BND_SLOT_GAP - BND_SLOT_LEN], struct bnd_slot *s)
{
	uint8_t sum[BND_HASH_LEN];

	memset(s, 0, sizeof(*s));
	bnd_hash(PERSONAL, NULL, 0, bytes, AT_SUM, sum);
	if (memcmp(bytes + AT_MAGIC, MAGIC, 8) != 0 ||
	    !bnd_same(bytes + AT_SUM, sum, sizeof(sum)) ||
	    get_u64(bytes + AT_FILE) > UINT32_MAX ||
	    !is_blank(bytes + AT_ZEROS, AT_SUM - AT_ZEROS) ||
	    !is_blank(gap, BND_SLOT_GAP - BND_SLOT_LEN))
		return false;
	s->gen = get_u64(bytes + AT_GEN);
	s->next_seq = get_u64(bytes + AT_NEXT_SEQ);
	s->file = (uint32_t)get_u64(bytes + AT_FILE);
	s->start = get_u64(bytes + AT_START);
	s->end = get_u64(bytes + AT_END);
	memcpy(s->link, bytes + AT_LINK, sizeof(s->link));
	memcpy(s->secret, bytes + AT_SECRET, sizeof(s->secret));
	memcpy(s->pk, bytes + AT_PK, sizeof(s->pk));
	memcpy(s->epoch, bytes + AT_EPOCH, sizeof(s->epoch));
	return s->start <= s->end && s->end <= INT64_MAX;
}

bool
bnd_slot_is_live(const struct bnd_slot *s)
{
	return !bnd_is_zero(s->secret, sizeof(s->secret));
}

bool
bnd_slot_holds(const struct bnd_slot *s, const uint8_t nk[static BND_KEY_LEN])
{
	uint8_t pk[BND_KEY_LEN];

	if (!bnd_slot_is_live(s))
		return false;
	bnd_sign_public(s->secret, pk);
	return bnd_same(pk, s->pk, sizeof(pk)) && bnd_same(pk, nk, sizeof(pk));
}

void
bnd_head_unpack(const uint8_t bytes[static BND_HEAD_LEN], struct bnd_head *h)
{
	for (int i = 0; i < 2; i++) {
		const uint8_t *slot = bytes + i * BND_SLOT_GAP;

		h->good[i] =
		    bnd_slot_unpack(slot, slot + BND_SLOT_LEN, &h->slot[i]);
	}
	bnd_head_order(h);
}

void
bnd_head_order(struct bnd_head *h)
{
	bool both = h->good[0] && h->good[1];

	if (both && h->slot[0].gen == h->slot[1].gen)
		both = h->good[0] = h->good[1] = false;
	h->s = h->good[0] ? 0 : h->good[1] ? 1 : -1;
	if (both && h->slot[1].gen > h->slot[0].gen)
		h->s = 1;
	h->o = both ? 1 - h->s : -1;
}

/* One slot is bad: only a log that ends where the other says is believed. */
static enum bnd_row
row_of_one(const struct bnd_slot *s, const struct bnd_tail *t)
{
	if (!bnd_slot_is_live(s))
		return BND_ROW_NO_HEAD;
	if (t->size < s->end)
		return BND_ROW_CUT;
	return t->size == s->end && t->s_whole ? BND_ROW_SLOT : BND_ROW_FOREIGN;
}

/*
 * S announces a line that is not there.  What tells a crash from a cut is O's
 * secret: it lives only from the announcement until the line is durable, and
 * nobody can put it back.
 */
static enum bnd_row
row_of_crash(const struct bnd_slot *s, const struct bnd_slot *o,
    const struct bnd_tail *t)
{
	uint64_t begin = o->file == s->file ? o->end : 0;

	if (t->size > s->end)
		return BND_ROW_FOREIGN;
	if (t->size < begin)
		return BND_ROW_CUT;
	if (!bnd_slot_is_live(o))
		return t->size < s->end ? BND_ROW_CUT : BND_ROW_FOREIGN;
	if (o->gen + 1 != s->gen || o->next_seq + 1 != s->next_seq)
		return BND_ROW_NO_HEAD;
	if (!t->o_whole)
		return BND_ROW_FOREIGN;
	if (t->size == begin)
		return BND_ROW_AGAIN;
	if (t->s_lacks_lf && t->size == s->end - 1)
		return BND_ROW_ADD_LF;
	return t->size - begin <= BND_JUNK_MAX ? BND_ROW_TORN : BND_ROW_FOREIGN;
}

enum bnd_row
bnd_head_row(const struct bnd_head *h, const struct bnd_tail *t)
{
	const struct bnd_slot *s;

	if (h->s < 0)
		return BND_ROW_NO_HEAD;
	s = &h->slot[h->s];
	if (h->o < 0)
		return row_of_one(s, t);
	if (t->size == s->end && t->s_whole)
		return bnd_slot_is_live(s) ? BND_ROW_CLEAN : BND_ROW_NO_HEAD;
	return row_of_crash(s, &h->slot[h->o], t);
}
