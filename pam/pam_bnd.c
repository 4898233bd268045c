/* pam_bnd.c: a relay between a PAM application and bnd's helper */
/* SPDX-License-Identifier: ISC */
/*
 * MUSTs of this file:
 *
 *  1. Success is what the helper said in words and by its exit status both;
 *     whatever else happens is a failure.  PAM_IGNORE does not occur.
 *  2. Only a helper that its owner alone could have written is run, through
 *     the descriptor that was checked, with nothing of the host's but its ids,
 *     limits and terminal.
 *  3. The host is left as it was: signals, mask, descriptors, environment,
 *     locale, umask, directory, limits, children, errno.
 *  4. What people typed is wiped before its memory is given back.
 */
#include <errno.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pamarg.h"
#include "relay-run.h"
#include "root.h"
#include "scope.h"

#define EXPORT	 __attribute__((visibility("default")))
#define HELPER	 BND_LIBEXEC "/pam-helper"
#define ITEMS	 5
#define ITEM_MAX 288
#define ARGS_MAX 16 /* of the module: BND_TIGHTEN_MAX and the single ones */

/* What the host asked for, and the code for "no" there. */
struct phase {
	const char *word;
	int denied;
};

/* As syslog(3) would, which leaves a descriptor and its ident behind. */
static void
complain(const struct bnd_err *err)
{
	static const struct sockaddr_un log = { AF_UNIX, "/dev/log" };
	SCOPED_FD int fd =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char shown[320], line[400];
	int n;

	bnd_text_show((struct bnd_str){ err->text, strlen(err->text) }, shown,
	    sizeof(shown));
	/* 83: authpriv.err */
	n = snprintf(
	    line, sizeof(line), "<83>pam_bnd[%d]: %s", (int)getpid(), shown);
	if (fd >= 0 && n > 0)
		(void)sendto(fd, line, (size_t)n, MSG_NOSIGNAL,
		    (const struct sockaddr *)&log, sizeof(log));
}

/* "user=alice", or "user" where the host has set none. */
static int
items(pam_handle_t *pamh, char text[ITEMS][ITEM_MAX], const char **argv,
    struct bnd_err *err)
{
	static const struct {
		int item;
		const char *word;
	} wanted[ITEMS] = { { PAM_SERVICE, "service" }, { PAM_USER, "user" },
		{ PAM_RUSER, "ruser" }, { PAM_RHOST, "rhost" },
		{ PAM_TTY, "tty" } };

	for (size_t i = 0; i < ITEMS; i++) {
		const void *p = NULL;
		const char *v;
		int n;

		if (pam_get_item(pamh, wanted[i].item, &p) != PAM_SUCCESS)
			return bnd_fail(
			    err, BND_E_SYS, "no PAM item %s", wanted[i].word);
		v = p;
		n = snprintf(text[i], ITEM_MAX, "%s%s%s", wanted[i].word,
		    v != NULL ? "=" : "", v != NULL ? v : "");
		if (n < 0 || n >= ITEM_MAX)
			return bnd_fail(err, BND_E_INPUT,
			    "PAM item %s is too long", wanted[i].word);
		argv[i] = text[i];
	}
	return 0;
}

static int
start(pam_handle_t *pamh, const struct phase *phase, int argc,
    const char **argv, struct relay *r, struct bnd_err *err)
{
	const char *args[2 + ITEMS + ARGS_MAX + 1] = { HELPER, phase->word };
	struct bnd_root SCOPED_ROOT root = { .fd = -1 };
	char text[ITEMS][ITEM_MAX];
	struct bnd_pamarg a;
	const void *conv = NULL;
	SCOPED_FD int fd = -1;

	if (bnd_pamarg_parse(argv, (size_t)argc, &a, err) != 0 ||
	    items(pamh, text, args + 2, err) != 0)
		return -1;
	if (argc > ARGS_MAX)
		return bnd_fail(err, BND_E_INPUT, "too many arguments");
	for (int i = 0; i < argc; i++)
		args[2 + ITEMS + i] = argv[i];
	if (bnd_root_open(&root, a.root, err) != 0)
		return -1;
	fd = bnd_root_open_trusted(&root, HELPER, 06022, err);
	if (fd < 0)
		return -1;
	if (pam_get_item(pamh, PAM_CONV, &conv) == PAM_SUCCESS)
		r->conv = conv;
	return relay_start(r, fd, args, a.deadline_s, err);
}

static int
serve(pam_handle_t *pamh, int flags, int argc, const char **argv,
    const struct phase *phase)
{
	struct relay r = RELAY_NONE;
	enum bnd_ruling ruling = BND_RULING_TROUBLE;
	struct bnd_err err = { .text = "the helper is in trouble" };
	int saved = errno;

	r.silent = (flags & PAM_SILENT) != 0;
	if (start(pamh, phase, argc, argv, &r, &err) == 0)
		ruling = relay_converse(&r);
	relay_end(&r);
	if (ruling == BND_RULING_TROUBLE)
		complain(&err);
	errno = saved;
	switch (ruling) {
	case BND_RULING_OK:
		return PAM_SUCCESS;
	case BND_RULING_DENIED:
		return phase->denied;
	case BND_RULING_MAXTRIES:
		return PAM_MAXTRIES;
	case BND_RULING_UNAVAILABLE:
		return PAM_AUTHINFO_UNAVAIL;
	case BND_RULING_TROUBLE:
	default:
		return PAM_SERVICE_ERR;
	}
}

EXPORT int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	static const struct phase phase = { "auth", PAM_AUTH_ERR };

	return serve(pamh, flags, argc, argv, &phase);
}

EXPORT int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	static const struct phase phase = { "setcred", PAM_CRED_ERR };

	return serve(pamh, flags, argc, argv, &phase);
}

EXPORT int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	static const struct phase phase = { "account", PAM_PERM_DENIED };

	return serve(pamh, flags, argc, argv, &phase);
}

EXPORT int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	static const struct phase phase = { "open", PAM_SESSION_ERR };

	return serve(pamh, flags, argc, argv, &phase);
}

EXPORT int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	static const struct phase phase = { "close", PAM_SESSION_ERR };

	return serve(pamh, flags, argc, argv, &phase);
}

/* Nobody's password is bnd's to change. */
EXPORT int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_AUTHTOK_ERR;
}
