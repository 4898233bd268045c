/* clock.c: boot time, and only the host's */
/* SPDX-License-Identifier: ISC */
#include "clock.h"

#include <string.h>

#include "tap.h"

static void
formats(void)
{
	static const struct {
		int64_t us;
		const char *text;
	} t[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ 1763839216137331, "2025-11-22T19:20:16.137331Z" },
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ 253402300799999999, "9999-12-31T23:59:59.999999Z" },
		{ 253402300800000000, "1900-01-01T00:00:00.000000Z" },
	};
	char text[BND_TIME_LEN + 1];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		bnd_clock_format(t[i].us, text);
		is_str(text, t[i].text, "format");
	}
}

int
main(void)
{
	struct bnd_now a, b;
	struct bnd_err err = { 0 };

	ok(bnd_clock_now(&a, &err) == 0 && bnd_clock_now(&b, &err) == 0,
	    "the clock can be read");
	ok(b.boot_us >= a.boot_us && a.boot_us > 0, "it does not run back");
	is_int(strlen(a.boot), BND_BOOT_ID_LEN, "a boot id of 32 digits");
	is_str(a.boot, b.boot, "the same in one boot");
	ok(strspn(a.boot, "0123456789abcdef") == BND_BOOT_ID_LEN, "hex");
	formats();
	return tap_done();
}
