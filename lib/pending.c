/* pending.c: who was asked to sign before there is a log, as bytes */
/* SPDX-License-Identifier: ISC */
/*
 *	bnd-init/1
 *	log <id>
 *	boot <boot id>
 *	asked <entry>		as in the genesis, with a pop of zeros
 *	proven <entry>
 */
#include "pending.h"

#include <string.h>

#include "json-read.h"

#define HEAD   "bnd-init/1\n"
#define LOG    "log "
#define BOOT   "boot "
#define ASKED  "asked "
#define PROVEN "proven "

/* ---- writing ---- */

struct out {
	char *p;
	size_t len;
	bool full;
};

static void
put(struct out *o, const char *s)
{
	size_t n = strlen(s);

	if (n > BND_PENDING_MAX - o->len) {
		o->full = true;
		return;
	}
	memcpy(o->p + o->len, s, n);
	o->len += n;
}

static void
put_entry(struct out *o, const struct bnd_approver *a, bool proven)
{
	char entry[BND_ENTRY_MAX];
	struct bnd_json j;

	bnd_json_begin(&j, entry, sizeof(entry));
	bnd_approver_to_json(a, &j, NULL);
	if (!bnd_json_end(&j)) {
		o->full = true;
		return;
	}
	put(o, proven ? PROVEN : ASKED);
	put(o, entry);
	put(o, "\n");
}

int
bnd_pending_pack(
    const struct bnd_pending *p, char *text, size_t *len, struct bnd_err *err)
{
	char id[BND_B64_LEN(BND_ID_LEN) + 1];
	struct out o = { .p = text };

	bnd_text_to_b64(p->id, BND_ID_LEN, id);
	put(&o, HEAD LOG);
	put(&o, id);
	put(&o, "\n" BOOT);
	put(&o, p->boot);
	put(&o, "\n");
	for (unsigned i = 0; i < p->n; i++)
		put_entry(&o, &p->a[i], p->proven[i]);
	if (o.full)
		return bnd_fail(err, BND_E_INPUT, "too many approvers");
	*len = o.len;
	return 0;
}

/* ---- reading ---- */

static bool
is_unproven(const struct bnd_approver *a)
{
	return bnd_is_zero(a->pop.sig, sizeof(a->pop.sig)) && !a->pop.sha512 &&
	    a->pop.flags == 0 && a->pop.counter == 0;
}

static bool
read_entry(struct bnd_str line, struct bnd_pending *p)
{
	bool proven = bnd_text_take(&line, PROVEN);

	if (p->n == BND_APPROVERS_MAX ||
	    (!proven && !bnd_text_take(&line, ASKED)) ||
	    !bnd_json_valid(line) ||
	    bnd_approver_from_json(line, &p->a[p->n], NULL) != 0 ||
	    proven == is_unproven(&p->a[p->n]))
		return false;
	p->proven[p->n++] = proven;
	return true;
}

static bool
read_boot(struct bnd_str *text, struct bnd_pending *p)
{
	uint8_t bin[BND_BOOT_ID_LEN / 2];
	struct bnd_str line;
	bool whole;

	return bnd_text_line(text, &line, &whole) && whole &&
	    bnd_text_take(&line, BOOT) &&
	    bnd_text_from_hex(line, bin, sizeof(bin)) &&
	    bnd_str_copy(line, p->boot, sizeof(p->boot));
}

static bool
read_lines(struct bnd_str text, struct bnd_pending *p)
{
	struct bnd_str line;
	bool whole;

	if (!bnd_text_take(&text, HEAD) ||
	    !bnd_text_line(&text, &line, &whole) || !whole ||
	    !bnd_text_take(&line, LOG) ||
	    !bnd_text_from_b64(line, p->id, BND_ID_LEN) || !read_boot(&text, p))
		return false;
	while (bnd_text_line(&text, &line, &whole))
		if (!whole || !read_entry(line, p))
			return false;
	return true;
}

int
bnd_pending_unpack(
    struct bnd_str text, struct bnd_pending *p, struct bnd_err *err)
{
	memset(p, 0, sizeof(*p));
	if (!read_lines(text, p))
		return bnd_fail(err, BND_E_CORRUPT,
		    "not a well-formed list of approvers to be");
	return 0;
}
