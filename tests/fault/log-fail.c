/* log-fail.c: the Nth call fails, or the writer dies there, for every N */
/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <sys/wait.h>

#include "head.h"
#include "logdir.h"
#include "logkit.h"
#include "scratch.h"
#include "shim.h"

#define WANTED	 77 /* the number in the body of the record under test */
#define LATER	 78 /* and of the one that is appended afterwards */
#define SPOOL	 BND_LOG_SPOOL
#define HOLDS_AT 4 /* records of the log everything starts from */

enum fault {
	FAULT_EIO,
	FAULT_ENOSPC,
	FAULT_EINTR,
	FAULT_SHORT, /* half of a write */
	FAULT_LF,    /* all of it but the last byte */
	FAULT_FULL,  /* the same, and then no more */
	FAULT_DIE,
};
static const char *const fault_name[] = { "EIO", "ENOSPC", "EINTR", "short",
	"no LF", "full", "death" };

static struct scratch s;
static unsigned target;
static enum fault fault;
static bool fired, sync_failed; /* or else nobody can know */

static struct shim_fate
strike(const struct shim_op *op)
{
	bool writes = op->call == SHIM_WRITE || op->call == SHIM_PWRITE;

	if (fired && fault == FAULT_FULL && op->call == SHIM_WRITE)
		return (struct shim_fate){ .err = ENOSPC };
	if (shim.count != target || fired)
		return (struct shim_fate){ 0 };
	fired = true;
	switch (fault) {
	case FAULT_DIE:
		kill(getpid(), SIGKILL);
		break;
	case FAULT_SHORT:
		if (writes)
			return (struct shim_fate){ 0, true, op->len / 2 };
		break;
	case FAULT_LF:
	case FAULT_FULL:
		if (fault == FAULT_FULL)
			sync_failed = op->call == SHIM_WRITE;
		if (writes)
			return (struct shim_fate){ 0, true, op->len - 1 };
		break;
	case FAULT_EINTR:
		/* What no signal can interrupt is left alone. */
		if (op->call == SHIM_STAT || op->call == SHIM_NAME ||
		    op->call == SHIM_TRUNCATE || op->call == SHIM_FCNTL)
			break;
		return (struct shim_fate){ .err = EINTR };
	case FAULT_EIO:
		sync_failed = op->call == SHIM_SYNC;
		return (struct shim_fate){ .err = EIO };
	case FAULT_ENOSPC:
		sync_failed = op->call == SHIM_SYNC;
		return (struct shim_fate){ .err = ENOSPC };
	}
	return (struct shim_fate){ 0 };
}

/* ---- what there is before ------------------------------------------------ */

static const char *const files[] = { LOG_FILE, HEAD_FILE, LOCK_FILE,
	BND_LOG_PIN, SPOOL, BND_LOG_DEGRADED };
#define FILES (sizeof(files) / sizeof(files[0]))

struct world {
	struct blob file[FILES];
};

static struct world
world_take(void)
{
	struct world w;

	for (size_t i = 0; i < FILES; i++)
		w.file[i] = blob_read(&s.root, files[i]);
	return w;
}

static void
world_put(const struct world *w)
{
	for (size_t i = 0; i < FILES; i++)
		blob_write(&s.root, files[i], w->file[i]);
}

static void
world_free(struct world *w)
{
	for (size_t i = 0; i < FILES; i++)
		blob_free(&w->file[i]);
}

/* How a child ended. */
struct outcome {
	bool died, fired, sync_failed;
	bool accused; /* of tampering, where only a call had failed */
	int rc;
};

static bool
is_accusation(enum bnd_kind kind)
{
	return kind == BND_E_TAMPERED || kind == BND_E_TRUNCATED ||
	    kind == BND_E_FORKED;
}

