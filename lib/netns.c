/* netns.c: other network namespaces that hold a real link, sealed like the host */
/* SPDX-License-Identifier: ISC */
/*
 * The child works, the parent watches: setns() changes the whole process, and
 * what is entered may be made to hang.  Both share one page-aligned report; the
 * child counts its steps there and says what it is busy with.  No step for
 * STEP_MS: it is killed, and another child leaves that namespace out.
 *
 * The report is whole at every instant: texts are NUL-terminated from the
 * start, and codes are literals, which a forked child has at the same address.
 */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "netns-find.h"
#include "netns-keep.h"
#include "netns-visit.h"
#include "scope.h"

#define PASSES_MAX 5
#define STEP_MS	   1500 /* for one namespace */
#define SWEEP_MS   4000 /* for all of them, and all sweeps of a run */
#define FAR_MS	   800	/* of it for files that others serve */
#define SKIPS_MAX  4
#define POLL_MS	   100
#define FILES_MAX  (2 * BND_NETNS_MAX + 1024)

struct report {
	volatile unsigned step;
	volatile uint64_t inode; /* it is in there, 0 for none */
	char at[BND_NETNS_NAME];
	bool finished;
	struct bnd_netns_sum sum;
	struct bnd_notes notes;	  /* of this pass: what is wrong */
	struct bnd_notes lasting; /* of all: what was not as it was */
	struct bnd_notes here;	  /* of this visit */
};

struct sweep {
	struct bnd_job *job;
	bool fix;
	struct report *report;
	uint64_t skip[SKIPS_MAX];
	size_t skips;
	unsigned far_ms; /* left of FAR_MS */
};

static void
append(struct bnd_notes *to, const struct bnd_notes *from)
{
	for (size_t i = 0; i < from->n; i++)
		bnd_note(to, from->note[i].code, "%s", from->note[i].text);
	to->lost += from->lost;
}

/* ---- in the child ---- */

static void
raise_limit(void)
{
	struct rlimit files = { FILES_MAX, FILES_MAX };
	struct rlimit old;

	if (setrlimit(RLIMIT_NOFILE, &files) == 0 ||
	    getrlimit(RLIMIT_NOFILE, &old) == -1)
		return;
	old.rlim_cur = old.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &old);
}

static void
visit_one(struct sweep *s, const struct bnd_netns_order *o,
    const struct bnd_netns_one *ns, uint64_t *cookie)
{
	struct report *rep = s->report;
	struct bnd_netns_visit v = { 0 };
	struct bnd_err why = { 0 };

	(void)snprintf(rep->at, sizeof rep->at, "%s", ns->name);
	rep->inode = ns->inode;
	rep->step++;
	rep->here = (struct bnd_notes){ 0 };
	if (bnd_netns_visit(o, ns, &v, &rep->here, &why) == -1) {
		bnd_note(&rep->here, "namespace", "%s: %s", ns->name, why.text);
		v.good = false;
		rep->sum.good = false;
	}
	append(v.good ? &rep->lasting : &rep->notes, &rep->here);
	rep->inode = 0;
	*cookie = v.cookie;
	rep->sum.held += v.holds;
	/* What could not be mended is no reason for one more pass. */
	rep->sum.changed += v.changed && v.good;
	rep->sum.downed += v.downed;
	rep->sum.raised += v.raised;
	if (v.holds && !v.good)
		rep->sum.good = false;
}

/*
 * What has ended needs no record.  Only who saw everything can tell, and one that
 * is held in a way that cannot be seen may be found again before it matters.
 */
static void
prune(struct sweep *s, const uint64_t *cookie, size_t n)
{
	struct bnd_err why = { 0 };

	if (s->fix && s->skips == 0 && s->job->s->mode < BND_TRUSTED &&
	    s->report->sum.good &&
	    bnd_netns_prune(s->job->root, cookie, n, &why) == -1)
		bnd_note(&s->report->notes, "namespace", "%s", why.text);
}

/* One pass; what the one before it said is said again if it is still so. */
static void
pass(struct sweep *s, int host)
{
	struct report *rep = s->report;
	SCOPED_NETNS_LIST struct bnd_netns_list l = { .host = host,
		.all = s->job->root->real,
		.why = &rep->notes,
		.at = rep->at,
		.skip = s->skip,
		.skips = s->skips,
		.far.left_ms = s->far_ms };
	const struct bnd_netns_order o = {
		.job = s->job, .host = host, .all = &l, .fix = s->fix
	};
	SCOPED_FREE uint64_t *cookie = NULL;
	struct bnd_err why = { 0 };
	int found;

	rep->notes = (struct bnd_notes){ 0 };
	rep->sum.good = true;
	rep->sum.held = rep->sum.changed = 0;
	rep->step++;
	found = bnd_netns_find(&l, &why);
	s->far_ms = l.far.left_ms;
	if (found == -1 || (cookie = calloc(l.n + 1, sizeof *cookie)) == NULL) {
		bnd_note(&rep->notes, "namespace", "%s",
		    why.kind != BND_E_NONE ? why.text : "no memory");
		rep->sum.good = false;
		return;
	}
	rep->sum.seen = (unsigned)l.n;
	rep->sum.good = !l.blind;
	for (size_t i = 0; i < l.n; i++)
		visit_one(s, &o, &l.v[i], &cookie[i]);
	if (setns(host, CLONE_NEWNET) == -1)
		rep->sum.good = false;
	prune(s, cookie, l.n);
}

