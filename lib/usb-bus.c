/* usb-bus.c: the devices of every bus, each branch in a process of its own */
/* SPDX-License-Identifier: ISC */
#include "usb-bus.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "scope.h"

#define REAP_MS	  100
#define AT_ONCE	  16 /* all of them write to one log */
#define SLOTS_MAX 64 /* those that only look do not */

/* What hangs below one port of a root hub, or a root hub. */
struct branch {
	size_t first, n; /* of the paths, which are sorted by it */
	size_t got;	 /* rows that came */
	size_t part;	 /* bytes of the next one */
	struct bnd_usb_row row;
	pid_t pid;
	int fd; /* -1: it has ended, or not begun */
};

struct run {
	const struct bnd_root *root;
	const struct bnd_usb_order *order;
	const struct bnd_usb_paths *paths;
	const struct bnd_usb_taker *taker;
	pid_t pid;
	bool late; /* only to be looked at, each by itself */
	size_t slots;
	size_t n, begun;
	struct branch *branch; /* owned */
};

/* ".../usb1/1-1": up to the first "/usb" that a number follows. */
static size_t
bus_of(const char *path)
{
	const char *at = strstr(path, "/usb");
	size_t digits;

	while (at != NULL) {
		digits = strspn(at + 4, "0123456789");
		if (digits > 0 &&
		    (at[4 + digits] == '/' || at[4 + digits] == 0))
			return (size_t)(at - path) + 4 + digits;
		at = strstr(at + 1, "/usb");
	}
	return strlen(path);
}

size_t
bnd_usb_branch_of(const char *path)
{
	size_t bus = bus_of(path);

	return path[bus] == '\0' ? bus : bus + 1 + strcspn(path + bus + 1, "/");
}

/* ---- in the child ---- */

static void
silence(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Left behind, it must not keep a reader of ours waiting. */
	for (int i = 0; fd >= 0 && i < 3; i++)
		(void)dup2(fd, i);
}

/* Its holder may be about to deny it: what counts is what it has now. */
static void
look_only(struct run *r, const char *path, struct bnd_usb_view *view,
    const struct bnd_err *why, struct bnd_usb_settled *s)
{
	struct bnd_usb_order order = *r->order;
	struct bnd_err also = { 0 };

	order.only_look = true;
	if (bnd_usb_settle(r->root, path, &order, view, s, &also) == -1)
		*s = (struct bnd_usb_settled){ 0 };
	s->whole = false;
	s->why = *why;
	if (!s->holds)
		(void)bnd_fail(&s->why, BND_E_ENFORCER, "%.200s", why->text);
}

/* All that shows is that it was not decided; what it has is what counts. */
static void
look_late(struct run *r, const char *path, struct bnd_usb_view *view,
    struct bnd_usb_settled *s)
{
	struct bnd_usb_order order = *r->order;
	struct bnd_err why = { 0 };

	order.only_look = true;
	if (bnd_usb_settle(r->root, path, &order, view, s, &why) == -1)
		*s = (struct bnd_usb_settled){ .why = why };
}

static void
settle_one(struct run *r, const char *path, struct bnd_usb_view *view,
    struct bnd_usb_row *row)
{
	struct bnd_err why = { 0 };

	memset(row, 0, sizeof(*row));
	(void)snprintf(row->path, sizeof(row->path), "%s", path);
	if (r->late)
		look_late(r, path, view, &row->s);
	else if (bnd_usb_settle(r->root, path, r->order, view, &row->s, &why) ==
	    -1)
		look_only(r, path, view, &why, &row->s);
}

