/* evidence.c: keys and signatures of other tools, to the byte */
/* SPDX-License-Identifier: ISC */
/*
 * tests/data/evidence was made by the tools themselves: minisign, and
 * ssh-keygen with the software token (tests/fake/token.c), counter 258.
 */
#include "evidence.h"

#include "json-read.h"
#include "signer.h"
#include "tap.h"

struct file {
	char p[BND_EVIDENCE_MAX];
	size_t len;
};

static struct file
data(const char *name)
{
	const char *tree = getenv("BND_TREE");
	struct file f;
	char path[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/tests/data/evidence/%s",
	    tree != NULL ? tree : ".", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, f.p, sizeof(f.p));
	if (n <= 0)
		bail(path);
	close(fd);
	f.len = (size_t)n;
	return f;
}

static struct bnd_str
str(const struct file *f)
{
	return (struct bnd_str){ f->p, f->len };
}

static struct bnd_public public(enum bnd_key_kind kind, const char *name)
{
	struct file f = data(name);
	struct bnd_public pub;
	struct bnd_err err;

	if (bnd_evidence_public(kind, str(&f), &pub, &err) != 0)
		bail(err.text);
	return pub;
}

/* ---- what is accepted, and what it says ---- */

static void
test_good(void)
{
	static const struct {
		enum bnd_key_kind kind;
		const char *pub, *sig;
		bool sha512;
		uint32_t counter;
	} cases[] = {
		{ BND_KEY_MINISIGN, "minisign.pub", "text.minisig", false, 0 },
		{ BND_KEY_SSH, "token.pub", "text.sshsig", true, 258 },
		{ BND_KEY_SSH, "token.pub", "text.sha256", false, 258 },
	};
	struct file text = data("text");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bnd_public pub = public(cases[i].kind, cases[i].pub);
		struct file sig = data(cases[i].sig);
		struct bnd_evidence e = { 0 };
		struct bnd_err err = { 0 };
		unsigned passed = 0;

		ok(bnd_evidence_parse(&pub, str(&sig), &e, &err) == 0,
		    "%s is read %s", cases[i].sig, err.text);
		ok(bnd_evidence_verify(&pub, str(&text), &e), "and verifies");
		is_int(e.sha512, cases[i].sha512, "its hash");
		is_int(e.counter, cases[i].counter, "its counter");
		for (size_t k = 0; k < text.len; k++) {
			struct file other = text;

			other.p[k] ^= 1;
			passed += bnd_evidence_verify(&pub, str(&other), &e);
		}
		is_int(passed, 0, "over no text with a bit changed");
	}
}

static void
test_names(void)
{
	struct bnd_public token = public(BND_KEY_SSH, "token.pub");

	is_str(token.app, "ssh:bnd", "the application of a token");
	is_int(token.kind, BND_KEY_SSH, "is kept with its kind");
}

/* Every bit of what an approval says is signed or refused. */
static void
test_bits(void)
{
	struct bnd_public pub = public(BND_KEY_SSH, "token.pub"), p;
	struct file sig = data("text.sshsig"), text = data("text");
	struct bnd_evidence e, f;
	unsigned passed = 0;

	if (bnd_evidence_parse(&pub, str(&sig), &e, NULL) != 0)
		bail("no signature");
	for (unsigned bit = 0; bit < 8 * BND_SIG_LEN; bit++) {
		f = e;
		f.sig[bit / 8] ^= (uint8_t)(1U << bit % 8);
		passed += bnd_evidence_verify(&pub, str(&text), &f);
	}
	for (unsigned bit = 0; bit < 32; bit++) {
		f = e;
		f.counter ^= 1U << bit;
		passed += bnd_evidence_verify(&pub, str(&text), &f);
		f = e;
		f.flags ^= (uint8_t)(1U << bit % 8);
		passed += bnd_evidence_verify(&pub, str(&text), &f);
	}
	f = e;
	f.sha512 = false;
	passed += bnd_evidence_verify(&pub, str(&text), &f);
	for (size_t i = 0; i < strlen(pub.app); i++) {
		p = pub;
		p.app[i] ^= 1;
		passed += bnd_evidence_verify(&p, str(&text), &e);
	}
	is_int(passed, 0, "no bit of a token's evidence can be changed");
	ok(bnd_evidence_verify(&pub, str(&text), &e), "control: it verifies");
}

