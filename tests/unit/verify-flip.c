/* verify-flip.c: every single bit of log, pin and head, one at a time */
/* SPDX-License-Identifier: ISC */
#include "judged.h"

/* A sanitizer takes its time: then every eleventh bit. */
#ifdef __SANITIZE_ADDRESS__
#define EVERY 11
#else
#define EVERY 1
#endif

/* One bit after the other; how many gave another exit than want. */
static unsigned
flip(int fd, const void *bytes, size_t from, size_t to, unsigned stride,
    int want)
{
	unsigned wrong = 0;

	for (size_t bit = from * 8; bit < to * 8; bit += stride) {
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
	is_int(flip(log_fd, f.log, 0, f.len, EVERY, 1), 0,
	    "L01 S0-08 each of the log's %zu bits flipped is exit 1",
	    f.len * 8);
	control("flip the pin");
	is_int(flip(pin_fd, pin, 0, pin_len, EVERY, 2), 0,
	    "each of the pin's %zu bits flipped is exit 2", pin_len * 8);
	control("flip the head");
	is_int(flip(head_fd, head, 0, BND_SLOT_LEN, EVERY, 8), 0,
	    "L48 each bit of the first slot flipped is exit 8");
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
	scratch_make(&at);
	make();
	test_flip();
	scratch_remove(&at);
	return tap_done();
}
