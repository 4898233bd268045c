/* box-layout.c: what is where in the root of a sandbox */
/* SPDX-License-Identifier: ISC */
#include "box-layout.h"

#include <string.h>

const struct bnd_layout_scratch bnd_layout_scratch[BND_LAYOUT_SCRATCHES] = {
	{ "/dev/shm", "shm" },
	{ "/tmp", "tmp" },
	{ "/var/tmp", "var" },
};

const char *const bnd_root_links[BND_ROOT_LINKS_N] = {
	"bin",
	"lib",
	"lib32",
	"lib64",
	"libx32",
	"sbin",
};

/* path is dst or lies below it. */
static bool
is_at_or_below(const char *path, const char *dst)
{
	size_t n = strlen(dst);

	return strncmp(path, dst, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

bool
bnd_layout_is_covered(const struct bnd_box_job *job, const char *path)
{
	for (size_t i = 0; i < job->trees; i++)
		if (is_at_or_below(path, job->tree[i].dst))
			return true;
	return false;
}

bool
bnd_layout_is_below(const struct bnd_box_job *job, const char *path)
{
	for (size_t i = 0; i < job->trees; i++)
		if (is_at_or_below(path, job->tree[i].dst) &&
		    strcmp(path, job->tree[i].dst) != 0)
			return true;
	return false;
}

static bool
has_tree_at(const struct bnd_box_job *job, const char *path)
{
	for (size_t i = 0; i < job->trees; i++)
		if (strcmp(path, job->tree[i].dst) == 0)
			return true;
	return false;
}

size_t
bnd_layout_order(
    const struct bnd_box_job *job, size_t order[static BND_ROOT_MOUNTS])
{
	size_t n = 0, s = 0;

	for (size_t i = 0; i <= job->trees; i++) {
		for (; s < BND_LAYOUT_SCRATCHES; s++) {
			if (i < job->trees &&
			    strcmp(bnd_layout_scratch[s].at, job->tree[i].dst) >
				0)
				break;
			if (!has_tree_at(job, bnd_layout_scratch[s].at))
				order[n++] = job->trees + s;
		}
		if (i < job->trees)
			order[n++] = i;
	}
	return n;
}

static struct bnd_root_mount
planned(const char *at, const char *fstype, bool ro, bool noexec)
{
	struct bnd_root_mount m = {
		.fstype = fstype,
		.ro = ro,
		.nosuid = true,
		.nodev = true,
		.noexec = noexec,
	};
	size_t n = strnlen(at, sizeof(m.at) - 1);

	memcpy(m.at, at, n);
	return m;
}

static struct bnd_root_mount
planned_tree(const struct bnd_box_tree *t)
{
	struct bnd_root_mount m = planned(
	    t->dst, NULL, !(t->rights & BND_BIND_W), !(t->rights & BND_BIND_X));

	m.nodev = !t->device;
	m.recursive = t->rights & BND_BIND_SUBMOUNTS;
	return m;
}

size_t
bnd_root_plan(const struct bnd_box_job *job,
    struct bnd_root_mount plan[static BND_ROOT_MOUNTS])
{
	size_t order[BND_ROOT_MOUNTS], n = 0,
				       all = bnd_layout_order(job, order);

	plan[n++] = planned("/", "tmpfs", true, true);
	if (job->policy->num[BND_BOX_PROC] != 0)
		plan[n++] = planned("/proc", "proc", true, true);
	for (size_t i = 0; i < all; i++)
		if (order[i] < job->trees)
			plan[n++] = planned_tree(&job->tree[order[i]]);
		else
			plan[n++] = planned(
			    bnd_layout_scratch[order[i] - job->trees].at,
			    "tmpfs", false, true);
	return n;
}
