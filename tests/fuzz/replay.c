/* replay.c: every file of a target's corpus, once, as a test */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>

#include "fuzz/fuzz.h"
#include "tap.h"

#define INPUT_MAX (1U << 20)

static void
replay(int dir, const char *name)
{
	static uint8_t data[INPUT_MAX];
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, data, sizeof(data));
	uint8_t *copy;

	if (fd >= 0)
		close(fd);
	ok(n >= 0, "%s is read", name);
	/* On the heap, so that the sanitizer sees one byte too many. */
	copy = n < 0 ? NULL : malloc((size_t)n + 1);
	if (copy == NULL)
		return;
	memcpy(copy, data, (size_t)n);
	copy = realloc(copy, n > 0 ? (size_t)n : 1);
	LLVMFuzzerTestOneInput(copy, (size_t)n);
	free(copy);
	ok(true, "%s holds", name);
}

int
main(int argc, char **argv)
{
	const char *tree = getenv("BND_TREE");
	char path[4096], source[256];
	struct dirent *e;
	DIR *d;

	(void)argc;
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s",
	    tree ? tree : ".", basename(argv[0]));
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	ok(true, "nothing holds");
	d = opendir(path);
	if (d == NULL)
		bail("no corpus");
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			replay(dirfd(d), e->d_name);
	closedir(d);
	/* The target ran, not this file. */
	snprintf(source, sizeof(source), "tests/fuzz/%s.c", basename(argv[0]));
	return tap_end(source);
}
