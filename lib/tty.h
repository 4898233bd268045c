/* tty.h: whether somebody sits at the machine itself */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TTY_H
#define BND_TTY_H

#include <stdbool.h>
#include <sys/types.h>

#include "root.h"

/* Major 4 (virtual and serial consoles) or 5:1 (/dev/console). */
bool bnd_tty_is_console_dev(dev_t dev);

/*
 * Whether name, "tty1" or "/dev/tty1" as PAM_TTY has it, is such a device
 * below dev/ of root.
 */
bool bnd_tty_is_console(const struct bnd_root *root, const char *name);

/*
 * The controlling terminal as the kernel knows it, 0 if there is none.  -1:
 * that cannot be told.
 */
int bnd_tty_controlling(dev_t *dev);

#endif
