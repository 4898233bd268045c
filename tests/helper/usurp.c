/* usurp.c: a successor of root's choice, by the library's own calls */
/* SPDX-License-Identifier: ISC */
/*
 *	usurp make DIR MODE [keep]	begin one: approver 9, whose seed lands in
 *				DIR, alone or (keep) the rightful ones, and MODE
 *	usurp open		open its ceremony: text to stdout, id to stderr
 *	usurp succeed ID	use it, whatever chain-keep thinks of it
 *
 * Exit status as chain-keep's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony-use.h"
#include "ceremony.h"
#include "heir.h"
#include "json.h"
#include "nascent.h"
#include "sign.h"

static struct bnd_root root = { .fd = -1 };
static struct bnd_err err;

static void
must(int rc)
{
	if (rc == 0)
		return;
	fprintf(stderr, "usurp: %s\n", err.text);
	exit(bnd_kind_exit(err.kind));
}

/* Proven to the old log, as if he had been let in there. */
static void
mallory(const char *dir, const uint8_t log_id[static BND_ID_LEN],
    struct bnd_approver *a)
{
	char text[BND_ENROLL_MAX + 1], path[256];
	uint8_t seed[BND_SEED_LEN];
	size_t len;
	FILE *f;

	memset(a, 0, sizeof(*a));
	snprintf(a->name, sizeof(a->name), "approver9");
	snprintf(a->person, sizeof(a->person), "mallory");
	a->pub.kind = BND_KEY_RAW;
	bnd_sign_keypair(a->pub.key, seed);
	bnd_approver_id(a->pub.key, a->id);
	must(bnd_approver_text(a, log_id, text, &len, &err));
	bnd_sign(seed, text, len, a->pop.sig);
	snprintf(path, sizeof(path), "%s/approver9.seed", dir);
	f = fopen(path, "we");
	if (f == NULL || fwrite(seed, 1, sizeof(seed), f) != sizeof(seed) ||
	    fclose(f) != 0) {
		perror(path);
		exit(2);
	}
}

static void
make(const char *dir, const char *mode, bool keep)
{
	static char list[BND_BODY_MAX];
	struct bnd_root nascent;
	struct bnd_heir h;
	struct bnd_genesis g = { .succeeds = &h.s, .host = &root };
	struct bnd_mark mark;
	struct bnd_json j;
	int old = bnd_root_openat(
	    &root, BND_LOG_DIR, O_RDONLY | O_DIRECTORY, 0, &err);

	must(bnd_heir_read(NULL, old, &h, &err));
	if (!keep) {
		mallory(dir, h.s.id, &h.approver[0]);
		h.approvers = 1;
	}
	if (!bnd_mode_parse((struct bnd_str){ mode, strlen(mode) }, &h.s.mode))
		exit(2);
	bnd_json_begin(&j, list, sizeof(list));
	bnd_json_open(&j, NULL, '[');
	for (unsigned i = 0; i < h.approvers; i++)
		bnd_approver_to_json(&h.approver[i], &j, NULL);
	bnd_json_close(&j, ']');
	if (!bnd_json_end(&j))
		exit(2);
	g.approvers = (struct bnd_str){ list, j.len };
	bnd_random(g.id, sizeof(g.id));
	must(bnd_root_mkdir(&root, BND_NASCENT_DIR, 0700, &err));
	must(bnd_nascent_open(&root, &nascent, &err));
	must(bnd_log_init(&nascent, &g, &mark, &err));
}

static void
open_it(void)
{
	char subject[BND_CHALLENGE_SUBJECT + 1];
	char text[BND_CHALLENGE_MAX + 1], hex[2 * BND_CHALLENGE_ID_LEN + 1];
	struct bnd_ask ask = { .action = BND_ACTION_SUCCEED,
		.subject = subject };
	struct bnd_root nascent;
	static struct bnd_verdict v;
	uint8_t id[BND_CHALLENGE_ID_LEN];
	size_t len;

	must(bnd_nascent_open(&root, &nascent, &err));
	must(bnd_nascent_verify(&nascent, &v, &err));
	memcpy(subject, v.ledger.succeeds, sizeof(subject));
	must(bnd_ceremony_open(&root, &ask, text, &len, &err));
	bnd_challenge_id((struct bnd_str){ text, len }, id);
	bnd_text_to_hex(id, sizeof(id), hex);
	fwrite(text, 1, len, stdout);
	fprintf(stderr, "%s\n", hex);
}

int
main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	uint8_t id[BND_CHALLENGE_ID_LEN];

	must(bnd_sign_init(&err));
	must(bnd_root_open(&root, NULL, &err));
	if (strcmp(verb, "make") == 0 && argc >= 4) {
		make(argv[2], argv[3], argc == 5);
	} else if (strcmp(verb, "open") == 0 && argc == 2) {
		open_it();
	} else if (strcmp(verb, "succeed") == 0 && argc == 3 &&
	    bnd_text_from_hex(
		(struct bnd_str){ argv[2], strlen(argv[2]) }, id, sizeof(id))) {
		must(bnd_ceremony_succeed(&root, id, &err));
	} else {
		fprintf(stderr, "usage: see usurp.c\n");
		return 2;
	}
	return 0;
}
