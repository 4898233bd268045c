/* seal.c: the network obeys a mode, shown by reading the kernel back */
/* SPDX-License-Identifier: ISC */
/*
 * Order of an apply.  The stricter rules are in force before a link is
 * touched, and laxer ones before a link comes up, so no instant is more open
 * than the laxer of the two modes:
 *
 *	1 state, list, links, by-passes
 *	2 tightening: conntrack is told of allowed flows; nf_tables: one batch
 *	3 loosening: read it back, stop if it is not so
 *	4 AIRGAP and stricter: real links down; laxer: what we took down up again
 *	5 sockets and conntrack of flows that are refused now
 *	6 read back all of it, links once more
 *
 * A tightening does every step whatever fails.  A loosening stops at the first
 * failure and puts the mode back that it left.
 *
 * The authority is the state.  It is read again in every round of a commit,
 * after the generation and before the links, so that whoever changed the rules
 * since is noticed: what was rendered for an older mode is refused by the
 * kernel.  Only a tightening may go without the generation after ROUNDS_MAX
 * rounds; it reads the state again afterwards.
 *
 * Killed anywhere, nothing is removed: each step is one transaction or can be
 * repeated, and what a down destroys is kept before it.
 */
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_arp.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>

#include "bypass.h"
#include "lock.h"
#include "nft-compare.h"
#include "ruletext.h"
#include "scope.h"
#include "state.h"
#include "updown.h"

#define ROUNDS_MAX	5
#define PASSES_MAX	3
#define LOCK_MS		2000
#define LEAVING_MS	2000
#define USER_NS_INITIAL 4026531837u /* PROC_USER_INIT_INO */

struct job {
	const struct bnd_root *root;
	const struct bnd_seal_order *order;
	struct bnd_seal *s;
	struct bnd_nl nf, rt;
	struct bnd_listfile *list;
	struct bnd_nft_lacks lacks;
	bool probed;	/* the kernel was asked what it lacks */
	bool loosening; /* to less than the state's effective mode */
	bool hook;
	bool primed; /* once a run: it takes time */
};

void
bnd_seal_free(struct bnd_seal *s)
{
	bnd_links_free(&s->links);
	if (s->held.fd > 0)
		bnd_nl_close(&s->held);
}

int
bnd_seal_exit(const struct bnd_seal *s)
{
	/* What nothing has shown to be in force is not. */
	if (s->failed || (!s->sealed && !s->no))
		return bnd_kind_exit(BND_E_ENFORCER);
	if (s->no)
		return bnd_kind_exit(BND_E_DENIED);
	if (s->unusable)
		return bnd_kind_exit(BND_E_CORRUPT);
	if (s->unsafe)
		return bnd_kind_exit(BND_E_UNSAFE);
	if (s->trouble)
		return bnd_kind_exit(BND_E_INPUT);
	if (s->unlogged)
		return bnd_kind_exit(BND_E_UNLOGGED);
	return 0;
}

const char *
bnd_layer_name(enum bnd_layer layer)
{
	static const char *const names[] = { "unused", "used", "absent",
		"failed" };

	return names[layer];
}

static void
fail(struct bnd_seal *s, const struct bnd_err *why)
{
	if (!s->failed && s->worst.kind == BND_E_NONE)
		s->worst = *why;
	s->failed = true;
}

static bool
has_list(enum bnd_mode m)
{
	return m == BND_RESTRICTED || m == BND_TRUSTED;
}

/* ---- authority ---- */

/* Which mode to enforce by this state; false if it is not the order's. */
static bool
authorise(struct job *j, const struct bnd_state *st)
{
	const struct bnd_seal_order *o = j->order;

	j->loosening = false;
	j->s->mode = st->effective;
	if (o->mode == BND_MODE_NONE || o->mode == st->effective)
		return true;
	if (o->mode > st->effective || o->mode < st->txn_to || o->txn == NULL ||
	    st->phase != BND_LEAVING || strcmp(o->txn, st->txn) != 0 ||
	    st->txn_pid != (int)o->parent ||
	    bnd_request_strictest(j->root) > o->mode)
		return false;
	j->loosening = true;
	j->s->mode = o->mode;
	return true;
}

