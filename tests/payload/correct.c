/* correct.c: an ordinary program: files, children, threads, clocks, memory */
/* SPDX-License-Identifier: ISC */
/*
 * Runs after each attack: what it may do must still work.  An argument is a
 * directory it may write to (default /tmp).
 */
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "payload.h"

static void
must(bool good, const char *what)
{
	if (good)
		return;
	printf("wrong: %s: %s\n", what, strerrorname_np(errno));
	exit(1);
}

static void
files(const char *dir)
{
	char name[300], back[8];
	struct stat st;
	int fd;

	must((size_t)snprintf(name, sizeof(name), "%s/correct", dir) <
		sizeof(name),
	    "a name");
	fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	must(fd >= 0, "a new file");
	must(write(fd, "correct", 7) == 7 && lseek(fd, 0, SEEK_SET) == 0 &&
		read(fd, back, sizeof(back)) == 7 &&
		memcmp(back, "correct", 7) == 0,
	    "what was written");
	must(fstat(fd, &st) == 0 && st.st_uid == geteuid(), "its owner");
	must(close(fd) == 0 && unlink(name) == 0, "taken away");
}

static void *
one(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

static void
thread(void)
{
	pthread_t t;
	int seen = 0;

	must(pthread_create(&t, NULL, one, &seen) == 0 &&
		pthread_join(t, NULL) == 0 && seen == 1,
	    "a thread");
}

static void
child(char *self)
{
	char leaf[] = "leaf", *argv[] = { self, leaf, leaf, NULL };
	int st = 0;
	pid_t pid;

	must(posix_spawn(&pid, self, NULL, NULL, argv, environ) == 0,
	    "a program started");
	must(waitpid(pid, &st, 0) == pid && WIFEXITED(st) &&
		WEXITSTATUS(st) == 7,
	    "and its status");
}

static void
memory(void)
{
	size_t size = 4 << 20;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED, "memory");
	memset(p, 1, size);
	must(munmap(p, size) == 0, "given back");
}

int
main(int argc, char **argv)
{
	struct timespec a, b;
	int p[2];
	char c;

	if (argc == 3 && strcmp(argv[2], "leaf") == 0)
		return 7;
	char **args = payload(argc, argv);
	must(clock_gettime(CLOCK_MONOTONIC, &a) == 0, "a clock");
	files(args[0] != NULL ? args[0] : "/tmp");
	thread();
	child(argv[0]);
	memory();
	must(pipe(p) == 0 && write(p[1], "x", 1) == 1 &&
		read(p[0], &c, 1) == 1 && c == 'x',
	    "a pipe");
	must(clock_gettime(CLOCK_MONOTONIC, &b) == 0 &&
		(b.tv_sec > a.tv_sec || b.tv_nsec > a.tv_nsec),
	    "a clock that runs");
	puts("correct");
	return 0;
}
