/* radio.h: every radio switch blocked by software, and back as it was */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RADIO_H
#define BND_RADIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "note.h"
#include "root.h"
#include "text.h"

#define BND_RADIO_FILE "run/bnd/net/radios" /* how they were; 0600 */
#define BND_RADIO_MAX  64
#define BND_RADIO_NAME 32

/* One switch (linux/rfkill.h).  Its number is not used twice in a boot. */
struct bnd_radio {
	uint32_t index;
	uint8_t type; /* RFKILL_TYPE_* */
	bool soft;    /* blocked by software */
	bool hard;    /* blocked by a switch one can touch; never our doing */
	char name[BND_RADIO_NAME]; /* the driver's: "phy0", "hci0" */
};

/* Start as {0}. */
struct bnd_radios {
	size_t n;
	bool more; /* than fit */
	bool none; /* this kernel has no such switches */
	struct bnd_radio v[BND_RADIO_MAX];
};

/*
 * One event as /dev/rfkill gives it, of len bytes: 8, or more from a newer
 * kernel.  False if it is too short to be one.
 */
bool bnd_radio_event(struct bnd_radios *r, const void *event, size_t len);
const struct bnd_radio *bnd_radio_find(
    const struct bnd_radios *r, uint32_t index);

/* All switches, as the kernel has them now. */
int bnd_radios_read(const struct bnd_root *root, struct bnd_radios *r,
    struct bnd_err *err) BND_CHECK;

/* The text of BND_RADIO_FILE, both ways; false: not whole, or too long. */
bool bnd_radios_parse(struct bnd_str text, struct bnd_radios *r);
bool bnd_radios_print(
    const struct bnd_radios *r, char *text, size_t size, size_t *len);

struct bnd_radio_result {
	bool none;	  /* there is nothing to block */
	bool open;	  /* one is not blocked */
	bool was_ours;	  /* one that we had blocked was not any more */
	unsigned changed; /* switches */
};

/*
 * Block what is not.  How a switch was is kept first, once, and stays kept
 * until bnd_radios_return().  What cannot be kept is blocked all the same.  What
 * is not blocked afterwards is a finding.  -1: the kernel could not be asked.
 */
int bnd_radios_block(const struct bnd_root *root, struct bnd_radio_result *res,
    struct bnd_notes *findings, struct bnd_err *err) BND_CHECK;
/* Only look. */
int bnd_radios_look(const struct bnd_root *root, struct bnd_radio_result *res,
    struct bnd_notes *findings, struct bnd_err *err) BND_CHECK;
/*
 * Put back what is kept: those we blocked, one by one, if they are still the
 * switches they were.  What is not as it was then is a finding.
 */
int bnd_radios_return(const struct bnd_root *root, struct bnd_radio_result *res,
    struct bnd_notes *findings, struct bnd_err *err) BND_CHECK;

#endif