/* The state as it is now; unusable is LOCKDOWN, which is said once. */
static void
consult(struct job *j)
{
	struct bnd_err why = { 0 };
	struct bnd_state st;

	if (bnd_state_load(j->root, &st, &why) == -1) {
		if (!j->s->unusable)
			bnd_note(&j->s->findings, "state", "%s", why.text);
		j->s->unusable = true;
	}
	if (!authorise(j, &st) && !j->s->no) {
		bnd_note(&j->s->findings, "mode", "%s is asked, %s is in force",
		    bnd_mode_name(j->order->mode), bnd_mode_name(st.effective));
		j->s->no = true;
	}
}

static void
pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* A loosening under way ends by itself; whoever only looks waits for that. */
static void
wait_leaving(const struct bnd_root *root)
{
	struct bnd_err none = { 0 };
	struct bnd_state st;
	int waited;

	for (waited = 0; waited < LEAVING_MS; waited += 20) {
		if (bnd_state_load(root, &st, &none) == -1 ||
		    st.phase != BND_LEAVING)
			return;
		pause_ms(20);
	}
}

static ino_t
inode_of(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

int
bnd_seal_may_touch(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_FD int user = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	SCOPED_FD int net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	SCOPED_FD int owner = -1;

	if (root->real) {
		if (geteuid() == 0)
			return 0;
		return bnd_fail(err, BND_E_ROOT, "needs root");
	}
	if (net >= 0)
		owner = ioctl(net, NS_GET_USERNS);
	if (user < 0 || owner < 0 || inode_of(user) == USER_NS_INITIAL ||
	    inode_of(user) != inode_of(owner))
		return bnd_fail(err, BND_E_DENIED,
		    "with -R the kernel is changed only inside a user namespace of one's own");
	return 0;
}

/* ---- the rules ---- */

static struct bnd_rules_in
input(const struct job *j)
{
	return (struct bnd_rules_in){ .mode = j->s->mode,
		.list = &j->list->list,
		.link = j->s->links.id,
		.links = j->s->links.n };
}

/* One round: generation, state, links, batch.  errnum ERESTART: once more. */
static int
commit_round(struct job *j, bool forced, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct bnd_rules_in in;
	uint32_t gen = 0;

	if (bnd_nft_generation(&j->nf, &gen, err) == -1)
		return -1;
	consult(j);
	/* Without its links a seal still stops IP, ARP and bridges. */
	if (bnd_links_read(&j->rt, &j->s->links, &why) == -1 &&
	    (j->loosening || has_list(j->s->mode))) {
		*err = why;
		return -1;
	}
	in = input(j);
	if (!j->primed && !j->loosening && !j->hook)
		bnd_flow_prime(&in, &j->nf);
	j->primed = true;
	return bnd_nft_commit(
	    &j->nf, &in, forced ? NULL : &gen, &j->lacks, err);
}

static int
commit(struct job *j, struct bnd_err *err)
{
	unsigned i;

	for (i = 0; i < ROUNDS_MAX; i++) {
		j->s->rounds++;
		if (commit_round(j, false, err) == 0)
			return 0;
		/* ENOENT: a link went away or was renamed under us. */
		if (err->errnum != ERESTART && err->errnum != ENOENT)
			return -1;
	}
	if (j->loosening || j->hook)
		return -1;
	j->s->forced = true;
	return commit_round(j, true, err);
}

struct wants {
	bool family[BND_FAMILIES];
	bool egress;
};

static int
want_chain(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	struct wants *w = ctx;

	(void)err;
	w->family[c->family] = true;
	w->egress |= c->hook == BND_EGRESS;
	return 0;
}

static int
want_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *r,
    struct bnd_err *err)
{
	(void)ctx;
	(void)c;
	(void)r;
	(void)err;
	return 0;
}

