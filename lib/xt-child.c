/* xt-child.c: the legacy tables, worked on by one child that cannot stay */
/* SPDX-License-Identifier: ISC */
/*
 * The libraries are made for a program that does one thing and ends: they keep
 * global state, read the environment, dlopen what it names, print, and leave by
 * _exit() when the user ids differ.  So a child does all of it, forked and never
 * exec'd:
 *
 *	1 real, effective and saved id 0; no environment
 *	2 no descriptor but the pipe for the answer, and memory as 0 to 2
 *	3 it dies with its parent, which is the one to ask again
 *	4 both families are built before either is touched
 *	5 a table that is to get chains before one that is to lose them
 *	6 everything read back, and one write of one size
 *
 * The parent waits BND_XT_DEADLINE_MS and then ends it.  Each table is swapped
 * by one setsockopt, so it may die anywhere.
 */
#include "xt-child.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <net/if.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "scope.h"

#define ANSWER_FD   3
#define RETRIES_MAX 8
#define REAP_MS	    100

static const struct bnd_iptc *const engines[BND_XT_FAMILIES] = { &bnd_iptc4,
	&bnd_iptc6 };

/* ---- what there is ---------------------------------------------------------- */

/* For no entries of a table: the only question that looks for no module. */
static int
ask(unsigned family, const char *table)
{
	bool v4 = family == 4;
	SCOPED_FD int fd =
	    socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ipt_get_entries none = { .size = 0 };
	socklen_t len = sizeof(none);

	(void)snprintf(none.name, sizeof(none.name), "%s", table);
	if (fd == -1)
		return -1;
	return getsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6,
	    IPT_SO_GET_ENTRIES, &none, &len);
}

enum bnd_xt_state
bnd_xt_there(unsigned family)
{
	if (ask(family, "") == 0 || errno == ENOENT)
		return BND_XT_UNSEEN;
	return errno == EAFNOSUPPORT ? BND_XT_NO_IP : BND_XT_NONE;
}

/* A table is made when somebody first asks for it; this only reads. */
static bool
is_made(const struct bnd_iptc *t, enum bnd_xt_table table)
{
	SCOPED_FILE FILE *f =
	    fopen(t->family == 4 ? "/proc/thread-self/net/ip_tables_names"
				 : "/proc/thread-self/net/ip6_tables_names",
		"re");
	char line[XT_TABLE_MAXNAMELEN + 2];

	if (f == NULL)
		return true;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, bnd_xt_table_name(table)) == 0)
			return true;
	}
	return false;
}

/* Not even one that would be made now.  Looks for no module. */
static bool
has_table(const struct bnd_iptc *t, enum bnd_xt_table table)
{
	return ask(t->family, bnd_xt_table_name(table)) == -1 &&
	    errno != ENOENT;
}

/* ---- the work -------------------------------------------------------------------- */

struct work {
	const struct bnd_xt_order *order;
	struct bnd_xt_set set[BND_XT_FAMILIES];
	struct bnd_xt_result *out;
};

/* The first one is told. */
static void
say(struct work *w, size_t f, enum bnd_xt_state state,
    const struct bnd_err *why)
{
	w->out->state[f] = state;
	if (w->out->err.kind == BND_E_NONE)
		w->out->err = *why;
}

/* True if there is anything to do for that family. */
static bool
is_open(const struct work *w, size_t f)
{
	return w->out->state[f] == BND_XT_UNSEEN ||
	    (w->out->state[f] == BND_XT_UNABLE && w->order->spare);
}

/* False if nothing may be changed. */
static bool
build(struct work *w)
{
	struct bnd_err why = { 0 };
	bool good = true;

	for (size_t f = 0; f < BND_XT_FAMILIES; f++) {
		if (w->out->state[f] != BND_XT_UNSEEN ||
		    bnd_xt_set_make(engines[f], w->order->in, w->order->alone,
			&w->set[f], &why) == 0)
			continue;
		bnd_xt_set_free(&w->set[f]);
		if (why.kind == BND_E_DENIED) {
			say(w, f, BND_XT_UNABLE, &why);
			good &= w->order->spare;
		} else {
			say(w, f, BND_XT_FAILED, &why);
			good = false;
		}
	}
	return good;
}

