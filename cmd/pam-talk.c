/* pam-talk.c: the helper's side of the relay */
/* SPDX-License-Identifier: ISC */
#include "pam-talk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "scope.h"
#include "sign.h"

#define RELAY_FD 0

BND_PRINTF(2, 0)
static void
say(enum bnd_say word, const char *fmt, va_list ap)
{
	char text[2 * BND_RELAY_TEXT], buf[BND_RELAY_MAX];
	struct bnd_said s = { .say = word };
	size_t len;
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	bnd_text_show((struct bnd_str){ text, n > 0 ? strlen(text) : 0 },
	    s.text, sizeof(s.text));
	/* Whoever does not hear it will not hear the verdict either. */
	if (bnd_relay_pack(&s, buf, &len))
		(void)send(RELAY_FD, buf, len, MSG_NOSIGNAL);
}

void
pam_tell(enum bnd_say word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(word, fmt, ap);
	va_end(ap);
}

int
pam_ask(enum bnd_say word, char *answer, size_t *len, const char *fmt, ...)
{
	char lead = '\0';
	struct iovec part[] = { { &lead, 1 }, { answer, BND_RELAY_TEXT + 1 } };
	struct msghdr m = { .msg_iov = part, .msg_iovlen = 2 };
	va_list ap;
	ssize_t n;

	va_start(ap, fmt);
	say(word, fmt, ap);
	va_end(ap);
	do
		n = recvmsg(RELAY_FD, &m, 0);
	while (n < 0 && errno == EINTR);
	if (n < 1 || lead != '=' || n > 1 + BND_RELAY_TEXT)
		return -1;
	*len = (size_t)n - 1;
	answer[*len] = '\0';
	/* What the host took for a string is one. */
	return memchr(answer, '\0', *len) == NULL ? 0 : -1;
}

/* syslog(3) would wait for a log daemon that hangs, and nobody would pass. */
void
pam_log(const char *fmt, ...)
{
	static const struct sockaddr_un log = { AF_UNIX, "/dev/log" };
	SCOPED_FD int fd =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char text[512], shown[512], line[600];
	va_list ap;
	int n;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bnd_text_show(
	    (struct bnd_str){ text, strlen(text) }, shown, sizeof(shown));
	n = snprintf(line, sizeof(line), "<%d>pam_bnd[%d]: %s",
	    LOG_AUTHPRIV | LOG_NOTICE, (int)getpid(), shown);
	if (fd >= 0 && n > 0)
		(void)sendto(fd, line, (size_t)n, MSG_NOSIGNAL,
		    (const struct sockaddr *)&log, sizeof(log));
}