static enum bnd_layer
layer(bool wanted, bool lacking, bool differs)
{
	if (differs)
		return BND_LAYER_FAILED;
	if (!wanted)
		return BND_LAYER_UNUSED;
	return lacking ? BND_LAYER_ABSENT : BND_LAYER_USED;
}

/* What the mode cannot do without (net-seal(8), LAYERS). */
static bool
needed(const struct bnd_seal *s, enum bnd_family f)
{
	size_t i;

	if (f == BND_INET)
		return s->mode > BND_OPEN;
	if (s->mode == BND_TRUSTED && f != BND_BRIDGE)
		return true;
	if (f != BND_BRIDGE || !has_list(s->mode))
		return false;
	for (i = 0; i < s->links.n; i++)
		if (strcmp(s->links.id[i].kind, "bridge") == 0)
			return true;
	return false;
}

static bool
layers_hold(const struct bnd_seal *s)
{
	enum bnd_family f;

	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (s->family[f] == BND_LAYER_FAILED ||
		    (s->family[f] == BND_LAYER_ABSENT && needed(s, f)))
			return false;
	return s->egress != BND_LAYER_ABSENT || s->mode != BND_TRUSTED;
}

/* Compare the kernel's rules with those of the links as they are now. */
static int
compare_rules(
    struct job *j, struct bnd_notes *notes, bool *hold, struct bnd_err *err)
{
	bool differs[BND_FAMILIES] = { false };
	struct wants w = { 0 };
	const struct bnd_rules_sink sink = { want_chain, want_rule, &w };
	struct bnd_rules_in in;
	enum bnd_family f;
	int r;

	*hold = false;
	if (bnd_links_read(&j->rt, &j->s->links, err) == -1)
		return -1;
	in = input(j);
	if (bnd_rules_render(&in, &sink, err) == -1)
		return -1;
	r = bnd_nft_compare(&j->nf, &in, &j->lacks, differs, notes, err);
	for (f = BND_INET; f < BND_FAMILIES; f++)
		j->s->family[f] = layer(w.family[f], j->lacks.family[f],
		    r == -1 ? w.family[f] : differs[f]);
	j->s->egress =
	    layer(w.egress, j->lacks.egress || j->lacks.family[BND_NETDEV],
		r == 0 && differs[BND_NETDEV]);
	*hold = r == 0 && layers_hold(j->s);
	return r;
}

static bool
lacks_anything(const struct bnd_nft_lacks *l)
{
	enum bnd_family f;

	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (l->family[f])
			return true;
	return l->egress;
}

/*
 * What is not there may be what this kernel does not have: whoever has not
 * committed anything must ask before it calls that a difference.
 */
static int
rules_hold(
    struct job *j, struct bnd_notes *notes, bool *hold, struct bnd_err *err)
{
	size_t before = notes->n, lost = notes->lost;
	struct bnd_err none = { 0 };

	if (compare_rules(j, notes, hold, err) == -1)
		return -1;
	if (*hold || j->probed)
		return 0;
	j->probed = true;
	if (bnd_nft_probe(&j->nf, &j->lacks, &none) == -1 ||
	    !lacks_anything(&j->lacks))
		return 0;
	notes->n = before;
	notes->lost = lost;
	return compare_rules(j, notes, hold, err);
}

/* ---- links ---- */

/* A real link that is up where none may be; NULL if there is none. */
static const struct bnd_link *
stray(const struct bnd_seal *s)
{
	size_t i;

	for (i = 0; s->mode >= BND_AIRGAP && i < s->links.n; i++)
		if (s->links.v[i].real && bnd_link_is_up(&s->links.v[i]))
			return &s->links.v[i];
	return NULL;
}

/* index 0: all real links; else that one, of whatever kind. */
static void
take_down(struct job *j, unsigned index)
{
	struct bnd_err why = { 0 };
	unsigned n = 0;

	if (bnd_links_down(j->root, &j->rt, &j->s->links, index, &n,
		&j->s->findings, &why) == -1)
		fail(j->s, &why);
	j->s->downed += n;
}

