/* box-fds.c: descriptors of a child: the job's, at their places, no others */
/* SPDX-License-Identifier: ISC */
#include "box-fds.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tap.h"

#define HIGH 900

/* What a child that did it had open: a byte a number, 'c' closed by exec. */
static char *seen;

static void
look(void)
{
	for (int fd = 0; fd <= HIGH; fd++) {
		int flags = fcntl(fd, F_GETFD);

		seen[fd] = (char)(flags == -1	    ? '-'
			: (flags & FD_CLOEXEC) != 0 ? 'c'
						    : 'o');
	}
}

/* 0: it was done and looked at. */
static int
in_child(int (*done)(const struct bnd_box_job *), const struct bnd_box_job *job)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (done(job) != 0)
			_exit(1);
		look();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static int
only_status(const struct bnd_box_job *job)
{
	return bnd_fds_only(job->status);
}

/* The numbers of what seen has as this, in words. */
static const char *
numbers(char kind)
{
	static char text[4096];
	size_t len = 0;

	text[0] = '\0';
	for (int fd = 0; fd <= HIGH; fd++)
		if (seen[fd] == kind)
			len += (size_t)snprintf(
			    text + len, sizeof(text) - len, "%d ", fd);
	return text;
}

static int
at(int fd, int flags)
{
	int got = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (got == -1 || dup3(got, fd, flags) != fd)
		abort();
	close(got);
	return fd;
}

static void
lowered(struct rlimit *was)
{
	struct rlimit low;

	getrlimit(RLIMIT_NOFILE, was);
	low = *was;
	low.rlim_cur = 64;
	setrlimit(RLIMIT_NOFILE, &low);
}

int
main(void)
{
	static struct bnd_box_policy policy;
	static struct bnd_box_job job;
	struct rlimit was;

	seen = mmap(NULL, HIGH + 1, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		return 1;
	job.policy = &policy;
	policy.fds_n = 1;
	policy.fds[0] = at(25, 0);
	job.stdio[0] = at(40, O_CLOEXEC);
	job.stdio[1] = at(41, O_CLOEXEC);
	job.stdio[2] = at(42, O_CLOEXEC);
	job.trees = 1;
	job.tree[0].fd = at(43, O_CLOEXEC);
	job.joins = 1;
	job.join[0] = at(44, O_CLOEXEC);
	job.status = at(45, O_CLOEXEC);
	job.go = at(46, O_CLOEXEC);
	(void)at(24, 0);
	(void)at(26, 0);
	(void)at(50, O_CLOEXEC);
	(void)at(HIGH, 0);
	lowered(&was);

	is_int(in_child(bnd_fds_of_init, &job), 0, "the init closes");
	is_str(numbers('c'), "40 41 42 43 44 45 46 ",
	    "all but what the job names");
	is_str(numbers('o'), "0 1 2 25 ", "and 0 to 2, so that they are taken");
	is_int(in_child(bnd_fds_of_payload, &job), 0, "the payload places");
	is_str(numbers('o'), "0 1 2 25 ", "0 to 2 and the fds of its policy");
	is_str(numbers('c'), "45 46 ", "and has what exec closes");
	is_int(in_child(only_status, &job), 0, "the init lets go");
	is_str(numbers('c'), "45 ", "of all but its status");
	is_str(numbers('o'), "", "of 0 to 2 as well");

	job.stdio[0] = 0;
	fcntl(0, F_SETFD, FD_CLOEXEC);
	is_int(in_child(bnd_fds_of_payload, &job), 0, "its own standard input");
	is_str(numbers('o'), "0 1 2 25 ", "stays open over exec");
	fcntl(0, F_SETFD, 0);
	job.stdio[1] = 0;
	ok(in_child(bnd_fds_of_payload, &job) != 0,
	    "a source that was placed over is no source");
	setrlimit(RLIMIT_NOFILE, &was);
	return tap_done();
}
