/* walk.c: a hostile log is judged, whatever its bytes */
/* SPDX-License-Identifier: ISC */
#include "walk.h"

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "scope.h"

static void
hear(void *arg, const struct bnd_finding *f)
{
	(*(unsigned *)arg)++;
	must(f->code > BND_F_NONE && f->code < BND_F_LAST);
	must(f->detail[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bnd_ledger ledger;
	unsigned findings = 0;
	SCOPED_FD int fd = memfd_create("log", MFD_CLOEXEC);
	struct bnd_walk w = { .fd = fd,
		.file = 1,
		.limit = size,
		.sink = { hear, &findings },
		.ledger = &ledger };

	if (bnd_sign_init(NULL) != 0 || fd < 0 ||
	    write(fd, data, size) != (ssize_t)size)
		return 0;
	must(bnd_walk(&w, NULL) == 0);
	must(w.end <= size);
	/* Every byte is proven, or something was said. */
	must(w.end == size || findings > 0);
	return 0;
}
