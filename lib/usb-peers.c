/* usb-peers.c: what a verdict must know of the other devices */
/* SPDX-License-Identifier: ISC */
/*
 * Two identical devices, or two keyboards of which one is allowed, may come in
 * the same moment, and each be judged before the other is let in.  So whoever
 * is about to be admitted writes that into his port file (phase intent) before
 * the lock is given back, and whoever comes later finds the claim there.  It
 * ends with the result, and with the device itself.
 */
#include "usb-peers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lock.h"
#include "scope.h"
#include "usb-dir.h"

#define LOCK_MS 8000
#define DEVICES "sys/bus/usb/devices"

int
bnd_usb_peers_lock(const struct bnd_root *root, struct bnd_err *err)
{
	return bnd_lock(root, BND_USB_PEERS_LOCK, true, true, LOCK_MS, err);
}

static struct bnd_usb_peer *
find(struct bnd_usb_peers *peers, const char *port)
{
	for (size_t i = 0; i < peers->n; i++)
		if (strcmp(peers->peer[i].port, port) == 0)
			return &peers->peer[i];
	return NULL;
}

static struct bnd_usb_peer *
enter(struct bnd_usb_peers *peers, const char *port)
{
	struct bnd_usb_peer *p = find(peers, port);

	if (p != NULL)
		return p;
	if (peers->n == BND_USB_PEERS_MAX) {
		peers->lost = true;
		return NULL;
	}
	p = &peers->peer[peers->n++];
	memcpy(p->port, port, strlen(port) + 1); /* is_port() has measured it */
	return p;
}

/* Names of ports in a directory; one that is not there has none. */
static int
list(struct bnd_usb_peers *peers, int fd,
    void (*take)(struct bnd_usb_peers *, const char *), struct bnd_err *err)
{
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (d == NULL) {
		int saved = errno;

		if (fd >= 0)
			close(fd);
		errno = saved;
		return bnd_fail_errno(err, "cannot list the ports");
	}
	for (errno = 0; (e = readdir(d)) != NULL; errno = 0)
		if (bnd_usb_is_port(e->d_name) &&
		    (peers->self == NULL ||
			strcmp(e->d_name, peers->self) != 0))
			take(peers, e->d_name);
	peers->lost |= errno != 0;
	closedir(d);
	return 0;
}

static int
open_device(const struct bnd_root *root, const char *port, struct bnd_err *err)
{
	char path[sizeof(DEVICES) + 1 + BND_USB_PORT_MAX];

	(void)snprintf(path, sizeof(path), DEVICES "/%s", port);
	return bnd_root_open_sysfs(root, path, O_PATH | O_DIRECTORY, err);
}

static void
take_file(struct bnd_usb_peers *peers, const char *port)
{
	struct bnd_err why = { 0 };
	struct bnd_usb_peer *peer;
	struct bnd_usb_port p;

	/*
	 * One that cannot be read claims nothing: its device is decided anew when
	 * it is settled next, and finds our claim then.  Empty ones are of ports
	 * that were used once, and whoever plugs makes as many as he likes.
	 */
	if (bnd_usb_port_peek(peers->root, port, &p, &why) == -1 ||
	    p.phase == BND_USB_EMPTY)
		return;
	peer = enter(peers, port);
	if (peer == NULL)
		return;
	peer->file = true;
	peer->p = p;
}

static void
take_device(struct bnd_usb_peers *peers, const char *port)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = open_device(peers->root, port, &why);
	struct bnd_usb_peer *p;
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1) {
		peers->lost |= why.errnum != ENOENT;
		return;
	}
	p = enter(peers, port);
	if (p == NULL)
		return;
	p->there = true;
	p->same = p->file && p->p.inode == st.st_ino;
}

int
bnd_usb_peers_read(const struct bnd_root *root, const char *self,
    struct bnd_usb_peers *peers, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int fd;

	free(peers->peer);
	peers->root = root;
	peers->self = self;
	peers->n = 0;
	peers->lost = peers->missed = false;
	peers->peer = calloc(BND_USB_PEERS_MAX, sizeof(*peers->peer));
	if (peers->peer == NULL)
		return bnd_fail_errno(err, "cannot list the ports");
	fd = bnd_root_openat(
	    root, BND_USB_RUN_DIR, O_RDONLY | O_DIRECTORY, 0, &why);
	if (fd == -1 && why.errnum != ENOENT) {
		*err = why;
		return -1;
	}
	if (fd >= 0 && list(peers, fd, take_file, err) == -1)
		return -1;
	fd = bnd_root_open_sysfs(root, DEVICES, O_RDONLY | O_DIRECTORY, err);
	return fd == -1 ? -1 : list(peers, fd, take_device, err);
}

void
bnd_usb_peers_free(struct bnd_usb_peers *peers)
{
	free(peers->peer);
	free(peers->answer);
	free(peers->scratch);
	*peers = (struct bnd_usb_peers){ 0 };
}

void
bnd_usb_peers_forget(struct bnd_usb_peers *peers)
{
	peers->answers = 0;
}

