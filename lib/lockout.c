/* lockout.c: how often a passphrase was guessed, and how long that waits */
/* SPDX-License-Identifier: ISC */
/*
 * 1. An attempt is counted, and the count is on the disk, before it is judged:
 *    whoever kills the judge has spent his attempt.
 * 2. One attempt at a time holds the lock, from the count to the verdict.
 * 3. Nothing but time lowers a count: a success takes back what it counted
 *    itself.  Time is CLOCK_BOOTTIME; the wall clock is not looked at.
 * 4. A wait ends: what is tried meanwhile is counted and does not lengthen it.
 *    What cannot be read waits the longest, once.
 * 5. Nothing here is asked before a tightening.
 */
#include "lockout.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "lock.h"
#include "scope.h"
#include "sign.h"

#define HEAD	  "bnd-lockout/1"
#define PERSONAL  "bnd-lockout-v1"
#define LOCK_MS	  20000 /* some derivations of others, one after the other */
#define SECOND_US UINT64_C(1000000)
#define HOUR_US	  (UINT64_C(3600) * SECOND_US)
#define LONGEST	  10 /* failures that wait BND_LOCKOUT_MAX_S */

/* ---- the file ---------------------------------------------------------- */

static size_t
add(char *text, size_t len, const char *word, const struct bnd_failures *f)
{
	return len +
	    (size_t)snprintf(text + len, BND_LOCKOUT_LEN - len,
		"%s %llu %llu %llu\n", word, (unsigned long long)f->n,
		(unsigned long long)f->at_us, (unsigned long long)f->wait_s);
}

void
bnd_lockout_pack(const struct bnd_lockout *l, char text[static BND_LOCKOUT_LEN])
{
	uint8_t sum[BND_HASH_LEN];
	char b64[BND_B64_LEN(BND_HASH_LEN) + 1], word[8];
	size_t len = (size_t)snprintf(text, BND_LOCKOUT_LEN,
	    HEAD "\nboot %s\nhalved %llu\n", l->boot,
	    (unsigned long long)l->halved_us);

	len = add(text, len, "all", &l->all);
	for (int i = 0; i < BND_LOCKOUT_NAMES; i++) {
		if (l->name[i].n == 0 && l->name[i].wait_s == 0)
			continue;
		(void)snprintf(word, sizeof(word), "%d", i);
		len = add(text, len, word, &l->name[i]);
	}
	bnd_hash(PERSONAL, NULL, 0, text, len, sum);
	bnd_text_to_b64(sum, sizeof(sum), b64);
	len += (size_t)snprintf(
	    text + len, BND_LOCKOUT_LEN - len, "sum %s\n", b64);
	memset(text + len, ' ', BND_LOCKOUT_LEN - len);
	text[BND_LOCKOUT_LEN - 1] = '\n';
}

static bool
read_failures(struct bnd_str line, struct bnd_failures *f)
{
	struct bnd_str n, at, wait;

	return bnd_text_word(&line, &n) && bnd_text_word(&line, &at) &&
	    bnd_text_word(&line, &wait) &&
	    bnd_text_u64(n, BND_LOCKOUT_MAX_N, &f->n) &&
	    bnd_text_u64(at, UINT64_MAX, &f->at_us) &&
	    bnd_text_u64(wait, BND_LOCKOUT_MAX_S, &f->wait_s);
}

/* Loosely: what is not spelled as pack() does is found by comparing. */
static bool
read_lines(struct bnd_str text, struct bnd_lockout *l)
{
	struct bnd_str line, word;
	bool whole;
	uint64_t i;

	while (bnd_text_line(&text, &line, &whole) &&
	    bnd_text_word(&line, &word) && !bnd_str_is(word, "sum")) {
		if (bnd_str_is(word, HEAD))
			continue;
		if (bnd_str_is(word, "all")) {
			if (!read_failures(line, &l->all))
				return false;
		} else if (bnd_text_u64(word, BND_LOCKOUT_NAMES - 1, &i)) {
			if (!read_failures(line, &l->name[i]))
				return false;
		} else if (bnd_str_is(word, "boot")) {
			if (!bnd_text_word(&line, &word) ||
			    !bnd_str_copy(word, l->boot, sizeof(l->boot)))
				return false;
		} else if (!bnd_str_is(word, "halved") ||
		    !bnd_text_word(&line, &word) ||
		    !bnd_text_u64(word, UINT64_MAX, &l->halved_us))
			return false;
	}
	return true;
}