/* Without presence nothing verifies, however well it is signed. */
static void
test_presence(void)
{
	uint8_t seed[BND_SEED_LEN] = { 9 };
	struct bnd_public pub = { .kind = BND_KEY_SSH, .app = "ssh:" };
	struct signer_token t = { "ssh:", "bnd-ceremony", 0, 1, false };
	struct bnd_str msg = { "text", 4 };
	struct bnd_evidence e;

	bnd_sign_public(seed, pub.key);
	for (unsigned flags = 0; flags < 256; flags++) {
		t.flags = (uint8_t)flags;
		signer_ssh(seed, &t, msg.p, msg.len, &e);
		if (bnd_evidence_verify(&pub, msg, &e) == ((flags & 1) != 0))
			continue;
		ok(false, "flags %#x", flags);
	}
	ok(true, "of 256 flags, those with presence verify");
}

static void
test_counter(void)
{
	static const struct {
		uint32_t now, last;
		bool is_newer;
	} cases[] = {
		{ 0, 0, true },
		{ 1, 0, true },
		{ 0, 1, false },
		{ 1, 1, false },
		{ 2, 1, true },
		{ UINT32_MAX, UINT32_MAX - 1, true },
		{ UINT32_MAX, UINT32_MAX, false },
		{ 1, UINT32_MAX, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bnd_evidence e = { .counter = cases[i].now };

		is_int(bnd_evidence_is_newer(&e, cases[i].last),
		    cases[i].is_newer, "%u after %u", cases[i].now,
		    cases[i].last);
	}
}

/* ---- the one line that fits into a prompt ---- */

static struct file
line_of(const struct file *f, unsigned n)
{
	struct bnd_str rest = str(f), line;
	struct file out = { .len = 0 };
	bool whole;

	for (unsigned i = 0; i <= n; i++)
		if (!bnd_text_line(&rest, &line, &whole))
			bail("no such line");
	memcpy(out.p, line.p, line.len);
	out.len = line.len;
	return out;
}

static struct file
unarmoured(const struct file *f)
{
	struct file out = { .len = 0 };

	for (unsigned i = 1;; i++) {
		struct file line = line_of(f, i);

		if (line.p[0] == '-')
			return out;
		memcpy(out.p + out.len, line.p, line.len);
		out.len += line.len;
	}
}

static bool
verifies(const struct bnd_public *pub, const struct file *sig)
{
	struct file text = data("text");
	struct bnd_evidence e;

	return bnd_evidence_parse(pub, str(sig), &e, NULL) == 0 &&
	    bnd_evidence_verify(pub, str(&text), &e);
}

static void
test_one_line(void)
{
	struct bnd_public mini = public(BND_KEY_MINISIGN, "minisign.pub"), pub;
	struct bnd_public token = public(BND_KEY_SSH, "token.pub");
	struct file f = data("text.minisig"), g;

	g = line_of(&f, 1);
	is_int((long long)g.len, 100, "a line of minisign");
	ok(verifies(&mini, &g), "is enough");
	g.p[g.len++] = '\n';
	ok(verifies(&mini, &g), "with an end of line too");
	f = data("minisign.pub");
	g = line_of(&f, 1);
	ok(bnd_evidence_public(BND_KEY_MINISIGN, str(&g), &pub, NULL) == 0 &&
		memcmp(&pub, &mini, sizeof(pub)) == 0,
	    "and so is the line of a public key");
	f = data("text.sshsig");
	g = unarmoured(&f);
	ok(g.len < 512, "an SSHSIG without armour fits into an answer");
	ok(verifies(&token, &g), "and is enough");
}

/* ---- what is refused ---- */

static void
test_refused(void)
{
	static const struct {
		enum bnd_key_kind kind;
		const char *pub, *sig;
		enum bnd_kind why;
		const char *says;
	} cases[] = {
		{ BND_KEY_MINISIGN, "minisign.pub", "text.legacy",
		    BND_E_CEREMONY, "legacy" },
		{ BND_KEY_SSH, "token.pub", "text.file", BND_E_CEREMONY,
		    "namespace" },
		{ BND_KEY_SSH, "token.pub", "text.absent", BND_E_CEREMONY,
		    "presence" },
		{ BND_KEY_SSH, "token.pub", "text.plain", BND_E_INPUT,
		    "by a token" },
		{ BND_KEY_SSH, "token.pub", "text.minisig", BND_E_INPUT,
		    "not a signature of ssh" },
		{ BND_KEY_MINISIGN, "minisign.pub", "text.sshsig", BND_E_INPUT,
		    "not a signature of minisign" },
		{ BND_KEY_MINISIGN, "minisign.pub", "minisign.pub", BND_E_INPUT,
		    "not a signature of minisign" },
		{ BND_KEY_SSH, "token.pub", "token.pub", BND_E_INPUT,
		    "not a signature of ssh" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bnd_public pub = public(cases[i].kind, cases[i].pub);
		struct file sig = data(cases[i].sig);
		struct bnd_evidence e;
		struct bnd_err err = { 0 };

		ok(bnd_evidence_parse(&pub, str(&sig), &e, &err) != 0,
		    "%s is refused", cases[i].sig);
		is_int(err.kind, cases[i].why, "as %s", err.text);
		ok(strstr(err.text, cases[i].says) != NULL, "with the reason");
	}
}

static void
test_another_key(void)
{
	struct bnd_public pub = public(BND_KEY_SSH, "token.pub");
	struct file sig = data("text.sshsig"), text = data("text");
	struct bnd_evidence e;
	struct bnd_err err = { 0 };

	pub.key[0] ^= 1;
	ok(bnd_evidence_parse(&pub, str(&sig), &e, &err) != 0 &&
		err.kind == BND_E_CEREMONY,
	    "a key in the blob that is not the enrolled one (%s)", err.text);
	pub = public(BND_KEY_SSH, "token.pub");
	pub.app[4] ^= 1;
	ok(bnd_evidence_parse(&pub, str(&sig), &e, NULL) != 0,
	    "nor of that application");
	pub = public(BND_KEY_MINISIGN, "minisign.pub");
	sig = data("text.minisig");
	pub.key[0] ^= 1;
	ok(bnd_evidence_parse(&pub, str(&sig), &e, NULL) == 0 &&
		!bnd_evidence_verify(&pub, str(&text), &e),
	    "minisign's names no key, and verifies under no other");
}

static void
test_public_refused(void)
{
	static const struct {
		enum bnd_key_kind kind;
		const char *pub;
	} cases[] = {
		{ BND_KEY_SSH, "plain.pub" },
		{ BND_KEY_SSH, "minisign.pub" },
		{ BND_KEY_MINISIGN, "token.pub" },
		{ BND_KEY_MINISIGN, "text.minisig" },
		{ BND_KEY_RAW, "minisign.pub" },
		{ BND_KEY_PASSPHRASE, "minisign.pub" },
		{ BND_KEY_NONE, "minisign.pub" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file f = data(cases[i].pub);
		struct bnd_public pub;
		struct bnd_err err = { 0 };

		ok(bnd_evidence_public(cases[i].kind, str(&f), &pub, &err) != 0,
		    "%s is no key of kind %s (%s)", cases[i].pub,
		    bnd_key_kind_name(cases[i].kind), err.text);
	}
}

/*
 * A byte changed in the base64 of a signature either gives other evidence,
 * which does not verify, or is refused: no two spellings.  A byte of a
 * comment may be what it likes.
 */
static unsigned
spellings(const struct bnd_public *pub, const struct file *sig)
{
	unsigned passed = 0;

	for (size_t i = 0; i < sig->len; i++)
		for (unsigned c = 0; c < 256; c++) {
			struct file other = *sig;

			if ((char)c == sig->p[i])
				continue;
			other.p[i] = (char)c;
			passed += verifies(pub, &other);
		}
	return passed;
}

static void
test_one_spelling(void)
{
	struct bnd_public mini = public(BND_KEY_MINISIGN, "minisign.pub");
	struct bnd_public token = public(BND_KEY_SSH, "token.pub");
	struct file f = data("text.minisig"), other;
	unsigned passed = 0;

	/* Up to 14 it spells the number of the key, which says nothing. */
	f = line_of(&f, 1);
	for (size_t i = 14; i < f.len; i++)
		for (unsigned c = 0; c < 256; c++) {
			other = f;
			other.p[i] = (char)c;
			passed +=
			    other.p[i] != f.p[i] && verifies(&mini, &other);
		}
	is_int(passed, 0, "no other spelling of minisign's signature");
	f = data("text.sshsig");
	f = unarmoured(&f);
	is_int(spellings(&token, &f), 0, "none of an SSHSIG, at any byte");
}

static void
test_prefixes(void)
{
	static const struct {
		enum bnd_key_kind kind;
		const char *pub, *sig;
	} cases[] = {
		{ BND_KEY_MINISIGN, "minisign.pub", "text.minisig" },
		{ BND_KEY_SSH, "token.pub", "text.sshsig" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bnd_public pub = public(cases[i].kind, cases[i].pub), p;
		struct file sig = data(cases[i].sig), key = data(cases[i].pub);
		unsigned sigs = 0, keys = 0;
		struct bnd_evidence e;

		for (size_t n = 0; n + 1 < sig.len; n++)
			sigs +=
			    bnd_evidence_parse(&pub,
				(struct bnd_str){ sig.p, n }, &e, NULL) == 0;
		is_int(sigs, 0, "no prefix of %s is one", cases[i].sig);
		for (size_t n = 0; n < 80 && n + 1 < key.len; n++)
			keys +=
			    bnd_evidence_public(cases[i].kind,
				(struct bnd_str){ key.p, n }, &p, NULL) == 0;
		is_int(keys, 0, "nor one of %s", cases[i].pub);
		if (sig.len + 2 > sizeof(sig.p))
			bail("too long");
		memcpy(sig.p + sig.len, "x\n", 2);
		sig.len += 2;
		ok(bnd_evidence_parse(&pub, str(&sig), &e, NULL) != 0,
		    "nor one with a line more");
	}
}

/* ---- blobs made to measure ---- */

static int
parse_blob(const struct bnd_public *pub, const struct signer_bytes *b)
{
	char b64[BND_B64STD_LEN(sizeof(b->p)) + 1];
	struct bnd_evidence e;

	bnd_text_to_b64std(b->p, b->len, b64);
	return bnd_evidence_parse(
	    pub, (struct bnd_str){ b64, strlen(b64) }, &e, NULL);
}

static void
test_blobs(void)
{
	uint8_t seed[BND_SEED_LEN] = { 9 };
	struct bnd_public pub = { .kind = BND_KEY_SSH, .app = "ssh:" };
	struct signer_token t = { "ssh:", "bnd-ceremony", 1, 1, false };
	struct signer_bytes good = { .len = 0 }, b;
	unsigned taken = 0, lengths = 0;
	struct bnd_evidence e;

	bnd_sign_public(seed, pub.key);
	signer_ssh(seed, &t, "x", 1, &e);
	signer_sshsig(&good, pub.key, &t, &e);
	ok(parse_blob(&pub, &good) == 0, "control: a blob of our own");
	for (size_t n = 0; n < good.len; n++) {
		b = good;
		b.len = n;
		taken += parse_blob(&pub, &b) == 0;
	}
	is_int(taken, 0, "no prefix of it");
	b = good;
	b.p[b.len++] = 0;
	ok(parse_blob(&pub, &b) != 0, "nor with a byte more");
	b = good;
	b.p[9] = 2;
	ok(parse_blob(&pub, &b) != 0, "nor of another version");
	/* Lengths that lie, up to 4 GiB. */
	for (size_t i = 10; i + 4 < good.len; i++) {
		if (good.p[i] + good.p[i + 1] + good.p[i + 2] != 0)
			continue;
		b = good;
		b.p[i] = 0xff;
		taken += parse_blob(&pub, &b) == 0;
		b = good;
		b.p[i + 3]++;
		taken += parse_blob(&pub, &b) == 0;
		lengths++;
	}
	ok(lengths >= 10, "ten lengths and more were tried");
	is_int(taken, 0, "nor with a length that lies");
}

/* ---- as JSON ---- */

static void
test_json(void)
{
	static const struct {
		const char *json;
		enum bnd_key_kind kind;
		bool good;
	} cases[] = {
#define SIG                                         \
	"\"sig\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  \
	"AAAAAAAAAAAAAAA\""
		{ "{" SIG "}", BND_KEY_RAW, true },
		{ "{" SIG "}", BND_KEY_SSH, false },
		{ "{" SIG ",\"alg\":\"sha512\",\"flags\":1,\"ctr\":2}",
		    BND_KEY_SSH, true },
		{ "{" SIG ",\"alg\":\"sha512\",\"flags\":1,\"ctr\":2}",
		    BND_KEY_MINISIGN, false },
		{ "{" SIG ",\"alg\":\"sha1\",\"flags\":1,\"ctr\":2}",
		    BND_KEY_SSH, false },
		{ "{" SIG ",\"alg\":\"sha256\",\"flags\":256,\"ctr\":2}",
		    BND_KEY_SSH, false },
		{ "{" SIG ",\"alg\":\"sha256\",\"flags\":1,"
		  "\"ctr\":4294967296}",
		    BND_KEY_SSH, false },
		{ "{" SIG ",\"alg\":\"sha256\",\"flags\":1,"
		  "\"ctr\":4294967295}",
		    BND_KEY_SSH, true },
		{ "{" SIG ",\"alg\":\"sha256\",\"flags\":\"1\",\"ctr\":2}",
		    BND_KEY_SSH, false },
		{ "{\"sig\":\"A\"}", BND_KEY_RAW, false },
		{ "{}", BND_KEY_RAW, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bnd_str s = { cases[i].json, strlen(cases[i].json) };
		struct bnd_evidence e;
		char again[512];
		struct bnd_json j;

		if (!bnd_json_valid(s))
			bail(cases[i].json);
		is_int(bnd_evidence_from_json(s, cases[i].kind, "sig", &e),
		    cases[i].good, "JSON %zu, as %s", i,
		    bnd_key_kind_name(cases[i].kind));
		if (!cases[i].good)
			continue;
		bnd_json_begin(&j, again, sizeof(again));
		bnd_json_open(&j, NULL, '{');
		bnd_evidence_to_json(&e, cases[i].kind, &j, "sig");
		bnd_json_close(&j, '}');
		ok(bnd_json_end(&j), "written");
		is_str(again, cases[i].json, "back to the same");
	}
}

int
main(void)
{
	if (bnd_sign_init(NULL) != 0)
		bail("libsodium does not start");
	test_good();
	test_names();
	test_bits();
	test_presence();
	test_counter();
	test_one_line();
	test_refused();
	test_another_key();
	test_public_refused();
	test_one_spelling();
	test_prefixes();
	test_blobs();
	test_json();
	return tap_done();
}
