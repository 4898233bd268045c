/* trip.c: LOCKDOWN, asked for by a tool that has found a reason */
/* SPDX-License-Identifier: ISC */
#include "trip.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd.h"
#include "proc.h"

#define TRIP_MS 90000 /* udev kills a hook after 180 s */

int
trip(const char *dir, const char *what)
{
	char service[64];
	const char *unit[] = { "systemctl", "start", "--no-block", service,
		NULL };
	const char *direct[] = { "mode-set", "--trip", what, NULL, NULL, NULL };
	struct bnd_proc p = { .path = BND_SBIN "/mode-set",
		.argv = direct,
		.deadline_ms = TRIP_MS };
	struct bnd_err err = { 0 };
	char out[256];

	(void)snprintf(service, sizeof(service), "bnd-trip@%s.service", what);
	p.out = out;
	p.out_size = sizeof(out);
	if (dir != NULL) {
		direct[3] = "-R";
		direct[4] = dir;
	} else if (access("/run/systemd/system", F_OK) == 0) {
		p.path = "/usr/bin/systemctl";
		p.argv = unit;
	}
	if (bnd_proc_run(&p, &err) == -1) {
		cmd_warn_err(&err);
		return -1;
	}
	if (p.status == 0)
		return 0;
	cmd_warn("%s: exit %d: %s", p.path, p.status, p.errtext);
	return -1;
}
