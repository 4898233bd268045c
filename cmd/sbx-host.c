/* sbx-host.c: --check-host: what this host can enforce, each thing tried */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box-cgfile.h"
#include "box-cglimit.h"
#include "box-cgroup.h"
#include "box-gc.h"
#include "box-land.h"
#include "box-lease.h"
#include "box-load.h"
#include "cmd.h"
#include "json.h"
#include "log.h"
#include "pen.h"
#include "sbx-run.h"
#include "sbx-try.h"
#include "scope.h"

#define ROWS_MAX 40
#define TEXT_MAX 120
#define JSON_MAX 12288

struct found {
	size_t n;
	struct {
		const char *name, *what;
		bool there, needed;
		char text[TEXT_MAX]; /* where it is, or why it is not */
	} row[ROWS_MAX];
};

static void add(struct found *f, const char *name, const char *what, bool there,
    const char *fmt, ...) BND_PRINTF(5, 6);

/* Without it the built-in default cannot run. */
static void
add(struct found *f, const char *name, const char *what, bool there,
    const char *fmt, ...)
{
	va_list ap;

	if (f->n == ROWS_MAX)
		return;
	f->row[f->n].name = name;
	f->row[f->n].what = what;
	f->row[f->n].there = there;
	f->row[f->n].needed = true;
	va_start(ap, fmt);
	(void)vsnprintf(f->row[f->n].text, TEXT_MAX, fmt, ap);
	va_end(ap);
	f->n++;
}

static void
find_kernel(struct found *f)
{
	for (const struct sbx_facility *k = sbx_facilities; k->name != NULL;
	     k++) {
		int why = sbx_try(k);

		if (why == 0 && strcmp(k->name, "landlock") == 0)
			add(f, k->name, k->what, true, "ABI %d",
			    bnd_land_abi());
		else
			add(f, k->name, k->what, why == 0, "%s",
			    why == 0 ? "tried" : strerror(why));
	}
}

static void
find_ids(const struct bnd_root *root, struct found *f)
{
	struct bnd_err err = { 0 };
	uid_t first = 0;

	if (bnd_lease_range(root, &first, &err) == 0)
		add(f, "ids", "ids of " BND_BOX_USER, true, "from %u",
		    (unsigned)first);
	else
		add(f, "ids", "ids of " BND_BOX_USER, false, "%.100s",
		    err.text);
	add(f, "log", "event log", bnd_log_exists(root), "%s",
	    bnd_log_exists(root) ? "begun" : "not begun (mode-set --init)");
}

/* Of which hierarchy, if any. */
static void
add_facility(
    struct found *f, const struct bnd_cg_host *host, enum bnd_cg_facility k)
{
	static const char *const what[BND_CG_FACILITIES] = {
		[BND_CG_MEMORY] = "memory limit",
		[BND_CG_SWAP] = "swap limit",
		[BND_CG_PIDS] = "limit of processes",
		[BND_CG_CPU] = "CPU quota",
		[BND_CG_USAGE] = "CPU used",
	};
	unsigned bit = BND_CG_BIT(k);
	bool v2 = (host->has2 & bit) != 0, v1 = (host->has1 & bit) != 0;
	bool none = k == BND_CG_SWAP && !bnd_cg_swaps();

	add(f, bnd_cg_facility_name(k), what[k], v2 || v1 || none, "%s",
	    v2	       ? "cgroup v2"
		: v1   ? "cgroup v1"
		: none ? "nothing is swapped on this host"
		       : "no controller");
	/* default has no quota: `cpu max`. */
	if (k == BND_CG_CPU)
		f->row[f->n - 1].needed = false;
}

/* A leaf made, a limit written and read back, a process in it: all as a run. */
static int
try_leaf(const struct bnd_root *root, const struct bnd_cg_host *host,
    const struct bnd_box_policy *p, struct bnd_err *err)
{
	struct bnd_lease lease = { .fd = -1 };
	struct bnd_cg cg;
	int rc;

	if (bnd_lease_take(root, bnd_gc_clean, &lease, err) == -1)
		return -1;
	rc = bnd_cg_make(host, lease.n, p, &cg, err);
	if (rc == 0) {
		rc = bnd_cg_attest(&cg, p, err);
		if (bnd_cg_remove(host, &cg, rc == 0 ? err : NULL) == -1)
			rc = -1;
		bnd_cg_close(&cg);
	}
	if (bnd_lease_free(&lease, rc == 0 ? err : NULL) == -1)
		rc = -1;
	return rc;
}

