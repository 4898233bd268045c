/* box-pump.c: bytes carried whole, without waiting, without touching flags */
/* SPDX-License-Identifier: ISC */
#include "box-pump.h"

#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <termios.h>

#include "scope.h"
#include "tap.h"

static struct bnd_pump pump;

/* A pipe whose reading end is the pump's, and where it goes. */
static int
feed(int to)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0 || fcntl(fd[0], F_SETFL, O_NONBLOCK) != 0)
		bail("no pipe");
	bnd_pump_open(&pump, fd[0], to);
	return fd[1];
}

static void
say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		bail("cannot write");
}

static size_t
hear(int fd, char *buf, size_t size)
{
	ssize_t n = read(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static void
test_carries(void)
{
	struct bnd_pump_sum sum = { .limit = UINT64_MAX };
	char buf[100];
	int to[2], from;

	if (pipe2(to, O_CLOEXEC) != 0)
		bail("no pipe");
	from = feed(to[1]);
	is_int(pump.kind, BND_PUMP_NONBLOCK, "a pipe is opened once more");
	is_int(fcntl(to[1], F_GETFL) & O_NONBLOCK, 0,
	    "whose own flags are left alone");
	ok(!bnd_pump_move(&pump, &sum), "nothing to move");
	is_int(bnd_pump_wants_in(&pump), POLLIN, "it waits for bytes");
	is_int(bnd_pump_wants_out(&pump), 0, "and not for room");
	say(from, "one\n");
	ok(bnd_pump_move(&pump, &sum), "something to move");
	hear(to[0], buf, sizeof(buf));
	is_str(buf, "one\n", "comes out");
	is_int(sum.bytes, 4, "and is counted");
	close(from);
	(void)bnd_pump_move(&pump, &sum);
	ok(bnd_pump_is_done(&pump), "the end is seen");
	is_int(sum.lost, 0, "nothing is lost");
	bnd_pump_close(&pump);
	close(to[0]);
	close(to[1]);
}

/* A reader that does not read: the payload is slowed, the clocks are not. */
static void
test_slow_reader(void)
{
	struct bnd_pump_sum sum = { .limit = UINT64_MAX };
	static char block[BND_PUMP_SIZE];
	int to[2], from;
	size_t got = 0, n;

	if (pipe2(to, O_CLOEXEC) != 0)
		bail("no pipe");
	from = feed(to[1]);
	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 3; i++) {
		(void)fcntl(from, F_SETFL, O_NONBLOCK);
		if (write(from, block, sizeof(block)) < 0 && errno != EAGAIN)
			bail("cannot write");
		alarm(10);
		while (bnd_pump_move(&pump, &sum))
			continue;
	}
	alarm(0);
	ok(sum.bytes >= 2 * sizeof(block), "a buffer and a pipe are full");
	is_int(bnd_pump_wants_in(&pump), 0, "no more is taken");
	is_int(bnd_pump_wants_out(&pump), POLLOUT, "room is waited for");
	close(from);
	while (!bnd_pump_is_done(&pump)) {
		n = hear(to[0], block, sizeof(block));
		got += n;
		(void)bnd_pump_move(&pump, &sum);
	}
	while ((size_t)sum.bytes > got)
		got += hear(to[0], block, sizeof(block));
	is_int(got, sum.bytes, "and every byte comes in the end");
	bnd_pump_close(&pump);
	close(to[0]);
	close(to[1]);
}

static void
test_limit(void)
{
	struct bnd_pump_sum sum = { .limit = 6 };
	char buf[100];
	int to[2], from;

	if (pipe2(to, O_CLOEXEC) != 0)
		bail("no pipe");
	from = feed(to[1]);
	say(from, "123456");
	while (bnd_pump_move(&pump, &sum))
		continue;
	ok(!sum.over, "exactly the limit is not over it");
	say(from, "789");
	while (bnd_pump_move(&pump, &sum))
		continue;
	ok(sum.over, "a byte more is");
	say(from, "ab");
	while (bnd_pump_move(&pump, &sum))
		continue;
	hear(to[0], buf, sizeof(buf));
	is_str(buf, "123456", "cut at the first byte above");
	is_int(sum.bytes, 11, "all of it is counted");
	is_int(sum.lost, 5, "and what is dropped");
	close(from);
	bnd_pump_close(&pump);
	close(to[0]);
	close(to[1]);
}

/* As it would without us, the writer gets SIGPIPE or EPIPE. */
static void
test_reader_gone(void)
{
	struct bnd_pump_sum sum = { .limit = UINT64_MAX };
	int to[2], from;

	signal(SIGPIPE, SIG_IGN);
	if (pipe2(to, O_CLOEXEC) != 0)
		bail("no pipe");
	from = feed(to[1]);
	close(to[0]);
	say(from, "x");
	(void)bnd_pump_move(&pump, &sum);
	is_int(sum.errnum, EPIPE, "the reader is gone");
	ok(bnd_pump_is_done(&pump), "so it is over");
	ok(write(from, "y", 1) == -1 && errno == EPIPE, "for the writer, too");
	bnd_pump_close(&pump);
	close(from);
	close(to[1]);
}

static void
test_full_disk(void)
{
	struct bnd_pump_sum sum = { .limit = UINT64_MAX };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), from;

	from = feed(full);
	is_int(pump.kind, BND_PUMP_PLAIN, "a device is written as it is");
	say(from, "abc");
	(void)bnd_pump_move(&pump, &sum);
	is_int(sum.errnum, ENOSPC, "no room");
	is_int(sum.lost, 3, "is a loss");
	bnd_pump_close(&pump);
	close(from);
	close(full);
}

static void
test_socket(void)
{
	struct bnd_pump_sum sum = { .limit = UINT64_MAX };
	char buf[100];
	int s[2], from;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) != 0)
		bail("no sockets");
	from = feed(s[0]);
	is_int(pump.kind, BND_PUMP_SOCKET, "a socket is sent to");
	say(from, "hello");
	(void)bnd_pump_move(&pump, &sum);
	hear(s[1], buf, sizeof(buf));
	is_str(buf, "hello", "and that arrives");
	bnd_pump_close(&pump);
	close(from);
	close(s[0]);
	close(s[1]);
}

static void
test_terminal(void)
{
	struct bnd_pump_sum sum = { .limit = UINT64_MAX };
	struct termios raw;
	int ours, theirs, from;
	char buf[100];

	if (openpty(&ours, &theirs, NULL, NULL, NULL) != 0) {
		skip_kernel("a terminal", "none can be made here");
		return;
	}
	tcgetattr(theirs, &raw);
	cfmakeraw(&raw);
	tcsetattr(theirs, TCSANOW, &raw);
	from = feed(theirs);
	is_int(pump.kind, BND_PUMP_NONBLOCK, "a terminal cannot stop us");
	is_int(fcntl(theirs, F_GETFL) & O_NONBLOCK, 0, "nor do we others");
	say(from, "tty");
	(void)bnd_pump_move(&pump, &sum);
	hear(ours, buf, sizeof(buf));
	is_str(buf, "tty", "it shows what is said");
	bnd_pump_close(&pump);
	close(from);
	close(ours);
	close(theirs);
}

int
main(void)
{
	test_carries();
	test_slow_reader();
	test_limit();
	test_reader_gone();
	test_full_disk();
	test_socket();
	test_terminal();
	return tap_done();
}
