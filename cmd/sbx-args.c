/* sbx-args.c: what the caller of a run gave, and what of it is let through */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box-find.h"
#include "box-listen.h"
#include "sbx-go.h"
#include "sbx-run.h"
#include "scope.h"
#include "text.h"

/* Anybody else is refused before a file of his is needed. */
static int
take_user(struct sbx *s, struct bnd_err *err)
{
	const char *word = s->args->value[SBX_ID_FOR];

	if (word == NULL || geteuid() != 0)
		return 0;
	if (bnd_box_user_find(s->root, word, &s->user, err) == -1)
		return -1;
	s->job.user = s->r.user = &s->user;
	return 0;
}

static int
take_dirs(struct sbx *s, struct bnd_err *err)
{
	const char *work = s->args->value[SBX_ID_WORK];

	/* A deleted one will do until a name is looked up there. */
	s->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->cwd == -1)
		return bnd_fail_errno(err, "cannot open the present directory");
	if (work == NULL)
		return 0;
	return bnd_find_work(s->job.user, work, &s->work, err);
}

static int
take_lifetime(struct sbx *s, struct bnd_err *err)
{
	const char *word = s->args->value[SBX_ID_DIE_WITH];
	uint64_t fd;

	if (word == NULL)
		return 0;
	if (!bnd_text_u64(
		(struct bnd_str){ word, strlen(word) }, INT32_MAX, &fd))
		return bnd_fail(err, BND_E_INPUT,
		    "--die-with takes a descriptor, not %.60s", word);
	s->watch.alive = (int)fd;
	if (sbx_is_callers(s->watch.alive))
		return 0;
	s->watch.alive = -1;
	return bnd_fail_errno(err, "cannot use descriptor %.60s", word);
}

/*
 * Ignored by the caller (nohup(1), a background job of sh(1)) they stay
 * ignored, as they would without us.
 */
static int
take_signals(struct sbx *s, struct bnd_err *err)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction was;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (sigaction(ends[i], NULL, &was) == 0 &&
		    was.sa_handler != SIG_IGN)
			sigaddset(&set, ends[i]);
	if (sigprocmask(SIG_SETMASK, &set, NULL) != 0)
		return bnd_fail_errno(err, "cannot block signals");
	s->watch.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->watch.signals == -1)
		return bnd_fail_errno(err, "cannot take signals");
	return 0;
}

/* No variable of the caller's, TZ for one, reaches a library's ear. */
static void
set_env_aside(struct sbx *s)
{
	static char *none[1];

	s->environ = environ;
	environ = none;
}

int
sbx_take_args(struct sbx *s, struct bnd_err *err)
{
	(void)snprintf(
	    s->r.argv0, sizeof(s->r.argv0), "%s", s->args->command[0]);
	(void)snprintf(s->r.profile, sizeof(s->r.profile), "%s",
	    s->args->seen[SBX_ID_PROFILE] ? s->args->value[SBX_ID_PROFILE]
					  : "default");
	set_env_aside(s);
	if (take_signals(s, err) == -1 || take_user(s, err) == -1 ||
	    sbx_open_results(s, err) == -1 || take_lifetime(s, err) == -1 ||
	    take_dirs(s, err) == -1)
		return -1;
	if (chdir("/") != 0)
		return bnd_fail_errno(err, "cannot go to /");
	return 0;
}

/* ---- environment ---- */

static bool
has_name(const char *var, const char *name)
{
	size_t len = strlen(name);

	return strncmp(var, name, len) == 0 && var[len] == '=';
}

/* Whether the policy itself says what name is. */
static bool
is_set(const struct bnd_box_names *env, const char *name)
{
	for (size_t i = 0; i < env->n; i++)
		if (has_name(env->at[i], name))
			return true;
	return false;
}

/*
 * By these, programs find the relay.  What it does not do is a request without
 * CONNECT, so http: goes by SOCKS5; the names are for it to know.
 */
#define SOCKS_URL "socks5h://" BND_LISTEN_PLACE
#define HTTP_URL  "http://" BND_LISTEN_PLACE
#define OWN_HOSTS "localhost,127.0.0.1,::1"
static const char *const proxies[] = { "http_proxy=" SOCKS_URL,
	"https_proxy=" HTTP_URL, "HTTPS_PROXY=" HTTP_URL,
	"all_proxy=" SOCKS_URL, "ALL_PROXY=" SOCKS_URL, "no_proxy=" OWN_HOSTS,
	"NO_PROXY=" OWN_HOSTS };
#define PROXIES (sizeof(proxies) / sizeof(proxies[0]))

static bool
is_proxy(const char *name)
{
	for (size_t i = 0; i < PROXIES; i++)
		if (has_name(proxies[i], name))
			return true;
	return false;
}

/* Unless the policy itself says another; the caller's would be no way out. */
static size_t
add_proxies(struct sbx *s, size_t n)
{
	char name[32];

	for (size_t i = 0; i < PROXIES; i++) {
		const struct bnd_str all = { proxies[i], strlen(proxies[i]) };

		if (bnd_str_copy(bnd_str_until(all, '='), name, sizeof(name)) &&
		    !is_set(&s->policy.env, name))
			s->envp[n++] = proxies[i];
	}
	return n;
}

int
sbx_take_env(struct sbx *s, struct bnd_err *err)
{
	const bool relay = bnd_dial_any(&s->policy);
	const struct bnd_box_names *env = &s->policy.env;
	const struct bnd_box_names *pass = &s->policy.pass_env;
	size_t n = 0;

	s->envp = calloc(env->n + pass->n + PROXIES + 1, sizeof(*s->envp));
	if (s->envp == NULL)
		return bnd_fail_errno(err, "cannot make an environment");
	for (size_t i = 0; i < env->n; i++)
		s->envp[n++] = env->at[i];
	for (size_t i = 0; i < pass->n; i++) {
		if (is_set(env, pass->at[i]) ||
		    (relay && is_proxy(pass->at[i])))
			continue;
		for (char **e = s->environ; *e != NULL; e++) {
			if (!has_name(*e, pass->at[i]))
				continue;
			s->envp[n++] = *e;
			break;
		}
	}
	if (relay)
		(void)add_proxies(s, n);
	s->job.envp = s->envp;
	return 0;
}

/* ---- descriptors ---- */

int
sbx_take_fds(struct sbx *s, struct bnd_err *err)
{
	struct stat st;

	for (size_t i = 0; i < s->policy.fds_n; i++) {
		int fd = s->policy.fds[i];

		if (!sbx_is_callers(fd))
			return bnd_fail_errno(err, "fds %d", fd);
		if (fstat(fd, &st) != 0)
			return bnd_fail_errno(err, "fds %d", fd);
		if (sbx_leads_out(&st))
			return bnd_fail(err, BND_E_DENIED,
			    "fds %d: %s is a way out", fd,
			    S_ISDIR(st.st_mode) ? "a directory"
						: "what is no file");
	}
	return 0;
}
