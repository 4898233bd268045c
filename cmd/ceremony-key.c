/* ceremony-key.c: a key is made, a text is signed; anywhere, by anybody */
/* SPDX-License-Identifier: ISC */
/*
 * MUSTs of this file:
 *
 *  1. A secret key is made with its final mode, read only from a file of the
 *     caller's that nobody else can read, and stands in memory that is in no
 *     core dump and is wiped on every way out.  It is never an argument, in
 *     the environment or printed.
 *  2. Only a well-formed bnd-ceremony/1 or bnd-enroll/1 text is signed, and
 *     all of it is shown: an approver's key is used for nothing else, and
 *     nobody signs what he was not shown.
 */
#include "ceremony-key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "approver.h"
#include "challenge.h"
#include "cmd.h"
#include "file.h"
#include "scope.h"
#include "sign.h"
#include "text.h"

#define SECRET_HEAD "bnd-secret/1\n"
#define SECRET_MAX  256
#define PATH_LEN    4096
#define PUB_SUFFIX  ".pub"
#define KEY_SUFFIX  ".key"

/* A secret key as its file holds it, in memory of its own. */
struct secret {
	uint8_t seed[BND_SEED_LEN];
	uint8_t pk[BND_KEY_LEN];
	char text[SECRET_MAX]; /* the file */
	char b64[BND_B64_LEN(BND_SEED_LEN) + 1];
};

static void
free_secret(struct secret **s)
{
	if (*s != NULL)
		bnd_secret_free(*s, sizeof(**s));
}
#define SCOPED_SECRET __attribute__((cleanup(free_secret)))

static struct secret *
new_secret(struct bnd_err *err)
{
	if (bnd_sign_init(err) != 0)
		return NULL;
	return bnd_secret_new(sizeof(struct secret), err);
}

/* ---- keygen ---- */

/* alice.key has its public half in alice.pub, anything else in FILE.pub. */
static int
public_name(const char *path, char name[static PATH_LEN], struct bnd_err *err)
{
	size_t n = strlen(path), k = strlen(KEY_SUFFIX);

	if (n > k && strcmp(path + n - k, KEY_SUFFIX) == 0)
		n -= k;
	if (n + sizeof(PUB_SUFFIX) > PATH_LEN)
		return bnd_fail(err, BND_E_INPUT, "the name is too long");
	memcpy(name, path, n);
	memcpy(name + n, PUB_SUFFIX, sizeof(PUB_SUFFIX));
	return 0;
}

/* What is there already is never written over: it may be the only key. */
static int
write_new(const char *path, mode_t mode, const char *text, size_t len,
    struct bnd_err *err)
{
	SCOPED_FD int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return bnd_fail_errno(err, "cannot make %s", path);
	if (fchmod(fd, mode) != 0)
		return bnd_fail_errno(err, "cannot chmod %s", path);
	if (bnd_file_write_all(fd, path, text, len, err) != 0)
		return -1;
	if (fsync(fd) != 0)
		return bnd_fail_errno(err, "cannot write %s", path);
	return 0;
}

static size_t
secret_text(struct secret *s)
{
	char pub[BND_B64_LEN(BND_KEY_LEN) + 1];
	int n;

	bnd_text_to_b64(s->pk, sizeof(s->pk), pub);
	bnd_text_to_b64(s->seed, sizeof(s->seed), s->b64);
	n = snprintf(s->text, sizeof(s->text),
	    SECRET_HEAD "seed %s\npublic %s\n", s->b64, pub);
	return n > 0 && (size_t)n < sizeof(s->text) ? (size_t)n : 0;
}

int
key_make(const char *path, struct bnd_err *err)
{
	SCOPED_SECRET struct secret *s = new_secret(err);
	char pub[BND_B64_LEN(BND_KEY_LEN) + 2], name[PATH_LEN];
	uint8_t id[BND_APPROVER_ID_LEN];
	char hex[2 * BND_APPROVER_ID_LEN + 1];

	if (s == NULL || public_name(path, name, err) != 0)
		return -1;
	bnd_sign_keypair(s->pk, s->seed);
	if (write_new(path, 0600, s->text, secret_text(s), err) != 0)
		return -1;
	bnd_text_to_b64(s->pk, sizeof(s->pk), pub);
	memcpy(pub + sizeof(pub) - 2, "\n", 2);
	fputs(pub, stdout);
	if (write_new(name, 0644, pub, sizeof(pub) - 1, err) != 0)
		return -1;
	bnd_approver_id(s->pk, id);
	bnd_text_to_hex(id, sizeof(id), hex);
	cmd_warn(
	    "secret key in %s, public key in %s, key id %s", path, name, hex);
	return 0;
}

