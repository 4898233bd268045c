/* announce.c: everybody on the host is told how a ceremony goes */
/* SPDX-License-Identifier: ISC */
#include "announce.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#include "audit.h"
#include "proc.h"
#include "scope.h"

#define WALL	 "/usr/bin/wall"
#define WALL_MS	 2000
#define DEV_LOG	 "/dev/log"
#define TEXT_LEN 512
#define WHAT_LEN 256
#define HEX_ID	 (2 * BND_CHALLENGE_ID_LEN + 1)

static const char *const step_name[] = {
	[BND_NEWS_OPEN] = "open",
	[BND_NEWS_QUORUM] = "quorum",
	[BND_NEWS_CANCELLED] = "end",
	[BND_NEWS_USED] = "use",
};

/* "loosen AIRGAP to TRUSTED", "enroll 0123456789abcdef bob bob raw" */
static void
say_what(const struct bnd_challenge *c, char what[static WHAT_LEN])
{
	if (c->action == BND_ACTION_LOOSEN)
		(void)snprintf(what, WHAT_LEN, "loosen %s to %s",
		    bnd_mode_name(c->from), bnd_mode_name(c->to));
	else
		(void)snprintf(what, WHAT_LEN, "%s%s%s",
		    bnd_action_name(c->action),
		    c->subject[0] != '\0' ? " " : "", c->subject);
}

static void
say_who(const struct bnd_requester *r, char *who, size_t size)
{
	(void)snprintf(who, size, "uid %" PRIu32 " on %s",
	    r->has_auid ? r->auid : r->uid,
	    r->tty[0] != '\0' ? r->tty : "no terminal");
}

/* All of it passed bnd_challenge_pack(): printable ASCII, no line feed. */
void
bnd_announce_text(enum bnd_news news, const struct bnd_challenge *c,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], char *text, size_t size)
{
	char what[WHAT_LEN], who[64], hex[HEX_ID];

	bnd_text_to_hex(id, BND_CHALLENGE_ID_LEN, hex);
	say_what(c, what);
	say_who(&c->requester, who, sizeof(who));
	switch (news) {
	case BND_NEWS_OPEN:
		(void)snprintf(text, size,
		    "bnd: ceremony %s: %s, asked for by %s, reason: %s "
		    "('ceremony cancel %s' stops it)",
		    hex, what, who, c->reason[0] != '\0' ? c->reason : "-",
		    hex);
		break;
	case BND_NEWS_QUORUM:
		(void)snprintf(text, size,
		    "bnd: ceremony %s: %s is approved, and possible in "
		    "%" PRIu64 " s ('ceremony cancel %s' stops it)",
		    hex, what, c->cooldown_s, hex);
		break;
	case BND_NEWS_CANCELLED:
		(void)snprintf(
		    text, size, "bnd: ceremony %s: %s is over", hex, what);
		break;
	case BND_NEWS_USED:
		(void)snprintf(
		    text, size, "bnd: ceremony %s: %s is done", hex, what);
		break;
	}
}

static void
tell_terminals(const char *text)
{
	static const char *const argv[] = { "wall", NULL };
	char out[64];
	struct bnd_err err;
	struct bnd_proc p = {
		.path = WALL,
		.argv = argv,
		.input = { text, strlen(text) },
		.deadline_ms = WALL_MS,
		.out = out,
		.out_size = sizeof(out),
	};

	if (bnd_proc_run(&p, &err) != 0)
		return;
}

/* syslog(3) would wait for a log daemon that hangs. */
static void
tell_syslog(const char *text)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = DEV_LOG };
	char line[TEXT_LEN + 16];
	SCOPED_FD int fd =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int n = snprintf(
	    line, sizeof(line), "<%d>%s", LOG_AUTHPRIV | LOG_NOTICE, text);

	if (fd < 0 || n < 0 || (size_t)n >= sizeof(line) ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		return;
	if (send(fd, line, (size_t)n, MSG_NOSIGNAL) < 0)
		return;
}

static void
tell_audit(enum bnd_news news, const struct bnd_challenge *c, const uint8_t *id)
{
	char what[WHAT_LEN], hex[HEX_ID];
	struct bnd_err err;

	bnd_text_to_hex(id, BND_CHALLENGE_ID_LEN, hex);
	say_what(c, what);
	if (bnd_audit_ceremony(step_name[news], hex, what, &err) != 0)
		return;
}

void
bnd_announce(const struct bnd_root *root, enum bnd_news news,
    const struct bnd_challenge *c,
    const uint8_t id[static BND_CHALLENGE_ID_LEN])
{
	char text[TEXT_LEN];

	if (!root->real)
		return;
	bnd_announce_text(news, c, id, text, sizeof(text) - 1);
	tell_audit(news, c, id);
	tell_syslog(text);
	(void)strncat(text, "\n", sizeof(text) - strlen(text) - 1);
	tell_terminals(text);
}