static void
work(struct sweep *s)
{
	struct report *rep = s->report;
	SCOPED_FD int host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	unsigned changed = 0;

	while (rep->sum.passes < PASSES_MAX) {
		rep->sum.passes++;
		pass(s, host);
		changed += rep->sum.changed;
		if (!s->fix || rep->sum.changed == 0)
			break;
	}
	if (s->fix && rep->sum.changed > 0) {
		bnd_note(&rep->notes, "namespace",
		    "there is always one more to seal");
		rep->sum.good = false;
	}
	rep->sum.changed = changed;
	rep->finished = true;
}

static _Noreturn void
child(struct sweep *s, pid_t watcher, const int done[2])
{
	static const char word = 0;
	struct sigaction dfl = { .sa_handler = SIG_DFL };

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(done[0]);
	/* Who watches may have died before that. */
	if (getppid() != watcher)
		_exit(1);
	raise_limit();
	work(s);
	/* Before the end, which waits for the kernel (nft.h). */
	_exit(write(done[1], &word, 1) == 1 ? 0 : 1);
}

/* ---- in the parent ---- */

/* True once it has finished; false: it ended, or takes too long. */
static bool
watch(const struct report *rep, int done, unsigned *left_ms)
{
	struct pollfd p = { .fd = done, .events = POLLIN };
	unsigned step = rep->step, idle = 0;

	while (*left_ms > 0 && idle < STEP_MS) {
		int n = poll(&p, 1, POLL_MS);

		if (n > 0)
			return rep->finished;
		if (n == -1 && errno != EINTR)
			return false;
		idle = rep->step == step ? idle + POLL_MS : 0;
		step = rep->step;
		*left_ms -= *left_ms < POLL_MS ? *left_ms : POLL_MS;
	}
	return false;
}

static void
end(pid_t pid)
{
	const struct timespec nap = { .tv_nsec = 10000000 };

	/* What cannot be killed now is not waited for. */
	kill(pid, SIGKILL);
	for (int i = 0; i < 50 && waitpid(pid, NULL, WNOHANG) == 0; i++)
		(void)nanosleep(&nap, NULL);
}

/* One child.  0: it finished; 1: it did not, and what it was in is left out. */
static int
run_child(struct sweep *s, unsigned *left_ms, struct bnd_notes *lost,
    struct bnd_err *err)
{
	struct report *rep = s->report;
	int done[2];
	pid_t pid, self;
	bool good;

	memset(rep, 0, sizeof *rep);
	if (pipe2(done, O_CLOEXEC) == -1)
		return bnd_fail_errno(err, "pipe");
	self = getpid();
	pid = fork();
	if (pid == 0)
		child(s, self, done);
	close(done[1]);
	if (pid == -1) {
		close(done[0]);
		return bnd_fail_errno(err, "fork");
	}
	good = watch(rep, done[0], left_ms);
	close(done[0]);
	if (good) {
		rep->sum.sweeper = pid;
		return 0;
	}
	end(pid);
	bnd_note(lost, "namespace", "%s: hangs, or ended who was there",
	    rep->at[0] != '\0' ? rep->at : "the sweep");
	if (rep->inode == 0 || s->skips == SKIPS_MAX || *left_ms == 0)
		return bnd_fail(err, BND_E_ENFORCER,
		    "other network namespaces cannot be looked at");
	s->skip[s->skips++] = rep->inode;
	return 1;
}

/*
 * In another network namespace than process 1 the word "host" has two meanings:
 * nothing is swept, and the caller is told.
 */
static int
check_place(const struct bnd_root *root, struct bnd_err *err)
{
	struct stat self, first;

	if (stat("/proc/self/ns/net", &self) == -1)
		return bnd_fail_errno(err, "cannot stat /proc/self/ns/net");
	if (!root->real || stat("/proc/1/ns/net", &first) == -1 ||
	    first.st_ino == self.st_ino)
		return 0;
	return bnd_fail(err, BND_E_ENFORCER,
	    "this is not the network namespace of process 1");
}

int
bnd_netns_sweep(struct bnd_job *j, bool fix, struct bnd_netns_sum *sum,
    struct bnd_notes *notes, struct bnd_err *err)
{
	struct sweep s = { .job = j, .fix = fix, .far_ms = FAR_MS };
	unsigned left_ms = j->swept_ms < SWEEP_MS ? SWEEP_MS - j->swept_ms : 0;
	int r;

	if (check_place(j->root, err) == -1)
		return -1;
	/* Whoever runs this has a deadline too, and the host comes first. */
	if (left_ms == 0)
		return bnd_fail(err, BND_E_ENFORCER,
		    "other network namespaces take too long");
	s.report = mmap(NULL, sizeof *s.report, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s.report == MAP_FAILED)
		return bnd_fail_errno(err, "report");
	do
		r = run_child(&s, &left_ms, notes, err);
	while (r == 1);
	j->swept_ms = SWEEP_MS - left_ms;
	*sum = s.report->sum;
	append(notes, &s.report->notes);
	append(notes, &s.report->lasting);
	sum->good &= r == 0 && s.skips == 0;
	(void)munmap(s.report, sizeof *s.report);
	return r;
}