/*
 * On the way back from a mode that takes links down: a real one that is still
 * down may have been down before, but nothing says so.
 */
static void
note_left_down(struct job *j)
{
	size_t i;

	for (i = 0; j->loosening && i < j->s->links.n; i++) {
		const struct bnd_link *l = &j->s->links.v[i];

		if (l->real && !bnd_link_is_up(l))
			bnd_note(&j->s->findings, "link.down",
			    "%s is down, and nothing says how it was",
			    l->id.name);
	}
}

static void
settle_links(struct job *j)
{
	struct bnd_err why = { 0 };
	size_t before = j->s->findings.n;

	if (j->s->mode >= BND_AIRGAP) {
		take_down(j, 0);
		return;
	}
	if (bnd_snap_return(
		j->root, &j->rt, &j->s->raised, &j->s->findings, &why) == -1)
		bnd_note(&j->s->findings, "link.return", "%s", why.text);
	j->s->no |= j->s->findings.n > before;
	if (j->s->raised == 0 && j->loosening &&
	    bnd_links_read(&j->rt, &j->s->links, &why) == 0)
		note_left_down(j);
}

static void
judge_links(struct bnd_seal *s)
{
	const struct bnd_link *up = stray(s);

	s->link = s->mode >= BND_AIRGAP ? BND_LAYER_USED : BND_LAYER_UNUSED;
	if (up == NULL)
		return;
	s->link = BND_LAYER_FAILED;
	bnd_note(&s->findings, bnd_link_is_uplink(up) ? "uplink" : "link.up",
	    "%s is up", up->id.name);
}

/* ---- flows, by-passes, and what is not reached ---- */

static void
cut_flows(struct job *j)
{
	struct bnd_rules_in in = input(j);
	struct bnd_err why = { 0 };

	j->s->flow = BND_LAYER_UNUSED;
	if (j->s->mode == BND_OPEN)
		return;
	/* The rules hold without it; it is hygiene, and tells applications. */
	j->s->flow = BND_LAYER_USED;
	if (bnd_flow_cut(&in, &j->nf, &j->s->cut, &why) == -1) {
		j->s->flow = BND_LAYER_FAILED;
		bnd_note(&j->s->findings, "flow", "%s", why.text);
		j->s->no = true;
	} else if (j->s->cut.no_destroy) {
		j->s->flow = BND_LAYER_ABSENT;
	}
}

static bool
judge_bypasses(struct job *j)
{
	SCOPED_FREE struct bnd_bypasses *b = calloc(1, sizeof *b);
	struct bnd_err why = { 0 };

	if (j->s->mode == BND_OPEN || b == NULL)
		return b != NULL;
	if (bnd_bypass_read(&j->rt, &j->s->links, b, &why) == 0)
		return bnd_bypass_judge(b, j->s->mode, &j->list->list,
		    &j->s->links, &j->s->findings, &j->s->uncovered);
	bnd_note(&j->s->findings, "bypass", "cannot be listed: %s", why.text);
	return j->s->mode != BND_TRUSTED;
}

/* Channels of other kinds that this host has, and what is not built. */
static void
list_uncovered(struct bnd_seal *s)
{
	static const struct {
		const char *path, *code, *text;
	} channels[] = {
		{ "/dev/vsock", "vsock", "to the hypervisor, not a network" },
		{ "/sys/class/bluetooth/hci0", "bluetooth", "not sealed" },
		{ "/sys/class/infiniband_verbs", "rdma", "not sealed" },
		{ "/sys/class/wwan", "wwan", "control devices, not sealed" },
		{ "/sys/class/rfkill/rfkill0", "radio",
		    "links are down, the switch is not blocked" },
		{ "/proc/self/net/ip_tables_names", "legacy",
		    "xtables is there; the seal stands in nf_tables alone" },
		{ NULL, NULL, NULL },
	};
	size_t i;

	if (s->mode < BND_TRUSTED)
		return;
	for (i = 0; channels[i].path != NULL; i++)
		if (access(channels[i].path, F_OK) == 0)
			bnd_note(&s->uncovered, channels[i].code, "%s",
			    channels[i].text);
	bnd_note(&s->uncovered, "namespaces",
	    "links moved to other network namespaces are not looked for");
	if (s->mode == BND_TRUSTED)
		bnd_note(&s->uncovered, "queues",
		    "packets queued before the change may still leave");
}

