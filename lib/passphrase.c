/* passphrase.c: an approver whose key is in his head */
/* SPDX-License-Identifier: ISC */
#include "passphrase.h"

#include <string.h>

#include "ceremony.h"
#include "ceremony-look.h"
#include "lockout.h"
#include "scope.h"

/* The seed, in secret memory for as long as it is needed. */
struct seed {
	uint8_t *p;
};

static void
forget(struct seed *s)
{
	bnd_secret_free(s->p, BND_SEED_LEN);
	s->p = NULL;
}
#define SCOPED_SEED __attribute__((cleanup(forget)))

static int
derive(const struct bnd_kdf *k, const char *pass, size_t len, struct seed *s,
    uint8_t pk[static BND_KEY_LEN], struct bnd_err *err)
{
	s->p = bnd_secret_new(BND_SEED_LEN, err);
	if (s->p == NULL || bnd_kdf_derive(k, pass, len, s->p, err) != 0)
		return -1;
	bnd_sign_public(s->p, pk);
	return 0;
}

/* ---- approving --------------------------------------------------------- */

static const struct bnd_approver *
find(const struct bnd_view *v, const char *name)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (strcmp(v->approver[i].name, name) == 0 &&
		    v->approver[i].pub.kind == BND_KEY_PASSPHRASE)
			return &v->approver[i];
	}
	return NULL;
}

/* What would be refused with the right passphrase too needs none. */
static int
look(const struct bnd_root *root, const uint8_t *id, struct bnd_view *v,
    struct bnd_err *err)
{
	if (bnd_ceremony_look(root, v, err) != 0)
		return -1;
	if (!v->is_open || v->expired || !bnd_same(v->id, id, sizeof(v->id)))
		return bnd_fail(
		    err, BND_E_CEREMONY, "that ceremony is not open");
	if (v->c.offline)
		return bnd_fail(err, BND_E_CEREMONY,
		    "this ceremony asks for an offline key or a token");
	return 0;
}

/* NAME.kdf; a salt of no meaning for a name that is no such approver's. */
static int
kdf_of(const struct bnd_root *root, const char *name,
    const struct bnd_approver *a, struct bnd_kdf *k, struct bnd_err *err)
{
	if (a == NULL) {
		bnd_kdf_new(k);
		return 0;
	}
	if (bnd_kdf_load(root, name, k, err) != 0)
		return -1;
	if (!bnd_same(k->id, a->id, sizeof(a->id)))
		return bnd_fail(err, BND_E_UNSAFE,
		    "/" BND_KDF_DIR "/%s.kdf is not of the key that is "
		    "enrolled",
		    name);
	return 0;
}

static int
say_wrong(struct bnd_err *err)
{
	return bnd_fail(err, BND_E_CEREMONY,
	    "that is not the name and passphrase of an approver");
}

/* The miss is recorded either way; what it says about the name is not said. */
static int
judge(const struct bnd_root *root, const struct bnd_view *v, const char *name,
    bool good, const struct bnd_evidence *e, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (good)
		return bnd_ceremony_approve(root, v->id, name, e, err);
	if (bnd_ceremony_approve(root, v->id, name, e, &why) != 0 &&
	    why.kind != BND_E_CEREMONY)
		return bnd_fail(err, why.kind, "%s", why.text);
	return say_wrong(err);
}

/* *good says whether it was the passphrase; -1 with *good: not recorded. */
static int
attempt(const struct bnd_root *root, const struct bnd_view *v, const char *name,
    const char *pass, size_t len, bool *judged, bool *good, struct bnd_err *err)
{
	const struct bnd_approver *a = find(v, name);
	struct bnd_evidence e = { 0 };
	uint8_t pk[BND_KEY_LEN];
	struct bnd_kdf k;
	SCOPED_SEED struct seed s = { NULL };

	if (kdf_of(root, name, a, &k, err) != 0 ||
	    derive(&k, pass, len, &s, pk, err) != 0)
		return -1;
	*judged = true;
	*good = a != NULL && bnd_same(pk, a->pub.key, sizeof(pk));
	bnd_sign_paired(s.p, pk, v->text, v->len, e.sig);
	forget(&s);
	return judge(root, v, name, *good, &e, err);
}