static struct outcome
run(int (*act)(struct bnd_err *err), enum fault f, unsigned k)
{
	struct outcome o = { 0 };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct bnd_err err = { 0 };
		int rc;

		fault = f;
		target = k;
		shim.act = strike;
		shim.armed = true;
		rc = act(&err);
		shim.armed = false;
		_exit((rc != 0) | fired << 1 | sync_failed << 2 |
		    is_accusation(err.kind) << 3);
	}
	waitpid(pid, &status, 0);
	o.died = WIFSIGNALED(status);
	o.rc = WEXITSTATUS(status) & 1;
	o.fired = o.died || (WEXITSTATUS(status) & 2) != 0;
	o.sync_failed = (WEXITSTATUS(status) & 4) != 0;
	o.accused = !o.died && (WEXITSTATUS(status) & 8) != 0;
	return o;
}

/* ---- what is done under fire --------------------------------------------- */

static int
act_append(struct bnd_err *err)
{
	return kit_more(&s.root, WANTED, err);
}

static int
act_tighten(struct bnd_err *err)
{
	struct bnd_mark mark = { 0 };
	char body[32];

	snprintf(body, sizeof(body), "{\"n\":%d}", WANTED);
	return kit_append(
	    &s.root, "usb.deny", body, BND_LOG_SPOOL_OK, &mark, err);
}

static int
act_init(struct bnd_err *err)
{
	return kit_init(&s.root, err);
}

/* ---- what must hold afterwards ------------------------------------------- */

/* How many records say n, themselves or as what was spooled. */
static int
count(const struct walk *w, unsigned n)
{
	int found = 0;

	for (int i = 0; i < w->records && i < WALK_KEPT; i++) {
		struct bnd_str body = w->body[i];
		uint64_t got;

		(void)bnd_json_get(body, "was", &body);
		found += bnd_json_get_u64(body, "n", &got) && got == n;
	}
	return found;
}

/*
 * The log goes on, unforked; what was acknowledged is there once; what was
 * refused is not there at all, unless a sync failed and nobody can know.
 */
static const char *
judge(const struct outcome *o, enum fault f, unsigned spooled_before)
{
	struct bnd_err err = { 0 };
	struct blob log;
	struct walk w;
	int wanted;

	if (o->accused)
		return "a failed call is called an attack";
	if (o->sync_failed && f != FAULT_FULL &&
	    !bnd_logdir_is_degraded(&s.root))
		return "a failed sync left no mark";
	if (bnd_logdir_is_degraded(&s.root)) {
		if (kit_more(&s.root, LATER, &err) == 0)
			return "an append in spite of the mark";
		if (bnd_logdir_restore(&s.root, &err) != 0)
			return "the mark cannot be taken away";
	}
	if (kit_more(&s.root, LATER, &err) != 0) {
		diag("%s", err.text);
		return "the next append is refused";
	}
	log = blob_read(&s.root, LOG_FILE);
	w = walk_log(log);
	wanted = count(&w, WANTED);
	for (unsigned n = 1; n <= spooled_before; n++)
		if (count(&w, 100 + n) != 1) {
			diag("%u is there %d times", n, count(&w, 100 + n));
			wanted = -1;
		}
	if (w.records > 0 && count(&w, LATER) != 1)
		w.records = -1;
	blob_free(&log);
	if (w.records < 0)
		return "the log is broken";
	if (wanted < 0)
		return "a spooled record is missing or there twice";
	if (wanted > 1)
		return "the record is there twice";
	if (!o->died && o->rc == 0 && wanted != 1)
		return "an acknowledged record is missing";
	if (!o->died && o->rc != 0 && !o->sync_failed && wanted != 0)
		return "a refused record is there";
	return NULL;
}

/* Every fault at every call, from one world. */
static void
bombard(const char *what, int (*act)(struct bnd_err *err),
    const struct world *w, unsigned spooled_before)
{
	for (enum fault f = FAULT_EIO; f <= FAULT_DIE; f++) {
		unsigned k = 1, wrong = 0, failed = 0;
		struct outcome o;

		for (;; k++) {
			const char *why;

			world_put(w);
			o = run(act, f, k);
			if (!o.fired)
				break;
			failed += o.rc != 0;
			why = judge(&o, f, spooled_before);
			if (why != NULL)
				diag("%s, %s at call %u: %s", what,
				    fault_name[f], k, why);
			wrong += why != NULL;
		}
		ok(k > 20 && o.rc == 0 && !o.died && wrong == 0,
		    "%s: %s at each of %u calls, %u times refused", what,
		    fault_name[f], k - 1, failed);
	}
}

