/* policy.h: bnd.conf(5), what the administrator may choose */
/* SPDX-License-Identifier: ISC */
#ifndef BND_POLICY_H
#define BND_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "mode.h"
#include "root.h"
#include "sign.h"
#include "text.h"

#define BND_POLICY_PATH "etc/bnd/bnd.conf"
#define BND_POLICY_MAX	16384

/* Knobs that cannot be taken back until reboot, so nobody gets them unasked. */
enum bnd_one_way {
	BND_ONE_WAY_MODULES = 0,
	BND_ONE_WAY_KEXEC,
	BND_ONE_WAY_KNOBS,
};

/* Which USB keyboards LOCKDOWN leaves: the baseline's, none, or by the host. */
enum bnd_usb_keep {
	BND_USB_KEEP_AUTO =
	    0, /* none where there is another console, else keep */
	BND_USB_KEEP_NONE,
	BND_USB_KEEP,
};

/*
 * Nothing here makes the host laxer than the built-in rules, but for the
 * keyboards of the baseline, which LOCKDOWN may be told to leave, and devices
 * that may be let in in part.
 * Zero is what bnd does without being told.
 */
struct bnd_policy {
	enum bnd_mode floor; /* boot is never laxer; NONE: no floor */
	bool require_audit;  /* no loosening without the kernel's audit trail */
	enum bnd_mode one_way[BND_ONE_WAY_KNOBS]; /* from this mode on */
	unsigned need[BND_MODE_LAST + 1];	  /* approvals to leave it */
	uint64_t cooldown_s[BND_MODE_LAST + 1];	  /* seconds to leave it */
	bool offline[BND_MODE_LAST + 1];	  /* offline keys only */
	enum bnd_usb_keep usb_keep;
	bool usb_filter;	      /* a device in parts, not as a whole */
	unsigned usb_hub_depth;	      /* 1 to 5; 0: not said, 5 */
	uint8_t digest[BND_HASH_LEN]; /* of the file's bytes */
};

/* As bnd.conf has it: "auto", "none", "keep". */
const char *bnd_usb_keep_name(enum bnd_usb_keep k);
bool bnd_usb_keep_parse(struct bnd_str word, enum bnd_usb_keep *k);

/*
 * Text to policy.  On -1 the sentence starts with name:line:column and *p is
 * the strictest policy there is, as it is for a file that cannot be believed.
 */
int bnd_policy_parse(const char *name, struct bnd_str text,
    struct bnd_policy *p, struct bnd_err *err) BND_CHECK;

/*
 * Read and parse BND_POLICY_PATH, a trusted file.  On -1 (missing included)
 * *p is the strictest policy: floor LOCKDOWN, audit required.
 */
int bnd_policy_load(const struct bnd_root *root, struct bnd_policy *p,
    struct bnd_err *err) BND_CHECK;

/* The file `mode-set --init` writes where there is none. */
extern const char bnd_policy_default[];

#endif