/* Half a seal of two families is none: both do without, or neither. */
static void
level(struct work *w)
{
	const struct bnd_err none = { 0 };
	bool unable = false;

	for (size_t f = 0; f < BND_XT_FAMILIES; f++)
		unable |= w->out->state[f] == BND_XT_UNABLE;
	for (size_t f = 0; unable && f < BND_XT_FAMILIES; f++)
		if (w->out->state[f] == BND_XT_UNSEEN) {
			bnd_xt_set_free(&w->set[f]);
			say(w, f, BND_XT_UNABLE, &none);
		}
}

static void
do_without(struct work *w, size_t f)
{
	bnd_xt_set_free(&w->set[f]);
	w->out->state[f] = BND_XT_UNABLE;
	level(w);
}

static void
put(struct work *w, size_t f, enum bnd_xt_table table)
{
	struct bnd_err why = { 0 };
	int i;

	for (i = 0; i < RETRIES_MAX; i++) {
		if (bnd_xt_table_put(engines[f], table, &w->set[f], &why) == 0)
			return;
		if (why.errnum != EAGAIN)
			break;
	}
	say(w, f, BND_XT_FAILED, &why);
	/* Asked for it, the kernel found no such table, nor a module. */
	if (!has_table(engines[f], table))
		do_without(w, f);
}

static void
put_all(struct work *w)
{
	for (int wanted = 1; wanted >= 0; wanted--)
		for (size_t f = 0; f < BND_XT_FAMILIES; f++)
			for (int t = 0; t < BND_XT_TABLES; t++)
				if (is_open(w, f) &&
				    bnd_xt_set_has(&w->set[f],
					(enum bnd_xt_table)t) == wanted &&
				    (wanted ||
					is_made(
					    engines[f], (enum bnd_xt_table)t)))
					put(w, f, (enum bnd_xt_table)t);
}

static void
look(struct work *w, size_t f)
{
	unsigned before = w->out->diffs.n;
	struct bnd_err why = { 0 };

	for (int i = 0; i < BND_XT_TABLES; i++) {
		enum bnd_xt_table t = (enum bnd_xt_table)i;

		if (!is_made(engines[f], t) && bnd_xt_set_has(&w->set[f], t) &&
		    !has_table(engines[f], t))
			do_without(w, f);
		else if (!is_made(engines[f], t))
			bnd_xt_table_absent(
			    engines[f], t, &w->set[f], &w->out->diffs);
		else if (bnd_xt_table_compare(engines[f], t, &w->set[f],
			     &w->out->diffs, &why) == -1)
			say(w, f, BND_XT_FAILED, &why);
	}
	if (w->out->state[f] == BND_XT_FAILED)
		return;
	if (w->out->diffs.n > before)
		w->out->state[f] = BND_XT_DIFFERS;
	else if (w->out->state[f] == BND_XT_UNSEEN)
		w->out->state[f] = BND_XT_HOLDS;
}

static void
do_work(const struct bnd_xt_order *order, struct bnd_xt_result *out)
{
	struct work w = { .order = order, .out = out };
	bool good;

	for (size_t f = 0; f < BND_XT_FAMILIES; f++)
		out->state[f] = bnd_xt_there(engines[f]->family);
	good = build(&w);
	level(&w);
	if (good && order->work == BND_XT_PUT)
		put_all(&w);
	for (size_t f = 0; f < BND_XT_FAMILIES; f++)
		if (is_open(&w, f))
			look(&w, f);
}

/* ---- the child --------------------------------------------------------------------- */

