/* sbx-list.c: the sandboxes there are, and the sweep after a crash */
/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box-cgcount.h"
#include "box-cgkill.h"
#include "box-cgroup.h"
#include "box-gc.h"
#include "box-lease.h"
#include "cmd.h"
#include "sbx-run.h"
#include "scope.h"

#define LIST_SIZE ((size_t)1024 * 1024) /* 1024 of at most 1 KiB each */

/* One sandbox, as its lease and the kernel have it. */
struct row {
	unsigned lease;
	const char *is; /* running, frozen, ending, dead, garbage */
	struct bnd_lease_text t;
	struct bnd_cg_used used;
};

struct list {
	const struct bnd_root *root;
	struct bnd_cg_host host;
	struct row row; /* the one that is being shown */
	bool json;
	struct bnd_json j;
	unsigned n;
};

/* ---- one ---- */

static const char *
look_leaves(struct list *l, struct row *r)
{
	struct bnd_err err = { 0 };
	struct bnd_cg cg;
	const char *is = "ending";

	if (bnd_cg_open(
		&l->host, r->lease, r->t.cgroup, r->t.cgroups, &cg, &err) != 0)
		return "garbage";
	if (cg.leaf >= 0 && bnd_cg_populated(&cg, &err) == 1) {
		is = bnd_cg_frozen(&cg, &err) == 1 ? "frozen" : "running";
		bnd_cg_used(&cg, &r->used);
	}
	bnd_cg_close(&cg);
	return is;
}

/* Whether anybody holds its lock; it is given back at once. */
static bool
is_held(const struct list *l, unsigned n)
{
	struct bnd_lease lease = { .fd = -1 };
	int got = bnd_lease_try(l->root, n, &lease, &(struct bnd_err){ 0 });

	if (got == 1)
		(void)close(lease.fd);
	return got == 0;
}

/* False for a lease that says nothing. */
static bool
look(struct list *l, unsigned n)
{
	struct row *r = &l->row;
	struct bnd_err err = { 0 };
	SCOPED_FD int fd = bnd_lease_look(l->root, n, &err);
	int said;

	memset(r, 0, sizeof(*r));
	r->lease = n;
	said = fd < 0 ? -1 : bnd_lease_read(fd, &r->t, &err);
	if (said == 1)
		return false;
	if (said == -1)
		r->is = "garbage";
	else if (!is_held(l, n))
		r->is = "dead";
	else
		r->is = look_leaves(l, r);
	return true;
}

/* ---- shown ---- */

static void
put_count(struct bnd_json *j, const char *key, bool has, uint64_t n)
{
	if (has)
		bnd_json_int(j, key,
		    n < BND_JSON_NUMBER_MAX ? (int64_t)n
					    : (int64_t)BND_JSON_NUMBER_MAX);
	else
		bnd_json_null(j, key);
}

static void
put_row(struct bnd_json *j, const struct row *r)
{
	const bool known = strcmp(r->is, "garbage") != 0;

	bnd_json_open(j, NULL, '{');
	bnd_json_int(j, "lease", r->lease);
	bnd_json_str(j, "state", r->is);
	if (known) {
		bnd_json_str(j, "id", r->t.id);
		bnd_json_str(j, "mode", bnd_mode_name(r->t.mode));
		bnd_json_int(j, "supervisor", r->t.sup);
		bnd_json_int(j, "init", r->t.init);
		bnd_json_str(j, "argv0", r->t.argv0);
		put_count(j, "cpu_ms", r->used.has_cpu, r->used.cpu_us / 1000);
		put_count(j, "mem_peak", r->used.has_mem, r->used.mem_peak);
		put_count(j, "pids_peak", r->used.has_pids, r->used.pids_peak);
		put_count(j, "oom_kill", r->used.has_oom, r->used.oom_kill);
		put_count(
		    j, "pids_max", r->used.has_pids_max, r->used.pids_max);
	}
	bnd_json_close(j, '}');
}

