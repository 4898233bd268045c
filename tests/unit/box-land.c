/* box-land: what each Landlock ABI is asked for, and what a bind becomes */
/* SPDX-License-Identifier: ISC */
#include "box-land.h"

#include "tap.h"

/* Bits from the kernel's list of ABIs (landlock(7)); none may come earlier. */
static void
by_abi(void)
{
	static const struct {
		int abi;
		uint64_t fs, net, scoped;
	} rows[] = {
		{ 1, 0x1fff, 0, 0 },
		{ 2, 0x3fff, 0, 0 },
		{ 3, 0x7fff, 0, 0 },
		{ 4, 0x7fff, 3, 0 },
		{ 5, 0xffff, 3, 0 },
		{ 6, 0xffff, 3, 3 },
		{ 7, 0xffff, 3, 3 },
		{ 8, 0xffff, 3, 3 },
		{ 9, 0x1ffff, 3, 3 },
		{ 99, 0x1ffff, 3, 3 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bnd_ll_ruleset r = bnd_land_handled(rows[i].abi, false);

		ok(r.fs == rows[i].fs && r.net == rows[i].net &&
			r.scoped == rows[i].scoped,
		    "ABI %d", rows[i].abi);
		is_int(bnd_land_handled(rows[i].abi, true).net, 0,
		    "with a network, TCP is not its business (ABI %d)",
		    rows[i].abi);
	}
}

static void
by_rights(void)
{
	const uint64_t node = BND_LL_MAKE_CHAR | BND_LL_MAKE_BLOCK;
	struct bnd_box_tree t = { .dir = true, .rights = BND_BIND_R };

	is_int(bnd_land_rights(&t), BND_LL_READ_FILE | BND_LL_READ_DIR, "r");
	t.rights |= BND_BIND_X;
	ok(bnd_land_rights(&t) & BND_LL_EXECUTE, "x is execute");
	ok(!(bnd_land_rights(&t) & BND_LL_WRITE_FILE), "and not write");
	t.rights = BND_BIND_R | BND_BIND_W;
	ok(bnd_land_rights(&t) & BND_LL_WRITE_FILE, "w is write");
	ok(bnd_land_rights(&t) & BND_LL_TRUNCATE, "and truncate");
	ok(!(bnd_land_rights(&t) & BND_LL_EXECUTE), "and not execute");
	ok(!(bnd_land_rights(&t) & node), "nobody makes nodes");
	t.dir = false;
	is_int(bnd_land_rights(&t),
	    BND_LL_READ_FILE | BND_LL_WRITE_FILE | BND_LL_TRUNCATE,
	    "a file has no rights of directories");
	t.device = true;
	is_int(bnd_land_rights(&t), BND_LL_READ_FILE | BND_LL_WRITE_FILE,
	    "a node is read and written, no more");
}

int
main(void)
{
	by_abi();
	by_rights();
	is_str(bnd_land_part_name(BND_LAND_RESTRICT), "landlock_restrict_self",
	    "a part has a name");
	is_str(bnd_land_part_name(7), "", "what is none has not");
	is_str(bnd_land_part_name(UINT32_MAX), "", "nor a number from nowhere");
	return tap_done();
}
