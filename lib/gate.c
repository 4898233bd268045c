/* gate.c: who may log in or become another, by mode */
/* SPDX-License-Identifier: ISC */
#include "gate.h"

#include <stddef.h>
#include <string.h>

#define D BND_GATE_DENY
#define A BND_GATE_APPROVERS
#define R BND_GATE_RECORD
#define Y BND_GATE_ALLOW

/* clang-format off */
static const unsigned char cells[][2][BND_MODE_LAST + 1] = {
	/*			    none O  R  T  A  C  L */
	[BND_GATE_LOGIN] =	{ { D, Y, Y, Y, D, D, D },	/* remote */
				  { A, Y, Y, Y, Y, Y, A } },	/* console */
	[BND_GATE_PRIVILEGE] =	{ { D, Y, R, R, A, A, D },
				  { A, Y, R, R, A, A, A } },
	[BND_GATE_BATCH] =	{ { A, Y, Y, Y, Y, Y, A },
				  { A, Y, Y, Y, Y, Y, A } },
};
/* clang-format on */

static const struct {
	const char *service;
	enum bnd_gate_kind kind;
	bool target; /* PAM_USER is whom somebody becomes */
} services[] = {
	{ "doas", BND_GATE_PRIVILEGE, false },
	{ "pkexec", BND_GATE_PRIVILEGE, false },
	{ "polkit-1", BND_GATE_PRIVILEGE, false },
	{ "run0", BND_GATE_PRIVILEGE, true },
	{ "runuser", BND_GATE_PRIVILEGE, true },
	{ "runuser-l", BND_GATE_PRIVILEGE, true },
	{ "su", BND_GATE_PRIVILEGE, true },
	{ "su-l", BND_GATE_PRIVILEGE, true },
	{ "sudo", BND_GATE_PRIVILEGE, false },
	{ "sudo-i", BND_GATE_PRIVILEGE, false },
	{ "systemd-run0", BND_GATE_PRIVILEGE, true },
	{ "atd", BND_GATE_BATCH, false },
	{ "cron", BND_GATE_BATCH, false },
	{ "crond", BND_GATE_BATCH, false },
	{ "systemd-user", BND_GATE_BATCH, false },
};

static int
find(const char *service)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (strcmp(service, services[i].service) == 0)
			return (int)i;
	}
	return -1;
}

enum bnd_gate_kind
bnd_gate_kind(const char *service)
{
	int i = find(service);

	return i >= 0 ? services[i].kind : BND_GATE_LOGIN;
}

bool
bnd_gate_names_target(const char *service)
{
	int i = find(service);

	return i >= 0 && services[i].target;
}

enum bnd_gate_says
bnd_gate(enum bnd_gate_kind kind, enum bnd_mode m, bool console)
{
	if (m < BND_MODE_FIRST || m > BND_MODE_LAST)
		m = BND_MODE_NONE;
	return (enum bnd_gate_says)cells[kind][console][m];
}