static void
print_row(const struct row *r)
{
	char mem[24] = "-", cpu[24] = "-", pids[24] = "-";

	if (r->used.has_mem)
		(void)snprintf(
		    mem, sizeof(mem), "%" PRIu64 "K", r->used.mem_peak / 1024);
	if (r->used.has_cpu)
		(void)snprintf(
		    cpu, sizeof(cpu), "%" PRIu64 "ms", r->used.cpu_us / 1000);
	if (r->used.has_pids)
		(void)snprintf(
		    pids, sizeof(pids), "%" PRIu64, r->used.pids_peak);
	printf("%5u  %-8s %-10s %8d %10s %10s %5s  %s\n", r->lease, r->is,
	    r->t.mode != BND_MODE_NONE ? bnd_mode_name(r->t.mode) : "-",
	    (int)r->t.init, cpu, mem, pids, r->t.argv0);
}

static void
show(struct list *l)
{
	if (l->json)
		put_row(&l->j, &l->row);
	else if (l->n == 0)
		printf("%5s  %-8s %-10s %8s %10s %10s %5s  %s\n", "lease",
		    "state", "mode", "init", "cpu", "memory", "pids",
		    "command");
	if (!l->json)
		print_row(&l->row);
	l->n++;
}

static int
list_all(struct list *l, struct bnd_err *err)
{
	bool has[BND_BOX_LEASES];

	if (bnd_lease_numbers(l->root, has, err) != 0)
		return -1;
	for (unsigned n = 0; n < BND_BOX_LEASES; n++)
		if (has[n] && look(l, n))
			show(l);
	return 0;
}

static int
list_json(struct list *l, struct bnd_err *err)
{
	SCOPED_FREE char *buf = malloc(LIST_SIZE);

	if (buf == NULL)
		return bnd_fail_errno(err, "cannot list");
	l->json = true;
	bnd_json_begin(&l->j, buf, LIST_SIZE);
	bnd_json_open(&l->j, NULL, '{');
	bnd_json_int(&l->j, "v", 1);
	bnd_json_open(&l->j, "sandboxes", '[');
	if (list_all(l, err) != 0)
		return -1;
	bnd_json_close(&l->j, ']');
	bnd_json_close(&l->j, '}');
	return cmd_put_json(&l->j, 0);
}

int
sbx_list(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	SCOPED_FREE struct list *l = calloc(1, sizeof(*l));
	int rc;

	if (l == NULL) {
		(void)bnd_fail_errno(err, "cannot list");
		return cmd_fail(err);
	}
	l->root = root;
	if (!root->real) {
		(void)bnd_fail(err, BND_E_INPUT,
		    "sandboxes run on the real root only (without -R)");
		return cmd_fail(err);
	}
	if (bnd_cg_find(&l->host, err) != 0)
		return cmd_fail(err);
	rc = args->seen[OPT_ID_JSON] ? list_json(l, err) : list_all(l, err);
	bnd_cg_forget(&l->host);
	return rc == -1 ? cmd_fail(err) : rc;
}

/* ---- --gc ---- */

static int
gc_json(const struct bnd_gc *gc, int status)
{
	char buf[1024];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "v", 1);
	bnd_json_int(&j, "live", gc->live);
	bnd_json_int(&j, "cleaned", gc->cleaned);
	bnd_json_int(&j, "orphans", gc->orphans);
	bnd_json_int(&j, "failed", gc->failed);
	if (gc->failed > 0)
		bnd_json_str(&j, "why", gc->why);
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, status);
}

int
sbx_gc(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	struct bnd_gc gc;
	int status;

	if (bnd_gc_sweep(root, &gc, err) != 0)
		return cmd_fail(err);
	status = gc.failed > 0;
	if (args->seen[OPT_ID_JSON])
		return gc_json(&gc, status);
	if (gc.failed > 0)
		cmd_warn("%u could not be cleaned up: %s", gc.failed, gc.why);
	if (!args->seen[OPT_ID_QUIET])
		printf("%u running, %u cleaned up, %u without a lease\n",
		    gc.live, gc.cleaned, gc.orphans);
	return status;
}