int
bnd_lockout_unpack(
    struct bnd_str text, struct bnd_lockout *l, struct bnd_err *err)
{
	char again[BND_LOCKOUT_LEN];

	*l = (struct bnd_lockout){ 0 };
	if (text.len == BND_LOCKOUT_LEN && read_lines(text, l)) {
		bnd_lockout_pack(l, again);
		if (memcmp(again, text.p, sizeof(again)) == 0)
			return 0;
	}
	*l = (struct bnd_lockout){ 0 };
	return bnd_fail(err, BND_E_CORRUPT, "/" BND_LOCKOUT_PATH " is damaged");
}

static int
save(int fd, const struct bnd_lockout *l, struct bnd_err *err)
{
	char text[BND_LOCKOUT_LEN];

	bnd_lockout_pack(l, text);
	if (pwrite(fd, text, sizeof(text), 0) != (ssize_t)sizeof(text) ||
	    ftruncate(fd, sizeof(text)) != 0 || fdatasync(fd) != 0)
		return bnd_fail_errno(err, "cannot write /" BND_LOCKOUT_PATH);
	return 0;
}

int
bnd_lockout_make(const struct bnd_root *root, struct bnd_err *err)
{
	char text[BND_LOCKOUT_LEN];
	struct bnd_lockout l = { 0 };
	struct bnd_now now;
	struct bnd_err why = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, BND_LOCKOUT_PATH, O_PATH, 0, &why);

	if (fd >= 0)
		return 0;
	if (bnd_clock_now(&now, err) != 0)
		return -1;
	memcpy(l.boot, now.boot, sizeof(l.boot));
	l.halved_us = now.boot_us;
	bnd_lockout_pack(&l, text);
	return bnd_file_replace(
	    root, BND_LOCKOUT_PATH, text, sizeof(text), 0600, err);
}

/* ---- time -------------------------------------------------------------- */

static void
halve(struct bnd_lockout *l, uint64_t times)
{
	unsigned shift = times < 63 ? (unsigned)times : 63;

	l->all.n >>= shift;
	for (int i = 0; i < BND_LOCKOUT_NAMES; i++)
		l->name[i].n >>= shift;
}

/* A boot later every wait begins again, with the boot. */
static void
restart(struct bnd_lockout *l, const struct bnd_now *now)
{
	memcpy(l->boot, now->boot, sizeof(l->boot));
	l->halved_us = 0;
	l->all.at_us = 0;
	for (int i = 0; i < BND_LOCKOUT_NAMES; i++)
		l->name[i].at_us = 0;
}

static void
longest(struct bnd_lockout *l, const struct bnd_now *now)
{
	*l = (struct bnd_lockout){ .halved_us = now->boot_us };
	memcpy(l->boot, now->boot, sizeof(l->boot));
	l->all = (struct bnd_failures){
		.n = LONGEST + BND_LOCKOUT_SPARED,
		.at_us = now->boot_us,
		.wait_s = BND_LOCKOUT_MAX_S,
	};
}

static bool
is_ahead(const struct bnd_lockout *l, uint64_t now_us)
{
	if (l->halved_us > now_us || l->all.at_us > now_us)
		return true;
	for (int i = 0; i < BND_LOCKOUT_NAMES; i++) {
		if (l->name[i].at_us > now_us)
			return true;
	}
	return false;
}

