/* relay.c: whatever the helper does, only its explicit yes is one */
/* SPDX-License-Identifier: ISC */
#include "pam/stack.h"

#include <errno.h>
#include <time.h>

/* ---- what the helper says and how it ends ---- */

static const struct {
	const char *what, *play;
	int auth, account;
} plays[] = {
	/* The control: yes in words and by exit status. */
	{ "says ok, exits 0", "s verdict ok\nx 0\n", PAM_SUCCESS, PAM_SUCCESS },
	{ "says denied", "s verdict denied\nx 1\n", PAM_AUTH_ERR,
	    PAM_PERM_DENIED },
	{ "says maxtries", "s verdict maxtries\nx 3\n", PAM_MAXTRIES,
	    PAM_MAXTRIES },
	{ "says unavailable", "s verdict unavailable\nx 4\n",
	    PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL },
	{ "says trouble", "s verdict trouble\nx 2\n", PAM_SERVICE_ERR,
	    PAM_SERVICE_ERR },
#define TROUBLE PAM_SERVICE_ERR, PAM_SERVICE_ERR
	{ "exits 0 without a verdict", "x 0\n", TROUBLE },
	{ "tells something, exits 0", "s info hello\nx 0\n", TROUBLE },
	{ "says ok, exits 1", "s verdict ok\nx 1\n", TROUBLE },
	{ "says ok and is killed", "s verdict ok\nk\n", TROUBLE },
	{ "says ok and hangs", "s verdict ok\nh\n", TROUBLE },
	{ "says denied, exits 0", "s verdict denied\nx 0\n", TROUBLE },
	{ "is killed", "k\n", TROUBLE },
	{ "hangs", "h\n", TROUBLE },
	{ "dies and leaves a child with the relay", "f\nx 0\n", TROUBLE },
	{ "an unknown verdict", "s verdict maybe\nx 0\n", TROUBLE },
	{ "an unknown word", "s success \nx 0\n", TROUBLE },
	{ "a bare verdict", "s verdict\nx 0\n", TROUBLE },
	{ "an empty verdict", "s verdict \nx 0\n", TROUBLE },
	{ "a verdict in capitals", "s verdict OK\nx 0\n", TROUBLE },
	{ "a verdict and a blank", "s verdict ok \nx 0\n", TROUBLE },
	{ "a verdict and a newline", "S verdict ok\nx 0\n", TROUBLE },
	{ "denied, then ok", "s verdict denied\ns verdict ok\nx 0\n", TROUBLE },
	{ "an escape sequence", "s info \x1b[2J\ns verdict ok\nx 0\n",
	    TROUBLE },
	{ "an empty message", "s \ns verdict ok\nx 0\n", TROUBLE },
};

static void
test_plays(void)
{
	for (size_t i = 0; i < sizeof(plays) / sizeof(plays[0]); i++) {
		/* Only who waits for nothing need wait for it long. */
		bool hangs = strstr(plays[i].play, "h\n") != NULL ||
		    strstr(plays[i].play, "f\n") != NULL;

		stack_service(
		    hangs ? "ceremony deadline=1" : "ceremony deadline=30");
		put("play", "%s", plays[i].play);
		talk_clear();
		is_int(stack_once(AUTH, 0), plays[i].auth, "auth: helper %s",
		    plays[i].what);
		is_int(stack_once(ACCOUNT, 0), plays[i].account,
		    "account: helper %s", plays[i].what);
	}
}

/* ---- every entry point, yes and no ---- */

static void
test_phases(void)
{
	static const int no[CALLS] = { [AUTH] = PAM_AUTH_ERR,
		[SETCRED] = PAM_CRED_ERR,
		[ACCOUNT] = PAM_PERM_DENIED,
		[OPEN] = PAM_SESSION_ERR,
		[CLOSE] = PAM_SESSION_ERR,
		[CHAUTHTOK] = PAM_AUTHTOK_ERR };
	static const char *const word[CALLS] = { "auth", "setcred", "account",
		"open", "close", "chauthtok" };

	for (unsigned c = 0; c < CALLS; c++) {
		char want[32];

		put("play", "l\ns verdict ok\nx 0\n");
		forget("seen");
		is_int(stack_once((enum stack_call)c, 0),
		    c == CHAUTHTOK ? PAM_AUTHTOK_ERR : PAM_SUCCESS,
		    "%s: told yes", word[c]);
		snprintf(want, sizeof(want), "arg %s\n", word[c]);
		ok((strstr(get("seen"), want) != NULL) == (c != CHAUTHTOK),
		    "%s is what the helper is asked for", word[c]);
		put("play", "s verdict denied\nx 1\n");
		is_int(stack_once((enum stack_call)c, 0), no[c], "%s: told no",
		    word[c]);
		put("play", "x 0\n");
		ok(stack_once((enum stack_call)c, 0) != PAM_SUCCESS,
		    "%s: told nothing", word[c]);
	}
}

