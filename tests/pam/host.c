/* host.c: the module leaves the program that loads it as it was */
/* SPDX-License-Identifier: ISC */
#include "pam/stack.h"

#include <dirent.h>
#include <dlfcn.h>
#include <locale.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#define STATE_MAX	65536
#define SA_RESTORER_BIT 0x04000000U /* libc's own, on some machines */

/* Everything of this process that a library could have touched, as text. */
struct state {
	char text[STATE_MAX];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void
add(struct state *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->text + s->len, sizeof(s->text) - s->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(s->text) - s->len)
		bail("the state does not fit");
	s->len += (size_t)n;
}

static void
add_signals(struct state *s)
{
	sigset_t mask, pending;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigpending(&pending);
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction sa = { 0 };

		if (sigaction(sig, NULL, &sa) == 0)
			add(s, "sig %d %p %x %d %d\n", sig,
			    (void *)(uintptr_t)sa.sa_handler,
			    (unsigned)sa.sa_flags & ~SA_RESTORER_BIT,
			    sigismember(&mask, sig),
			    sigismember(&pending, sig));
	}
}

static void
add_fds(struct state *s)
{
	char path[300], link[300];
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	while ((e = readdir(d)) != NULL) {
		ssize_t n;

		if (e->d_name[0] == '.' ||
		    strtol(e->d_name, NULL, 10) == dirfd(d))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%s", e->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		add(s, "fd %s %s %x\n", e->d_name, link,
		    (unsigned)fcntl((int)strtol(e->d_name, NULL, 10), F_GETFD));
	}
	closedir(d);
}

static void
add_limits(struct state *s)
{
	struct itimerval t;
	struct rlimit l;

	for (int i = 0; i < RLIMIT_NLIMITS; i++) {
		if (getrlimit((__rlimit_resource_t)i, &l) == 0)
			add(s, "limit %d %llu %llu\n", i,
			    (unsigned long long)l.rlim_cur,
			    (unsigned long long)l.rlim_max);
	}
	getitimer(ITIMER_REAL, &t);
	add(s, "timer %ld priority %d dumpable %d subreaper\n",
	    (long)(t.it_value.tv_sec != 0), getpriority(PRIO_PROCESS, 0),
	    prctl(PR_GET_DUMPABLE));
}

/* Files that are mapped: which libraries are in here. */
static void
add_maps(struct state *s)
{
	static char seen[STATE_MAX];
	char line[512];
	FILE *f = fopen("/proc/self/maps", "re");

	seen[0] = '\0';
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		const char *p = strchr(line, '/');

		if (p == NULL || strstr(seen, p) != NULL)
			continue;
		strncat(seen, p, sizeof(seen) - strlen(seen) - 1);
	}
	if (f != NULL)
		fclose(f);
	add(s, "%s", seen);
}

static void
add_tasks(struct state *s)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;

	while ((e = readdir(d)) != NULL) {
		char path[300], kids[256] = "";
		FILE *f;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/children",
		    e->d_name);
		f = fopen(path, "re");
		if (f != NULL && fgets(kids, sizeof(kids), f) == NULL)
			kids[0] = '\0';
		if (f != NULL)
			fclose(f);
		add(s, "task %s children %s\n", e->d_name, kids);
	}
	closedir(d);
}

static void
take(struct state *s)
{
	char cwd[512];
	mode_t m = umask(077);

	umask(m);
	s->len = 0;
	add(s, "umask %o cwd %s locale %s\n", m, getcwd(cwd, sizeof(cwd)),
	    setlocale(LC_ALL, NULL));
	add(s, "ids %u %u %u %u session %d group %d\n", getuid(), geteuid(),
	    getgid(), getegid(), getsid(0), getpgrp());
	for (char **v = environ; *v != NULL; v++)
		add(s, "env %s\n", *v);
	add_signals(s);
	add_fds(s);
	add_limits(s);
	add_maps(s);
	add_tasks(s);
}

static void
show_difference(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	diag("before: %.200s", a);
	diag(" after: %.200s", b);
}

/* ---- each entry point, each way out ---- */

