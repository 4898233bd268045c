/* sign.c: known answers, and the traps of libsodium that others fell into */
/* SPDX-License-Identifier: ISC */
#include "sign.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tap.h"

/* RFC 8032, 7.1, tests 1 to 3. */
static const struct {
	const char *seed, *pk, *msg, *sig;
} rfc[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	    "",
	    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8"
	    "821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	    "72",
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085a"
	    "c1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	    "af82",
	    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff"
	    "9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

static void
known_signatures(void)
{
	for (size_t i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		uint8_t seed[BND_SEED_LEN], want[BND_KEY_LEN], pk[BND_KEY_LEN];
		uint8_t sig[BND_SIG_LEN], want_sig[BND_SIG_LEN], msg[2];
		size_t n = strlen(rfc[i].msg) / 2;
		bool hex = bnd_text_from_hex(
			       (struct bnd_str){ rfc[i].seed, 64 }, seed, 32) &&
		    bnd_text_from_hex(
			(struct bnd_str){ rfc[i].pk, 64 }, want, 32) &&
		    bnd_text_from_hex(
			(struct bnd_str){ rfc[i].sig, 128 }, want_sig, 64) &&
		    bnd_text_from_hex(
			(struct bnd_str){ rfc[i].msg, 2 * n }, msg, n);

		ok(hex, "vector %zu reads", i);
		bnd_sign_public(seed, pk);
		is_mem(pk, want, 32, "public key of vector %zu", i);
		bnd_sign(seed, msg, n, sig);
		is_mem(sig, want_sig, 64, "signature of vector %zu", i);
		bnd_sign_paired(seed, pk, msg, n, sig);
		is_mem(sig, want_sig, 64, "and with the public half given");
		ok(bnd_sign_verify(pk, msg, n, sig), "it verifies");
	}
}

/* FIPS 180-4 and RFC 7693: of "abc". */
static void
known_hashes(void)
{
	static const struct {
		void (*hash)(const void *msg, size_t len, uint8_t *out);
		size_t n;
		const char *want;
	} cases[] = {
		{ bnd_sha256, BND_SHA256_LEN,
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
		    "f20015ad" },
		{ bnd_sha512, BND_WIDE_LEN,
		    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee6"
		    "4b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
		    "2a9ac94fa54ca49f" },
		{ bnd_blake2b_512, BND_WIDE_LEN,
		    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6f"
		    "dbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925a"
		    "b92386edd4009923" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char hex[2 * BND_WIDE_LEN + 1];
		uint8_t out[BND_WIDE_LEN];

		cases[i].hash("abc", 3, out);
		bnd_text_to_hex(out, cases[i].n, hex);
		is_str(hex, cases[i].want, "plain hash %zu", i);
	}
}

static void
every_bit_counts(void)
{
	uint8_t seed[BND_SEED_LEN], pk[BND_KEY_LEN], sig[BND_SIG_LEN];
	uint8_t msg[8] = "message";
	unsigned passed = 0;

	bnd_sign_keypair(pk, seed);
	bnd_sign(seed, msg, sizeof(msg), sig);
	for (unsigned bit = 0; bit < 8 * BND_SIG_LEN; bit++) {
		sig[bit / 8] ^= (uint8_t)(1U << bit % 8);
		passed += bnd_sign_verify(pk, msg, sizeof(msg), sig);
		sig[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	is_int(passed, 0, "no flipped bit of a signature verifies");
	for (unsigned bit = 0; bit < 8 * sizeof(msg); bit++) {
		msg[bit / 8] ^= (uint8_t)(1U << bit % 8);
		passed += bnd_sign_verify(pk, msg, sizeof(msg), sig);
		msg[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	is_int(passed, 0, "no flipped bit of a message verifies");
	ok(bnd_sign_verify(pk, msg, sizeof(msg), sig), "unchanged, it does");
	memset(pk, 0, sizeof(pk));
	memset(sig, 0, sizeof(sig));
	ok(!bnd_sign_verify(pk, msg, sizeof(msg), sig),
	    "a key of small order signs nothing");
}

static void
hashes(void)
{
	struct bnd_hasher h;
	uint8_t a[BND_HASH_LEN], b[BND_HASH_LEN], key[16] = { 1 };

	bnd_hash("bnd-log-rec-v1", NULL, 0, "abc", 3, a);
	bnd_hash("bnd-log-lnk-v1", NULL, 0, "abc", 3, b);
	ok(memcmp(a, b, sizeof(a)) != 0, "a personal is a domain of its own");
	bnd_hash("bnd-log-rec-v1", key, sizeof(key), "abc", 3, b);
	ok(memcmp(a, b, sizeof(a)) != 0, "and so is a key");
	bnd_hash_start(&h, "bnd-log-rec-v1");
	bnd_hash_add(&h, "a", 1);
	bnd_hash_add(&h, "", 0);
	bnd_hash_add(&h, "bc", 2);
	bnd_hash_end(&h, b);
	is_mem(a, b, sizeof(a), "in pieces as in one");
	bnd_hash("a personal of more than sixteen", NULL, 0, "abc", 3, a);
	bnd_hash("a personal of mo", NULL, 0, "abc", 3, b);
	is_mem(a, b, sizeof(a), "sixteen characters of it count");
}

/*
 * libsodium answers sizes it does not like with sodium_misuse(), an abort.  No
 * call of this header may get there, in a process of its own to be sure.
 */
static void
nothing_aborts(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		uint8_t out[BND_HASH_LEN], key[200] = { 0 };
		struct rlimit none = { 0, 0 };
		struct bnd_err err = { 0 };
		void *p;

		setrlimit(RLIMIT_CORE, &none);
		bnd_hash("", key, sizeof(key), NULL, 0, out);
		bnd_hash("", key, 0, "x", 1, out);
		bnd_random(key, 0);
		setrlimit(RLIMIT_MEMLOCK, &none);
		p = bnd_secret_new(5000, &err);
		if (p == NULL || !bnd_is_zero(p, 5000))
			_exit(1);
		memset(p, 1, 5000);
		bnd_secret_free(p, 5000);
		bnd_secret_free(NULL, 0);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "no size and no limit aborts the process");
}

/* Whether the mapping at p is left out of cores ("dd" in VmFlags). */
static bool
is_dontdump(const void *p)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[512];
	bool mine = false, found = false;
	unsigned long a, b;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &a, &b) == 2)
			mine = a <= (unsigned long)p && (unsigned long)p < b;
		if (mine && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, " dd") != NULL;
	}
	if (f != NULL)
		fclose(f);
	return found;
}

static void
secrets(void)
{
	struct bnd_err err = { 0 };
	char plain[16] = { 0 };
	char *p = bnd_secret_new(100, &err);
	int status = 0;
	pid_t pid;

	ok(p != NULL, "a page for secrets: %s", err.text);
	ok(is_dontdump(p), "the kernel leaves it out of cores");
	ok(!is_dontdump(plain), "as it does not the stack");
	memcpy(p, "secret", 7);
	pid = fork();
	if (pid == 0)
		_exit(memcmp(p, "secret", 7) == 0);
	waitpid(pid, &status, 0);
	is_int(status, 0, "a child does not inherit what is in it");
	bnd_secret_free(p, 100);
	ok(bnd_same("abc", "abc", 3) && !bnd_same("abc", "abd", 3), "same");
	ok(bnd_is_zero(plain, sizeof(plain)) && !bnd_is_zero("a", 1), "zero");
	bnd_random(plain, sizeof(plain));
	ok(!bnd_is_zero(plain, sizeof(plain)), "random");
	bnd_wipe(plain, sizeof(plain));
	ok(bnd_is_zero(plain, sizeof(plain)), "wiped");
}

int
main(void)
{
	struct bnd_err err = { 0 };

	ok(bnd_sign_init(&err) == 0 && bnd_sign_init(&err) == 0,
	    "started, twice");
	known_signatures();
	known_hashes();
	every_bit_counts();
	hashes();
	nothing_aborts();
	secrets();
	return tap_done();
}