static void
list_waiting(struct job *j)
{
	struct bnd_rules_in in = input(j);
	size_t i;

	for (i = 0; has_list(j->s->mode) && i < j->list->list.lines; i++) {
		const struct bnd_line *line = &j->list->list.line[i];

		if (bnd_rules_waiting(&in, line))
			bnd_note(
			    &j->s->waiting, "waiting", "line %u", line->number);
	}
}

/* ---- the list ---- */

static void
list_trouble(struct bnd_seal *s, const struct bnd_err *why)
{
	if (why->kind == BND_E_UNSAFE)
		s->unsafe = true;
	else
		s->trouble = true;
	bnd_note(&s->findings, "list", "%s", why->text);
}

/* A transaction takes the file; everything else what was accepted last. */
static void
load_list(struct job *j)
{
	struct bnd_err why = { 0 };
	struct bnd_seal *s = j->s;

	if (!has_list(s->mode))
		return;
	if (j->order->txn != NULL) {
		if (bnd_list_for_apply(j->root, j->list, &s->edited, &why) ==
		    -1)
			list_trouble(s, &why);
		return;
	}
	if (bnd_accepted_load(j->root, j->list, &why) == -1 &&
	    why.errnum != ENOENT) {
		bnd_note(&s->findings, "list", "%s", why.text);
		s->no = true;
	}
	if (bnd_list_is_edited(j->root, j->list)) {
		bnd_note(&s->findings, "list",
		    "/" BND_LIST_PATH " is not the list in force");
		s->no = true;
	}
}

/* Only a list that is not accepted already is something to record. */
static void
accept_list(struct job *j)
{
	SCOPED_FREE struct bnd_listfile *old = calloc(1, sizeof *old);
	struct bnd_seal *s = j->s;
	struct bnd_err why = { 0 };

	if (!has_list(s->mode))
		/* cppcheck-suppress memleak ; it is SCOPED_FREE */
		return;
	bnd_text_to_hex(j->list->digest, BND_HASH_LEN, s->list_digest);
	if (j->order->txn == NULL || s->unsafe || s->trouble || old == NULL)
		return;
	if (bnd_accepted_load(j->root, old, &why) == 0 &&
	    bnd_same(old->digest, j->list->digest, BND_HASH_LEN))
		return;
	if (j->list->len == 0 && why.errnum == ENOENT)
		return; /* no file, and there never was one */
	if (bnd_accepted_store(j->root, j->list, &why) == -1)
		list_trouble(s, &why);
	else
		s->accepted = true;
}

/* ---- apply ---- */

/* Both sockets; one that could not be had is tried again in every pass. */
static int
open_sockets(struct job *j, struct bnd_err *err)
{
	int r = 0;

	if (j->rt.fd == -1 && bnd_nl_open(&j->rt, NETLINK_ROUTE, err) == -1)
		r = -1;
	if (j->nf.fd == -1 && bnd_nl_open(&j->nf, NETLINK_NETFILTER, err) == -1)
		r = -1;
	return r;
}

static int
open_job(struct job *j, struct bnd_err *err)
{
	struct bnd_err later = { 0 };

	j->nf.fd = j->rt.fd = -1;
	j->list = calloc(1, sizeof *j->list);
	if (j->list == NULL)
		return bnd_fail_errno(err, "list");
	(void)open_sockets(j, &later);
	return 0;
}

