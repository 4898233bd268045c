/* trip.h: LOCKDOWN, asked for by a tool that has found a reason */
/* SPDX-License-Identifier: ISC */
#ifndef TRIP_H
#define TRIP_H

/*
 * mode-set --trip WHAT, through systemd where it runs: a hook of udev is no place
 * for a transition, nor has it the time.  dir is that of -R, or NULL.  The
 * caller has given its locks back, so that mode-set can apply.  -1: nobody could be
 * told, and that was said.
 */
int trip(const char *dir, const char *what);

#endif
