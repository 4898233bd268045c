/* audit.c: the kernel's audit trail; the only file that knows libaudit */
/* SPDX-License-Identifier: ISC */
#include "audit.h"

#include <errno.h>
#include <inttypes.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "scope.h"

#ifndef AUDIT_TRUSTED_APP
#define AUDIT_TRUSTED_APP 1121
#endif

#define MESSAGE_LEN 1024
#define WHY_LEN	    64
#define NAME_LEN    64

/* A kernel built or booted without audit, or a namespace that has none. */
static bool
means_absent(int e)
{
	return e == EINVAL || e == EPROTONOSUPPORT || e == EAFNOSUPPORT ||
	    e == ECONNREFUSED;
}

static int
open_audit(int *fd, struct bnd_err *err)
{
	*fd = audit_open();
	if (*fd >= 0)
		return 0;
	if (means_absent(errno))
		return 1;
	return bnd_fail_errno(err, "cannot reach the kernel's audit");
}

static int
send_one(int fd, int type, const char *text, bool success, struct bnd_err *err)
{
	if (audit_log_user_message(fd, type, text, NULL, NULL, NULL, success) >
	    0)
		return 0;
	if (means_absent(errno))
		return 1;
	return bnd_fail_errno(err, "cannot send an audit record");
}

/* Values are quoted by libaudit's rules: what is not plain becomes hex. */
static void
change_text(const struct bnd_audit *a, char text[static MESSAGE_LEN])
{
	char why[2 * WHY_LEN + 8], plain[WHY_LEN + 1];
	char *encoded;

	(void)snprintf(plain, sizeof(plain), "%s", a->why);
	encoded = audit_encode_nv_string("why", plain, 0);
	(void)snprintf(
	    why, sizeof(why), "%s", encoded != NULL ? encoded : "why=?");
	free(encoded);
	(void)snprintf(text, MESSAGE_LEN, "op=bnd-mode old=%s new=%s %s",
	    bnd_mode_name(a->from), bnd_mode_name(a->to), why);
}

static void
anchor_text(const struct bnd_audit *a, char text[static MESSAGE_LEN])
{
	char link[BND_B64_LEN(BND_HASH_LEN) + 1];

	bnd_text_to_b64(a->mark.link, BND_HASH_LEN, link);
	(void)snprintf(text, MESSAGE_LEN, "op=bnd-log seq=%" PRIu64 " link=%s",
	    a->mark.seq, link);
}

int
bnd_audit_mode(const struct bnd_audit *a, struct bnd_err *err)
{
	char text[MESSAGE_LEN];
	SCOPED_FD int fd = -1;
	int rc = open_audit(&fd, err);

	if (rc != 0)
		return rc;
	change_text(a, text);
	rc = send_one(fd, AUDIT_USYS_CONFIG, text, a->success, err);
	if (rc != 0 || a->mark.spooled)
		return rc;
	anchor_text(a, text);
	return send_one(fd, AUDIT_TRUSTED_APP, text, a->success, err);
}

/*
 * Names are the peer's choice.  The host stands in the text: libaudit would
 * ask a name server for one that it is given as a host.
 */
static bool
add_name(char *text, size_t *len, const char *key, const char *value)
{
	char plain[NAME_LEN + 1];
	char *encoded;
	int n;

	(void)snprintf(plain, sizeof(plain), "%s", value);
	encoded = audit_encode_nv_string(key, plain, 0);
	if (encoded == NULL)
		return false;
	n = snprintf(text + *len, MESSAGE_LEN - *len, " %s", encoded);
	free(encoded);
	if (n < 0 || (size_t)n >= MESSAGE_LEN - *len)
		return false;
	*len += (size_t)n;
	return true;
}

int
bnd_audit_login(const struct bnd_audit_who *who, struct bnd_err *err)
{
	static const int type[] = {
		[BND_AUDIT_AUTH] = AUDIT_USER_AUTH,
		[BND_AUDIT_ACCT] = AUDIT_USER_ACCT,
		[BND_AUDIT_START] = AUDIT_USER_START,
		[BND_AUDIT_END] = AUDIT_USER_END,
		[BND_AUDIT_FAILURES] = AUDIT_ANOM_LOGIN_FAILURES,
		[BND_AUDIT_LOCK] = AUDIT_RESP_ACCT_LOCK_TIMED,
	};
	char text[MESSAGE_LEN];
	SCOPED_FD int fd = -1;
	size_t len = 0;
	int rc = open_audit(&fd, err);

	if (rc != 0)
		return rc;
	len = (size_t)snprintf(text, sizeof(text), "op=%.32s", who->op);
	if (!add_name(text, &len, "service", who->service) ||
	    !add_name(text, &len, "acct", who->user) ||
	    (who->rhost != NULL &&
		!add_name(text, &len, "rhost", who->rhost)) ||
	    (who->tty != NULL && !add_name(text, &len, "term", who->tty)))
		return bnd_fail(err, BND_E_INPUT, "no room in an audit record");
	return send_one(fd, type[who->what], text, who->success, err);
}

int
bnd_audit_ceremony(
    const char *step, const char *id, const char *what, struct bnd_err *err)
{
	char text[MESSAGE_LEN];
	SCOPED_FD int fd = -1;
	size_t len = 0;
	int rc = open_audit(&fd, err);

	if (rc != 0)
		return rc;
	len = (size_t)snprintf(
	    text, sizeof(text), "op=bnd-ceremony step=%.8s id=%.16s", step, id);
	if (!add_name(text, &len, "what", what))
		return bnd_fail(err, BND_E_INPUT, "no room in an audit record");
	return send_one(fd, AUDIT_TRUSTED_APP, text, true, err);
}

int
bnd_audit_there(struct bnd_err *err)
{
	SCOPED_FD int fd = -1;

	return open_audit(&fd, err);
}
