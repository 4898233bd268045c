/* pamtalk.c: a PAM application whose user is written down */
/* SPDX-License-Identifier: ISC */
/*
 *	pamtalk [-t|-n] [-s] [-f N] [-i ITEM=VALUE]... SERVICE USER CALL... <ANSWERS
 *
 * CALL is auth, setcred, account, open, close or chauthtok.  -t gives it a
 * terminal of its own, -n a session without one, -s is PAM_SILENT.  Says each
 * message and how each call ended.  ANSWERS has a line for each question:
 *
 *	=TEXT		TEXT		phrase	what the question quotes
 *	sig DIR N	approver N's signature over the text that was shown
 *	bytes N		N bytes		null	no answer
 *	fail		PAM_CONV_ERR
 *
 * and before any of them "run COMMAND", done before the answer.  -f N lets
 * message N fail, whatever it is.
 */
#include <fcntl.h>
#include <pty.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sign.h"
#include "text.h"

#define SHOWN_MAX 2048

static char shown[SHOWN_MAX]; /* the challenge, as people saw it */
static int message, fail_at = -1;

static void
remember(const char *text)
{
	if (strcmp(text, "bnd-ceremony/1") == 0)
		shown[0] = '\0';
	else if (shown[0] == '\0' || strstr(shown, "\nnonce ") != NULL)
		return;
	strncat(shown, text, sizeof(shown) - strlen(shown) - 1);
	strncat(shown, "\n", sizeof(shown) - strlen(shown) - 1);
}

static char *
signature(const char *args)
{
	char dir[200], path[256], b64[BND_B64STD_LEN(BND_SIG_LEN) + 1];
	uint8_t seed[BND_SEED_LEN], sig[BND_SIG_LEN];
	FILE *f;
	int n;

	if (sscanf(args, "%199s %d", dir, &n) != 2)
		return NULL;
	snprintf(path, sizeof(path), "%s/approver%d.seed", dir, n);
	f = fopen(path, "re");
	if (f == NULL || fread(seed, 1, sizeof(seed), f) != sizeof(seed))
		return NULL;
	fclose(f);
	bnd_sign(seed, shown, strlen(shown), sig);
	bnd_text_to_b64std(sig, sizeof(sig), b64);
	return strdup(b64);
}

/* What stands between the quotes of a question. */
static char *
quoted(const char *text)
{
	const char *a = strchr(text, '"');
	const char *b = a != NULL ? strrchr(text, '"') : NULL;

	return b != NULL && b > a ? strndup(a + 1, (size_t)(b - a - 1)) : NULL;
}

static char *
zeros(size_t n)
{
	char *s = calloc(n + 1, 1);

	return s != NULL ? memset(s, '0', n) : NULL;
}

static int
reply(const char *text, char **out)
{
	char line[1024];

	*out = NULL;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "run ", 4) == 0) {
			/* A line of the test's own script: a shell is meant. */
			if (system(line + 4) != 0)
				printf("cannot %s\n", line + 4);
			continue;
		}
		if (line[0] == '=')
			*out = strdup(line + 1);
		else if (strcmp(line, "phrase") == 0)
			*out = quoted(text);
		else if (strncmp(line, "sig ", 4) == 0)
			*out = signature(line + 4);
		else if (strncmp(line, "bytes ", 6) == 0)
			*out = zeros((size_t)atoi(line + 6));
		else if (strcmp(line, "fail") == 0)
			return PAM_CONV_ERR;
		return PAM_SUCCESS;
	}
	return PAM_SUCCESS;
}

static int
converse(
    int n, const struct pam_message **m, struct pam_response **out, void *data)
{
	static const char *const style[] = { "?", "SECRET", "ECHO", "ERROR",
		"INFO" };
	struct pam_response *r = calloc((size_t)n, sizeof(*r));
	int kind = m[0]->msg_style, rc = PAM_SUCCESS;

	(void)data;
	printf("%s %s\n", style[kind >= 1 && kind <= 4 ? kind : 0], m[0]->msg);
	fflush(stdout);
	remember(m[0]->msg);
	if (message++ == fail_at)
		rc = PAM_CONV_ERR;
	else if (kind == PAM_PROMPT_ECHO_ON || kind == PAM_PROMPT_ECHO_OFF)
		rc = reply(m[0]->msg, &r[0].resp);
	if (rc == PAM_SUCCESS)
		*out = r;
	else
		free(r);
	return rc;
}