/* A log of a few records, in a fresh root. */
static void
fresh(void)
{
	struct bnd_err err = { 0 };

	scratch_make_fast(&s);
	if (kit_init(&s.root, &err) != 0)
		bail(err.text);
	for (unsigned i = 1; i < HOLDS_AT; i++)
		if (kit_more(&s.root, i, &err) != 0)
			bail(err.text);
	if (mkdirat(s.root.fd, "run", 0755) != 0 ||
	    mkdirat(s.root.fd, "run/bnd", 0755) != 0)
		bail("no /run");
}

static void
plain(void)
{
	struct world w;

	fresh();
	w = world_take();
	bombard("append", act_append, &w, 0);
	bombard("tightening", act_tighten, &w, 0);
	world_free(&w);
	scratch_remove(&s);
}

static void
with_spool(void)
{
	struct world w;
	unsigned wrong = 0;

	fresh();
	wrong += fchmodat(s.root.fd, HEAD_FILE, 0666, 0) != 0;
	for (unsigned n = 1; n <= 3; n++) {
		struct bnd_err err = { 0 };
		struct bnd_mark mark;
		char body[32];

		snprintf(body, sizeof(body), "{\"n\":%u}", 100 + n);
		wrong += kit_append(&s.root, "usb.deny", body, BND_LOG_SPOOL_OK,
			     &mark, &err) != 0;
	}
	wrong += fchmodat(s.root.fd, HEAD_FILE, 0600, 0) != 0;
	ok(wrong == 0, "three records are spooled");
	w = world_take();
	bombard("absorbing", act_append, &w, 3);
	bombard("absorbing and tightening", act_tighten, &w, 3);
	world_free(&w);
	scratch_remove(&s);
}

/*
 * What a death in the middle of the line leaves, found by dying at each call
 * until the log has a fragment; then the repair is bombarded.
 */
static void
torn(void)
{
	struct world before, w;
	struct bnd_head h;
	struct bnd_err err = { 0 };
	ssize_t was;
	size_t at;

	fresh();
	before = world_take();
	was = before.file[0].len;
	if (kit_more(&s.root, 50, &err) != 0)
		bail(err.text);
	w = world_take();
	bnd_head_unpack((uint8_t *)before.file[1].p, &h);
	at = (size_t)h.s * BND_SLOT_GAP;
	memcpy(w.file[1].p + at, before.file[1].p + at, BND_SLOT_LEN);
	w.file[0].len = was + 100;
	bombard("healing a tear", act_append, &w, 0);
	w.file[0].len = was;
	bombard("starting again", act_append, &w, 0);
	world_free(&w);
	world_free(&before);
	scratch_remove(&s);
}

/* L60: whatever stops the beginning of a log, it can be begun again. */
static void
beginning(void)
{
	for (enum fault f = FAULT_EIO; f <= FAULT_DIE; f++) {
		unsigned k = 1, wrong = 0;
		struct outcome o;

		for (;; k++) {
			struct bnd_err err = { 0 };
			bool whole;

			scratch_make_fast(&s);
			o = run(act_init, f, k);
			whole = bnd_log_exists(&s.root);
			if (!o.died && o.rc == 0 && !whole)
				wrong++;
			if (!whole && kit_init(&s.root, &err) != 0) {
				diag("%s at call %u: %s", fault_name[f], k,
				    err.text);
				wrong++;
			}
			if (bnd_logdir_is_degraded(&s.root))
				wrong++;
			wrong += kit_more(&s.root, LATER, &err) != 0;
			wrong += walk_root(&s.root).records != 2;
			scratch_remove(&s);
			if (!o.fired)
				break;
		}
		ok(k > 40 && wrong == 0, "beginning: %s at each of %u calls",
		    fault_name[f], k - 1);
	}
}

int
main(void)
{
	plain();
	with_spool();
	torn();
	beginning();
	return tap_done();
}
