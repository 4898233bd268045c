/* boxproc.c: nothing of /proc is read where it is not, or read twice */
/* SPDX-License-Identifier: ISC */
#include "box-mounts.h"
#include "box-proc.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_str text = fuzz_str(data, size), path = { 0 }, line;
	struct bnd_proc_status s;
	struct bnd_mount_line m;
	struct bnd_err err = { 0 };
	uint64_t soft, hard;
	bool whole;

	if (bnd_proc_status(text, &s, &err) == 0)
		must(s.uid[0] <= UINT32_MAX && s.gid[3] <= UINT32_MAX);
	else
		must(err.kind == BND_E_CORRUPT);
	if (bnd_proc_limit(text, "Max processes", &soft, &hard, &err) == 0)
		must(memmem(data, size, "Max processes ", 14) != NULL);
	if (bnd_proc_cgroup(text, "", &path, &err) == 0 ||
	    bnd_proc_cgroup(text, "memory", &path, &err) == 0)
		must(path.p >= text.p && path.len < size &&
		    path.p + path.len < text.p + size);
	while (bnd_text_line(&text, &line, &whole))
		if (bnd_mount_parse(line, &m))
			must(strlen(m.point) <= line.len);
	return 0;
}
