/* usb-peers.h: what a verdict must know of the other devices */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_PEERS_H
#define BND_USB_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "root.h"
#include "usb-port.h"
#include "usb-rule.h"
#include "usb-view.h"

#define BND_USB_PEERS_LOCK "run/bnd/usb/peers"
#define BND_USB_PEERS_MAX  1024

/* Another port, by its file, of a device that is there now. */
struct bnd_usb_peer {
	char port[BND_USB_PORT_MAX];
	bool file;  /* it has a port file that was read ... */
	bool same;  /* ... and speaks of the device that is there */
	bool there; /* something is plugged in */
	struct bnd_usb_port p;
};

/* What a device that is there was found to be. */
struct bnd_usb_answer {
	ino_t inode;
	const struct bnd_usb_rule *query;
	bool hit;
};

/* Starts as {0}. */
struct bnd_usb_peers {
	const struct bnd_root *root;
	const char *self; /* port that is judged, or NULL */
	size_t n;
	struct bnd_usb_peer *peer; /* owned */
	bool lost;		   /* not all could be looked at */
	/*
	 * Under the lock no device is read, as one that hangs would make all
	 * the others wait: only what was found before counts, the rest is unknown.
	 */
	bool quick;
	bool missed; /* something was unknown for that */
	size_t answers;
	struct bnd_usb_answer *answer; /* owned; until forget() */
	struct bnd_usb_view *scratch;  /* owned; made when a rule asks */
};

/*
 * Check and claim: while the lock is held nobody else can become admitted.
 * Nothing is written to a device meanwhile, so no device can hold it up.
 */
int bnd_usb_peers_lock(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;
/* All ports but self, from their files and from sysfs. */
int bnd_usb_peers_read(const struct bnd_root *root, const char *self,
    struct bnd_usb_peers *peers, struct bnd_err *err) BND_CHECK;
void bnd_usb_peers_free(struct bnd_usb_peers *peers);
/* Before the rules that were asked go. */
void bnd_usb_peers_forget(struct bnd_usb_peers *peers);
#define SCOPED_USB_PEERS __attribute__((cleanup(bnd_usb_peers_free)))

/* How many of this identity are admitted, or about to be. */
unsigned bnd_usb_peers_twins(
    const struct bnd_usb_peers *peers, const char *identity);

/*
 * For `allowed-matches`: a device the kernel has authorised matches the query.
 * One that is just being brought up is not read, as it may hang: unknown.
 */
bool bnd_usb_peers_any(
    void *peers, const struct bnd_usb_rule *query, bool *unknown);

/* Whether a hub above this port was denied last. */
bool bnd_usb_peers_below_denied(const struct bnd_root *root, const char *port);

#endif
