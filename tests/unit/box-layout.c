/* box-layout: what the finished root has, and in which order it is made */
/* SPDX-License-Identifier: ISC */
#include "box-layout.h"

#include "tap.h"

static struct bnd_box_policy policy;

static void
tree(struct bnd_box_job *job, const char *dst, unsigned rights)
{
	job->tree[job->trees++] = (struct bnd_box_tree){
		.fd = -1, .dst = dst, .rights = rights, .dir = true
	};
}

static const struct bnd_root_mount *
at(const struct bnd_root_mount *plan, size_t n, const char *path)
{
	const struct bnd_root_mount *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (strcmp(plan[i].at, path) == 0) {
			if (found != NULL)
				return NULL;
			found = &plan[i];
		}
	return found;
}

static const char *
flags(const struct bnd_root_mount *m)
{
	static char text[64];

	if (m == NULL)
		return "not there once";
	snprintf(text, sizeof(text), "%s%s%s%s%s%s", m->ro ? "ro" : "rw",
	    m->nosuid ? ",nosuid" : "", m->nodev ? ",nodev" : "",
	    m->noexec ? ",noexec" : "", m->recursive ? " below" : "",
	    m->fstype != NULL ? " made" : "");
	return text;
}

static void
what_each_has(void)
{
	static const struct {
		const char *dst;
		unsigned rights;
		const char *want;
	} rows[] = {
		{ "/usr", BND_BIND_R | BND_BIND_X, "ro,nosuid,nodev" },
		{ "/etc/x", BND_BIND_R, "ro,nosuid,nodev,noexec" },
		{ "/job", BND_BIND_R | BND_BIND_W, "rw,nosuid,nodev,noexec" },
		{ "/all", BND_BIND_R | BND_BIND_W | BND_BIND_X,
		    "rw,nosuid,nodev" },
		{ "/srv", BND_BIND_R | BND_BIND_SUBMOUNTS,
		    "ro,nosuid,nodev,noexec below" },
	};
	struct bnd_root_mount plan[BND_ROOT_MOUNTS];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bnd_box_job job = { .policy = &policy };
		size_t n;

		tree(&job, rows[i].dst, rows[i].rights);
		n = bnd_root_plan(&job, plan);
		is_str(flags(at(plan, n, rows[i].dst)), rows[i].want,
		    "a bind with rights %u", rows[i].rights);
	}
}

static void
what_is_always_there(void)
{
	struct bnd_box_job job = { .policy = &policy };
	struct bnd_root_mount plan[BND_ROOT_MOUNTS];
	size_t n;

	policy.num[BND_BOX_PROC] = 0;
	n = bnd_root_plan(&job, plan);
	is_int(n, 4, "no bind, no proc: the root and three of scratch");
	policy.num[BND_BOX_PROC] = 1;
	job.tree[0] = (struct bnd_box_tree){
		.dst = "/dev/null", .rights = BND_BIND_R, .device = true
	};
	job.trees = 1;
	n = bnd_root_plan(&job, plan);
	is_str(
	    flags(at(plan, n, "/")), "ro,nosuid,nodev,noexec made", "the root");
	is_str(
	    flags(at(plan, n, "/proc")), "ro,nosuid,nodev,noexec made", "proc");
	is_str(
	    flags(at(plan, n, "/tmp")), "rw,nosuid,nodev,noexec made", "/tmp");
	is_str(flags(at(plan, n, "/dev/shm")), "rw,nosuid,nodev,noexec made",
	    "/dev/shm");
	is_str(flags(at(plan, n, "/dev/null")), "ro,nosuid,noexec",
	    "a node is the one thing without nodev");
}

static void
in_which_order(void)
{
	struct bnd_box_job job = { .policy = &policy };
	size_t order[BND_ROOT_MOUNTS], n;
	char got[256] = "";

	tree(&job, "/dev/null", BND_BIND_R);
	tree(&job, "/tmp-x", BND_BIND_R);
	tree(&job, "/tmp/a", BND_BIND_R);
	tree(&job, "/usr", BND_BIND_R);
	tree(&job, "/var", BND_BIND_R);
	tree(&job, "/var/tmp", BND_BIND_R);
	n = bnd_layout_order(&job, order);
	for (size_t i = 0; i < n; i++) {
		const char *path = order[i] < job.trees
		    ? job.tree[order[i]].dst
		    : bnd_layout_scratch[order[i] - job.trees].name;

		strncat(got, path, sizeof(got) - strlen(got) - 1);
		strncat(got, " ", sizeof(got) - strlen(got) - 1);
	}
	is_str(got, "/dev/null shm tmp /tmp-x /tmp/a /usr /var /var/tmp ",
	    "what is below comes behind, a bind takes scratch's place");
}

static void
whose_a_place_is(void)
{
	struct bnd_box_job job = { .policy = &policy };

	tree(&job, "/etc", BND_BIND_R);
	ok(bnd_layout_is_covered(&job, "/etc"), "a bind covers its place");
	ok(bnd_layout_is_covered(&job, "/etc/passwd"), "and what is below");
	ok(!bnd_layout_is_covered(&job, "/etcetera"), "not a longer name");
	ok(!bnd_layout_is_below(&job, "/etc"), "its place is not below it");
	ok(bnd_layout_is_below(&job, "/etc/x/y"), "what is below is");
}

static void
how_many(void)
{
	static char name[BND_BOX_TREES][16];
	struct bnd_box_job job = { .policy = &policy };
	struct bnd_root_mount plan[BND_ROOT_MOUNTS];

	for (size_t i = 0; i < BND_BOX_TREES; i++) {
		snprintf(name[i], sizeof(name[i]), "/b%02zu", i);
		tree(&job, name[i], BND_BIND_R);
	}
	is_int(bnd_root_plan(&job, plan), BND_BOX_TREES + 5,
	    "as many as there can be: %d", BND_BOX_TREES);
}

int
main(void)
{
	what_each_has();
	what_is_always_there();
	in_which_order();
	whose_a_place_is();
	how_many();
	return tap_done();
}