static const struct {
	const char *what, *args, *play;
	bool no_helper;
} ways[] = {
	{ "yes", "ceremony deadline=30",
	    "s info a\ns echo b\na\ns verdict ok\nx 0\n", false },
	{ "no", "ceremony deadline=30", "s verdict denied\nx 1\n", false },
	{ "silence", "ceremony deadline=30", "x 0\n", false },
	{ "a killed helper", "ceremony deadline=30", "s info a\nk\n", false },
	{ "a helper that hangs", "ceremony deadline=1", "h\n", false },
	{ "no answer", "ceremony deadline=30", "s echo a\na\ns echo b\na\n",
	    false },
	{ "a bad argument", "ceremony nonsense", "x 0\n", false },
	{ "no helper", "ceremony deadline=30", "x 0\n", true },
};

/* As libpam does, which itself sets errno. */
static int
call_module(unsigned c, pam_handle_t *pamh, const char *args)
{
	static const char *const name[CALLS] = { "pam_sm_authenticate",
		"pam_sm_setcred", "pam_sm_acct_mgmt", "pam_sm_open_session",
		"pam_sm_close_session", "pam_sm_chauthtok" };
	char path[PATH_MAX + 32], word[2][64], root[128];
	const char *argv[3] = { word[0], word[1], root };
	int (*entry)(pam_handle_t *, int, int, const char **);
	void *so;
	int rc;

	snprintf(path, sizeof(path), "%s/pam_bnd.so", stack_build);
	snprintf(root, sizeof(root), "root=%s", stack_dir);
	if (sscanf(args, "%63s %63s", word[0], word[1]) != 2)
		bail("two arguments");
	so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (so == NULL)
		bail("the module cannot be loaded");
	*(void **)&entry = dlsym(so, name[c]);
	if (entry == NULL)
		bail("no entry point");
	errno = 4711;
	rc = entry(pamh, 0, 3, argv);
	return rc;
}

static void
test_ways(void)
{
	static const char *const word[CALLS] = { "authenticate", "setcred",
		"acct_mgmt", "open_session", "close_session", "chauthtok" };
	static struct state before, after;

	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		stack_service(ways[w].args);
		put("play", "%s", ways[w].play);
		if (ways[w].no_helper)
			forget(HELPER);
		for (unsigned c = 0; c < CALLS; c++) {
			pam_handle_t *pamh;
			int rc;

			/* A second each; they differ in nothing there. */
			if (strcmp(ways[w].play, "h\n") == 0 && c > SETCRED)
				break;
			pamh = stack_begin("bnd", "root");
			talk_clear();
			talk.answer[0] = "x";
			talk.answers = 1;
			/* The first loads the module. */
			(void)stack_do(pamh, CHAUTHTOK, 0);
			take(&before);
			rc = stack_do(pamh, (enum stack_call)c, 0);
			take(&after);
			if (!ok(strcmp(before.text, after.text) == 0,
				"pam_%s, %s: %s", word[c], ways[w].what,
				"all as it was"))
				show_difference(before.text, after.text);
			talk.asked = 0;
			rc = call_module(c, pamh, ways[w].args);
			is_int(errno, 4711, "errno too");
			is_int(rc == PAM_SUCCESS, w == 0 && c != CHAUTHTOK,
			    "and it ended as it should");
			ok(strstr(after.text, "libsodium") == NULL,
			    "libsodium did not come along");
			pam_end(pamh, rc);
		}
		if (ways[w].no_helper)
			stack_helper("tests/helper/puppet");
	}
}

/* ---- children of the host's own ---- */

static volatile sig_atomic_t chld;

static void
on_chld(int sig)
{
	(void)sig;
	chld++;
}

static void
test_children(void)
{
	struct sigaction sa = { .sa_handler = on_chld }, was;
	pid_t own;
	int ws = 0;

	stack_service("ceremony deadline=30");
	put("play", "s verdict ok\nx 0\n");
	sigaction(SIGCHLD, &sa, &was);
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "a host that handles SIGCHLD");
	is_int(chld, 0, "hears of no child of ours");
	own = fork();
	if (own == 0)
		_exit(7);
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "while its own child ends");
	is_int(waitpid(own, &ws, 0), own, "which is left to it");
	is_int(WEXITSTATUS(ws), 7, "with its status");
	ok(chld >= 1, "and announced");
	ok(waitpid(-1, &ws, WNOHANG) == -1 && errno == ECHILD,
	    "no other child is left");

	sa.sa_handler = SIG_IGN;
	sigaction(SIGCHLD, &sa, NULL);
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "a host that ignores SIGCHLD");
	put("play", "s verdict ok\nx 1\n");
	is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "the exit status counts");
	sa.sa_handler = SIG_DFL;
	sa.sa_flags = SA_NOCLDWAIT;
	sigaction(SIGCHLD, &sa, NULL);
	is_int(stack_once(AUTH, 0), PAM_SERVICE_ERR, "with SA_NOCLDWAIT too");
	put("play", "s verdict ok\nx 0\n");
	is_int(stack_once(AUTH, 0), PAM_SUCCESS, "control: yes is yes");
	sigaction(SIGCHLD, &was, NULL);
}

