/* kdf.c: what is kept of an approver whose key is a passphrase (bnd-kdf(5)) */
/* SPDX-License-Identifier: ISC */
#include "kdf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "scope.h"

#define HEAD	 "bnd-kdf/1"
#define ALG	 "argon2id13"
#define PATH_LEN 96

void
bnd_kdf_new(struct bnd_kdf *k)
{
	*k = (struct bnd_kdf){
		.ops = BND_STRETCH_OPS_MIN,
		.mem = BND_STRETCH_MEM_MIN,
	};
	bnd_random(k->salt, sizeof(k->salt));
}

/* Less would make guessing cheap, more would make the host fall over. */
static int
check_cost(const struct bnd_kdf *k, struct bnd_err *err)
{
	if (k->ops < BND_STRETCH_OPS_MIN || k->ops > BND_STRETCH_OPS_MAX)
		return bnd_fail(err, BND_E_INPUT, HEAD ": ops is from %d to %d",
		    BND_STRETCH_OPS_MIN, BND_STRETCH_OPS_MAX);
	if (k->mem < BND_STRETCH_MEM_MIN || k->mem > BND_STRETCH_MEM_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    HEAD ": mem is from %llu to %llu",
		    (unsigned long long)BND_STRETCH_MEM_MIN,
		    (unsigned long long)BND_STRETCH_MEM_MAX);
	return 0;
}

int
bnd_kdf_pack(
    const struct bnd_kdf *k, char *text, size_t *len, struct bnd_err *err)
{
	char salt[BND_B64_LEN(BND_ID_LEN) + 1], id[2 * BND_APPROVER_ID_LEN + 1];
	int n;

	if (check_cost(k, err) != 0)
		return -1;
	bnd_text_to_b64(k->salt, sizeof(k->salt), salt);
	bnd_text_to_hex(k->id, sizeof(k->id), id);
	n = snprintf(text, BND_KDF_MAX,
	    HEAD "\nalg " ALG "\nops %llu\nmem %llu\nsalt %s\nid %s\n",
	    (unsigned long long)k->ops, (unsigned long long)k->mem, salt, id);
	if (n < 0 || n >= BND_KDF_MAX)
		return bnd_fail(err, BND_E_INPUT, HEAD ": too long");
	*len = (size_t)n;
	return 0;
}

/* The value of the next line, which must be "word value". */
static bool
value_of(struct bnd_str *rest, const char *word, struct bnd_str *value)
{
	struct bnd_str line;
	bool whole;

	if (!bnd_text_line(rest, &line, &whole) || !whole ||
	    !bnd_text_take(&line, word) || !bnd_text_take(&line, " "))
		return false;
	*value = line;
	return true;
}

int
bnd_kdf_unpack(struct bnd_str text, struct bnd_kdf *k, struct bnd_err *err)
{
	struct bnd_str v, line;
	bool whole;

	*k = (struct bnd_kdf){ 0 };
	if (!bnd_text_line(&text, &line, &whole) || !whole ||
	    !bnd_str_is(line, HEAD) || !value_of(&text, "alg", &v) ||
	    !bnd_str_is(v, ALG) || !value_of(&text, "ops", &v) ||
	    !bnd_text_u64(v, UINT64_MAX, &k->ops) ||
	    !value_of(&text, "mem", &v) ||
	    !bnd_text_u64(v, UINT64_MAX, &k->mem) ||
	    !value_of(&text, "salt", &v) ||
	    !bnd_text_from_b64(v, k->salt, sizeof(k->salt)) ||
	    !value_of(&text, "id", &v) ||
	    !bnd_text_from_hex(v, k->id, sizeof(k->id)) || text.len != 0)
		return bnd_fail(
		    err, BND_E_INPUT, "not a well-formed " HEAD " file");
	return check_cost(k, err);
}

static int
path_of(const char *name, char path[static PATH_LEN], struct bnd_err *err)
{
	if (!bnd_name_is_valid((struct bnd_str){ name, strlen(name) }))
		return bnd_fail(err, BND_E_INPUT, "not a name of an approver");
	(void)snprintf(path, PATH_LEN, BND_KDF_DIR "/%s.kdf", name);
	return 0;
}

/* Who may list the directory knows whose salt to look for in a backup. */
static int
check_dir(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_FD int fd =
	    bnd_root_openat(root, BND_KDF_DIR, O_RDONLY | O_DIRECTORY, 0, err);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot stat /" BND_KDF_DIR);
	if (st.st_uid != root->owner || (st.st_mode & 0077) != 0)
		return bnd_fail(err, BND_E_UNSAFE,
		    "/" BND_KDF_DIR " has owner %u and mode %04o, not %u and "
		    "0700",
		    (unsigned)st.st_uid, (unsigned)(st.st_mode & 07777),
		    (unsigned)root->owner);
	return 0;
}

int
bnd_kdf_load(const struct bnd_root *root, const char *name, struct bnd_kdf *k,
    struct bnd_err *err)
{
	char path[PATH_LEN], buf[BND_KDF_MAX];
	size_t len;

	*k = (struct bnd_kdf){ 0 };
	if (path_of(name, path, err) != 0 || check_dir(root, err) != 0 ||
	    bnd_file_read(root, path, 0077, buf, sizeof(buf), &len, err) != 0)
		return -1;
	return bnd_kdf_unpack((struct bnd_str){ buf, len }, k, err);
}

int
bnd_kdf_store(const struct bnd_root *root, const char *name,
    const struct bnd_kdf *k, struct bnd_err *err)
{
	char path[PATH_LEN], text[BND_KDF_MAX];
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = -1;
	size_t len;

	if (path_of(name, path, err) != 0 ||
	    bnd_kdf_pack(k, text, &len, err) != 0 ||
	    bnd_root_mkdir(root, "etc/bnd", 0755, err) != 0 ||
	    bnd_root_mkdir(root, BND_KDF_DIR, 0700, err) != 0 ||
	    check_dir(root, err) != 0)
		return -1;
	/* A salt that is gone is an approver who is gone. */
	fd = bnd_root_openat(root, path, O_PATH, 0, &why);
	if (fd >= 0)
		return bnd_fail(err, BND_E_DENIED,
		    "/%s exists; remove it if its key is not enrolled", path);
	if (why.errnum != ENOENT)
		return bnd_fail(err, why.kind, "%s", why.text);
	return bnd_file_replace(root, path, text, len, 0600, err);
}

int
bnd_kdf_remove(
    const struct bnd_root *root, const char *name, struct bnd_err *err)
{
	char path[PATH_LEN];

	if (path_of(name, path, err) != 0)
		return -1;
	return bnd_file_unlink(root, path, err);
}

int
bnd_kdf_derive(const struct bnd_kdf *k, const char *pass, size_t len,
    uint8_t seed[static BND_SEED_LEN], struct bnd_err *err)
{
	return bnd_stretch(pass, len, k->salt, k->ops, k->mem, seed, err);
}