static void
close_job(struct job *j)
{
	bnd_nl_close(&j->rt);
	j->s->held = j->nf;
	free(j->list);
}

/* True once rules and links are as the mode wants them. */
static bool
look(struct job *j, struct bnd_notes *notes, struct bnd_err *why)
{
	bool hold = false;

	if (rules_hold(j, notes, &hold, why) == -1)
		return false;
	return hold && stray(j->s) == NULL;
}

/* Every step, whatever fails. */
static void
tighten(struct job *j)
{
	struct bnd_notes *notes = &j->s->pass;
	struct bnd_err why = { 0 };
	unsigned pass;

	for (pass = 0; pass < PASSES_MAX && !j->s->sealed; pass++) {
		*notes = (struct bnd_notes){ 0 };
		why = (struct bnd_err){ 0 };
		if (open_sockets(j, &why) == -1)
			bnd_note(notes, "netlink", "%s", why.text);
		if (commit(j, &why) == -1)
			bnd_note(notes, "rules", "%s", why.text);
		/* Without rules the links may still be known. */
		if (j->s->links.n == 0 &&
		    bnd_links_read(&j->rt, &j->s->links, &why) == -1)
			bnd_note(notes, "links", "%s", why.text);
		settle_links(j);
		if (pass == 0)
			cut_flows(j);
		j->s->sealed = look(j, notes, &why);
	}
	for (pass = 0; !j->s->sealed && pass < notes->n; pass++)
		bnd_note(&j->s->findings, notes->note[pass].code, "%s",
		    notes->note[pass].text);
	if (j->s->sealed)
		return;
	if (why.kind == BND_E_NONE)
		(void)bnd_fail(&why, BND_E_ENFORCER,
		    "the kernel does not show %s", bnd_mode_name(j->s->mode));
	fail(j->s, &why);
}

/* Stop at the first failure; false, and nothing looser than needed stays. */
static bool
loosen(struct job *j, struct bnd_err *why)
{
	bool hold = false;

	if (commit(j, why) == -1 || !j->loosening)
		return false;
	if (rules_hold(j, &j->s->findings, &hold, why) == -1 || !hold)
		return false;
	settle_links(j);
	j->s->sealed = look(j, &j->s->findings, why);
	return j->s->sealed;
}

static void
put_back(struct job *j, struct bnd_err *why)
{
	static const struct bnd_seal_order effective = { 0 };

	if (why->kind == BND_E_NONE)
		(void)bnd_fail(why, BND_E_ENFORCER,
		    "the kernel does not show %s", bnd_mode_name(j->s->mode));
	j->order = &effective;
	consult(j);
	load_list(j);
	tighten(j);
	bnd_note(&j->s->findings, "restored", "%s: %s",
	    bnd_mode_name(j->s->mode), why->text);
	fail(j->s, why);
}

static void
finish(struct job *j)
{
	struct bnd_seal *s = j->s;

	judge_links(s);
	if (!judge_bypasses(j) && s->mode == BND_TRUSTED) {
		struct bnd_err why = { 0 };

		(void)bnd_fail(
		    &why, BND_E_ENFORCER, "something can send past the rules");
		s->sealed = false;
		fail(s, &why);
	}
	list_waiting(j);
	list_uncovered(s);
}

static int
lock_net(const struct bnd_root *root, int *fd, struct bnd_err *err)
{
	if (bnd_root_mkdir(root, "run/bnd", 0755, err) == -1 ||
	    bnd_root_mkdir(root, BND_NET_DIR, 0755, err) == -1)
		return -1;
	*fd = bnd_lock(root, BND_NET_LOCK, true, true, LOCK_MS, err);
	return *fd == -1 ? -1 : 0;
}

/*
 * The state may have become stricter while we worked with a view of it that
 * the generation did not guard; then the work is done again.
 */
static bool
overtaken(struct job *j)
{
	enum bnd_mode done = j->s->mode;

	consult(j);
	if (j->s->mode <= done) {
		j->s->mode = done;
		return false;
	}
	j->s->sealed = false;
	return true;
}

