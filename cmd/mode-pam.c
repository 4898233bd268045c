/* mode-pam.c: the PAM conversation of the service mode-set */
/* SPDX-License-Identifier: ISC */
/*
 * The only file that calls libpam.  The user is root, whoever the environment
 * says he is: a ceremony is about the host.  Nothing here decides anything.
 */
#include "mode-pam.h"

#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "cmd.h"
#include "sign.h"
#include "text.h"

#define SERVICE	 "mode-set"
#define USER	 "root"
#define TEXT_MAX 1024

struct talk {
	bool (*stop)(void);
};

static void
tell(const char *text)
{
	char shown[TEXT_MAX];

	bnd_text_show(
	    (struct bnd_str){ text, strlen(text) }, shown, sizeof(shown));
	fprintf(stderr, "%s\n", shown);
}

/* The answer as PAM wants it: its own memory, which the module wipes. */
static int
ask(const char *prompt, bool secret, char **answer)
{
	char *buf;
	struct bnd_err err = { 0 };
	size_t len = 0;
	int rc;

	buf = bnd_secret_new(ASK_SECRET_SIZE, &err);
	if (buf == NULL)
		return -1;
	rc = secret ? ask_secret(prompt, buf, ASK_SECRET_SIZE, &len, &err)
		    : ask_line(prompt, buf, ASK_SECRET_SIZE, &len, &err);
	if (rc == 0)
		*answer = strdup(buf);
	bnd_secret_free(buf, ASK_SECRET_SIZE);
	return rc == 0 && *answer != NULL ? 0 : -1;
}

static int
answer_one(
    const struct talk *t, const struct pam_message *m, struct pam_response *r)
{
	if (m->msg == NULL || t->stop())
		return -1;
	switch (m->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
		return ask(m->msg, true, &r->resp);
	case PAM_PROMPT_ECHO_ON:
		return ask(m->msg, false, &r->resp);
	case PAM_TEXT_INFO:
	case PAM_ERROR_MSG:
		tell(m->msg);
		return 0;
	default:
		return -1;
	}
}

static void
forget(struct pam_response *r, int n)
{
	for (int i = 0; i < n; i++) {
		if (r[i].resp != NULL)
			bnd_wipe(r[i].resp, strlen(r[i].resp));
		free(r[i].resp);
	}
	free(r);
}

/* All questions answered, or none. */
static int
converse(int n, const struct pam_message **msg, struct pam_response **resp,
    void *arg)
{
	struct pam_response *r;

	if (n <= 0 || n > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	r = calloc((size_t)n, sizeof(*r));
	if (r == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++) {
		if (answer_one(arg, msg[i], &r[i]) != 0) {
			forget(r, n);
			return PAM_CONV_ERR;
		}
	}
	*resp = r;
	return PAM_SUCCESS;
}

/* Both, in this order; the first thing that is no success. */
static int
authenticate(pam_handle_t *pamh, const char *tty)
{
	int rc = PAM_SUCCESS;

	if (tty[0] != '\0')
		rc = pam_set_item(pamh, PAM_TTY, tty);
	if (rc == PAM_SUCCESS)
		rc = pam_authenticate(pamh, 0);
	if (rc == PAM_SUCCESS)
		rc = pam_acct_mgmt(pamh, 0);
	return rc;
}

int
mode_pam(const char *tty, bool (*stop)(void), struct bnd_err *err)
{
	struct talk t = { stop };
	const struct pam_conv conv = { converse, &t };
	pam_handle_t *pamh = NULL;
	int rc;

	/* What is typed passes through this process. */
	if (cmd_keep_secrets(err) != 0)
		return -1;
	rc = pam_start(SERVICE, USER, &conv, &pamh);
	if (rc == PAM_SUCCESS)
		rc = authenticate(pamh, tty);
	if (rc != PAM_SUCCESS)
		(void)bnd_fail(err, BND_E_CEREMONY, "the ceremony failed: %s",
		    pam_strerror(pamh, rc));
	if (pamh != NULL)
		(void)pam_end(pamh, rc);
	return rc == PAM_SUCCESS ? 0 : -1;
}
