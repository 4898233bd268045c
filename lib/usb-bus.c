/* usb-bus.c: the devices of every bus, each bus in a process of its own */
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

#define BUSES_MAX 128 /* the kernel numbers 64 */
#define REAP_MS	  100

struct bus {
	size_t first, n; /* of the paths, which are sorted by bus */
	size_t got;	 /* rows that came */
	size_t part;	 /* bytes of the next one */
	struct bnd_usb_row row;
	pid_t pid;
	int fd; /* -1: it has ended */
};

struct run {
	const struct bnd_root *root;
	const struct bnd_usb_order *order;
	const struct bnd_usb_paths *paths;
	const struct bnd_usb_taker *taker;
	pid_t pid;
	size_t n;
	struct bus *bus; /* owned */
};

/* ".../usb1/1-1": up to the first "/usb" that a number follows. */
size_t
bnd_usb_bus_of(const char *path)
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

static void
settle_one(struct run *r, const char *path, struct bnd_usb_view *view,
    struct bnd_usb_row *row)
{
	struct bnd_err why = { 0 };

	memset(row, 0, sizeof(*row));
	(void)snprintf(row->path, sizeof(row->path), "%s", path);
	if (bnd_usb_settle(r->root, path, r->order, view, &row->s, &why) == -1)
		look_only(r, path, view, &why, &row->s);
}

static _Noreturn void
child(struct run *r, const struct bus *b, int fd)
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
start(struct run *r, struct bus *b, struct bnd_err *err)
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

static int
start_all(struct run *r, struct bnd_err *err)
{
	const struct bnd_usb_paths *p = r->paths;
	int rc = 0;

	for (size_t i = 0; i < p->n; r->n++) {
		const char *first = p->path[i];
		size_t len = bnd_usb_bus_of(first);
		struct bus *b = &r->bus[r->n];

		if (r->n == BUSES_MAX)
			return bnd_fail(err, BND_E_ENFORCER,
			    "more buses than %d", BUSES_MAX);
		*b = (struct bus){ .first = i, .pid = -1, .fd = -1 };
		while (i < p->n && bnd_usb_bus_of(p->path[i]) == len &&
		    strncmp(p->path[i], first, len) == 0)
			i++;
		b->n = i - b->first;
		if (start(r, b, err) == -1)
			rc = -1;
	}
	return rc;
}

static void
take(struct run *r, struct bus *b)
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

static void
collect(struct run *r, uint64_t end_ms)
{
	struct pollfd fds[BUSES_MAX];

	for (;;) {
		uint64_t now = bnd_clock_ms();
		bool open = false;

		for (size_t i = 0; i < r->n; i++) {
			fds[i] = (struct pollfd){ .fd = r->bus[i].fd,
				.events = POLLIN };
			open |= r->bus[i].fd >= 0;
		}
		if (!open || now >= end_ms)
			return;
		if (poll(fds, r->n, (int)(end_ms - now)) == -1 &&
		    errno != EINTR)
			return;
		for (size_t i = 0; i < r->n; i++)
			if (fds[i].fd >= 0 && fds[i].revents != 0)
				take(r, &r->bus[i]);
	}
}

static void
tell_missing(struct run *r, const struct bus *b, struct bnd_usb_row *row)
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
		struct bus *b = &r->bus[i];

		if (b->fd >= 0)
			(void)kill(b->pid, SIGKILL);
		bnd_close_fd(&b->fd);
		tell_missing(r, b, &b->row);
	}
	do {
		left = 0;
		for (size_t i = 0; i < r->n; i++) {
			struct bus *b = &r->bus[i];

			if (b->pid > 0 && waitpid(b->pid, NULL, WNOHANG) != 0)
				b->pid = -1;
			left += b->pid > 0;
		}
		if (left > 0)
			(void)poll(NULL, 0, 1);
	} while (left > 0 && bnd_clock_ms() < end_ms);
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
		.pid = getpid() };
	int rc;

	r.bus = calloc(BUSES_MAX, sizeof(*r.bus));
	if (r.bus == NULL)
		return bnd_fail_errno(err, "cannot settle the buses");
	rc = start_all(&r, err);
	collect(&r, bnd_clock_ms() + deadline_ms);
	finish(&r);
	free(r.bus);
	return rc;
}