static const struct pam_conv conv = { converse, NULL };

static int
call(pam_handle_t *pamh, const char *word, int flags)
{
	if (strcmp(word, "auth") == 0)
		return pam_authenticate(pamh, flags);
	if (strcmp(word, "setcred") == 0)
		return pam_setcred(pamh, flags | PAM_ESTABLISH_CRED);
	if (strcmp(word, "account") == 0)
		return pam_acct_mgmt(pamh, flags);
	if (strcmp(word, "open") == 0)
		return pam_open_session(pamh, flags);
	if (strcmp(word, "close") == 0)
		return pam_close_session(pamh, flags);
	return pam_chauthtok(pamh, flags);
}

static const char *
name_of(int rc)
{
	static const struct {
		int rc;
		const char *name;
	} names[] = { { PAM_SUCCESS, "SUCCESS" }, { PAM_AUTH_ERR, "AUTH_ERR" },
		{ PAM_PERM_DENIED, "PERM_DENIED" },
		{ PAM_MAXTRIES, "MAXTRIES" }, { PAM_IGNORE, "IGNORE" },
		{ PAM_AUTHINFO_UNAVAIL, "AUTHINFO_UNAVAIL" },
		{ PAM_SERVICE_ERR, "SERVICE_ERR" },
		{ PAM_CRED_ERR, "CRED_ERR" },
		{ PAM_SESSION_ERR, "SESSION_ERR" },
		{ PAM_AUTHTOK_ERR, "AUTHTOK_ERR" },
		{ PAM_MODULE_UNKNOWN, "MODULE_UNKNOWN" },
		{ PAM_SYSTEM_ERR, "SYSTEM_ERR" }, { PAM_ABORT, "ABORT" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].rc == rc)
			return names[i].name;
	}
	return "another code";
}

/* A session of its own; fd 0 to 2 stay what they are. */
static void
new_session(bool tty)
{
	int master, slave;
	pid_t pid = getpid() == getpgrp() ? fork() : 0;
	int ws;

	if (pid != 0)
		_exit(waitpid(pid, &ws, 0) == pid && WIFEXITED(ws)
			? WEXITSTATUS(ws)
			: 3);
	setsid();
	if (tty &&
	    (openpty(&master, &slave, NULL, NULL, NULL) != 0 ||
		ioctl(slave, TIOCSCTTY, 0) != 0)) {
		perror("pamtalk: no terminal");
		exit(3);
	}
}

static void
set_item(pam_handle_t *pamh, const char *arg)
{
	static const struct {
		const char *word;
		int item;
	} items[] = { { "rhost=", PAM_RHOST }, { "ruser=", PAM_RUSER },
		{ "tty=", PAM_TTY } };

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		size_t n = strlen(items[i].word);

		if (strncmp(arg, items[i].word, n) == 0)
			pam_set_item(pamh, items[i].item, arg + n);
	}
}

int
main(int argc, char **argv)
{
	const char *item[8] = { NULL };
	int opt, flags = 0, rc = PAM_SUCCESS, n = 0;
	pam_handle_t *pamh = NULL;

	while ((opt = getopt(argc, argv, "+tnsi:f:")) != -1) {
		if (opt == 't' || opt == 'n')
			new_session(opt == 't');
		else if (opt == 's')
			flags = PAM_SILENT;
		else if (opt == 'f')
			fail_at = atoi(optarg);
		else if (opt == 'i' && n < 8)
			item[n++] = optarg;
		else
			return 2;
	}
	if (argc - optind < 3 || bnd_sign_init(NULL) != 0 ||
	    pam_start(argv[optind], argv[optind + 1], &conv, &pamh) !=
		PAM_SUCCESS)
		return 2;
	for (int i = 0; i < n; i++)
		set_item(pamh, item[i]);
	for (int i = optind + 2; i < argc && rc == PAM_SUCCESS; i++) {
		rc = call(pamh, argv[i], flags);
		printf("%s: %s\n", argv[i], name_of(rc));
		fflush(stdout);
	}
	pam_end(pamh, rc);
	return rc != PAM_SUCCESS;
}