int
bnd_passphrase_approve(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *name,
    const char *pass, size_t len, uint64_t *wait_s, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_view *v = calloc(1, sizeof(*v));
	struct bnd_attempt a;
	bool judged = false, good = false;
	int rc;

	*wait_s = 0;
	if (v == NULL)
		return bnd_fail_errno(err, "cannot look at the ceremony");
	if (len == 0 || len > BND_PASSPHRASE_MAX ||
	    !bnd_name_is_valid((struct bnd_str){ name, strlen(name) }))
		return say_wrong(err);
	if (look(root, id, v, err) != 0 ||
	    bnd_lockout_begin(root, name, &a, wait_s, err) != 0)
		return -1;
	rc = attempt(root, v, name, pass, len, &judged, &good, err);
	if (judged && !good)
		bnd_lockout_fail(&a);
	else if (bnd_lockout_forgive(&a, rc == 0 ? err : NULL) != 0)
		return -1;
	return rc;
}

/* ---- enrolling --------------------------------------------------------- */

static int
check_length(size_t len, struct bnd_err *err)
{
	if (len < BND_PASSPHRASE_MIN)
		return bnd_fail(err, BND_E_INPUT,
		    "a passphrase has at least %d bytes; six random words are "
		    "good",
		    BND_PASSPHRASE_MIN);
	if (len > BND_PASSPHRASE_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "a passphrase has at most %d bytes", BND_PASSPHRASE_MAX);
	return 0;
}

int
bnd_passphrase_new(const struct bnd_root *root, const char *name,
    const char *pass, size_t len, struct bnd_public *pub, struct bnd_err *err)
{
	SCOPED_SEED struct seed s = { NULL };
	struct bnd_kdf k;

	if (check_length(len, err) != 0)
		return -1;
	bnd_kdf_new(&k);
	*pub = (struct bnd_public){ .kind = BND_KEY_PASSPHRASE };
	if (derive(&k, pass, len, &s, pub->key, err) != 0)
		return -1;
	bnd_approver_id(pub->key, k.id);
	return bnd_kdf_store(root, name, &k, err);
}

static int
prove(const struct bnd_kdf *k, const char *pass, size_t len,
    struct bnd_str text, struct bnd_evidence *e, bool *good,
    struct bnd_err *err)
{
	SCOPED_SEED struct seed s = { NULL };
	uint8_t pk[BND_KEY_LEN], id[BND_APPROVER_ID_LEN];

	if (derive(k, pass, len, &s, pk, err) != 0)
		return -1;
	bnd_approver_id(pk, id);
	*good = bnd_same(id, k->id, sizeof(id));
	if (!*good)
		return bnd_fail(err, BND_E_CEREMONY,
		    "that is not the passphrase given before");
	bnd_sign_paired(s.p, pk, text.p, text.len, e->sig);
	return 0;
}

/* Saying whether it is the one given before is a verdict: it is counted too. */
int
bnd_passphrase_prove(const struct bnd_root *root, const char *name,
    const char *pass, size_t len, struct bnd_str text, struct bnd_evidence *e,
    struct bnd_err *err)
{
	struct bnd_attempt a;
	struct bnd_kdf k;
	uint64_t wait_s;
	bool good = false;
	int rc;

	*e = (struct bnd_evidence){ 0 };
	if (check_length(len, err) != 0 ||
	    bnd_kdf_load(root, name, &k, err) != 0 ||
	    bnd_lockout_begin(root, name, &a, &wait_s, err) != 0)
		return -1;
	rc = prove(&k, pass, len, text, e, &good, err);
	if (rc != 0 && err->kind == BND_E_CEREMONY)
		bnd_lockout_fail(&a);
	else if (bnd_lockout_forgive(&a, rc == 0 ? err : NULL) != 0)
		return -1;
	return rc;
}