static void
enforce(struct job *j)
{
	struct bnd_err why = { 0 };
	unsigned i;

	if (j->loosening) {
		if (!loosen(j, &why))
			put_back(j, &why);
	} else {
		tighten(j);
	}
	for (i = 0; i < ROUNDS_MAX && overtaken(j); i++) {
		load_list(j);
		tighten(j);
	}
	finish(j);
}

/* What a repair repairs: the rules or links were not as the mode wants them. */
static void
note_drift(struct job *j)
{
	struct bnd_err why = { 0 };
	size_t before = j->s->findings.n;

	if (j->order->txn != NULL || look(j, &j->s->findings, &why))
		return;
	j->s->drifted = true;
	if (j->s->findings.n == before)
		bnd_note(&j->s->findings, "drift", "%s",
		    why.kind != BND_E_NONE ? why.text : "a link is up");
}

int
bnd_seal_apply(const struct bnd_root *root, const struct bnd_seal_order *order,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct job j = { .root = root, .order = order, .s = s };
	SCOPED_FD int lock = -1;
	struct bnd_err why = { 0 };

	if (open_job(&j, err) == -1) {
		close_job(&j);
		return -1;
	}
	/* A repair in the middle of a loosening would only undo it. */
	if (order->txn == NULL)
		wait_leaving(root);
	consult(&j);
	if (lock_net(root, &lock, &why) == -1) {
		if (j.loosening) {
			close_job(&j);
			*err = why;
			return -1;
		}
		bnd_note(&s->findings, "lock", "%s", why.text);
	}
	consult(&j);
	load_list(&j);
	note_drift(&j);
	enforce(&j);
	if (s->sealed)
		accept_list(&j);
	close_job(&j);
	return 0;
}

/* ---- check ---- */

static void
check(struct job *j)
{
	struct bnd_err why = { 0 };
	bool hold = false;

	if (rules_hold(j, &j->s->findings, &hold, &why) == -1)
		fail(j->s, &why);
	judge_links(j->s);
	if (!judge_bypasses(j) && j->s->mode == BND_TRUSTED)
		hold = false;
	j->s->sealed = hold && j->s->link != BND_LAYER_FAILED;
	j->s->no |= !j->s->sealed;
	list_waiting(j);
	list_uncovered(j->s);
}

int
bnd_seal_check(const struct bnd_root *root, const struct bnd_seal_order *order,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct job j = { .root = root, .order = order, .s = s };

	if (open_job(&j, err) == -1) {
		close_job(&j);
		return -1;
	}
	if (order->txn == NULL)
		wait_leaving(root);
	consult(&j);
	load_list(&j);
	check(&j);
	close_job(&j);
	return 0;
}

/* ---- hook ---- */

static void
hook(struct job *j, unsigned index)
{
	const struct bnd_link *l = bnd_links_find(&j->s->links, index);
	bool real = l != NULL && l->real;

	if (l != NULL && j->s->mode >= BND_AIRGAP && bnd_link_is_uplink(l)) {
		bnd_note(&j->s->findings, "uplink", "%s came up", l->id.name);
		j->s->tripped = j->s->mode < BND_LOCKDOWN;
		j->s->no = true;
	}
	/* From COLDROOM on whatever comes goes down, first of all. */
	if (j->s->mode >= BND_COLDROOM || (real && j->s->mode >= BND_AIRGAP))
		take_down(j, index);
	tighten(j);
	finish(j);
}

int
bnd_seal_hook(const struct bnd_root *root, unsigned index, struct bnd_seal *s,
    struct bnd_err *err)
{
	static const struct bnd_seal_order effective = { 0 };

	struct job j = {
		.root = root, .order = &effective, .s = s, .hook = true
	};
	SCOPED_FD int lock = -1;
	struct bnd_err why = { 0 };

