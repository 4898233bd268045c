/* sealbench.h: what the benches of the seal share: namespaces, links, times */
/* SPDX-License-Identifier: ISC */
#ifndef TEST_SEALBENCH_H
#define TEST_SEALBENCH_H

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "link.h"
#include "nft-compare.h"
#include "nft.h"
#include "scratch.h"
#include "sign.h"
#include "state.h"

static struct bnd_nl nf = BND_NL_CLOSED, rt = BND_NL_CLOSED;
static struct bnd_links links;
static struct scratch scratch;
static char seal[512];

static inline double
now_us(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static inline int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The lower quartile: what else the machine does only ever adds. */
static inline double
quartile(double *t, size_t n)
{
	qsort(t, n, sizeof(*t), by_value);
	return t[n / 4];
}

static inline void
need(int r, const char *what, const struct bnd_err *err)
{
	if (r != -1)
		return;
	printf("%s: %s\n", what, err->text);
	exit(1);
}

/* Until the first byte of its output, or (to_end) until it has ended. */
static inline double
run(const char *const *argv, bool to_end)
{
	posix_spawn_file_actions_t fa;
	double start, first = 0;
	int out[2], status;
	char buf[4096];
	pid_t pid;

	if (pipe(out) != 0)
		exit(1);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	posix_spawn_file_actions_addclose(&fa, out[0]);
	posix_spawn_file_actions_addclose(&fa, out[1]);
	posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	start = now_us();
	if (posix_spawn(&pid, argv[0], &fa, NULL,
		(char *const *)(uintptr_t)argv, environ) != 0)
		exit(1);
	close(out[1]);
	while (read(out[0], buf, sizeof(buf)) > 0)
		if (first <= 0)
			first = now_us() - start;
	close(out[0]);
	waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&fa);
	/* 15: done, but there is no log here. */
	if (status != 0 && WEXITSTATUS(status) != 15) {
		printf("%s %s: exit %d: nothing is measured\n", argv[0],
		    argv[1], WEXITSTATUS(status));
		exit(1);
	}
	return to_end ? now_us() - start : first;
}

static inline double
commit_us(const struct bnd_rules_in *in)
{
	struct bnd_nft_lacks lacks = { 0 };
	struct bnd_err err = { 0 };
	double t = now_us();

	need(bnd_nft_commit(&nf, in, NULL, &lacks, &err), "commit", &err);
	return now_us() - t;
}

static inline double
compare_us(const struct bnd_rules_in *in)
{
	static struct bnd_notes notes;
	struct bnd_nft_lacks lacks = { 0 };
	bool differs[BND_FAMILIES];
	struct bnd_err err = { 0 };
	double t = now_us();

	notes = (struct bnd_notes){ 0 };
	need(bnd_nft_compare(&nf, in, &lacks, differs, &notes, &err), "compare",
	    &err);
	t = now_us() - t;
	if (differs[0]) {
		printf("not in force: %s\n", notes.note[0].text);
		exit(1);
	}
	return t;
}

/* One link more; the peer of a veth is another. */
static inline void
make_link(const char *kind)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_err err = { 0 };
	size_t nest;

	bnd_nl_msg(
	    &b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	nest = bnd_nl_nest(&b, IFLA_LINKINFO);
	bnd_nl_put_str(&b, IFLA_INFO_KIND, kind);
	bnd_nl_nest_end(&b, nest);
	need(bnd_nl_talk(&rt, &b, &err), "link", &err);
	need(bnd_links_read(&rt, &links, &err), "links", &err);
}

/* Until there are n links, lo included. */
static inline void
make_links(size_t n)
{
	while (links.n < n)
		make_link(n - links.n > 1 ? "veth" : "bridge");
}

/* A mode, published below a root of our own. */
static inline void
publish(enum bnd_mode mode)
{
	struct bnd_state s = {
		.gen = 1, .mode = mode, .effective = mode, .phase = BND_STABLE
	};
	struct bnd_err err = { 0 };
	struct bnd_now now;

	need(bnd_root_mkdir(&scratch.root, "run/bnd", 0755, &err), "dir", &err);
	need(bnd_clock_now(&now, &err), "clock", &err);
	memcpy(s.boot, now.boot, sizeof(s.boot));
	s.at_us = now.boot_us;
	s.offset_us = now.real_us - (int64_t)now.boot_us;
	s.log.spooled = true;
	need(bnd_state_store(&scratch.root, &s, &err), "state", &err);
}

static inline void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		printf("cannot write %s\n", path);
	if (fd != -1)
		close(fd);
}

static inline void
leave(void)
{
	scratch_remove(&scratch);
}

/* Only processes of our own, whose number the seal's look around grows with. */
static inline void
alone(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == -1)
		exit(1);
	if (pid > 0) {
		waitpid(pid, &status, 0);
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) != 0)
		printf(
		    "no /proc of our own: every process here is looked at\n");
}

/*
 * Into a network of our own, as root of a user namespace, so that what is run
 * keeps its capabilities.  False where that cannot be had.
 */
static inline bool
enter(void)
{
	const char *build = getenv("BND_BUILD");
	struct bnd_err err = { 0 };
	char uid[64], gid[64];

	(void)snprintf(uid, sizeof(uid), "0 %u 1", geteuid());
	(void)snprintf(gid, sizeof(gid), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID |
		CLONE_NEWNS) != 0) {
		printf("no namespaces of our own here\n");
		return false;
	}
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid);
	put("/proc/self/gid_map", gid);
	alone();
	need(bnd_nl_open(&nf, NETLINK_NETFILTER, &err), "netlink", &err);
	need(bnd_nl_open(&rt, NETLINK_ROUTE, &err), "netlink", &err);
	need(bnd_sign_init(&err), "sign", &err);
	scratch_make_in(&scratch, "/tmp");
	(void)atexit(leave);
	need(bnd_links_read(&rt, &links, &err), "links", &err);
	(void)snprintf(seal, sizeof(seal), "%s/net-seal",
	    build != NULL ? build : "build/release");
	return true;
}

#endif
