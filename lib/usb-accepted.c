/* usb-accepted.c: the policy in force: loaded, accepted if it may be, held */
/* SPDX-License-Identifier: ISC */
/*
 * MUST: whoever edits the files without a change of the mode that may take them
 * in can only take away.  What is not accepted lends nothing to the console set
 * either: that is then the one of the policy accepted last.
 */
#include "usb-accepted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "scope.h"
#include "state.h"
#include "usb-port.h"

/*
 * "bnd-usb-policy/1 OWN\n", the digest of all that follows, so that it is
 * replaced with it; then "DIGEST KEEP\n" and the baseline.  It keeps accidents
 * and cut files out, not root.
 */
#define HEAD	 "bnd-usb-policy/1 "
#define HEAD_LEN (sizeof(HEAD) - 1 + HEX_LEN + 1)
#define HEX_LEN	 (2 * (size_t)BND_HASH_LEN)
#define COPY_MAX (HEAD_LEN + HEX_LEN + 8 + BND_USB_BASELINE_MAX)
#define COPY	 "bnd-usb-copy-v1"

struct copy {
	uint8_t digest[BND_HASH_LEN];
	enum bnd_usb_keep keep;
	struct bnd_str base; /* bytes of text */
	char *text;	     /* owned */
};

static int
unlike(struct bnd_err *err)
{
	return bnd_fail(err, BND_E_CORRUPT,
	    "/" BND_USB_ACCEPTED_PATH " is not what its digest says");
}

static int
parse_copy(struct bnd_str text, struct copy *c, struct bnd_err *err)
{
	uint8_t own[BND_HASH_LEN], want[BND_HASH_LEN];
	struct bnd_str line, word;
	bool whole;

	if (!bnd_text_line(&text, &line, &whole) || !whole ||
	    !bnd_text_take(&line, HEAD) ||
	    !bnd_text_from_hex(line, own, sizeof(own)))
		return unlike(err);
	bnd_hash(COPY, NULL, 0, text.p, text.len, want);
	if (!bnd_same(own, want, sizeof(own)) ||
	    !bnd_text_line(&text, &line, &whole) || !whole ||
	    !bnd_text_word(&line, &word) ||
	    !bnd_text_from_hex(word, c->digest, sizeof(c->digest)) ||
	    !bnd_text_word(&line, &word) || !bnd_usb_keep_parse(word, &c->keep))
		return unlike(err);
	c->base = text;
	return 0;
}

/* errnum ENOENT: nothing was accepted yet. */
static int
load_copy(const struct bnd_root *root, struct copy *c, struct bnd_err *err)
{
	size_t len;

	c->text = malloc(COPY_MAX);
	if (c->text == NULL)
		return bnd_fail_errno(err, "cannot read the accepted policy");
	if (bnd_file_read(root, BND_USB_ACCEPTED_PATH, BND_USB_BASELINE_FORBID,
		c->text, COPY_MAX, &len, err) != 0)
		return -1;
	return parse_copy((struct bnd_str){ c->text, len }, c, err);
}

static void
free_copy(struct copy *c)
{
	free(c->text);
}
#define SCOPED_COPY __attribute__((cleanup(free_copy)))

void
bnd_usb_policy_hold(const struct bnd_root *root, struct bnd_usb_policy *p)
{
	SCOPED_COPY struct copy c = { 0 };
	struct bnd_err why = { 0 };

	if (load_copy(root, &c, &why) != 0) {
		if (why.errnum == ENOENT)
			return;
		bnd_usb_policy_refuse(p, why.kind, why.text);
		bnd_usb_policy_forget(p);
		return;
	}
	if (p->usable && bnd_same(p->digest, c.digest, sizeof(c.digest)))
		return;
	if (p->usable) {
		p->changed = true;
		bnd_usb_policy_refuse(
		    p, BND_E_DENIED, "policy changed since it was accepted");
	}
	p->keep = c.keep;
	(void)!bnd_usb_policy_know(p, "/" BND_USB_ACCEPTED_PATH, c.base, &why);
}

int
bnd_usb_policy_accept(const struct bnd_root *root,
    const struct bnd_usb_policy *p, struct bnd_err *err)
{
	SCOPED_FREE char *text = malloc(COPY_MAX);
	char hex[HEX_LEN + 1], line[HEX_LEN + 8];
	uint8_t own[BND_HASH_LEN];
	size_t len;

	if (text == NULL)
		return bnd_fail_errno(err, "cannot keep the USB policy");
	bnd_text_to_hex(p->digest, sizeof(p->digest), hex);
	(void)snprintf(
	    line, sizeof(line), "%s %s\n", hex, bnd_usb_keep_name(p->keep));
	len = strlen(line);
	memcpy(text + HEAD_LEN, line, len);
	if (p->base_len != 0)
		memcpy(text + HEAD_LEN + len, p->base_text, p->base_len);
	len += p->base_len;
	bnd_hash(COPY, NULL, 0, text + HEAD_LEN, len, own);
	bnd_text_to_hex(own, sizeof(own), hex);
	(void)snprintf(text, HEAD_LEN, HEAD "%s", hex);
	text[HEAD_LEN - 1] = '\n';
	return bnd_root_mkdir(root, BND_USB_RUN_DIR, 0700, err) != 0
	    ? -1
	    : bnd_file_replace(
		  root, BND_USB_ACCEPTED_PATH, text, HEAD_LEN + len, 0600, err);
}

static bool
is_accepted(
    const struct bnd_root *root, const struct bnd_usb_policy *p, bool *first)
{
	SCOPED_COPY struct copy c = { 0 };
	struct bnd_err why = { 0 };

	*first = load_copy(root, &c, &why) != 0 && why.errnum == ENOENT;
	return why.kind == BND_E_NONE &&
	    bnd_same(p->digest, c.digest, sizeof(c.digest));
}

/*
 * The state is what a ceremony leaves behind: only loosen.c publishes that a
 * mode is being left, after it has judged the approvals on the chain.
 */
static bool
may_accept(const struct bnd_root *root, const char *txn, bool first)
{
	struct bnd_err ignored = { 0 };
	struct bnd_state st;

	if (txn == NULL || bnd_state_load(root, &st, &ignored) != 0 ||
	    st.phase == BND_STABLE || strcmp(st.txn, txn) != 0)
		return false;
	return first || st.phase == BND_LEAVING || st.mode <= BND_RESTRICTED;
}

int
bnd_usb_policy_take(const struct bnd_root *root, const char *txn, bool repair,
    struct bnd_usb_policy *p, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	bool first;

	if (bnd_usb_policy_load(root, p, &why) == 0 && !repair &&
	    !is_accepted(root, p, &first) && may_accept(root, txn, first)) {
		p->accepted = bnd_usb_policy_accept(root, p, &why) == 0;
		if (!p->accepted && first)
			bnd_usb_policy_refuse(p, why.kind, why.text);
	}
	bnd_usb_policy_hold(root, p);
	if (p->usable)
		return 0;
	return bnd_fail(err, p->why.kind, "%s", p->why.text);
}
