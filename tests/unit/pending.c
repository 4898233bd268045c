/* pending.c: who is asked before there is a log, there and back */
/* SPDX-License-Identifier: ISC */
#include "pending.h"

#include "forge.h"
#include "tap.h"

static struct bnd_pending
sample(unsigned n)
{
	static const enum bnd_key_kind kinds[] = { BND_KEY_PASSPHRASE,
		BND_KEY_RAW, BND_KEY_MINISIGN, BND_KEY_SSH };
	struct bnd_pending p = { .n = n };
	static struct forge f;
	char name[BND_NAME_MAX + 1];

	forge_start(&f);
	memcpy(p.id, f.id, sizeof(p.id));
	memcpy(p.boot, FORGE_BOOT, sizeof(p.boot));
	for (unsigned i = 0; i < n; i++) {
		snprintf(
		    name, sizeof(name), "%u-a-name-as-long-as-they-may-b", i);
		forge_key_kind(&f, name, name, kinds[i % 4]);
		p.a[i] = f.key[i].entry;
		p.proven[i] = i % 3 != 0;
		if (!p.proven[i])
			p.a[i].pop = (struct bnd_evidence){ 0 };
	}
	forge_free(&f);
	return p;
}

static void
test_round(void)
{
	for (unsigned n = 0; n <= BND_APPROVERS_MAX; n++) {
		struct bnd_pending p = sample(n), back;
		char text[BND_PENDING_MAX], again[BND_PENDING_MAX];
		struct bnd_err err = { 0 };
		size_t len, len2 = 0;

		ok(bnd_pending_pack(&p, text, &len, &err) == 0,
		    "%u approvers fit %s", n, err.text);
		ok(bnd_pending_unpack(
		       (struct bnd_str){ text, len }, &back, NULL) == 0,
		    "and are read");
		is_int(back.n, n, "all of them");
		ok(memcmp(back.proven, p.proven, sizeof(p.proven)) == 0,
		    "proven or not");
		ok(n == 0 ||
			memcmp(&back.a[n - 1].pop, &p.a[n - 1].pop,
			    sizeof(p.a[0].pop)) == 0,
		    "with their proofs");
		ok(bnd_pending_pack(&back, again, &len2, NULL) == 0 &&
			len2 == len && memcmp(again, text, len) == 0,
		    "and written back to the same");
	}
}

static void
test_refused(void)
{
	struct bnd_pending p = sample(4), back;
	char text[BND_PENDING_MAX], bad[BND_PENDING_MAX];
	unsigned taken = 0;
	size_t len, line;

	if (bnd_pending_pack(&p, text, &len, NULL) != 0)
		bail("no sample");
	for (size_t n = 0; n < len; n++)
		if (n == 0 || text[n - 1] != '\n')
			taken += bnd_pending_unpack((struct bnd_str){ text, n },
				     &back, NULL) == 0;
	is_int(taken, 0, "no line that is cut");
	for (size_t i = 0; i < len; i++) {
		memcpy(bad, text, len);
		bad[i] = ' ';
		taken += bad[i] != text[i] &&
		    bnd_pending_unpack(
			(struct bnd_str){ bad, len }, &back, NULL) == 0;
	}
	is_int(taken, 0, "no byte made a blank");
	line = (size_t)(strstr(text, "asked ") - text);
	memcpy(bad, text, line);
	snprintf(bad + line, sizeof(bad) - line, "proven %s",
	    text + line + strlen("asked "));
	ok(bnd_pending_unpack(
	       (struct bnd_str){ bad, strlen(bad) }, &back, NULL) != 0,
	    "none is proven by zeros");
	ok(bnd_pending_unpack(
	       (struct bnd_str){ "bnd-init/1\n", 11 }, &back, NULL) != 0,
	    "nor is there a list without a log");
}

int
main(void)
{
	if (bnd_sign_init(NULL) != 0)
		bail("libsodium does not start");
	test_round();
	test_refused();
	return tap_done();
}
