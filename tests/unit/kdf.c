/* kdf.c: parameters are bounded, files are root's own, a key comes out */
/* SPDX-License-Identifier: ISC */
#include "kdf.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "scratch.h"
#include "tap.h"

static struct scratch sc;
static struct bnd_err err;

/* ---- the derivation itself, cheap: what it is asked for is looked at ---- */

int __real_crypto_pwhash_argon2id(unsigned char *, unsigned long long,
    const char *, unsigned long long, const unsigned char *, unsigned long long,
    size_t, int);
int __wrap_crypto_pwhash_argon2id(unsigned char *, unsigned long long,
    const char *, unsigned long long, const unsigned char *, unsigned long long,
    size_t, int);

static unsigned calls;
static unsigned long long ops;
static size_t mem;
static bool no_memory;

int
__wrap_crypto_pwhash_argon2id(unsigned char *out, unsigned long long len,
    const char *pass, unsigned long long pass_len, const unsigned char *salt,
    unsigned long long o, size_t m, int alg)
{
	calls++;
	ops = o;
	mem = m;
	if (no_memory) {
		errno = ENOMEM;
		return -1;
	}
	return __real_crypto_pwhash_argon2id(out, len, pass, pass_len, salt,
	    crypto_pwhash_argon2id_OPSLIMIT_MIN,
	    crypto_pwhash_argon2id_MEMLIMIT_MIN, alg);
}

/* ---- the text ---- */

static const char sample[] = "bnd-kdf/1\n"
			     "alg argon2id13\n"
			     "ops 3\n"
			     "mem 268435456\n"
			     "salt AAECAwQFBgcICQoLDA0ODw\n"
			     "id 0102030405060708\n";

static bool
reads(const char *text, size_t len)
{
	struct bnd_kdf k;

	return bnd_kdf_unpack((struct bnd_str){ text, len }, &k, &err) == 0;
}

/* The sample with the value of one line replaced. */
static bool
reads_with(const char *word, const char *value)
{
	char text[512], *at, *end;

	snprintf(text, sizeof(text), "%s", sample);
	at = strstr(text, word) + strlen(word) + 1;
	end = strchr(at, '\n');
	memmove(at + strlen(value), end, strlen(end) + 1);
	memcpy(at, value, strlen(value));
	return reads(text, strlen(text));
}

static void
test_text(void)
{
	char text[BND_KDF_MAX], bad[sizeof(sample) + 8];
	unsigned passed = 0;
	struct bnd_kdf k;
	size_t len;

	ok(reads(sample, strlen(sample)), "control: the sample is read");
	ok(bnd_kdf_unpack(
	       (struct bnd_str){ sample, strlen(sample) }, &k, &err) == 0 &&
		bnd_kdf_pack(&k, text, &len, &err) == 0 &&
		len == strlen(sample) && memcmp(text, sample, len) == 0,
	    "and written as it was read");
	ok(reads_with("mem", "4294967296") && reads_with("ops", "64"),
	    "the most that is taken");
	ok(!reads_with("ops", "2") && !reads_with("ops", "0"),
	    "less than MODERATE is refused: ops");
	ok(!reads_with("mem", "268435455") && !reads_with("mem", "8192"),
	    "less than MODERATE is refused: mem");
	ok(!reads_with("ops", "65") && !reads_with("mem", "4294967297") &&
		!reads_with("mem", "99999999999999999999999"),
	    "more than a host bears is refused");
	ok(!reads_with("alg", "argon2i13") && !reads_with("alg", "scrypt"),
	    "another function is refused");
	ok(!reads_with("ops", "03") && !reads_with("ops", "+3") &&
		!reads_with("ops", " 3") && !reads_with("ops", "3 ") &&
		!reads_with("salt", "AAECAwQFBgcICQoLDA0ODx") &&
		!reads_with("id", "010203040506070A"),
	    "there is one spelling");
	for (size_t n = 0; n < strlen(sample); n++)
		passed += reads(sample, n);
	is_int(passed, 0, "every cut is refused");
	memcpy(bad, sample, sizeof(sample));
	memcpy(bad + strlen(sample), "x y\n", 5);
	ok(!reads(bad, strlen(bad)), "and so is a line more");
	memcpy(bad, sample, sizeof(sample));
	memcpy(strstr(bad, "mem"), "ops", 3);
	ok(!reads(bad, strlen(bad)), "or twice the same");
	k.ops = 1;
	ok(bnd_kdf_pack(&k, text, &len, &err) != 0, "nor is less written");
}

/* ---- the file ---- */

static void
path_of(const char *name, char path[static 128])
{
	snprintf(path, 128, "%s/" BND_KDF_DIR "%s", sc.dir, name);
}

static int
load_as(const char *path, mode_t mode)
{
	struct bnd_kdf k;

	if (chmod(path, mode) != 0)
		bail("chmod");
	err = (struct bnd_err){ 0 };
	return bnd_kdf_load(&sc.root, "alice", &k, &err);
}

