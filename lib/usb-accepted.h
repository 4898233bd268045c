/* usb-accepted.h: the policy in force: loaded, accepted if it may be, held */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_ACCEPTED_H
#define BND_USB_ACCEPTED_H

#include <stdbool.h>

#include "err.h"
#include "root.h"
#include "usb-policy.h"

/*
 * What every settle, apply and check judges by (bnd-usb(5), Policy in force):
 * load, accept if this call may, hold.  txn: of the transaction that calls, or NULL
 * (hook, check); repair: of one that takes in nothing new.  Accepted is, by a
 * transaction that the state names and that is no repair: the first policy of a boot;
 * any, on the way out of OPEN or RESTRICTED; any, while a mode is being left,
 * which only a ceremony makes the state say.  Always fills *p, also p->accepted
 * and p->changed; -1: console set only, and err (p->why) says why.
 */
int bnd_usb_policy_take(const struct bnd_root *root, const char *txn,
    bool repair, struct bnd_usb_policy *p, struct bnd_err *err) BND_CHECK;

/*
 * The two halves of it.  hold: a policy with another digest than the accepted
 * one is not usable, p->why says "policy changed" (BND_E_DENIED); and where p
 * is not usable, its console set is the accepted policy's.  Nothing accepted
 * yet in this boot: the one that is read counts.
 */
void bnd_usb_policy_hold(const struct bnd_root *root, struct bnd_usb_policy *p);
int bnd_usb_policy_accept(const struct bnd_root *root,
    const struct bnd_usb_policy *p, struct bnd_err *err) BND_CHECK;

#endif