/* A host whose wait() is faster: the status is gone, so there was no yes. */
static int
thief(
    int n, const struct pam_message **m, struct pam_response **out, void *data)
{
	int ws;

	(void)m, (void)data;
	*out = calloc((size_t)n, sizeof(**out));
	if (waitpid(-1, &ws, 0) > 0)
		chld = WIFEXITED(ws) ? WEXITSTATUS(ws) : -1;
	return PAM_SUCCESS;
}

static void
test_stolen(void)
{
	static const struct pam_conv conv = { thief, NULL };
	pam_handle_t *pamh = stack_begin("bnd", "root");

	put("play", "s info x\ns verdict ok\nx 0\n");
	pam_set_item(pamh, PAM_CONV, &conv);
	chld = -1;
	is_int(pam_authenticate(pamh, 0), PAM_SERVICE_ERR,
	    "the exit status was taken by the host");
	is_int(chld, 0, "which would have been a yes");
	pam_end(pamh, 0);
}

/* ---- descriptors 0 to 2 closed ---- */

static int
without_stdio(unsigned closed)
{
	int rc, left = 0;
	pid_t pid = fork();
	int ws = 0;

	if (pid != 0) {
		waitpid(pid, &ws, 0);
		return WIFEXITED(ws) ? WEXITSTATUS(ws) : -1;
	}
	for (int fd = 0; fd < 3; fd++) {
		if ((closed >> fd & 1) != 0)
			close(fd);
	}
	rc = stack_once(AUTH, 0);
	for (int fd = 0; fd < 3; fd++) {
		if ((closed >> fd & 1) != 0 && fcntl(fd, F_GETFD) != -1)
			left++;
	}
	/* What the conversation reads and writes is the host's, or nothing. */
	if (talk.stdio != (~closed & 7))
		left += 10;
	_exit(left > 0 ? 100 + left : rc);
}

static void
test_stdio(void)
{
	put("play", "s echo x\na\nl\ns verdict ok\nx 0\n");
	for (unsigned closed = 1; closed < 8; closed++) {
		talk_clear();
		talk.answer[0] = "y";
		talk.answers = 1;
		forget("seen");
		forget("heard");
		is_int(without_stdio(closed), PAM_SUCCESS,
		    "descriptors closed: %s%s%s", closed & 1 ? "0" : "",
		    closed & 2 ? "1" : "", closed & 4 ? "2" : "");
		is_str(get("heard"), "2:=y\n", "the helper hears");
		ok(strstr(get("seen"), "fd 0\ncwd") != NULL,
		    "and has one descriptor");
	}
	put("play", "s verdict denied\nx 1\n");
	is_int(without_stdio(7), PAM_AUTH_ERR, "control: no is no");
}

/* ---- two at once, and one in another thread's place ---- */

static void
test_reentrant(void)
{
	pam_handle_t *a = stack_begin("bnd", "root");
	pam_handle_t *b = stack_begin("bnd", "root");

	put("play", "s verdict ok\nx 0\n");
	is_int(pam_authenticate(a, 0), PAM_SUCCESS, "one handle");
	put("play", "s verdict denied\nx 1\n");
	is_int(pam_authenticate(b, 0), PAM_AUTH_ERR, "another one");
	is_int(pam_acct_mgmt(a, 0), PAM_PERM_DENIED, "nothing is remembered");
	pam_end(a, 0);
	pam_end(b, 0);
}

int
main(void)
{
	stack_up("tests/helper/puppet");
	setlocale(LC_ALL, "C.UTF-8");
	signal(SIGPIPE, SIG_DFL);
	alarm(200);
	test_ways();
	test_children();
	test_stolen();
	test_stdio();
	test_reentrant();
	return tap_done();
}
