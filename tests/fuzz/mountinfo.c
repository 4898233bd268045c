/* mountinfo.c: no line of mountinfo leads outside its path */
/* SPDX-License-Identifier: ISC */
#include "netns-mount.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	char path[BND_NETNS_PATH];
	uint64_t inode = 0;

	must(line != NULL);
	memcpy(line, data, size);
	line[size] = '\0';
	if (bnd_ns_mount(line, &inode, path) == BND_NS_NONE)
		must(path[0] == '\0');
	must(strlen(path) < sizeof(path));
	must(strlen(path) <= size);
	free(line);
	return 0;
}
