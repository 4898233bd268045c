/* verify-flip.c: single bits of log, pin and head, one at a time */
/* SPDX-License-Identifier: ISC */
#include "judged.h"

#include <stdlib.h>
#include <time.h>

/* Of the log and the pin each run takes some, others each time; BND_SWEEP=1 all. */
#ifdef __SANITIZE_ADDRESS__
#define SOME 23
#else
#define SOME 3
#endif
static unsigned every = SOME;

/* One bit after the other; how many gave another exit than want. */
static unsigned
flip(int fd, const void *bytes, size_t from, size_t to, unsigned stride,
    int want)
{
	unsigned wrong = 0;

	for (size_t bit = from * 8 + (size_t)time(NULL) % stride; bit < to * 8;
	     bit += stride) {
		uint8_t byte = ((const uint8_t *)bytes)[bit / 8];
		uint8_t other = (uint8_t)(byte ^ 1U << bit % 8);
		int got;

		if (pwrite(fd, &other, 1, (off_t)(bit / 8)) != 1)
			bail("cannot write");
		got = verify();
		if (got != want && wrong++ < 5)
			diag("bit %zu: exit %d: %s", bit, got, said.detail);
		if (pwrite(fd, &byte, 1, (off_t)(bit / 8)) != 1)
			bail("cannot write");
	}
	return wrong;
}

static void
test_flip(void)
{
	control("flip");
	is_int(flip(log_fd, f.log, 0, f.len, every, 1), 0,
	    "L01 S0-08 one in %u of the log's %zu bits, flipped, is exit 1",
	    every, f.len * 8);
	control("flip the pin");
	is_int(flip(pin_fd, pin, 0, pin_len, every, 2), 0,
	    "one in %u of the pin's %zu bits, flipped, is exit 2", every,
	    pin_len * 8);
	control("flip the head");
	is_int(flip(head_fd, head, 0, BND_SLOT_LEN, every, 8), 0,
	    "L48 a flipped bit of the first slot is exit 8");
	is_int(flip(head_fd, head, BND_SLOT_GAP, BND_SLOT_GAP + BND_SLOT_LEN, 1,
		   8),
	    0, "L48 each bit of the second slot");
	is_int(flip(head_fd, head, BND_SLOT_LEN, BND_SLOT_GAP, 9, 8), 0,
	    "L48 each byte of the padding");
	is_int(flip(head_fd, head, BND_SLOT_GAP + BND_SLOT_LEN, BND_HEAD_LEN, 9,
		   8),
	    0, "L48 each byte of the padding behind");
	control("after the flips");
}

int
main(void)
{
	if (getenv("BND_SWEEP") != NULL)
		every = 1;
	scratch_make(&at);
	make();
	test_flip();
	scratch_remove(&at);
	return tap_done();
}