/* ---- sign ---- */

/* A key that others could read is nobody's own any more. */
static int
open_secret(const char *path, struct bnd_err *err)
{
	SCOPED_FD int fd =
	    open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", path);
	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot stat %s", path);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 077) != 0)
		return bnd_fail(err, BND_E_UNSAFE,
		    "%s is not a file of the caller's that only he can read",
		    path);
	return take_fd(&fd);
}

static bool
value_of(struct bnd_str *rest, const char *word, uint8_t *bin, size_t n)
{
	struct bnd_str line;
	size_t k = strlen(word);
	bool whole;

	return bnd_text_line(rest, &line, &whole) && whole && line.len > k &&
	    memcmp(line.p, word, k) == 0 &&
	    bnd_text_from_b64(
		(struct bnd_str){ line.p + k, line.len - k }, bin, n);
}

static int
load_secret(const char *path, struct secret *s, struct bnd_err *err)
{
	SCOPED_FD int fd = open_secret(path, err);
	struct bnd_str rest = { s->text, 0 };
	uint8_t said[BND_KEY_LEN];
	size_t head = strlen(SECRET_HEAD);

	if (fd < 0 ||
	    bnd_file_read_fd(
		fd, path, s->text, sizeof(s->text), &rest.len, err) != 0)
		return -1;
	if (rest.len < head || memcmp(rest.p, SECRET_HEAD, head) != 0)
		return bnd_fail(err, BND_E_INPUT, "%s is no secret key", path);
	rest.p += head;
	rest.len -= head;
	if (!value_of(&rest, "seed ", s->seed, sizeof(s->seed)) ||
	    !value_of(&rest, "public ", said, sizeof(said)) || rest.len != 0)
		return bnd_fail(err, BND_E_INPUT, "%s is no secret key", path);
	bnd_sign_public(s->seed, s->pk);
	if (!bnd_same(s->pk, said, sizeof(said)))
		return bnd_fail(err, BND_E_INPUT,
		    "%s is damaged: its halves do not fit", path);
	return 0;
}

static int
read_text(const char *path, char *buf, size_t size, struct bnd_str *text,
    struct bnd_err *err)
{
	const char *name = path != NULL ? path : "standard input";
	SCOPED_FD int fd =
	    path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", name);
	text->p = buf;
	return bnd_file_read_fd(fd, name, buf, size, &text->len, err);
}

static int
check_enrolment(
    struct bnd_str text, const struct secret *s, struct bnd_err *err)
{
	uint8_t log_id[BND_ID_LEN];
	struct bnd_approver a;

	if (bnd_approver_from_text(text, &a, log_id, err) != 0)
		return -1;
	if (!bnd_same(a.pub.key, s->pk, sizeof(a.pub.key)))
		return bnd_fail(err, BND_E_DENIED,
		    "this text enrols another key than the one that signs");
	if (a.pub.kind != BND_KEY_RAW)
		return bnd_fail(err, BND_E_DENIED,
		    "this text enrols a key of kind %s, not raw",
		    bnd_key_kind_name(a.pub.kind));
	return 0;
}

/* One of the two texts that an approver's key may sign, or refused. */
static int
check_text(struct bnd_str text, const struct secret *s, struct bnd_err *err)
{
	static const char enroll[] = "bnd-enroll/1\n";
	struct bnd_challenge c;

	if (text.len >= strlen(enroll) &&
	    memcmp(text.p, enroll, strlen(enroll)) == 0)
		return check_enrolment(text, s, err);
	return bnd_challenge_unpack(text, &c, err);
}

int
key_sign(const char *key, const char *path, struct bnd_err *err)
{
	SCOPED_SECRET struct secret *s = new_secret(err);
	char buf[BND_CHALLENGE_MAX], b64[BND_B64STD_LEN(BND_SIG_LEN) + 1];
	uint8_t sig[BND_SIG_LEN];
	struct bnd_str text;

	if (s == NULL)
		return -1;
	if (key == NULL)
		return bnd_fail(err, BND_E_INPUT, "sign needs --key FILE");
	if (load_secret(key, s, err) != 0 ||
	    read_text(path, buf, sizeof(buf), &text, err) != 0 ||
	    check_text(text, s, err) != 0)
		return -1;
	/* Printable ASCII and LF: both parsers let nothing else through. */
	fprintf(stderr, "%s: signing this text:\n%.*s", cmd_prog, (int)text.len,
	    text.p);
	bnd_sign(s->seed, text.p, text.len, sig);
	bnd_text_to_b64std(sig, sizeof(sig), b64);
	printf("%s\n", b64);
	return 0;
}