static void
find_cgroups(const struct bnd_root *root, const struct bnd_box_policy *p,
    struct found *f)
{
	struct bnd_cg_host host;
	struct bnd_err err = { 0 };

	if (bnd_cg_find(&host, &err) == -1) {
		add(f, "v2", "cgroup v2 hierarchy", false, "%.100s", err.text);
		return;
	}
	add(f, "v2", "cgroup v2 hierarchy", true, "%.100s", host.v2_path);
	add(f, "kill", "a tree killed at once",
	    bnd_cg_file_has(host.tree, "cgroup.kill"), "cgroup.kill");
	add(f, "freeze", "a tree frozen",
	    bnd_cg_file_has(host.tree, "cgroup.freeze"), "cgroup.freeze");
	for (int k = BND_CG_MEMORY; k < BND_CG_FACILITIES; k++)
		add_facility(f, &host, (enum bnd_cg_facility)k);
	if (try_leaf(root, &host, p, &err) == 0)
		add(f, "leaf", "limits of default, read back", true, "tried");
	else
		add(f, "leaf", "limits of default, read back", false, "%.100s",
		    err.text);
	bnd_cg_forget(&host);
}

static bool
can_run(const struct found *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->row[i].needed && !f->row[i].there)
			return false;
	return true;
}

static int
print_json(const struct found *f, int status)
{
	char buf[JSON_MAX];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_bool(&j, "default", can_run(f));
	bnd_json_open(&j, "facility", '[');
	for (size_t i = 0; i < f->n; i++) {
		bnd_json_open(&j, NULL, '{');
		bnd_json_str(&j, "name", f->row[i].name);
		bnd_json_str(&j, "what", f->row[i].what);
		bnd_json_bool(&j, "present", f->row[i].there);
		bnd_json_bool(&j, "needed", f->row[i].needed);
		bnd_json_str(&j, "how", f->row[i].text);
		bnd_json_close(&j, '}');
	}
	bnd_json_close(&j, ']');
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, status);
}

static void
print_table(const struct found *f)
{
	struct pen pen = pen_take();

	for (size_t i = 0; i < f->n; i++) {
		const char *word = f->row[i].there ? "yes"
		    : f->row[i].needed		   ? "NO"
						   : "no";

		printf("%-12s %-36s ", f->row[i].name, f->row[i].what);
		pen_write(&pen, f->row[i].there ? INK_GOOD : INK_BAD, word,
		    (int)strlen(word));
		printf("%*s %s\n", (int)(4 - strlen(word)), "", f->row[i].text);
	}
	printf("%s\n",
	    can_run(f) ? "the profile default can run here"
		       : "the profile default CANNOT run here");
}

static int
tell(const struct found *f, const struct opt_args *args)
{
	int status = can_run(f) ? 0 : bnd_kind_exit(BND_E_DENIED);

	if (args->seen[OPT_ID_JSON])
		return print_json(f, status);
	if (!args->seen[OPT_ID_QUIET])
		print_table(f);
	return status;
}

int
sbx_check_host(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	SCOPED_FREE struct found *f = calloc(1, sizeof(*f));
	SCOPED_POOL struct bnd_box_pool pool = { 0 };
	struct bnd_box_policy *p = NULL;
	const struct bnd_box_ask ask = { .work_fd = -1 };

	if (!root->real)
		(void)bnd_fail(err, BND_E_INPUT,
		    "a kernel is the real root's only (without -R)");
	else if (f == NULL)
		(void)bnd_fail_errno(err, "cannot check this host");
	else if (bnd_box_pool_make(&pool, err) == 0)
		p = bnd_box_pool_policy(&pool, err);
	if (p == NULL || bnd_box_profile_load(root, &ask, &pool, p, err) == -1)
		return cmd_fail(err);
	find_kernel(f);
	find_ids(root, f);
	find_cgroups(root, p, f);
	return tell(f, args);
}
