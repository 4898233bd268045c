/* boxprofile.c: a profile that is read prints to one that is equal */
/* SPDX-License-Identifier: ISC */
#include "box-profile.h"

#include "box-builtin.h"
#include "box-lattice.h"
#include "fuzz/fuzz.h"

static struct bnd_box_policy base, p, again, met;
static struct bnd_box_pool pool;
static char one[BND_BOX_TEXT_MAX], two[BND_BOX_TEXT_MAX];

static bool
is_within(const struct bnd_box_policy *a, const struct bnd_box_policy *b)
{
	enum bnd_box_order o = bnd_box_compare(a, b);

	return o == BND_BOX_EQUAL || o == BND_BOX_TIGHTER;
}

static void
round_trip(void)
{
	size_t one_len, two_len;

	/* 64 KiB of text may come to more when every number is spelled out. */
	if (bnd_box_profile_print(&p, one, &one_len, NULL) != 0)
		return;
	must(bnd_box_profile_parse("again", (struct bnd_str){ one, one_len },
		 &pool, &again, NULL) == 0);
	must(bnd_box_compare(&p, &again) == BND_BOX_EQUAL);
	must(bnd_box_profile_print(&again, two, &two_len, NULL) == 0);
	must(one_len == two_len && memcmp(one, two, one_len) == 0);
}

static void
check_text(const struct bnd_err *err)
{
	for (const char *s = err->text; *s != '\0'; s++)
		must(*s >= 0x20 && *s <= 0x7e);
}

static int
read_as(enum bnd_box_place place, struct bnd_str text)
{
	const struct bnd_box_source source = { .name = "f", .place = place };
	struct bnd_err err = { 0 };
	int rc = bnd_box_profile_read(&source, text, &pool, &p, &err);

	must((rc == 0) == (err.kind == BND_E_NONE));
	check_text(&err);
	return rc;
}

static void
begin(void)
{
	const char *text = bnd_box_builtin("default");
	struct bnd_err err = { 0 };

	if (pool.at == NULL)
		must(bnd_box_pool_make(&pool, &err) == 0);
	pool.used = 0;
	must(bnd_box_profile_parse("default",
		 (struct bnd_str){ text, strlen(text) }, &pool, &base,
		 &err) == 0);
}

/* As a profile on nothing, on the default, and as a floor. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_str text = fuzz_str(data, size);
	bool narrowed[BND_BOX_KEYS];
	char name[BND_BOX_NAME];
	struct bnd_err err = { 0 };

	if (size > BND_BOX_TEXT_MAX)
		return 0;
	begin();
	if (bnd_box_profile_base("f", text, name, &err) == 0 && name[0] != '\0')
		must(bnd_box_is_profile_name(
		    (struct bnd_str){ name, strlen(name) }));
	check_text(&err);
	p = base;
	if (read_as(BND_PLACE_PROFILE, text) == 0)
		must(is_within(&p, &base));
	memset(&p, 0, sizeof(p));
	if (read_as(BND_PLACE_PROFILE, text) == 0)
		round_trip();
	memset(&p, 0, sizeof(p));
	if (read_as(BND_PLACE_FLOOR, text) != 0)
		return 0;
	met = base;
	if (bnd_box_meet(&met, &p, narrowed, NULL) == 0)
		must(is_within(&met, &p) && is_within(&met, &base));
	return 0;
}
