/* stack.h: a private PAM stack with the built module and a helper of choice */
/* SPDX-License-Identifier: ISC */
#ifndef PAM_STACK_H
#define PAM_STACK_H

#include <fcntl.h>
#include <limits.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define HELPER_DIR "usr/libexec/bnd"
#define HELPER	   HELPER_DIR "/pam-helper"
#define MESSAGES   64

static char stack_dir[64];
static char stack_build[PATH_MAX];

/* What the conversation answers, and what it was asked. */
static struct {
	const char *answer[MESSAGES]; /* to the questions, in turn */
	unsigned answers;
	int fail_at;   /* this call fails, -1: none */
	int fail_as;   /* with this code */
	bool no_array; /* success, and no response at all */
	/* seen */
	unsigned calls, asked;
	int style[MESSAGES];
	char text[MESSAGES][PAM_MAX_MSG_SIZE + 1];
	int most;	/* messages in one call */
	unsigned stdio; /* which of 0 to 2 were open, as bits */
} talk;

__attribute__((unused)) static void
talk_clear(void)
{
	memset(&talk, 0, sizeof(talk));
	talk.fail_at = -1;
}

static int
converse(
    int n, const struct pam_message **m, struct pam_response **out, void *data)
{
	struct pam_response *r;
	unsigned i = talk.calls++;

	(void)data;
	for (int fd = 0; fd < 3; fd++)
		talk.stdio |= (unsigned)(fcntl(fd, F_GETFD) != -1) << fd;
	if (n > talk.most)
		talk.most = n;
	if (i < MESSAGES) {
		talk.style[i] = m[0]->msg_style;
		snprintf(talk.text[i], sizeof(talk.text[i]), "%s", m[0]->msg);
	}
	if ((int)i == talk.fail_at)
		return talk.fail_as;
	if (talk.no_array)
		return PAM_SUCCESS;
	r = calloc((size_t)n, sizeof(*r));
	if (r == NULL)
		return PAM_BUF_ERR;
	if (m[0]->msg_style == PAM_PROMPT_ECHO_ON ||
	    m[0]->msg_style == PAM_PROMPT_ECHO_OFF) {
		const char *a =
		    talk.asked < talk.answers ? talk.answer[talk.asked] : NULL;

		talk.asked++;
		r[0].resp = a != NULL ? strdup(a) : NULL;
	}
	*out = r;
	return PAM_SUCCESS;
}

static const struct pam_conv stack_conv = { converse, NULL };

/* NAME below the stack's root, with the text as it is. */
__attribute__((format(printf, 2, 3), unused)) static void
put(const char *name, const char *fmt, ...)
{
	char path[512];
	va_list ap;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", stack_dir, name);
	f = fopen(path, "we");
	if (f == NULL)
		bail("cannot write below the scratch directory");
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fclose(f);
}

/* What NAME holds, "" if it is not there. */
__attribute__((unused)) static const char *
get(const char *name)
{
	static char text[65536];
	char path[512];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", stack_dir, name);
	f = fopen(path, "re");
	if (f != NULL) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return text;
}

__attribute__((unused)) static void
forget(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", stack_dir, name);
	unlink(path);
}

static void
stack_remove(void)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", stack_dir);
	if (stack_dir[0] != '\0' && system(cmd) != 0)
		diag("cannot remove %s", stack_dir);
}

/* FROM of the build becomes the helper of the stack. */
__attribute__((unused)) static void
stack_helper(const char *from)
{
	char cmd[PATH_MAX + 512];

	snprintf(cmd, sizeof(cmd), "install -m 0755 '%s/%s' '%s/%s'",
	    stack_build, from, stack_dir, HELPER);
	if (system(cmd) != 0)
		bail("cannot install the helper");
}

/* A directory with /etc/pam.d, and a helper from the build. */
__attribute__((unused)) static void
stack_up(const char *helper)
{
	const char *build = getenv("BND_BUILD");
	char cmd[256];

	umask(022);
	if (realpath(build != NULL ? build : "build/release", stack_build) ==
	    NULL)
		bail("nothing is built");
	snprintf(stack_dir, sizeof(stack_dir), "/tmp/bnd-test.XXXXXX");
	if (mkdtemp(stack_dir) == NULL || chmod(stack_dir, 0755) != 0)
		bail("no scratch directory");
	atexit(stack_remove);
	snprintf(cmd, sizeof(cmd), "mkdir -p '%s/etc/pam.d' '%s/%s'", stack_dir,
	    stack_dir, HELPER_DIR);
	if (system(cmd) != 0)
		bail("cannot make the scratch directory");
	stack_helper(helper);
}

/* The service "bnd": the four lines, with these arguments to the module. */
__attribute__((unused)) static void
stack_service(const char *args)
{
	put("etc/pam.d/bnd",
	    "auth required %s/pam_bnd.so %s root=%s\n"
	    "account required %s/pam_bnd.so %s root=%s\n"
	    "session required %s/pam_bnd.so %s root=%s\n"
	    "password required %s/pam_bnd.so %s root=%s\n",
	    stack_build, args, stack_dir, stack_build, args, stack_dir,
	    stack_build, args, stack_dir, stack_build, args, stack_dir);
}

__attribute__((unused)) static pam_handle_t *
stack_begin(const char *service, const char *user)
{
	static char dir[128];
	pam_handle_t *pamh = NULL;

	snprintf(dir, sizeof(dir), "%s/etc/pam.d", stack_dir);
	if (pam_start_confdir(service, user, &stack_conv, dir, &pamh) !=
	    PAM_SUCCESS)
		bail("pam_start_confdir fails");
	return pamh;
}

enum stack_call {
	AUTH = 0,
	SETCRED,
	ACCOUNT,
	OPEN,
	CLOSE,
	CHAUTHTOK,
	CALLS,
};

__attribute__((unused)) static int
stack_do(pam_handle_t *pamh, enum stack_call call, int flags)
{
	switch (call) {
	case AUTH:
		return pam_authenticate(pamh, flags);
	case SETCRED:
		return pam_setcred(pamh, flags | PAM_ESTABLISH_CRED);
	case ACCOUNT:
		return pam_acct_mgmt(pamh, flags);
	case OPEN:
		return pam_open_session(pamh, flags);
	case CLOSE:
		return pam_close_session(pamh, flags);
	case CHAUTHTOK:
		return pam_chauthtok(pamh, flags);
	case CALLS:
	default:
		return -1;
	}
}

/* One call in a conversation of its own. */
__attribute__((unused)) static int
stack_once(enum stack_call call, int flags)
{
	pam_handle_t *pamh = stack_begin("bnd", "root");
	int rc = stack_do(pamh, call, flags);

	pam_end(pamh, rc);
	return rc;
}

#endif
