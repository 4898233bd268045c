/* eat.c: takes memory, disk, inodes, processor or output until it is stopped */
/* SPDX-License-Identifier: ISC */
/*
 *	eat malloc|shared|stack|memfd|pipes|sockets|shm|mlock MIB
 *	eat file PATH MIB	eat inodes DIR N	eat dirs DIR N
 *	eat sparse PATH		truncate to 1 EiB, holes, a page at the end; then as stay
 *	eat spin SECONDS [N]	processor time in N children (1)
 *	eat catch SECONDS [N]	the same, deaf to TERM and to its limits' signals
 *	eat short N		1 ms of it in each of N children, one by one
 *	eat output BYTES	on 1 and 2 by turns (0: for ever)
 *	eat beside malloc MIB	a child eats, the first looks on and stays
 *
 * Says "eaten: N" (MiB, names) at the end or where it was refused.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "payload.h"

#define MIB ((size_t)1 << 20)

static char block[MIB];

static bool
mapped(int flags, int fd)
{
	char *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		return false;
	memset(p, 1, MIB);
	return true;
}

static bool
piece_memfd(void)
{
	int fd = memfd_create("eat", 0);

	return fd >= 0 && write(fd, block, MIB) == (ssize_t)MIB;
}

/* What fits into pairs until a MiB is in flight. */
static bool
piece_pairs(bool sockets)
{
	size_t sum = 0;

	while (sum < MIB) {
		int p[2];
		ssize_t n;

		if (sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, p) : pipe(p))
			return false;
		fcntl(p[1], F_SETFL, O_NONBLOCK);
		while ((n = write(p[1], block, 65536)) > 0)
			sum += (size_t)n;
	}
	return true;
}

static bool
piece_shm(void)
{
	int id = shmget(IPC_PRIVATE, MIB, 0600);
	char *p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	if (p == (void *)-1)
		return false;
	memset(p, 1, MIB);
	return true;
}

static bool
piece_mlock(void)
{
	char *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED && mlock(p, MIB) == 0;
}

/* A frame a MiB: not to be optimised away. */
static int
deeper(long n)
{
	char frame[MIB / 2];

	memset(frame, (int)n, sizeof(frame));
	__asm__ volatile("" : : "r"(frame) : "memory");
	return n == 0 ? 0 : deeper(n - 1) + frame[n % 100];
}

static bool
piece(const char *kind)
{
	if (strcmp(kind, "malloc") == 0)
		return mapped(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (strcmp(kind, "shared") == 0)
		return mapped(MAP_SHARED | MAP_ANONYMOUS, -1);
	if (strcmp(kind, "memfd") == 0)
		return piece_memfd();
	if (strcmp(kind, "pipes") == 0)
		return piece_pairs(false);
	if (strcmp(kind, "sockets") == 0)
		return piece_pairs(true);
	if (strcmp(kind, "shm") == 0)
		return piece_shm();
	return piece_mlock();
}

static void
ate(long n, bool whole)
{
	if (!whole)
		printf("refused: %s\n", strerrorname_np(errno));
	printf("eaten: %ld\n", n);
}

static void
memory(const char *kind, long want)
{
	long n = 0;

	if (strcmp(kind, "stack") == 0) {
		deeper(2 * want);
		n = want;
	}
	while (n < want && piece(kind))
		n++;
	ate(n, n == want);
}

static void
file(const char *path, long want)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	long n = 0;

	while (fd >= 0 && n < want && write(fd, block, MIB) == (ssize_t)MIB)
		n++;
	ate(n, n == want);
}

static void
names(const char *dir, long want, bool dirs)
{
	char path[400];
	long n = 0;

	for (; n < want; n++) {
		snprintf(path, sizeof(path), "%s/%ld", dir, n);
		int fd = dirs ? mkdir(path, 0700)
			      : open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd < 0)
			break;
		if (!dirs)
			close(fd);
	}
	ate(n, n == want);
}

static void
sparse(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	signal(SIGXFSZ, SIG_IGN);
	told("truncate", ftruncate(fd, (off_t)1 << 60));
	told("allocate", fallocate(fd, 0, 0, (off_t)1 << 40));
	told("write at the end", pwrite(fd, "x", 1, ((off_t)1 << 60) - 2));
	told("punch",
	    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	payload_ready();
}

static long
burnt_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
burn(long ms)
{
	while (burnt_ms() < ms)
		;
}

static void
caught(int sig)
{
	(void)sig;
}

static void
deafen(void)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGALRM, SIG_IGN);
	signal(SIGXCPU, caught);
}

static void
spin(double seconds, long n, bool deaf)
{
	if (deaf)
		deafen();
	for (long i = 1; i < n; i++)
		if (fork() == 0)
			break;
	puts("ready");
	burn((long)(seconds * 1000));
}

static void
brief(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			burn(1);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	ate(n, true);
}

static void
output(long bytes)
{
	long sum = 0;

	memset(block, 'y', sizeof(block));
	for (int fd = 1; bytes == 0 || sum < bytes; fd = 3 - fd) {
		size_t some = bytes == 0 || bytes - sum > 65536
		    ? 65536
		    : (size_t)(bytes - sum);
		ssize_t n = write(fd, block, some);
		if (n < 0)
			exit(3);
		sum += n;
	}
}

static int
eat(char **args)
{
	const char *kind = args[0];
	long n = args[1] != NULL ? strtol(args[1], NULL, 10) : 0;

	if (strcmp(kind, "file") == 0 && args[1] != NULL)
		file(args[1], strtol(args[2], NULL, 10));
	else if (strcmp(kind, "inodes") == 0 || strcmp(kind, "dirs") == 0)
		names(args[1], strtol(args[2], NULL, 10), kind[0] == 'd');
	else if (strcmp(kind, "sparse") == 0)
		sparse(args[1]);
	else if (strcmp(kind, "spin") == 0 || strcmp(kind, "catch") == 0)
		spin(strtod(args[1], NULL),
		    args[2] != NULL ? strtol(args[2], NULL, 10) : 1,
		    kind[0] == 'c');
	else if (strcmp(kind, "short") == 0)
		brief(n);
	else if (strcmp(kind, "output") == 0)
		output(n);
	else
		memory(kind, n);
	return 0;
}

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv);
	int st = 0;

	if (args[0] == NULL)
		return 2;
	if (strcmp(args[0], "beside") != 0)
		return eat(args);
	pid_t pid = fork();
	if (pid == 0)
		_exit(eat(args + 1));
	waitpid(pid, &st, 0);
	printf("beside: %d\n", st);
	payload_ready();
	return 0;
}
