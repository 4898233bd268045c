/* audit.c: what the kernel's audit trail is told, and a kernel that keeps none */
/* SPDX-License-Identifier: ISC */
/*
 * libaudit is wrapped at link time (tests/links.mk): each call answers what the
 * test wants, and what was sent is kept.
 */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <libaudit.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

#define SENT_MAX 4

static int open_error, send_error;
static unsigned sends;
static struct {
	int type, result;
	char text[512];
} sent[SENT_MAX];

int __wrap_audit_open(void);
int __wrap_audit_log_user_message(int fd, int type, const char *message,
    const char *hostname, const char *addr, const char *tty, int result);

int
__wrap_audit_open(void)
{
	errno = open_error;
	return open_error != 0 ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);
}

int
__wrap_audit_log_user_message(int fd, int type, const char *message,
    const char *hostname, const char *addr, const char *tty, int result)
{
	(void)fd, (void)hostname, (void)addr, (void)tty;
	if (send_error != 0) {
		errno = send_error;
		return -1;
	}
	if (sends < SENT_MAX) {
		sent[sends].type = type;
		sent[sends].result = result;
		snprintf(sent[sends].text, sizeof(sent[0].text), "%s", message);
	}
	sends++;
	return 1;
}

static int
tell(const struct bnd_audit *a, struct bnd_err *err)
{
	sends = 0;
	*err = (struct bnd_err){ 0 };
	return bnd_audit_mode(a, err);
}

static void
test_records(void)
{
	struct bnd_audit a = { .from = BND_OPEN,
		.to = BND_AIRGAP,
		.why = "secret",
		.success = true,
		.mark = { .seq = 12 } };
	struct bnd_err err;

	is_int(tell(&a, &err), 0, "a change is told");
	is_int(sends, 2, "in two records");
	is_int(sent[0].type, 1111, "USYS_CONFIG");
	ok(strstr(sent[0].text, "old=OPEN new=AIRGAP") != NULL, "both modes");
	ok(strstr(sent[0].text, "why=\"secret\"") != NULL, "and the reason");
	is_int(sent[0].result, 1, "as a success");
	is_int(sent[1].type, 1121, "TRUSTED_APP");
	ok(strstr(sent[1].text,
	       "seq=12 link=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") !=
		NULL,
	    "an anchor of the chain");
	a.success = false;
	is_int(tell(&a, &err), 0, "a failure is told");
	is_int(sent[0].result, 0, "as one");
	a.mark.spooled = true;
	is_int(tell(&a, &err), 0, "a spooled one");
	is_int(sends, 1, "has no anchor yet");
	a.why = "x\" res=success old=\x1b";
	is_int(tell(&a, &err), 0, "a hostile reason");
	ok(strstr(sent[0].text, "res=success") == NULL &&
		strchr(sent[0].text, 0x1b) == NULL,
	    "forges no field");
}

/*
 * The trail has a part of a long reason at most; that part is well formed, and
 * beside it is the link of the whole record, by which the part is known as one.
 */
static void
test_long(void)
{
	char why[201];
	struct bnd_audit a = { .from = BND_OPEN,
		.to = BND_AIRGAP,
		.why = why,
		.success = true,
		.mark = { .seq = 12, .link = { 1, 2, 3 } } };
	struct bnd_err err;
	unsigned bad = 0;

	for (size_t len = 0; len < sizeof(why); len++) {
		for (size_t i = 0; i < len; i++)
			why[i] = "a \"\xc3\xa9\n"[i % 6];
		why[len] = '\0';
		bad += tell(&a, &err) != 0 || sends != 2;
		const char *at = strstr(sent[0].text, " why=");
		size_t n = at != NULL ? strlen(at + 5) : 0;

		if (at == NULL || n > 200)
			bad++;
		else if (at[5] == '"')
			bad += n < 2 || at[5 + n - 1] != '"';
		else
			bad += n % 2 != 0 ||
			    strspn(at + 5, "0123456789ABCDEF") != n;
		bad += strstr(sent[1].text, "seq=12 link=AQID") == NULL;
	}
	is_int(bad, 0, "a reason of any length, beside the record's link");
}

static void
test_absent(void)
{
	static const int none[] = { EINVAL, EPROTONOSUPPORT, EAFNOSUPPORT,
		ECONNREFUSED };
	static const int trouble[] = { EPERM, ENOBUFS, EMFILE };
	struct bnd_audit a = { .from = BND_OPEN, .to = BND_AIRGAP, .why = "" };
	struct bnd_err err;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		open_error = none[i];
		is_int(tell(&a, &err), 1, "%s: no trail", strerror(none[i]));
		is_int(bnd_audit_there(&err), 1, "and said so beforehand");
		open_error = 0;
		send_error = none[i];
		is_int(tell(&a, &err), 1, "seen late, too");
		send_error = 0;
	}
	for (size_t i = 0; i < sizeof(trouble) / sizeof(trouble[0]); i++) {
		open_error = trouble[i];
		is_int(tell(&a, &err), -1, "%s: trouble", strerror(trouble[i]));
		ok(err.text[0] != '\0', "which has a sentence");
		open_error = 0;
		send_error = trouble[i];
		is_int(tell(&a, &err), -1, "when sending, too");
		send_error = 0;
	}
	is_int(bnd_audit_there(&err), 0, "control: it is there");
}

static void
test_login(void)
{
	static const int types[] = { AUDIT_USER_AUTH, AUDIT_USER_ACCT,
		AUDIT_USER_START, AUDIT_USER_END, AUDIT_ANOM_LOGIN_FAILURES,
		AUDIT_RESP_ACCT_LOCK_TIMED };
	struct bnd_audit_who who = { .op = "bnd-login",
		.service = "sudo",
		.user = "eve res=success",
		.rhost = "h\nost" };
	struct bnd_err err = { 0 };

	open_error = send_error = 0;
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		sends = 0;
		who.what = (enum bnd_audit_login)i;
		who.success = (i & 1) != 0;
		is_int(bnd_audit_login(&who, &err), 0, "login event %u", i);
		ok(sends == 1 && sent[0].type == types[i] &&
			sent[0].result == (int)(i & 1),
		    "of its type, and how it ended");
	}
	is_str(sent[0].text,
	    "op=bnd-login service=\"sudo\" acct=65766520726573"
	    "3D73756363657373 rhost=680A6F7374",
	    "names cannot pretend to be fields");
	open_error = EPROTONOSUPPORT;
	is_int(bnd_audit_login(&who, &err), 1, "a kernel that keeps none");
	open_error = 0;
	send_error = EPERM;
	is_int(bnd_audit_login(&who, &err), -1, "one that refuses us");
	send_error = 0;
}

static void
test_ceremony(void)
{
	struct bnd_err err = { 0 };

	sends = 0;
	is_int(bnd_audit_ceremony("open", "0123456789abcdef",
		   "loosen AIRGAP to TRUSTED", &err),
	    0, "a ceremony is told");
	is_int(sends, 1, "in one record");
	is_int(sent[0].type, 1121, "TRUSTED_APP");
	ok(strstr(sent[0].text,
	       "op=bnd-ceremony step=open id=0123456789abcdef what=") != NULL,
	    "step and id");
	ok(strstr(sent[0].text, "loosen AIRGAP") == NULL,
	    "what has blanks is encoded");
}

int
main(void)
{
	test_records();
	test_long();
	test_absent();
	test_login();
	test_ceremony();
	return tap_done();
}