/* What the file says, as of now; one that says nothing is made good. */
static int
load(int fd, const struct bnd_now *now, struct bnd_lockout *l,
    struct bnd_err *err)
{
	char text[BND_LOCKOUT_LEN];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	if (n < 0)
		return bnd_fail_errno(err, "cannot read /" BND_LOCKOUT_PATH);
	if (bnd_lockout_unpack((struct bnd_str){ text, (size_t)n }, l, NULL) ==
		0 &&
	    strcmp(l->boot, now->boot) != 0)
		restart(l, now);
	if (l->boot[0] == '\0' || is_ahead(l, now->boot_us)) {
		longest(l, now);
		return save(fd, l, err);
	}
	halve(l, (now->boot_us - l->halved_us) / HOUR_US);
	l->halved_us = now->boot_us - (now->boot_us - l->halved_us) % HOUR_US;
	return 0;
}

/* Seconds, rounded up. */
static uint64_t
left_s(const struct bnd_failures *f, uint64_t now_us)
{
	uint64_t wait = f->wait_s * SECOND_US, gone = now_us - f->at_us;

	return wait > gone ? (wait - gone + SECOND_US - 1) / SECOND_US : 0;
}

/* ---- an attempt -------------------------------------------------------- */

static unsigned
counter_of(const char *name)
{
	uint8_t hash[BND_HASH_LEN];

	bnd_hash(PERSONAL, NULL, 0, name, strlen(name), hash);
	return hash[0] % BND_LOCKOUT_NAMES;
}

static void
count(struct bnd_failures *f)
{
	f->n += f->n < BND_LOCKOUT_MAX_N;
}

/* What is waited for if this one fails, or is never heard of again. */
static void
wait_for(struct bnd_failures *f, unsigned spared, uint64_t now_us)
{
	uint64_t n = f->n > spared ? f->n - spared : 0;

	f->at_us = now_us;
	f->wait_s = n < LONGEST ? UINT64_C(1) << n : BND_LOCKOUT_MAX_S;
	if (n == 0)
		f->wait_s = 0;
}

static int
admit(struct bnd_attempt *a, const char *name, const struct bnd_now *now,
    uint64_t *wait_s, struct bnd_err *err)
{
	struct bnd_lockout l = a->before;
	struct bnd_failures *own = &l.name[counter_of(name)];
	uint64_t all = left_s(&l.all, now->boot_us);
	uint64_t wait = left_s(own, now->boot_us);

	if (wait < all)
		wait = all;
	count(own);
	count(&l.all);
	if (wait == 0) {
		wait_for(own, 0, now->boot_us);
		wait_for(&l.all, BND_LOCKOUT_SPARED, now->boot_us);
	}
	if (save(a->lock, &l, err) != 0)
		return -1;
	*wait_s = wait;
	if (wait == 0)
		return 0;
	return bnd_fail(err, BND_E_CEREMONY,
	    "after earlier failures, wait %llu s", (unsigned long long)wait);
}

int
bnd_lockout_begin(const struct bnd_root *root, const char *name,
    struct bnd_attempt *a, uint64_t *wait_s, struct bnd_err *err)
{
	struct bnd_now now;

	*wait_s = 0;
	*a = (struct bnd_attempt){ .lock = -1 };
	if (!bnd_clock_is_initial())
		return bnd_fail(err, BND_E_FROZEN,
		    "no passphrase outside the initial time namespace");
	a->lock = bnd_lock(root, BND_LOCKOUT_PATH, true, true, LOCK_MS, err);
	if (a->lock < 0)
		return -1;
	/* Read behind the lock: who waited for it has waited. */
	if (bnd_clock_now(&now, err) != 0 ||
	    load(a->lock, &now, &a->before, err) != 0 ||
	    admit(a, name, &now, wait_s, err) != 0) {
		bnd_close_fd(&a->lock);
		return -1;
	}
	return 0;
}

void
bnd_lockout_fail(struct bnd_attempt *a)
{
	bnd_close_fd(&a->lock);
}

int
bnd_lockout_forgive(struct bnd_attempt *a, struct bnd_err *err)
{
	int rc = save(a->lock, &a->before, err);

	bnd_close_fd(&a->lock);
	return rc;
}
