/* box-listen: one socket inside, and none beside it */
/* SPDX-License-Identifier: ISC */
#include "box-listen.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define HEAD                                                                  \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when " \
	"retrnsmt   uid  timeout inode\n"
#define LINE(inode)                                                           \
	"   0: 0100007F:0C38 00000000:0000 0A 00000000:00000000 00:00000000 " \
	"00000000     0        0 " inode " 1 0000000000000000 100 0 0 10 0\n"

static void
alone(void)
{
	static const struct {
		const char *text;
		uint64_t inode;
		bool is;
	} rows[] = {
		{ HEAD LINE("77"), 77, true },
		{ HEAD, 0, true },
		{ "", 0, true },
		{ HEAD, 77, false },
		{ "", 77, false },
		{ HEAD LINE("77"), 0, false },
		{ HEAD LINE("77"), 78, false },
		{ HEAD LINE("77") LINE("78"), 77, false },
		{ HEAD LINE("77") LINE("77"), 77, false },
		{ HEAD "   0: 0100007F:0C38\n", 77, false },
		{ HEAD LINE("077"), 77, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ok(bnd_listen_alone(
		       (struct bnd_str){ rows[i].text, strlen(rows[i].text) },
		       rows[i].inode) == rows[i].is,
		    "row %zu: %s", i, rows[i].is ? "alone" : "not so");
}

/* To us, by a pair as the supervisor makes it. */
static int
given(int fd, pid_t from, struct bnd_err *err)
{
	int pair[2], on = 1, got;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0 ||
	    setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) != 0)
		bail("no socket pair");
	if (fd >= 0 && bnd_listen_give(pair[1], fd) != 0)
		bail("cannot give");
	got = bnd_listen_take(pair[0], from, err);
	close(pair[0]);
	close(pair[1]);
	return got;
}

static void
refused(const char *what, int fd, pid_t from)
{
	struct bnd_err err = { 0 };

	is_int(given(fd, from, &err), -1, "%s: %s", what, err.text);
}

static void
handed(void)
{
	int fd = bnd_listen_make(), got, tcp, un;
	struct bnd_err err = { 0 };
	uint64_t socket_ino = 0, space = 0;
	struct stat st;

	if (fd < 0)
		bail("cannot listen");
	is_int(bnd_listen_make(), -1, "the place is taken once");
	got = given(fd, getpid(), &err);
	ok(got >= 0, "a listener is handed over: %s", err.text);
	ok((fcntl(got, F_GETFD) & FD_CLOEXEC) != 0, "closed by an exec");
	if (bnd_listen_where(got, &socket_ino, &space, &err) == 0) {
		ok(stat("/proc/self/ns/net", &st) == 0 && st.st_ino == space,
		    "it is in this network");
		ok(fstat(fd, &st) == 0 && st.st_ino == socket_ino,
		    "and this very socket");
	}
	close(got);
	refused("somebody else's", fd, getpid() + 1);
	refused("none", -1, getpid());
	tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	refused("one that does not listen", tcp, getpid());
	if (listen(tcp, 1) == 0)
		refused("one in another place", tcp, getpid());
	un = open("/dev/null", O_RDONLY | O_CLOEXEC);
	refused("no socket", un, getpid());
	close(un);
	un = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	refused("another family", un, getpid());
	close(un);
	close(tcp);
	close(fd);
}

/* A network of our own, as the init has one. */
static bool
has_lo(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, r;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	r = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return r == 0;
}

int
main(void)
{
	alone();
	if (has_lo())
		handed();
	else
		skip("handing over", "no network namespace of one's own");
	return tap_done();
}