/* Descriptors 0 to 2 are memory: what the libraries print is read from 1. */
static int
own_descriptors(int answer, struct bnd_err *err)
{
	/* Both above what is overwritten; the first copy goes with the rest. */
	int fd = fcntl(memfd_create("xtables", 0), F_DUPFD, ANSWER_FD + 1);

	if (fd == -1 || answer == -1)
		return bnd_fail_errno(err, "memory for what is printed");
	for (int i = 0; i < ANSWER_FD; i++)
		if (dup2(fd, i) != i)
			return bnd_fail_errno(err, "descriptor %d", i);
	if (dup2(answer, ANSWER_FD) != ANSWER_FD ||
	    syscall(SYS_close_range, ANSWER_FD + 1U, UINT_MAX, 0U) == -1)
		return bnd_fail_errno(err, "cannot close what was inherited");
	return 0;
}

static int
become_plain(pid_t parent, struct bnd_err *err)
{
	const struct rlimit no = { 0, 0 };
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setrlimit(RLIMIT_CORE, &no);
	if (setresgid(0, 0, 0) == -1 || setresuid(0, 0, 0) == -1)
		return bnd_fail_errno(err, "cannot be root alone");
	/* After the ids, which forget it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		return bnd_fail(err, BND_E_SYS, "the parent is gone");
	if (clearenv() != 0)
		return bnd_fail(err, BND_E_SYS, "the environment stays");
	return 0;
}

static _Noreturn void
child(const struct bnd_xt_order *order, int answer, pid_t parent)
{
	static struct bnd_xt_result out;

	if (become_plain(parent, &out.err) == 0 &&
	    own_descriptors(answer, &out.err) == 0)
		do_work(order, &out);
	else
		out.state[0] = out.state[1] = BND_XT_FAILED;
	_exit(write(ANSWER_FD, &out, sizeof(out)) == sizeof(out) ? 0 : 1);
}

/* ---- the parent ---------------------------------------------------------------------- */

_Static_assert(sizeof(struct bnd_xt_result) <= PIPE_BUF, "one write");

static int
take_answer(int fd, struct bnd_xt_result *out, struct bnd_err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t end = bnd_clock_ms() + BND_XT_DEADLINE_MS;
	ssize_t n;
	int ready;

	do {
		uint64_t now = bnd_clock_ms();

		ready = poll(&p, 1, now < end ? (int)(end - now) : 0);
	} while (ready == -1 && errno == EINTR);
	if (ready == 0) {
		(void)bnd_fail(err, BND_E_ENFORCER,
		    "the legacy tables: no answer in %d s",
		    BND_XT_DEADLINE_MS / 1000);
		err->errnum = ETIMEDOUT;
		return -1;
	}
	n = read(fd, out, sizeof(*out));
	if (n != (ssize_t)sizeof(*out))
		return bnd_fail(err, BND_E_ENFORCER,
		    "the legacy tables: whoever works on them died");
	return 0;
}

/* One that hangs in the kernel is left to whoever inherits it. */
static void
reap(pid_t pid, bool done)
{
	SCOPED_FD int fd = (int)syscall(SYS_pidfd_open, pid, 0U);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (!done)
		(void)kill(pid, SIGKILL);
	(void)poll(&p, fd != -1, REAP_MS);
	(void)kill(pid, SIGKILL);
	while (
	    waitpid(pid, NULL, fd != -1 ? WNOHANG : 0) == -1 && errno == EINTR)
		;
}

int
bnd_xt_run(const struct bnd_xt_order *order, struct bnd_xt_result *out,
    struct bnd_err *err)
{
	int pipe_fd[2] = { -1, -1 };
	pid_t self = getpid(), pid;
	int r = -1;

	*out = (struct bnd_xt_result){ 0 };
	if (pipe2(pipe_fd, O_CLOEXEC) == -1)
		return bnd_fail_errno(err, "a pipe for the legacy tables");
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(order, fcntl(pipe_fd[1], F_DUPFD, ANSWER_FD + 1), self);
	(void)close(pipe_fd[1]);
	if (pid == -1) {
		r = bnd_fail_errno(err, "a child for the legacy tables");
	} else {
		r = take_answer(pipe_fd[0], out, err);
		reap(pid, r == 0);
	}
	(void)close(pipe_fd[0]);
	return r;
}