/* ---- the conversation ---- */

static const char text511[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";

static void
test_styles(void)
{
	talk_clear();
	talk.answer[0] = "alice";
	talk.answer[1] = "correct horse";
	talk.answers = 2;
	put("play",
	    "s info one\ns note two\ns error three\ns echo name: \na\n"
	    "s secret word: \na\ns verdict ok\nx 0\n");
	forget("heard");
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "a whole conversation");
	is_int(talk.most, 1, "one message a call");
	is_int(talk.calls, 5, "all of them");
	is_int(talk.style[0], PAM_TEXT_INFO, "info is TEXT_INFO");
	is_int(talk.style[1], PAM_TEXT_INFO, "so is a note");
	is_int(talk.style[2], PAM_ERROR_MSG, "error is ERROR_MSG");
	is_int(talk.style[3], PAM_PROMPT_ECHO_ON, "echo is ECHO_ON");
	is_int(talk.style[4], PAM_PROMPT_ECHO_OFF, "secret is ECHO_OFF");
	is_str(talk.text[0], "one", "its text");
	is_str(talk.text[4], "word: ", "the blank behind a question");
	is_str(get("heard"), "6:=alice\n14:=correct horse\n",
	    "the helper hears what was typed");

	talk.calls = talk.asked = 0;
	is_int(stack_once(AUTH, PAM_SILENT), PAM_SUCCESS, "PAM_SILENT");
	is_int(talk.calls, 2, "silences text, not questions");
}

static void
test_answers(void)
{
	char long512[513], kept[1024];

	memcpy(long512, text511, 511);
	memcpy(long512 + 511, "f", 2);
	put("play", "s echo : \na\ns verdict ok\nx 0\n");
	forget("heard");
	talk_clear();
	talk.answer[0] = "";
	talk.answers = 1;
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "an empty answer is one");
	is_str(get("heard"), "1:=\n", "and arrives as such");
	forget("heard");
	talk_clear();
	talk.answer[0] = text511;
	talk.answers = 1;
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "511 bytes are an answer");
	snprintf(kept, sizeof(kept), "512:=%s\n", text511);
	is_str(get("heard"), kept, "all of them arrive");
	forget("heard");
	talk_clear();
	talk.answer[0] = long512;
	talk.answers = 1;
	is_int(stack_once(AUTH, 0), PAM_AUTHINFO_UNAVAIL, "512 are none");
	ok(strstr(get("heard"), "0123") == NULL, "and none of them arrives");
	talk_clear();
	is_int(stack_once(AUTH, 0), PAM_AUTHINFO_UNAVAIL, "a NULL answer");
	talk.no_array = true;
	is_int(stack_once(AUTH, 0), PAM_AUTHINFO_UNAVAIL,
	    "success without a response, as misc_conv gives at EOF");
}

static void
test_conv_fails(void)
{
	static const int codes[] = { PAM_CONV_ERR, PAM_BUF_ERR, PAM_CONV_AGAIN,
		PAM_ABORT, PAM_IGNORE };

	put("play",
	    "s info one\ns error two\ns echo three\na\ns secret four\na\n"
	    "s verdict ok\nx 0\n");
	for (int at = 0; at < 4; at++) {
		for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
			talk_clear();
			talk.answer[0] = talk.answer[1] = "x";
			talk.answers = 2;
			talk.fail_at = at;
			talk.fail_as = codes[i];
			is_int(stack_once(AUTH, 0), PAM_AUTHINFO_UNAVAIL,
			    "the conversation fails at message %d with %d", at,
			    codes[i]);
		}
	}
	put("play", "s note one\ns verdict ok\nx 0\n");
	talk_clear();
	talk.fail_at = 0;
	talk.fail_as = PAM_CONV_ERR;
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "a note need not be shown");
}

static void
test_no_conv(void)
{
	static const struct pam_conv none = { NULL, NULL };
	pam_handle_t *pamh = stack_begin("bnd", "root");

	put("play", "s echo one\na\ns verdict ok\nx 0\n");
	pam_set_item(pamh, PAM_CONV, &none);
	is_int(pam_authenticate(pamh, 0), PAM_AUTHINFO_UNAVAIL,
	    "no conversation function");
	pam_end(pamh, 0);
}

/* ---- the helper itself ---- */

static void
helper_mode(mode_t mode)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", stack_dir, HELPER);
	if (chmod(path, mode) != 0)
		bail("cannot chmod the helper");
}