static _Noreturn void
child(struct run *r, const struct branch *b, int fd)
{
	struct bnd_usb_view *view = calloc(1, sizeof(*view));
	struct bnd_usb_row *row = calloc(1, sizeof(*row));
	struct bnd_err why = { 0 };

	/* Whoever is to be told has died: nothing more is done in his name. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != r->pid)
		_exit(1);
	silence();
	for (size_t i = 0; view != NULL && row != NULL && i < b->n; i++) {
		settle_one(r, r->paths->path[b->first + i], view, row);
		if (bnd_file_write_all(fd, "row", row, sizeof(*row), &why) ==
		    -1)
			break;
	}
	_exit(0);
}

/* ---- outside ---- */

static int
start(struct run *r, struct branch *b, struct bnd_err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return bnd_fail_errno(err, "cannot make a pipe");
	b->pid = fork();
	if (b->pid == 0) {
		close(ends[0]);
		child(r, b, ends[1]);
	}
	close(ends[1]);
	if (b->pid == -1) {
		close(ends[0]);
		return bnd_fail_errno(err, "cannot fork");
	}
	b->fd = ends[0];
	return 0;
}

static void
cut(struct run *r)
{
	const struct bnd_usb_paths *p = r->paths;

	for (size_t i = 0; i < p->n; r->n++) {
		const char *first = p->path[i];
		size_t len = bnd_usb_branch_of(first);
		struct branch *b = &r->branch[r->n];

		*b = (struct branch){ .first = i++, .pid = -1, .fd = -1 };
		while (i < p->n && !r->late &&
		    bnd_usb_branch_of(p->path[i]) == len &&
		    strncmp(p->path[i], first, len) == 0)
			i++;
		b->n = i - b->first;
	}
}

static size_t
count_open(const struct run *r)
{
	size_t open = 0;

	for (size_t i = 0; i < r->begun; i++)
		open += r->branch[i].fd >= 0;
	return open;
}

/* As many as may be at a time; one that cannot be begun has no answer. */
static int
feed(struct run *r, struct bnd_err *err)
{
	int rc = 0;

	while (r->begun < r->n && count_open(r) < r->slots)
		if (start(r, &r->branch[r->begun++], err) == -1)
			rc = -1;
	return rc;
}

static void
take(struct run *r, struct branch *b)
{
	ssize_t n =
	    read(b->fd, (char *)&b->row + b->part, sizeof(b->row) - b->part);

	if (n == -1 && errno == EINTR)
		return;
	if (n <= 0) {
		bnd_close_fd(&b->fd);
		return;
	}
	b->part += (size_t)n;
	if (b->part < sizeof(b->row))
		return;
	b->part = 0;
	b->got++;
	r->taker->take(r->taker->ctx, &b->row);
}

static int
collect(struct run *r, uint64_t end_ms, struct bnd_err *err)
{
	struct pollfd fds[SLOTS_MAX];
	struct branch *of[SLOTS_MAX];
	int rc = feed(r, err);

	for (;;) {
		uint64_t now = bnd_clock_ms();
		size_t n = 0;

		for (size_t i = 0; i < r->begun; i++) {
			if (r->branch[i].fd < 0)
				continue;
			of[n] = &r->branch[i];
			fds[n] = (struct pollfd){ .fd = of[n]->fd,
				.events = POLLIN };
			n++;
		}
		if (n == 0 || now >= end_ms)
			return rc;
		if (poll(fds, n, (int)(end_ms - now)) == -1 && errno != EINTR)
			return rc;
		for (size_t i = 0; i < n; i++)
			if (fds[i].revents != 0)
				take(r, of[i]);
		if (feed(r, err) == -1)
			rc = -1;
	}
}

static void
tell_missing(struct run *r, const struct branch *b, struct bnd_usb_row *row)
{
	for (size_t i = b->got; i < b->n; i++) {
		const char *path = r->paths->path[b->first + i];
		const char *slash = strrchr(path, '/');

		memset(row, 0, sizeof(*row));
		(void)snprintf(row->path, sizeof(row->path), "%s", path);
		(void)snprintf(row->s.port, sizeof(row->s.port), "%.*s",
		    BND_USB_PORT_MAX - 1, slash != NULL ? slash + 1 : path);
		(void)bnd_fail(&row->s.why, BND_E_ENFORCER,
		    "%s: NOT ENFORCED: not decided in time", row->s.port);
		r->taker->take(r->taker->ctx, row);
	}
}

/* One that a device holds ends when the device lets go: nobody waits for it. */
static void
finish(struct run *r)
{
	uint64_t end_ms = bnd_clock_ms() + REAP_MS;
	size_t left;

	for (size_t i = 0; i < r->n; i++) {
		struct branch *b = &r->branch[i];

		if (b->fd >= 0)
			(void)kill(b->pid, SIGKILL);
		bnd_close_fd(&b->fd);
	}
	do {
		left = 0;
		for (size_t i = 0; i < r->n; i++) {
			struct branch *b = &r->branch[i];

			if (b->pid > 0 && waitpid(b->pid, NULL, WNOHANG) != 0)
				b->pid = -1;
			left += b->pid > 0;
		}
		if (left > 0)
			(void)poll(NULL, 0, 1);
	} while (left > 0 && bnd_clock_ms() < end_ms);
}

static int
run(struct run *r, unsigned deadline_ms, struct bnd_err *err)
{
	int rc;

	r->branch = calloc(r->paths->n + 1, sizeof(*r->branch));
	if (r->branch == NULL)
		return bnd_fail_errno(err, "cannot settle the buses");
	r->pid = getpid();
	cut(r);
	rc = collect(r, bnd_clock_ms() + deadline_ms, err);
	finish(r);
	return rc;
}

/* Those without an answer, in turn; the paths stay the run's. */
static int
gather(const struct run *r, struct bnd_usb_paths *late, struct bnd_err *err)
{
	late->path = calloc(r->paths->n + 1, sizeof(*late->path));
	if (late->path == NULL)
		return bnd_fail_errno(err, "cannot look at the devices");
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = r->branch[i].got; k < r->branch[i].n; k++)
			late->path[late->n++] =
			    r->paths->path[r->branch[i].first + k];
	return 0;
}

/*
 * Whoever makes the others wait must not make them count as let in: a device
 * that is as denied as before has no more than any verdict gives it.
 */
static int
look_at_rest(const struct run *r, struct bnd_err *err)
{
	struct bnd_usb_paths rest = { 0 };
	struct run late = { .root = r->root,
		.order = r->order,
		.paths = &rest,
		.taker = r->taker,
		.late = true,
		.slots = SLOTS_MAX };
	int rc = gather(r, &rest, err);

	if (rc == 0 && rest.n > 0)
		rc = run(&late, BND_USB_LATE_MS, err);
	for (size_t i = 0; i < late.n; i++)
		tell_missing(&late, &late.branch[i], &late.branch[i].row);
	free(late.branch);
	free(rest.path);
	return rc;
}

int
bnd_usb_bus_run(const struct bnd_root *root, const struct bnd_usb_order *order,
    const struct bnd_usb_paths *paths, unsigned deadline_ms,
    const struct bnd_usb_taker *taker, struct bnd_err *err)
{
	struct run r = { .root = root,
		.order = order,
		.paths = paths,
		.taker = taker,
		.slots = AT_ONCE };
	int rc = run(&r, deadline_ms, err);

	if (r.branch != NULL && look_at_rest(&r, err) == -1)
		rc = -1;
	free(r.branch);
	return rc;
}
