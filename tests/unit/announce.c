/* announce.c: what everybody is told, and what nobody can put into it */
/* SPDX-License-Identifier: ISC */
#include "announce.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

#define ID "0123456789abcdef"

static const uint8_t id[BND_CHALLENGE_ID_LEN] = { 0x01, 0x23, 0x45, 0x67, 0x89,
	0xab, 0xcd, 0xef };

static void
sentences(void)
{
	struct bnd_challenge c = { .action = BND_ACTION_LOOSEN,
		.from = BND_AIRGAP,
		.to = BND_TRUSTED,
		.cooldown_s = 60,
		.requester = { .has_auid = true, .auid = 1000, .tty = "pts/3" },
		.reason = "usb backup" };
	char text[400];

	bnd_announce_text(BND_NEWS_OPEN, &c, id, text, sizeof(text));
	is_str(text,
	    "bnd: ceremony " ID ": loosen AIRGAP to TRUSTED, asked for by uid "
	    "1000 on pts/3, reason: usb backup ('ceremony cancel " ID
	    "' stops it)",
	    "asked for");
	bnd_announce_text(BND_NEWS_QUORUM, &c, id, text, sizeof(text));
	is_str(text,
	    "bnd: ceremony " ID ": loosen AIRGAP to TRUSTED is approved, and "
	    "possible in 60 s ('ceremony cancel " ID "' stops it)",
	    "approved");
	c.requester = (struct bnd_requester){ .uid = 0 };
	c.reason[0] = '\0';
	c.action = BND_ACTION_REVOKE;
	snprintf(c.subject, sizeof(c.subject), "%s", "fedcba9876543210");
	bnd_announce_text(BND_NEWS_OPEN, &c, id, text, sizeof(text));
	ok(strstr(text,
	       "revoke fedcba9876543210, asked for by uid 0 on no "
	       "terminal, reason: - (") != NULL,
	    "what it is about, and that there is no terminal");
	bnd_announce_text(BND_NEWS_USED, &c, id, text, sizeof(text));
	is_str(text, "bnd: ceremony " ID ": revoke fedcba9876543210 is done",
	    "used");
	bnd_announce_text(BND_NEWS_CANCELLED, &c, id, text, sizeof(text));
	is_str(text, "bnd: ceremony " ID ": revoke fedcba9876543210 is over",
	    "over");
}

static void
longest(void)
{
	struct bnd_challenge c = { .action = BND_ACTION_ENROLL };
	char text[512];

	memset(c.subject, 's', sizeof(c.subject) - 1);
	memset(c.reason, 'r', sizeof(c.reason) - 1);
	memset(c.requester.tty, 't', sizeof(c.requester.tty) - 1);
	memset(text, 'x', sizeof(text));
	bnd_announce_text(BND_NEWS_OPEN, &c, id, text, sizeof(text) - 1);
	ok(strlen(text) < sizeof(text) - 1, "the longest one fits");
	ok(text[strlen(text) - 1] == ')', "to its end");
}

int
main(void)
{
	sentences();
	longest();
	return tap_done();
}
