/* loosen.c: a ceremony with throw-away approvers, on the tests' clock */
/* SPDX-License-Identifier: ISC */
/*
 *	loosen init DIR N	set bnd up with N approvers, whose seeds land in DIR
 *	loosen open MODE [S]	open a ceremony, for S seconds: text to stdout, id to stderr
 *	loosen text		that of the ceremony that is open
 *	loosen sign DIR N <TEXT	approver N signs: base64 to stdout
 *	loosen paste DIR N <TEXT	the same as people paste it
 *	loosen approve ID N SIG	approver N's signature onto the chain
 *	loosen finish ID MODE	what mode-set will do once it can: the library call
 *	loosen end ID WHY
 *	loosen hold DIR K MODE [S]
 *				open, approved by the first K, waited for: its id
 *	loosen to DIR K MODE	all of it, with the first K approvers and the wait
 *	loosen bare MODE	the library call without any evidence
 *
 * UNFREEZE is a MODE here: that is asked for and done instead.
 *
 * Exit status as mode-set's.  This is the direct way into the library that an
 * attacker with root has: it must get nothing that mode-set would refuse.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony-look.h"
#include "ceremony.h"
#include "freeze.h"
#include "init.h"
#include "sign.h"
#include "transition.h"

#define UNFREEZE BND_MODE_NONE
#define FORWARD	 "/run/.bnd-test-clock"

static struct bnd_root root = { .fd = -1 };
static struct bnd_err err;

static _Noreturn void
fail(void)
{
	fprintf(stderr, "loosen: %s\n", err.text);
	exit(bnd_kind_exit(err.kind));
}

static void
must(int rc)
{
	if (rc != 0)
		fail();
}

static void
name_of(int i, char name[static 24])
{
	snprintf(name, 24, "approver%d", i);
}

static void
seed_path(const char *dir, int i, char path[static 256])
{
	snprintf(path, 256, "%s/approver%d.seed", dir, i);
}

static void
read_seed(const char *dir, int i, uint8_t seed[static BND_SEED_LEN])
{
	char path[256];
	FILE *f;

	seed_path(dir, i, path);
	f = fopen(path, "re");
	if (f == NULL || fread(seed, 1, BND_SEED_LEN, f) != BND_SEED_LEN) {
		perror(path);
		exit(2);
	}
	fclose(f);
}

static void
write_seed(const char *dir, int i, const uint8_t seed[static BND_SEED_LEN])
{
	char path[256];
	FILE *f;

	seed_path(dir, i, path);
	f = fopen(path, "we");
	if (f == NULL || fwrite(seed, 1, BND_SEED_LEN, f) != BND_SEED_LEN ||
	    fclose(f) != 0) {
		perror(path);
		exit(2);
	}
}

static void
init(const char *dir, int n)
{
	struct bnd_approver a[BND_APPROVERS_MAX] = { 0 };
	char text[BND_APPROVERS_MAX][BND_ENROLL_MAX + 1];
	uint8_t seed[BND_SEED_LEN];
	struct bnd_mark mark;
	size_t len[BND_APPROVERS_MAX];
	bool done = false;

	for (int i = 0; i < n; i++) {
		name_of(i + 1, a[i].name);
		name_of(i + 1, a[i].person);
		a[i].pub.kind = BND_KEY_RAW;
		bnd_sign_keypair(a[i].pub.key, seed);
		write_seed(dir, i + 1, seed);
		must(bnd_init_ask(&root, &a[i], text[i], &len[i], &err));
	}
	for (int i = 0; i < n; i++) {
		read_seed(dir, i + 1, seed);
		bnd_sign(seed, text[i], len[i], a[i].pop.sig);
		must(bnd_init_prove(&root, &a[i], &done, &mark, &err));
	}
	if (!done)
		exit(2);
}

static enum bnd_mode
mode_of(const char *word)
{
	enum bnd_mode m;

	if (strcmp(word, "UNFREEZE") == 0)
		return UNFREEZE;
	if (bnd_mode_parse((struct bnd_str){ word, strlen(word) }, &m))
		return m;
	fprintf(stderr, "loosen: no mode %s\n", word);
	exit(2);
}

static void
id_of(const char *hex, uint8_t id[static BND_CHALLENGE_ID_LEN])
{
	if (bnd_text_from_hex(
		(struct bnd_str){ hex, strlen(hex) }, id, BND_CHALLENGE_ID_LEN))
		return;
	fprintf(stderr, "loosen: no id %s\n", hex);
	exit(2);
}

static void
open_it(enum bnd_mode to, const char *for_s, char *text, size_t *len,
    uint8_t id[static BND_CHALLENGE_ID_LEN])
{
	struct bnd_ask ask = {
		.action =
		    to == UNFREEZE ? BND_ACTION_UNFREEZE : BND_ACTION_LOOSEN,
		.to = to,
		.for_s = for_s != NULL ? strtoull(for_s, NULL, 10) : 0,
		.reason = "a test",
	};

	must(bnd_ceremony_open(&root, &ask, text, len, &err));
	bnd_challenge_id((struct bnd_str){ text, *len }, id);
}

static void
sign_it(const char *dir, int i, const char *text, size_t len,
    uint8_t sig[static BND_SIG_LEN])
{
	uint8_t seed[BND_SEED_LEN];

	read_seed(dir, i, seed);
	bnd_sign(seed, text, len, sig);
}

/* Let the cool-down of the text pass. */
static void
wait_for(const char *text, size_t len)
{
	struct bnd_challenge c;
	unsigned long long now = 0;
	FILE *f = fopen(FORWARD, "re");

	must(bnd_challenge_unpack((struct bnd_str){ text, len }, &c, &err));
	if (f != NULL) {
		if (fscanf(f, "%llu", &now) != 1)
			now = 0;
		fclose(f);
	}
	f = fopen(FORWARD, "we");
	if (f == NULL || fprintf(f, "%llu\n", now + c.cooldown_s + 1) < 0 ||
	    fclose(f) != 0) {
		perror(FORWARD);
		exit(2);
	}
}

