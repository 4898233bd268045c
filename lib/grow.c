/* grow.c: the log grows by one signed line, in this order and no other */
/* SPDX-License-Identifier: ISC */
/*
 * Each record is signed by a key of its own, which is erased once the record
 * is durable.  Order is everything:
 *
 *	A4  announce: slot with the next key and the place of the line, synced
 *	A5  the line, in one write, synced: the commit point
 *	A6  erase the key that signed, in place, not synced
 *
 * A failed sync is never tried again: the page may be gone and be reported
 * clean.  The degraded mark then stops every append.
 */
#include "grow.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "logdir.h"

int
bnd_grow_sync(
    struct bnd_chain *c, int fd, const char *what, struct bnd_err *err)
{
	int rc;

	do
		rc = fdatasync(fd);
	while (rc != 0 && errno == EINTR);
	if (rc == 0)
		return 0;
	c->broken = true;
	bnd_fail_errno(err, "cannot sync the log's %s", what);
	bnd_logdir_degrade(c->root);
	return -1;
}

/* Whole, or the slot is bad: what is short is continued, as in no line. */
static int
write_slot(
    struct bnd_chain *c, int i, const struct bnd_slot *s, struct bnd_err *err)
{
	uint8_t *bytes = c->page->slot[i];
	size_t done = 0;
	ssize_t n;

	bnd_slot_pack(s, bytes);
	do {
		n = pwrite(c->headfd, bytes + done, BND_SLOT_LEN - done,
		    (off_t)i * BND_SLOT_GAP + (off_t)done);
		done += n > 0 ? (size_t)n : 0;
	} while ((n < 0 && errno == EINTR) || (n > 0 && done < BND_SLOT_LEN));
	bnd_wipe(bytes, BND_SLOT_LEN);
	if (done == BND_SLOT_LEN)
		return 0;
	c->broken = true;
	return bnd_fail_errno(err, "cannot write the log's head");
}

int
bnd_grow_wipe(struct bnd_chain *c, int i, struct bnd_err *err)
{
	struct bnd_slot *s = &c->page->head.slot[i];

	bnd_wipe(s->secret, sizeof(s->secret));
	bnd_wipe(s->epoch, sizeof(s->epoch));
	return write_slot(c, i, s, err);
}

/*
 * Only done bytes of the line are there.  A record that lacks nothing but its
 * LF would be completed by the next append, after the caller was told that
 * nothing was logged: one more byte makes it junk, if there is room for it.
 */
static void
give_up(struct bnd_chain *c, ssize_t done, size_t len)
{
	c->broken = true;
	c->written = done == (ssize_t)len - 1 && write(c->logfd, "!", 1) != 1;
}

/* A5.  One write: a line and its signature cannot come apart. */
static int
write_line(
    struct bnd_chain *c, const char *wire, size_t len, struct bnd_err *err)
{
	ssize_t n;

	do
		n = write(c->logfd, wire, len);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)len) {
		if (n >= 0)
			errno = ENOSPC;
		bnd_fail_errno(err, "cannot write a record");
		give_up(c, n, len);
		return -1;
	}
	c->written = true;
	if (bnd_grow_sync(c, c->logfd, "record", err) != 0)
		return -1;
	if (lseek(c->logfd, 0, SEEK_CUR) == (off_t)c->page->next.end)
		return 0;
	c->broken = true;
	return bnd_fail(err, BND_E_TAMPERED,
	    "something else wrote to the log beside its lock");
}

/* The slot that follows a record of len bytes, gap bytes behind the end. */
static void
fill_next(
    struct bnd_chain *c, const struct bnd_record *r, size_t gap, size_t len)
{
	const struct bnd_slot *from = &c->page->head.slot[c->from];
	struct bnd_slot *next = &c->page->next;

	next->gen = from->gen + 1;
	next->next_seq = r->seq + 1;
	next->file = from->file;
	next->start = c->size + gap;
	next->end = next->start + len;
	bnd_record_link(
	    (struct bnd_str){ c->wire + gap, len - 1 }, r, next->link);
	memcpy(c->failed, next->link, sizeof(c->failed));
}

/* What was appended is now the end. */
static void
move_on(struct bnd_chain *c, const struct bnd_record *r, size_t gap, size_t len,
    int target)
{
	struct bnd_head *h = &c->page->head;

	h->slot[target] = c->page->next;
	h->good[target] = true;
	h->s = target;
	h->o = c->from;
	c->from = target;
	c->size = c->page->next.end;
	c->last = *r;
	memcpy(c->line, c->wire + gap, len);
	c->last.body.p = c->line + (r->body.p - (c->wire + gap));
	c->written = false;
}

int
bnd_grow(
    struct bnd_chain *c, struct bnd_record *r, size_t gap, struct bnd_err *err)
{
	struct bnd_slot *from = &c->page->head.slot[c->from];
	struct bnd_slot *next = &c->page->next;
	int target = 1 - c->from;
	size_t len;

	if (c->broken)
		return bnd_fail(
		    err, BND_E_CORRUPT, "the log failed before; open it again");
	memset(next, 0, sizeof(*next));
	bnd_sign_keypair(next->pk, next->secret);
	memcpy(r->nk, next->pk, sizeof(r->nk));
	c->wire[0] = '\n';
	if (bnd_record_write(
		r, from->secret, from->pk, c->wire + gap, &len, err) != 0)
		return -1;
	fill_next(c, r, gap, len);
	if (write_slot(c, target, next, err) != 0 ||
	    bnd_grow_sync(c, c->headfd, "head", err) != 0 ||
	    write_line(c, c->wire, gap + len, err) != 0)
		return -1;
	/* It is durable; a wipe that failed is finished by the next append. */
	if (bnd_grow_wipe(c, c->from, NULL) != 0)
		c->broken = true;
	move_on(c, r, gap, len, target);
	return 0;
}
