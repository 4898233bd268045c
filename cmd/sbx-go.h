/* sbx-go.h: one run of sbx-run, from its arguments to its result */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_SBX_GO_H
#define CMD_SBX_GO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "box-attest.h"
#include "box-cgroup.h"
#include "box-lease.h"
#include "box-load.h"
#include "box-loop.h"
#include "box-relay.h"
#include "filter.h"
#include "opt.h"

/* Where a result goes: opened before anything starts, never followed. */
struct sbx_file {
	int fd; /* -1: not asked for */
	const char *name;
	bool own;   /* a file: it holds the result and nothing else */
	bool users; /* opened with the rights of --for */
};

struct sbx {
	const struct bnd_root *root;
	const struct opt_args *args;
	enum bnd_box_stage stage;
	uint64_t begun_us;    /* CLOCK_BOOTTIME */
	uint64_t deadline_ms; /* of the set-up, bnd_clock_ms() */
	/* the caller's */
	int cwd, work, stdio[3];
	char **environ;
	const char **envp;
	struct bnd_box_user user; /* of --for: job.user is this one, or NULL */
	struct sbx_file result, meta;
	/* the run's, in the order of their making */
	struct bnd_box_pool pool;
	struct bnd_box_policy policy;
	struct bnd_lease lease;
	struct bnd_lease_text was;
	struct bnd_cg_host host;
	struct bnd_cg cg;
	struct bnd_box_job job;
	struct bnd_box_watch watch;
	struct bnd_dials dials;
	struct bnd_relay relay;
	struct bnd_cg relay_cg;
	struct bnd_box_loop *loop;
	struct bnd_box_run run;
	struct bnd_box_attest attest;
	struct bnd_box_result r;
	bool has_lease, has_cg, has_relay_cg, has_run, recorded;
	struct bnd_filter_buf filter;
};

/* sbx-args.c: what the caller gave, before anything is opened by its names. */
int sbx_take_args(struct sbx *s, struct bnd_err *err) BND_CHECK;
/* What of the caller's environment and descriptors the policy lets through. */
int sbx_take_env(struct sbx *s, struct bnd_err *err) BND_CHECK;
int sbx_take_fds(struct sbx *s, struct bnd_err *err) BND_CHECK;
/* Came with the caller: all of ours are closed by an exec.  Else EBADF. */
bool sbx_is_callers(int fd);
/* Whether what it is reaches beyond the sandbox by itself. */
bool sbx_leads_out(const struct stat *st);

/* sbx-stdio.c: 0, 1 and 2 of the payload. */
int sbx_make_stdio(struct sbx *s, struct bnd_err *err) BND_CHECK;
void sbx_close_stdio(struct sbx *s);

/* sbx-net.c: of net allow; without it, and without a list, they do nothing. */
int sbx_pin(struct sbx *s, struct bnd_err *err) BND_CHECK;
int sbx_start_relay(struct sbx *s, struct bnd_err *err) BND_CHECK;
int sbx_attest_relay(struct sbx *s, struct bnd_err *err) BND_CHECK;
int sbx_end_relay(struct sbx *s, struct bnd_err *err) BND_CHECK;

/* sbx-say.c: the result, in files and on standard error. */
int sbx_open_results(struct sbx *s, struct bnd_err *err) BND_CHECK;
/* The exit status: that of the result, or 125 if it could not be written. */
int sbx_say(struct sbx *s);

#endif
