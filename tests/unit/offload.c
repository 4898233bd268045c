/* offload.c: a card that may forward by itself, as the kernel's answers tell */
/* SPDX-License-Identifier: ISC */
#include "offload.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tap.h"

#define FEATURES 70

/* What this kernel is like: where the feature stands, and who has it on. */
static int place;
static const char *owner;

static int
answer(const char *link, void *question)
{
	const uint32_t cmd = *(const uint32_t *)question;

	if (cmd == ETHTOOL_GSSET_INFO) {
		((struct ethtool_sset_info *)question)->data[0] = FEATURES;
	} else if (cmd == ETHTOOL_GSTRINGS) {
		struct ethtool_gstrings *g = question;

		is_int((int)g->len, FEATURES, "room for all of them");
		if (place >= 0)
			memcpy(g->data + place * ETH_GSTRING_LEN,
			    "hw-tc-offload", 14);
	} else if (cmd == ETHTOOL_GFEATURES) {
		struct ethtool_gfeatures *f = question;

		is_int((int)f->size, 3, "three words hold 70 bits");
		if (strcmp(link, owner) == 0)
			f->features[place / 32].active = 1u << place % 32;
		else
			f->features[place / 32].active = ~(1u << place % 32);
	} else {
		errno = EOPNOTSUPP;
		return -1;
	}
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...);
int
__wrap_ioctl(int fd, unsigned long request, ...)
{
	struct ifreq *ifr;
	va_list ap;

	(void)fd;
	va_start(ap, request);
	ifr = va_arg(ap, struct ifreq *);
	va_end(ap);
	if (request != SIOCETHTOOL || owner == NULL) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return answer(ifr->ifr_name, ifr->ifr_data);
}

int
main(void)
{
	struct bnd_link v[] = { { .real = true }, { .real = true },
		{ .real = false } };
	const struct bnd_links links = { .n = 3, .v = v };
	const struct bnd_nl nl = { .fd = 0 };
	struct bnd_notes notes = { 0 };

	memcpy(v[0].id.name, "eth0", sizeof("eth0"));
	memcpy(v[1].id.name, "eth1", sizeof("eth1"));
	memcpy(v[2].id.name, "soft0", sizeof("soft0"));
	bnd_offload_list(&nl, &links, &notes);
	is_int((int)notes.n, 0, "a kernel that does not answer");
	owner = "eth1";
	place = -1;
	bnd_offload_list(&nl, &links, &notes);
	is_int((int)notes.n, 0, "one that does not know it");
	place = 41;
	bnd_offload_list(&nl, &links, &notes);
	is_int((int)notes.n, 1, "N109: one link has it on");
	is_str(notes.note[0].text, "eth1: rules of tc may run in the card",
	    "N109: and is named");
	owner = "soft0";
	bnd_offload_list(&nl, &links, &notes);
	is_int((int)notes.n, 1, "a link of software has no card");
	return tap_done();
}