static void
test_file(void)
{
	char dir[128], file[128], other[128];
	struct bnd_kdf k, again;
	struct stat st;

	path_of("", dir);
	path_of("/alice.kdf", file);
	path_of("/bob.kdf", other);
	bnd_kdf_new(&k);
	is_int(k.ops, crypto_pwhash_argon2id_OPSLIMIT_MODERATE, "ops");
	is_int(k.mem, crypto_pwhash_argon2id_MEMLIMIT_MODERATE, "mem");
	ok(!bnd_is_zero(k.salt, sizeof(k.salt)), "a salt");
	bnd_kdf_new(&again);
	ok(!bnd_same(k.salt, again.salt, sizeof(k.salt)), "each its own");
	ok(bnd_kdf_load(&sc.root, "alice", &again, &err) != 0 &&
		err.errnum == ENOENT,
	    "what is not there is told");
	umask(0);
	is_int(bnd_kdf_store(&sc.root, "alice", &k, &err), 0, "stored");
	ok(stat(dir, &st) == 0 && (st.st_mode & 07777) == 0700,
	    "in a directory 0700, under any umask");
	ok(stat(file, &st) == 0 && (st.st_mode & 07777) == 0600, "0600");
	ok(bnd_kdf_load(&sc.root, "alice", &again, &err) == 0 &&
		memcmp(&k, &again, sizeof(k)) == 0,
	    "loaded");
	ok(bnd_kdf_store(&sc.root, "alice", &again, &err) != 0 &&
		err.kind == BND_E_DENIED,
	    "never written over");
	ok(load_as(file, 0644) != 0 && err.kind == BND_E_UNSAFE, "0644");
	ok(load_as(file, 0620) != 0 && err.kind == BND_E_UNSAFE, "0620");
	ok(load_as(dir, 0755) != 0, "(0620 still)");
	ok(load_as(file, 0600) != 0 && err.kind == BND_E_UNSAFE,
	    "a directory that others can look into");
	ok(load_as(dir, 0700) == 0, "control");
	if (link(file, other) != 0)
		bail("link");
	ok(load_as(file, 0600) != 0 && err.kind == BND_E_UNSAFE, "a hard link");
	unlink(other);
	if (rename(file, other) != 0 || symlink("bob.kdf", file) != 0)
		bail("symlink");
	ok(load_as(other, 0600) != 0 && err.kind == BND_E_UNSAFE, "a link");
	ok(bnd_kdf_load(&sc.root, "../approvers/bob", &k, &err) != 0 &&
		err.kind == BND_E_INPUT,
	    "a path is no name");
	ok(bnd_kdf_remove(&sc.root, "bob", &err) == 0 &&
		stat(other, &st) != 0 && errno == ENOENT,
	    "removed");
}

static void
test_derive(void)
{
	static const char pass[] = "correct horse battery staple";
	uint8_t one[BND_SEED_LEN], two[BND_SEED_LEN];
	struct bnd_kdf k;

	bnd_kdf_new(&k);
	is_int(bnd_kdf_derive(&k, pass, strlen(pass), one, &err), 0, "derived");
	ok(calls == 1 && ops >= crypto_pwhash_argon2id_OPSLIMIT_MODERATE &&
		mem >= crypto_pwhash_argon2id_MEMLIMIT_MODERATE,
	    "at MODERATE: ops %llu, mem %zu", ops, mem);
	is_int(bnd_kdf_derive(&k, pass, strlen(pass), two, &err), 0, "again");
	is_mem(one, two, sizeof(one), "the same");
	is_int(bnd_kdf_derive(&k, pass, strlen(pass) - 1, two, &err), 0,
	    "one "
	    "byte less");
	ok(memcmp(one, two, sizeof(one)) != 0, "another");
	k.salt[0] ^= 1;
	is_int(bnd_kdf_derive(&k, pass, strlen(pass), two, &err), 0,
	    "a bit of "
	    "salt");
	ok(memcmp(one, two, sizeof(one)) != 0, "another");
	calls = 0;
	k.ops = 2;
	ok(bnd_kdf_derive(&k, pass, strlen(pass), two, &err) != 0 &&
		err.kind == BND_E_INPUT && calls == 0,
	    "never cheaper, whoever asks");
	k.ops = 3;
	no_memory = true;
	ok(bnd_kdf_derive(&k, pass, strlen(pass), two, &err) != 0 &&
		err.kind == BND_E_SYS && bnd_kind_exit(err.kind) == 2,
	    "no memory is trouble, not a wrong passphrase: %s", err.text);
}

int
main(void)
{
	if (bnd_sign_init(&err) != 0)
		bail(err.text);
	scratch_make_fast(&sc);
	test_text();
	test_file();
	test_derive();
	scratch_remove(&sc);
	return tap_done();
}
