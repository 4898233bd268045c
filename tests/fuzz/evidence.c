/* evidence.c: what other tools wrote, or somebody who says so */
/* SPDX-License-Identifier: ISC */
/*
 * An input is a key, an empty line, a signature; every kind reads both.
 */
#include "evidence.h"

#include "fuzz/fuzz.h"
#include "json-read.h"

static void
there_and_back(const struct bnd_evidence *e, enum bnd_key_kind kind)
{
	struct bnd_evidence back;
	struct bnd_json j;
	char buf[512];

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_evidence_to_json(e, kind, &j, "sig");
	bnd_json_close(&j, '}');
	must(bnd_json_end(&j));
	must(bnd_json_valid((struct bnd_str){ buf, j.len }));
	must(bnd_evidence_from_json(
	    (struct bnd_str){ buf, j.len }, kind, "sig", &back));
	must(memcmp(e, &back, sizeof(back)) == 0);
}

static void
read_as(enum bnd_key_kind kind, struct bnd_str key, struct bnd_str sig)
{
	struct bnd_public pub;
	struct bnd_evidence e;
	struct bnd_err err = { 0 };

	if (bnd_evidence_public(kind, key, &pub, &err) != 0) {
		must(err.kind == BND_E_INPUT);
		return;
	}
	must(pub.kind == kind);
	must(memchr(pub.app, '\0', sizeof(pub.app)) != NULL);
	if (bnd_evidence_parse(&pub, sig, &e, &err) != 0)
		return;
	must(kind == BND_KEY_SSH || e.counter + e.flags + e.sha512 == 0);
	must(kind != BND_KEY_SSH || (e.flags & 1) != 0);
	there_and_back(&e, kind);
	(void)bnd_evidence_verify(&pub, sig, &e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_str key = fuzz_str(data, size), sig = { key.p + size, 0 };
	const char *gap = size > 1 ? memmem(key.p, size, "\n\n", 2) : NULL;

	if (bnd_sign_init(NULL) != 0)
		abort();
	if (gap != NULL) {
		key.len = (size_t)(gap - key.p) + 1;
		sig = bnd_str_from(fuzz_str(data, size), key.len + 1);
	}
	for (int kind = BND_KEY_NONE; kind <= (int)BND_KEY_SSH; kind++)
		read_as((enum bnd_key_kind)kind, key, sig);
	return 0;
}
