/* lockout.c: counters that are read are those that were written, and bounded */
/* SPDX-License-Identifier: ISC */
#include "lockout.h"

#include "fuzz/fuzz.h"

static void
check(const struct bnd_lockout *l, const uint8_t *data)
{
	char again[BND_LOCKOUT_LEN];

	must(l->all.n <= BND_LOCKOUT_MAX_N);
	must(l->all.wait_s <= BND_LOCKOUT_MAX_S);
	for (int i = 0; i < BND_LOCKOUT_NAMES; i++) {
		must(l->name[i].n <= BND_LOCKOUT_MAX_N);
		must(l->name[i].wait_s <= BND_LOCKOUT_MAX_S);
	}
	bnd_lockout_pack(l, again);
	must(memcmp(again, data, sizeof(again)) == 0);
}

/* Also as far as the checksum would let it: no fuzzer finds one. */
static void
read_again(const struct bnd_lockout *l)
{
	char text[BND_LOCKOUT_LEN];
	struct bnd_lockout again;

	bnd_lockout_pack(l, text);
	must(bnd_lockout_unpack(
		 (struct bnd_str){ text, sizeof(text) }, &again, NULL) == 0);
	check(&again, (const uint8_t *)text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_lockout l = { 0 };
	uint64_t v[3];

	if (bnd_lockout_unpack(fuzz_str(data, size), &l, NULL) == 0)
		check(&l, data);
	l = (struct bnd_lockout){ .boot = "00000000000000000000000000000000" };
	for (unsigned i = 0; i < BND_LOCKOUT_NAMES && size >= sizeof(v); i++) {
		memcpy(v, data, sizeof(v));
		data += sizeof(v);
		size -= sizeof(v);
		l.halved_us ^= v[1];
		l.name[i] =
		    (struct bnd_failures){ v[0] % 33, v[1], v[2] % 901 };
		l.all = l.name[i];
	}
	read_again(&l);
	return 0;
}