static void
finish(const uint8_t *id, enum bnd_mode to)
{
	static struct bnd_outcome out;
	struct bnd_change want = { .to = to, .why = "test", .auth = id };
	int rc = to == UNFREEZE ? bnd_unfreeze(&root, id, &err)
				: bnd_transition(&root, &want, &out, &err);

	for (unsigned i = 0; i < out.notes; i++)
		fprintf(stderr, "note: %s\n", out.note[i]);
	must(rc);
	puts(to == UNFREEZE ? "UNFROZEN" : bnd_mode_name(out.mode));
}

static void
hold(const char *dir, int k, enum bnd_mode to, const char *for_s,
    uint8_t id[static BND_CHALLENGE_ID_LEN])
{
	char text[BND_CHALLENGE_MAX + 1], name[24];
	struct bnd_evidence e = { 0 };
	size_t len;

	open_it(to, for_s, text, &len, id);
	for (int i = 1; i <= k; i++) {
		name_of(i, name);
		sign_it(dir, i, text, len, e.sig);
		must(bnd_ceremony_approve(&root, id, name, &e, &err));
	}
	wait_for(text, len);
}

static void
all_of_it(const char *dir, int k, enum bnd_mode to)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];

	hold(dir, k, to, NULL, id);
	finish(id, to);
}

static void
print_held(const char *dir, int k, enum bnd_mode to, const char *for_s)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];
	char hex[2 * BND_CHALLENGE_ID_LEN + 1];

	hold(dir, k, to, for_s, id);
	bnd_text_to_hex(id, sizeof(id), hex);
	puts(hex);
}

static void
print_open(enum bnd_mode to, const char *for_s)
{
	char text[BND_CHALLENGE_MAX + 1], hex[2 * BND_CHALLENGE_ID_LEN + 1];
	uint8_t id[BND_CHALLENGE_ID_LEN];
	size_t len;

	open_it(to, for_s, text, &len, id);
	bnd_text_to_hex(id, sizeof(id), hex);
	fwrite(text, 1, len, stdout);
	fprintf(stderr, "%s\n", hex);
}

static void
print_text(void)
{
	struct bnd_view v;

	must(bnd_ceremony_look(&root, &v, &err));
	fwrite(v.text, 1, v.len, stdout);
}

static void
print_sig(const char *dir, int i, bool std)
{
	char text[BND_CHALLENGE_MAX + 1], b64[BND_B64STD_LEN(BND_SIG_LEN) + 1];
	uint8_t sig[BND_SIG_LEN];
	size_t len = fread(text, 1, sizeof(text), stdin);

	sign_it(dir, i, text, len, sig);
	if (std)
		bnd_text_to_b64std(sig, sizeof(sig), b64);
	else
		bnd_text_to_b64(sig, sizeof(sig), b64);
	puts(b64);
}

static void
approve(const char *hex, int i, const char *b64)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_evidence e = { 0 };
	char name[24];

	id_of(hex, id);
	name_of(i, name);
	if (!bnd_text_from_b64(
		(struct bnd_str){ b64, strlen(b64) }, e.sig, BND_SIG_LEN))
		exit(2);
	must(bnd_ceremony_approve(&root, id, name, &e, &err));
}

static int
run(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	uint8_t id[BND_CHALLENGE_ID_LEN];

	if (strcmp(verb, "init") == 0 && argc == 4) {
		init(argv[2], (int)strtol(argv[3], NULL, 10));
	} else if (strcmp(verb, "open") == 0 && (argc == 3 || argc == 4)) {
		print_open(mode_of(argv[2]), argv[3]);
	} else if (strcmp(verb, "hold") == 0 && (argc == 5 || argc == 6)) {
		print_held(argv[2], (int)strtol(argv[3], NULL, 10),
		    mode_of(argv[4]), argv[5]);
	} else if (strcmp(verb, "sign") == 0 && argc == 4) {
		print_sig(argv[2], (int)strtol(argv[3], NULL, 10), false);
	} else if (strcmp(verb, "paste") == 0 && argc == 4) {
		print_sig(argv[2], (int)strtol(argv[3], NULL, 10), true);
	} else if (strcmp(verb, "text") == 0 && argc == 2) {
		print_text();
	} else if (strcmp(verb, "approve") == 0 && argc == 5) {
		approve(argv[2], (int)strtol(argv[3], NULL, 10), argv[4]);
	} else if (strcmp(verb, "finish") == 0 && argc == 4) {
		id_of(argv[2], id);
		finish(id, mode_of(argv[3]));
	} else if (strcmp(verb, "end") == 0 && argc == 4) {
		id_of(argv[2], id);
		must(bnd_ceremony_end(&root, id, argv[3], &err));
	} else if (strcmp(verb, "to") == 0 && argc == 5) {
		all_of_it(
		    argv[2], (int)strtol(argv[3], NULL, 10), mode_of(argv[4]));
	} else if (strcmp(verb, "bare") == 0 && argc == 3) {
		finish(NULL, mode_of(argv[2]));
	} else {
		fprintf(stderr, "usage: see loosen.c\n");
		return 2;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	must(bnd_sign_init(&err));
	must(bnd_root_open(&root, NULL, &err));
	return run(argc, argv);
}