	if (open_job(&j, err) == -1) {
		close_job(&j);
		return -1;
	}
	wait_leaving(root);
	if (lock_net(root, &lock, &why) == -1)
		bnd_note(&s->findings, "lock", "%s", why.text);
	consult(&j);
	if (s->mode == BND_OPEN) {
		s->sealed = true;
	} else if (bnd_links_read(&j.rt, &s->links, &why) == -1) {
		fail(s, &why);
	} else {
		load_list(&j);
		hook(&j, index);
	}
	close_job(&j);
	return 0;
}

/* ---- can, and -n ---- */

/* In a network namespace of its own; what lacks is the exit status. */
static int
try_mode(enum bnd_mode mode)
{
	static const struct bnd_netlist none;
	/* The one link there is stands for an outer one. */
	const struct bnd_rules_link link = {
		.index = 1, .type = ARPHRD_ETHER, .name = "lo"
	};
	struct bnd_rules_in in = { mode, &none, &link, 1 };
	SCOPED_NL struct bnd_nl nl = BND_NL_CLOSED;
	struct bnd_nft_lacks lacks = { 0 };
	struct bnd_err err = { 0 };
	enum bnd_family f;
	int bits = 0;

	if (unshare(CLONE_NEWNET) == -1)
		return 254;
	if (bnd_nl_open(&nl, NETLINK_NETFILTER, &err) == -1 ||
	    bnd_nft_commit(&nl, &in, NULL, &lacks, &err) == -1)
		return 253;
	for (f = BND_INET; f < BND_FAMILIES; f++)
		bits |= lacks.family[f] ? 1 << f : 0;
	return bits | (lacks.egress ? 1 : 0);
}

int
bnd_seal_can(enum bnd_mode mode, struct bnd_seal *s, struct bnd_err *err)
{
	enum bnd_family f;
	int status = 0;
	pid_t pid = fork();

	if (pid == -1)
		return bnd_fail_errno(err, "fork");
	if (pid == 0)
		_exit(try_mode(mode));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return bnd_fail_errno(err, "wait");
	s->mode = mode;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 254)
		return bnd_fail(
		    err, BND_E_SYS, "cannot try it in a network namespace");
	if (WEXITSTATUS(status) == 253) {
		bnd_note(&s->findings, "inet", "the kernel refuses the rules");
		s->no = true;
		return 0;
	}
	for (f = BND_INET; f < BND_FAMILIES; f++)
		if ((WEXITSTATUS(status) & 1 << f) != 0) {
			s->family[f] = BND_LAYER_ABSENT;
			bnd_note(
			    &s->findings, "lacks", "%s", bnd_family_name(f));
		}
	if ((WEXITSTATUS(status) & 1) != 0) {
		s->egress = BND_LAYER_ABSENT;
		bnd_note(&s->findings, "lacks", "netdev egress");
	}
	s->sealed = layers_hold(s);
	s->no = !s->sealed;
	return 0;
}

int
bnd_seal_preview(const struct bnd_root *root, enum bnd_mode mode,
    int (*put)(void *ctx, const char *text), void *ctx, struct bnd_err *err)
{
	const struct bnd_seal_order order = { .mode = mode, .txn = "" };

	SCOPED_FREE struct bnd_seal *s = calloc(1, sizeof *s);
	struct job j = { .root = root, .order = &order, .s = s };
	struct bnd_rules_in in;
	struct bnd_state st;
	int r;

	if (s == NULL)
		return bnd_fail_errno(err, "preview");
	r = open_job(&j, err);
	if (r == 0) {
		s->mode = mode;
		if (mode == BND_MODE_NONE &&
		    bnd_state_load(root, &st, err) == -1)
			st.effective = BND_LOCKDOWN;
		if (mode == BND_MODE_NONE)
			s->mode = st.effective;
		load_list(&j);
		r = bnd_links_read(&j.rt, &s->links, err);
	}
	if (r == 0) {
		in = input(&j);
		r = bnd_rules_text(&in, put, ctx, err);
	}
	close_job(&j);
	bnd_seal_free(s);
	return r;
}
