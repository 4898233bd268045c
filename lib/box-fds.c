/* box-fds.c: which descriptors a child has, and no others */
/* SPDX-License-Identifier: ISC */
#include "box-fds.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* Trees, leaves, `fds`, 0 to 2 twice, status, go and hand. */
#define KEPT (BND_BOX_TREES + BND_BOX_JOINS + BND_BOX_FDS + 9)

struct kept {
	size_t n;
	unsigned fd[KEPT]; /* sorted */
};

/* In its place; once. */
static void
keep(struct kept *k, int fd)
{
	size_t at = k->n, i;

	if (fd < 0)
		return;
	while (at > 0 && k->fd[at - 1] > (unsigned)fd)
		at--;
	if (at > 0 && k->fd[at - 1] == (unsigned)fd)
		return;
	for (i = k->n++; i > at; i--)
		k->fd[i] = k->fd[i - 1];
	k->fd[at] = (unsigned)fd;
}

/* The gaps between them, whatever RLIMIT_NOFILE says now. */
static int
close_others(const struct kept *k)
{
	unsigned first = 0;
	size_t i;

	for (i = 0; i < k->n; first = k->fd[i++] + 1) {
		if (k->fd[i] > first &&
		    close_range(first, k->fd[i] - 1, 0) != 0)
			return -1;
	}
	return close_range(first, UINT_MAX, 0);
}

int
bnd_fds_of_init(const struct bnd_box_job *job)
{
	struct kept k = { 0 };
	size_t i;

	/* Its own 0 to 2 stay, so that nothing of the setup gets these numbers. */
	for (i = 0; i < 3; i++) {
		keep(&k, (int)i);
		keep(&k, job->stdio[i]);
	}
	for (i = 0; i < job->trees; i++)
		keep(&k, job->tree[i].fd);
	for (i = 0; i < job->joins; i++)
		keep(&k, job->join[i]);
	for (i = 0; i < job->policy->fds_n; i++)
		keep(&k, job->policy->fds[i]);
	keep(&k, job->status);
	keep(&k, job->go);
	if (job->relay)
		keep(&k, job->hand);
	return close_others(&k);
}

/* dup2 clears close-on-exec only where it copies; no source of one is below it. */
static int
place(const struct bnd_box_job *job)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (job->stdio[i] < i) {
			errno = EBADF;
			return -1;
		}
		if ((job->stdio[i] == i ? fcntl(i, F_SETFD, 0)
					: dup2(job->stdio[i], i)) < 0)
			return -1;
	}
	return 0;
}

int
bnd_fds_of_payload(const struct bnd_box_job *job)
{
	struct kept k = { 0 };
	size_t i;

	if (place(job) != 0)
		return -1;
	for (i = 0; i < 3; i++)
		keep(&k, (int)i);
	for (i = 0; i < job->policy->fds_n; i++)
		keep(&k, job->policy->fds[i]);
	keep(&k, job->status);
	keep(&k, job->go);
	return close_others(&k);
}

int
bnd_fds_only(int fd)
{
	return bnd_fds_pair(fd, fd);
}

int
bnd_fds_pair(int a, int b)
{
	struct kept k = { 0 };

	keep(&k, a);
	keep(&k, b);
	return close_others(&k);
}
