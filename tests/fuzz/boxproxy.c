/* boxproxy.c: of any bytes of a client: one pair of the list's spelling, or a no */
/* SPDX-License-Identifier: ISC */
#include "box-dial.h"
#include "box-proxy.h"

#include "fuzz/fuzz.h"

/* The same bytes one by one: the first answer is the answer. */
static void
by_bytes(const uint8_t *data, size_t size, enum bnd_proxy_got want,
    const struct bnd_proxy *whole)
{
	struct bnd_proxy p = { 0 };
	enum bnd_proxy_got got = BND_PROXY_MORE;
	size_t used = 0, at = 0;

	for (size_t n = 1; at + n <= size;) {
		got = bnd_proxy_read(&p, data + at, n, &used);
		must(used <= n);
		if (got == BND_PROXY_MORE) {
			n++;
			continue;
		}
		if (got != BND_PROXY_GREETED)
			break;
		at += used;
		n = 1;
		got = BND_PROXY_MORE;
	}
	must(got == want && p.kind == whole->kind);
	must(got != BND_PROXY_ASKED || strcmp(p.pair, whole->pair) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_proxy p = { 0 };
	char pair[BND_BOX_PAIR];
	uint8_t answer[BND_PROXY_ANSWER];
	enum bnd_proxy_got got;
	size_t used = 0, at = 0;

	if (size > BND_PROXY_HEAD)
		return 0;
	got = bnd_proxy_read(&p, data, size, &used);
	must(used <= size);
	if (got == BND_PROXY_GREETED) {
		at = used;
		got = bnd_proxy_read(&p, data + at, size - at, &used);
		must(used <= size - at && got != BND_PROXY_GREETED);
	}
	if (got == BND_PROXY_ASKED)
		must(bnd_dial_spelled(
			 fuzz_str((const uint8_t *)p.pair, strlen(p.pair)),
			 pair) &&
		    strcmp(pair, p.pair) == 0);
	if (got == BND_PROXY_BAD)
		must(p.why > BND_PROXY_OK && p.why < BND_PROXY_WHYS);
	if (got != BND_PROXY_MORE) {
		used = bnd_proxy_answer(&p, p.why, answer);
		must(used > 0 && used <= sizeof(answer));
	}
	by_bytes(data, size, got, &p);
	return 0;
}