unsigned
bnd_usb_peers_twins(const struct bnd_usb_peers *peers, const char *identity)
{
	unsigned n = 0;

	for (size_t i = 0; i < peers->n; i++) {
		const struct bnd_usb_peer *p = &peers->peer[i];

		if (p->same && p->p.word == BND_USB_ADMIT && !p->p.failed &&
		    strcmp(p->p.identity, identity) == 0)
			n++;
	}
	/* What could not be looked at may be any number of them. */
	return peers->lost ? BND_USB_PEERS_MAX + n : n;
}

/* "../../../devices/...", as each entry of the bus is a link. */
static bool
path_of(const struct bnd_root *root, const char *port,
    char path[static BND_USB_PATH_MAX])
{
	char name[sizeof(DEVICES) + 1 + BND_USB_PORT_MAX];
	char link[BND_USB_PATH_MAX];
	const char *at;
	ssize_t n;

	(void)snprintf(name, sizeof(name), DEVICES "/%s", port);
	n = readlinkat(root->fd, name, link, sizeof(link) - 1);
	if (n <= 0 || n == (ssize_t)sizeof(link) - 1)
		return false;
	link[n] = '\0';
	at = strstr(link, "/devices/");
	if (at == NULL)
		return false;
	(void)snprintf(path, BND_USB_PATH_MAX, "%s", at);
	return true;
}

static const struct bnd_usb_answer *
answer_of(const struct bnd_usb_peers *peers, ino_t inode,
    const struct bnd_usb_rule *query)
{
	for (size_t i = 0; i < peers->answers; i++)
		if (peers->answer[i].inode == inode &&
		    peers->answer[i].query == query)
			return &peers->answer[i];
	return NULL;
}

/* What there is no room for is asked again, or unknown. */
static void
keep_answer(struct bnd_usb_peers *peers, ino_t inode,
    const struct bnd_usb_rule *query, bool hit)
{
	if (peers->answer == NULL)
		peers->answer =
		    calloc(BND_USB_PEERS_MAX, sizeof(*peers->answer));
	if (peers->answer == NULL || peers->answers == BND_USB_PEERS_MAX)
		return;
	peers->answer[peers->answers++] =
	    (struct bnd_usb_answer){ inode, query, hit };
}

/* An authorised device: its strings are the kernel's, under its lock. */
static bool
ask(struct bnd_usb_peers *peers, const struct bnd_usb_dir *dir,
    const struct bnd_usb_rule *query, bool *unknown, struct bnd_err *err)
{
	const struct bnd_usb_answer *before =
	    answer_of(peers, dir->inode, query);
	bool hit;

	if (before != NULL)
		return before->hit;
	if (peers->quick) {
		peers->missed = *unknown = true;
		return false;
	}
	if (bnd_usb_view_read(dir, 0, peers->scratch, err) == -1) {
		*unknown |= err->errnum != ENOENT && err->errnum != ENODEV;
		return false;
	}
	hit = bnd_usb_rule_hits(query, &peers->scratch->d, NULL);
	keep_answer(peers, dir->inode, query, hit);
	return hit;
}

static bool
matches(struct bnd_usb_peers *peers, const struct bnd_usb_peer *p,
    const struct bnd_usb_rule *query, bool *unknown)
{
	SCOPED_USB_DIR struct bnd_usb_dir dir = { .dir = -1, .authorized = -1 };
	char path[BND_USB_PATH_MAX];
	struct bnd_err why = { 0 };
	bool on = false;

	if (path_of(peers->root, p->port, path) &&
	    bnd_usb_dir_open(peers->root, path, false, &dir, &why) == 0 &&
	    bnd_usb_dir_authorized(&dir, &on, &why) == 0)
		return on && ask(peers, &dir, query, unknown, &why);
	*unknown |= why.errnum != ENOENT && why.errnum != ENODEV;
	return false;
}

bool
bnd_usb_peers_any(void *ctx, const struct bnd_usb_rule *query, bool *unknown)
{
	struct bnd_usb_peers *peers = ctx;

	if (peers->scratch == NULL)
		peers->scratch = calloc(1, sizeof(*peers->scratch));
	if (peers->scratch == NULL || peers->lost) {
		*unknown = true;
		return false;
	}
	for (size_t i = 0; i < peers->n; i++) {
		const struct bnd_usb_peer *p = &peers->peer[i];

		if (!p->there)
			continue;
		if (p->same && p->p.phase == BND_USB_INTENT &&
		    p->p.word == BND_USB_ADMIT)
			*unknown = true;
		else if (matches(peers, p, query, unknown))
			return true;
	}
	return false;
}

bool
bnd_usb_peers_below_denied(const struct bnd_root *root, const char *port)
{
	char hub[BND_USB_PORT_MAX];
	char *dot;

	(void)snprintf(hub, sizeof(hub), "%s", port);
	while ((dot = strrchr(hub, '.')) != NULL) {
		struct bnd_usb_port p;
		struct bnd_err why = { 0 };

		*dot = '\0';
		if (bnd_usb_port_peek(root, hub, &p, &why) == 0 &&
		    p.phase != BND_USB_EMPTY && p.word != BND_USB_NOTHING &&
		    p.word != BND_USB_ADMIT)
			return true;
	}
	return false;
}