static void
test_helper_file(void)
{
	char path[256], other[256];

	put("play", "s verdict ok\nx 0\n");
	snprintf(path, sizeof(path), "%s/%s", stack_dir, HELPER);
	snprintf(other, sizeof(other), "%s/other", stack_dir);
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "control: the helper runs");
	for (mode_t m = 0020; m <= 04000; m = m == 0020 ? 0002
		 : m == 0002				? 02000
							: m * 2) {
		helper_mode(0755 | m);
		is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "mode %04o",
		    0755 | m);
	}
	helper_mode(0644);
	is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "not executable");
	helper_mode(0755);
	if (link(path, other) == 0) {
		is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "a second link");
		unlink(other);
	}
	if (geteuid() == 0) {
		if (chown(path, 65534, 0) != 0)
			bail("cannot chown");
		is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "another's file");
		if (chown(path, 0, 0) != 0)
			bail("cannot chown");
	} else {
		skip_kernel("another's file", "not root");
	}
	helper_mode(0755);
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "control: runs again");
	if (rename(path, other) != 0 || symlink(other, path) != 0)
		bail("cannot make a link");
	is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "a symbolic link");
	unlink(path);
	is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "no helper");
	if (mkfifo(path, 0755) != 0)
		bail("cannot make a FIFO");
	is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "a FIFO, at once");
	unlink(path);
	if (rename(other, path) != 0)
		bail("cannot put the helper back");
	snprintf(other, sizeof(other), "%s/%s", stack_dir, HELPER_DIR);
	if (chmod(other, 0777) != 0)
		bail("cannot chmod");
	is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "in a writable directory");
	if (chmod(other, 0755) != 0)
		bail("cannot chmod");
	put(HELPER, "not a program\n");
	is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "not a program");
	stack_helper("tests/helper/puppet");
}

/* What the helper gets of the host. */
static void
test_clean(void)
{
	pam_handle_t *pamh;
	sigset_t some;
	const char *seen;

	put("play", "l\ns verdict ok\nx 0\n");
	setenv("BND_EVIL", "1", 1);
	setenv("LD_PRELOAD_NOT", "1", 1);
	signal(SIGUSR1, SIG_IGN);
	sigemptyset(&some);
	sigaddset(&some, SIGUSR2);
	sigprocmask(SIG_BLOCK, &some, NULL);
	forget("seen");
	pamh = stack_begin("bnd", "we ird\n");
	pam_set_item(pamh, PAM_RHOST, "");
	pam_set_item(pamh, PAM_TTY, "pts/9");
	is_int(pam_authenticate(pamh, 0), PAM_SUCCESS, "the helper looks");
	pam_end(pamh, 0);
	sigprocmask(SIG_UNBLOCK, &some, NULL);
	seen = get("seen");
	ok(strstr(seen,
	       "arg auth\narg service=bnd\narg user=we ird\n\narg ruser\n"
	       "arg rhost=\narg tty=pts/9\narg ceremony\n") != NULL,
	    "it is told the items, set or not");
	ok(strstr(seen,
	       "env PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
	       "env LC_ALL=C\nfd 0\ncwd /\n") != NULL,
	    "two variables, one descriptor, the root directory");
	ok(strstr(seen, "BND_EVIL") == NULL, "nothing of the host's");
	ok(strstr(seen, "blocked") == NULL, "no signal is blocked");
	ok(strstr(seen, "ignored") == NULL, "none is ignored");
	if (strstr(seen, "fd 0\ncwd") == NULL)
		diag("%s", seen);
	signal(SIGUSR1, SIG_DFL);
}

static void
test_deadline(void)
{
	struct timespec a, b;

	stack_service("ceremony deadline=1");
	put("play", "s info x\nh\n");
	clock_gettime(CLOCK_MONOTONIC, &a);
	is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "a helper that hangs");
	clock_gettime(CLOCK_MONOTONIC, &b);
	ok(b.tv_sec - a.tv_sec <= 5, "is not waited for longer than was said");
}

static void
test_arguments(void)
{
	static const char *const bad[] = { "", "nonsense", "Ceremony",
		"ceremony nullok", "ceremony debug", "ceremony ceremony",
		"ceremony login", "ceremony deadline=0",
		"ceremony deadline=901", "ceremony deadline=x",
		"ceremony deadline=5 deadline=5", "ceremony tighten=AIRGAP",
		"login tighten=", "login tighten=X",
		"login tighten=AIRGAP:", "login tighten=AIRGAP:@",
		"login failmode=open", "login root=relative", "login root=" };

	put("play", "s verdict ok\nx 0\n");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		stack_service(bad[i]);
		is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "argument \"%s\"",
		    bad[i]);
		is_int(
		    stack_once(ACCOUNT, 0), PAM_SERVICE_ERR, "in account too");
	}
	stack_service("login tighten=airgap:@staff tighten=COLDROOM");
	is_int(stack_once(ACCOUNT, 0), PAM_SUCCESS, "control: good ones");
}

int
main(void)
{
	stack_up("tests/helper/puppet");
	test_plays();
	stack_service("ceremony deadline=30");
	test_phases();
	test_styles();
	test_answers();
	test_conv_fails();
	test_no_conv();
	test_helper_file();
	test_clean();
	test_deadline();
	test_arguments();
	return tap_done();
}
