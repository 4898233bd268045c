/* box-carry: bytes across, ends handed on, and nobody who makes it wait */
/* SPDX-License-Identifier: ISC */
/*
 * On a network of its own, where 192.0.2.1 is lo's.  The clock is the test's: a
 * page that it shares with the relay.
 */
#include "box-carry.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box-listen.h"
#include "clock.h"
#include "tap.h"

#define FAR	"192.0.2.1"
#define ASK	"CONNECT " FAR ":7000 HTTP/1.1\r\n\r\n"
#define SECONDS UINT64_C(1000)

static struct shared {
	volatile uint64_t now_ms;
	struct bnd_carry_sum sum;
} * shared;
static int far_side; /* listens */

uint64_t
bnd_clock_ms(void)
{
	return shared->now_ms;
}

static bool
has_net(void)
{
	struct ifreq lo = { .ifr_name = "lo:1" };
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = inet_addr(FAR) };
	int fd, r;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(&lo.ifr_addr, &a, sizeof(a));
	r = ioctl(fd, SIOCSIFADDR, &lo);
	strncpy(lo.ifr_name, "lo", sizeof(lo.ifr_name) - 1);
	lo.ifr_flags = IFF_UP;
	r |= ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return r == 0;
}

static int
tcp(const char *host, unsigned port, bool listens)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = inet_addr(host) };
	const struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (listens ? bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
		    listen(fd, 100) != 0
		    : connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		bail("no connection");
	return fd;
}

static int
client(void)
{
	return tcp("127.0.0.1", BND_LISTEN_PORT, false);
}

static void
put(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		bail("cannot send");
}

/* What begins the answer. */
static bool
gets_answer(int fd, const char *want)
{
	char buf[256] = "";

	return recv(fd, buf, sizeof(buf) - 1, 0) > 0 &&
	    strncmp(buf, want, strlen(want)) == 0;
}

static bool
ended(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) <= 0 && errno != EAGAIN;
}

/* Connected through; *out is the far side's end. */
static int
through(int *out)
{
	int fd = client();

	put(fd, ASK);
	*out = accept(far_side, NULL, NULL);
	if (!gets_answer(fd, "HTTP/1.1 200 "))
		bail("not connected");
	return fd;
}

/* Something else that happens, so that the relay looks at the clock. */
static void
later(uint64_t ms)
{
	int fd;

	shared->now_ms += ms;
	fd = client();
	put(fd, "x\r\n\r\n");
	ok(gets_answer(fd, "HTTP/1.1 400 "), "%llu ms later it serves",
	    (unsigned long long)ms);
	close(fd);
}

static void
across(void)
{
	enum { SIZE = 3 << 20 };
	static char sent[SIZE], got[SIZE];
	int out, fd = through(&out);
	size_t n = 0;
	ssize_t r = 1;
	pid_t writer;

	for (size_t i = 0; i < SIZE; i++)
		sent[i] = (char)(i * 2654435761U >> 13);
	writer = fork();
	if (writer == 0) {
		if (send(fd, sent, SIZE, MSG_NOSIGNAL) != SIZE)
			_exit(1);
		_exit(shutdown(fd, SHUT_WR) == 0 ? 0 : 1);
	}
	while (n < SIZE && (r = recv(out, got + n, SIZE - n, 0)) > 0)
		n += (size_t)r;
	ok(n == SIZE && memcmp(sent, got, SIZE) == 0, "three MiB, as sent");
	ok(ended(out), "and their end");
	waitpid(writer, NULL, 0);
	put(out, "answer");
	ok(gets_answer(fd, "answer"), "the other way it is still open");
	close(out);
	ok(ended(fd), "until that ends, too");
	close(fd);
	is_int(shared->sum.out, SIZE, "all bytes are counted");
	is_int(shared->sum.in, 6, "both ways");
}

/* A far side that goes on after its client is gone is told. */
static void
gone(void)
{
	const struct linger now = { .l_onoff = 1 };
	int out, fd = through(&out);

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
	ok(ended(out), "a client that is gone is gone there");
	close(out);
	fd = through(&out);
	close(out);
	ok(ended(fd), "and a far side here");
	close(fd);
}

static void
slow(void)
{
	int asks = client(), out, silent = through(&out), pending;

	put(asks, "CONNECT 192.0.2.1:70");
	later(9 * SECONDS);
	put(asks, "0");
	later(2 * SECONDS);
	ok(ended(asks), "who asks too slowly is sent away");
	close(asks);
	later(580 * SECONDS);
	put(silent, ".");
	ok(gets_answer(out, "."), "a connection may be silent for long");
	later(599 * SECONDS);
	pending = through(&(int){ -1 });
	later(2 * SECONDS);
	ok(ended(silent) && ended(out), "not for ever");
	put(pending, ".");
	close(pending);
	close(silent);
	close(out);
}

static void
answers(void)
{
	int fd = client();

	put(fd, "CONNECT 192.0.2.1:7001 HTTP/1.1\r\n\r\n");
	ok(gets_answer(fd, "HTTP/1.1 403 ") && ended(fd), "not listed");
	close(fd);
	fd = client();
	put(fd, "CONNECT 192.0.2.1:7002 HTTP/1.1\r\n\r\n");
	ok(gets_answer(fd, "HTTP/1.1 502 ") && ended(fd), "nobody there");
	close(fd);
	fd = client();
	put(fd, "CONNECT two.test:7000 HTTP/1.1\r\n\r\n");
	ok(gets_answer(fd, "HTTP/1.1 200 "),
	    "a name's second address, as the first does not answer");
	close(accept(far_side, NULL, NULL));
	close(fd);
	ok(shared->sum.failed == 1 && shared->sum.refused >= 1,
	    "both are counted, apart");
}

static void
list(struct bnd_dials *d)
{
	static const char two[] = "192.0.2.200 X\n" FAR " X\n";
	struct bnd_err err = { 0 };

	if (bnd_dial_add(d, FAR ":7000", &err) != 0 ||
	    bnd_dial_add(d, FAR ":7002", &err) != 0 ||
	    bnd_dial_name(d, "two.test:7000",
		(struct bnd_str){ two, sizeof(two) - 1 }, &err) != 0)
		bail(err.text);
}

int
main(void)
{
	static struct bnd_dials d;
	struct bnd_err err = { 0 };
	struct bnd_carry *c;
	int life[2], status = -1, listener;
	pid_t relay;

	if (!has_net())
		skip_all("no network of one's own");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	shared->now_ms = 1000;
	list(&d);
	far_side = tcp(FAR, 7000, true);
	listener = bnd_listen_make();
	c = bnd_carry_new(&d, &shared->sum, &err);
	if (listener < 0 || c == NULL || pipe(life) != 0)
		bail("no relay");
	fflush(stdout);
	relay = fork();
	if (relay == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(life[1]);
		close(far_side);
		bnd_carry_run(c, listener, life[0]);
		_exit(0);
	}
	close(life[0]);
	close(listener);
	across();
	gone();
	answers();
	slow();
	close(life[1]);
	waitpid(relay, &status, 0);
	is_int(status, 0, "it ends with its life");
	bnd_carry_free(c);
	return tap_done();
}
