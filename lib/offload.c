/* offload.c: links whose card may forward packets by itself */
/* SPDX-License-Identifier: ISC */
#include "offload.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "scope.h"

#define FEATURE	     "hw-tc-offload"
#define FEATURES_MAX 512

static int
ask(int fd, const char *link, void *question)
{
	struct ifreq ifr = { .ifr_data = question };

	memcpy(ifr.ifr_name, link, strnlen(link, IFNAMSIZ - 1));
	return ioctl(fd, SIOCETHTOOL, &ifr);
}

/* How many features this kernel knows; 0: it does not say. */
static uint32_t
feature_count(int fd, const char *link)
{
	SCOPED_FREE struct ethtool_sset_info *info =
	    calloc(1, sizeof *info + sizeof info->data[0]);

	if (info == NULL)
		return 0;
	info->cmd = ETHTOOL_GSSET_INFO;
	info->sset_mask = 1ull << ETH_SS_FEATURES;
	if (ask(fd, link, info) == -1 || info->data[0] > FEATURES_MAX)
		return 0;
	return info->data[0];
}

/*
 * The number of the feature, the same for all links of a kernel, but not for all
 * kernels; -1: it has none of that name.
 */
static int
feature_number(int fd, const char *link, uint32_t count)
{
	SCOPED_FREE struct ethtool_gstrings *names =
	    calloc(1, sizeof *names + count * (size_t)ETH_GSTRING_LEN);
	uint32_t i;

	if (names == NULL)
		return -1;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = count;
	if (ask(fd, link, names) == -1)
		return -1;
	for (i = 0; i < count; i++)
		if (strncmp((const char *)&names->data[i * ETH_GSTRING_LEN],
			FEATURE, ETH_GSTRING_LEN) == 0)
			return (int)i;
	return -1;
}

static bool
is_on(int fd, const char *link, uint32_t number, uint32_t count)
{
	const uint32_t blocks = (count + 31) / 32;
	SCOPED_FREE struct ethtool_gfeatures *f =
	    calloc(1, sizeof *f + blocks * sizeof f->features[0]);

	if (f == NULL)
		return false;
	f->cmd = ETHTOOL_GFEATURES;
	f->size = blocks;
	return ask(fd, link, f) == 0 &&
	    (f->features[number / 32].active >> number % 32 & 1) != 0;
}

void
bnd_offload_list(const struct bnd_nl *nl, const struct bnd_links *links,
    struct bnd_notes *notes)
{
	/* What a family does not know goes to the driver: any socket will do. */
	const int fd = nl->fd;
	uint32_t count = 0;
	int number = -1;
	size_t i;

	for (i = 0; fd != -1 && i < links->n; i++) {
		const char *name = links->v[i].id.name;

		if (!links->v[i].real)
			continue;
		if (count == 0)
			count = feature_count(fd, name);
		if (number == -1 && count > 0)
			number = feature_number(fd, name, count);
		if (number != -1 && is_on(fd, name, (uint32_t)number, count))
			bnd_note(notes, "offload",
			    "%s: rules of tc may run in the card", name);
	}
}
