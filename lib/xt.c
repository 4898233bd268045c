/* xt.c: matches and targets of extensions as bytes; alone knows libxtables */
/* SPDX-License-Identifier: ISC */
/*
 * What the library would do by itself, and what is done here instead:
 *
 *	leave by exit() on any error		one longjmp, one sentence
 *	take any error of the kernel's for
 *	"revision 0 will do"			any error is a no
 *	run what /proc/sys/kernel/modprobe says	never asked to
 *	look words up in /etc and DNS		it gets numbers only
 *	build something else			it is made to print what it built
 */
#include "xt.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <net/if.h>
#include <errno.h>
#include <getopt.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xtables.h>

#include "scope.h"

#define PRINTED_MAX 512

static jmp_buf way_out;
static struct bnd_err said;
static unsigned family;

/* The attribute, not the word: in a callback's type only that one counts. */
__attribute__((noreturn)) static void on_error(
    enum xtables_exittype status, const char *fmt, ...) BND_PRINTF(2, 3);

static void
on_error(enum xtables_exittype status, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	(void)status;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text[strcspn(text, "\n")] = '\0';
	(void)bnd_fail(&said, BND_E_ENFORCER, "libxtables: %s", text);
	longjmp(way_out, 1);
}

/* ---- what the kernel has ----------------------------------------------------- */

static int
ask_kernel(const char *name, uint8_t revision, int opt)
{
	bool v4 = family == 4;
	SCOPED_FD int fd =
	    socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct xt_get_revision ask = { .revision = revision };
	socklen_t len = sizeof(ask);

	(void)snprintf(ask.name, sizeof(ask.name), "%s", name);
	if (fd == -1)
		return -1;
	return getsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, opt, &ask, &len);
}

static int
on_revision(const char *name, uint8_t revision, int opt)
{
	return ask_kernel(name, revision, opt) == 0;
}

/* Not usable: because this kernel has none, or because something else lacks. */
static int
lacks(const char *name, bool target, struct bnd_err *err)
{
	int opt = family != 4
	    ? (target ? IP6T_SO_GET_REVISION_TARGET
		      : IP6T_SO_GET_REVISION_MATCH)
	    : (target ? IPT_SO_GET_REVISION_TARGET : IPT_SO_GET_REVISION_MATCH);

	if (ask_kernel(name, 0, opt) == -1 && errno == ENOENT)
		return bnd_fail(err, BND_E_DENIED,
		    "IPv%u: the kernel has no xtables %s", family, name);
	return bnd_fail(err, BND_E_ENFORCER,
	    "IPv%u: libxtables has no usable %s", family, name);
}

int
bnd_xt_begin(unsigned fam, struct bnd_err *err)
{
	static struct option none[] = { XT_GETOPT_TABLEEND };
	static struct xtables_globals globals = {
		.program_name = "bnd",
		.program_version = XTABLES_VERSION,
		.orig_opts = none,
		.opts = none,
		.exit_err = on_error,
		.compat_rev = on_revision,
	};
	bool first = family == 0;
	uint8_t proto = fam == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;

	family = fam;
	if (setjmp(way_out) != 0) {
		*err = said;
		return -1;
	}
	if (!first)
		xtables_set_nfproto(proto);
	else if (xtables_init_all(&globals, proto) != 0)
		return bnd_fail(err, BND_E_ENFORCER, "libxtables is unusable");
	return 0;
}

/* ---- building ------------------------------------------------------------------- */

/* The number of an option, by its word behind the dashes; -1 for none. */
static int
option_of(const char *name, const struct option *old,
    const struct xt_option_entry *x6)
{
	name += strlen("--");
	for (; x6 != NULL && x6->name != NULL; x6++)
		if (strcmp(x6->name, name) == 0)
			return (int)x6->id;
	for (; old != NULL && old->name != NULL; old++)
		if (strcmp(old->name, name) == 0)
			return old->val;
	return -1;
}

/* The parsers take the word from optarg, and some write to it. */
static unsigned
take_word(const struct bnd_xt_ext *e, size_t i, const struct option *old,
    const struct xt_option_entry *x6)
{
	static char word[BND_XT_VALUE];
	int c = option_of(e->opt[i].name, old, x6);

	if (c == -1)
		on_error(
		    OTHER_PROBLEM, "%s has no %s", e->name, e->opt[i].name);
	memcpy(word, e->opt[i].value, sizeof(word));
	optarg = word;
	return (unsigned)c;
}

static void
build_match(struct xtables_match *m, const struct bnd_xt_ext *e, void *entry)
{
	char *argv[] = { NULL, NULL };

	m->option_offset = 0;
	if (m->init != NULL)
		m->init(m->m);
	for (size_t i = 0; i < e->opts; i++)
		xtables_option_mpcall(
		    take_word(e, i, m->extra_opts, m->x6_options), argv, false,
		    m, entry);
	xtables_option_mfcall(m);
}

static void
build_target(struct xtables_target *t, const struct bnd_xt_ext *e, void *entry)
{
	char *argv[] = { NULL, NULL };

	t->option_offset = 0;
	if (t->init != NULL)
		t->init(t->t);
	for (size_t i = 0; i < e->opts; i++)
		xtables_option_tpcall(
		    take_word(e, i, t->extra_opts, t->x6_options), argv, false,
		    t, entry);
	xtables_option_tfcall(t);
}

/* ---- what was built ----------------------------------------------------------- */

/* Quotes and how many blanks there are do not count. */
static void
normal(char *s)
{
	char *to = s;

	for (const char *p = s; *p != '\0'; p++)
		if (*p == ' ' && (to == s || to[-1] == ' '))
			continue;
		else if (*p != '"')
			*to++ = *p;
	while (to > s && to[-1] == ' ')
		to--;
	*to = '\0';
}

static bool
same_words(const struct bnd_xt_ext *e, char *have)
{
	char want[BND_XT_VALUE + 32];

	normal(have);
	for (size_t i = 0; i < e->opts; i++) {
		(void)snprintf(want, sizeof(want), "%s %s", e->opt[i].name,
		    e->opt[i].value);
		normal(want);
		if (strncmp(have, want, strlen(want)) != 0)
			return false;
		have += strlen(want);
		have += *have == ' ';
	}
	return *have == '\0';
}

static off_t
printed_so_far(void)
{
	return fflush(NULL) == 0 ? lseek(STDOUT_FILENO, 0, SEEK_CUR) : -1;
}

static int
is_as_meant(const struct bnd_xt_ext *e, off_t from, struct bnd_err *err)
{
	char have[PRINTED_MAX] = "";
	off_t to = printed_so_far();

	if (from < 0 || to < from || to - from >= PRINTED_MAX ||
	    pread(STDOUT_FILENO, have, (size_t)(to - from), from) != to - from)
		return bnd_fail(err, BND_E_ENFORCER,
		    "libxtables does not print its %s", e->name);
	if (!same_words(e, have))
		return bnd_fail(err, BND_E_ENFORCER,
		    "libxtables built another %s than asked: %.80s", e->name,
		    have);
	return 0;
}

/* The kernel gives the name up to its NUL, and of the data what is not its own. */
static int
take(struct bnd_xt_bytes *out, const void *p, size_t size, size_t name_len,
    size_t known, struct bnd_err *err)
{
	const size_t head = XT_ALIGN(sizeof(struct xt_entry_match));

	if (size > sizeof(out->p) || head + known > size)
		return bnd_fail(
		    err, BND_E_SYS, "an extension of %zu bytes", size);
	memset(out, 0, sizeof(*out));
	out->len = size;
	memcpy(out->p, p, size);
	memset(out->mask, 0xff,
	    offsetof(struct xt_entry_match, u.user.name) + name_len + 1);
	out->mask[offsetof(struct xt_entry_match, u.user.revision)] = 0xff;
	memset(out->mask + head, 0xff, known);
	return 0;
}

_Static_assert(
    sizeof(struct xt_entry_match) == sizeof(struct xt_entry_target) &&
	offsetof(struct xt_entry_match, u.user.revision) ==
	    offsetof(struct xt_entry_target, u.user.revision),
    "one shape");

int
bnd_xt_match(const struct bnd_xt_ext *e, const void *entry,
    struct bnd_xt_bytes *out, struct bnd_err *err)
{
	struct xtables_match *volatile m = NULL;
	off_t from = printed_so_far();
	int r;

	if (setjmp(way_out) != 0) {
		*err = said;
		return -1;
	}
	m = xtables_find_match(e->name, XTF_TRY_LOAD, NULL);
	if (m == NULL)
		return lacks(e->name, false, err);
	/* A stub for what the kernel has not would take every option. */
	if ((m->x6_parse == NULL && m->parse == NULL) || m->save == NULL)
		return bnd_fail(err, BND_E_ENFORCER,
		    "libxtables has a stub of %s", e->name);
	m->m = xtables_calloc(
	    1, XT_ALIGN(sizeof(struct xt_entry_match)) + m->size);
	m->m->u.match_size =
	    (uint16_t)(XT_ALIGN(sizeof(struct xt_entry_match)) + m->size);
	(void)snprintf(m->m->u.user.name, sizeof(m->m->u.user.name), "%s",
	    m->real_name != NULL ? m->real_name : m->name);
	m->m->u.user.revision = m->revision;
	build_match(m, e, (void *)(uintptr_t)entry);
	m->save(entry, m->m);
	r = is_as_meant(e, from, err);
	if (r == 0)
		r = take(out, m->m, m->m->u.match_size,
		    strlen(m->m->u.user.name), m->userspacesize, err);
	free(m->m);
	/* Else the next one would be a second of the same rule. */
	m->m = NULL;
	m->mflags = 0;
	return r;
}

int
bnd_xt_target(const struct bnd_xt_ext *e, const void *entry,
    struct bnd_xt_bytes *out, struct bnd_err *err)
{
	struct xtables_target *volatile t = NULL;
	off_t from = printed_so_far();
	int r;

	if (setjmp(way_out) != 0) {
		*err = said;
		return -1;
	}
	t = xtables_find_target(e->name, XTF_TRY_LOAD);
	if (t == NULL)
		return lacks(e->name, true, err);
	if ((t->x6_parse == NULL && t->parse == NULL) || t->save == NULL)
		return bnd_fail(err, BND_E_ENFORCER,
		    "libxtables has a stub of %s", e->name);
	t->t = xtables_calloc(
	    1, XT_ALIGN(sizeof(struct xt_entry_target)) + t->size);
	t->t->u.target_size =
	    (uint16_t)(XT_ALIGN(sizeof(struct xt_entry_target)) + t->size);
	(void)snprintf(t->t->u.user.name, sizeof(t->t->u.user.name), "%s",
	    t->real_name != NULL ? t->real_name : t->name);
	t->t->u.user.revision = t->revision;
	build_target(t, e, (void *)(uintptr_t)entry);
	t->save(entry, t->t);
	r = is_as_meant(e, from, err);
	if (r == 0)
		r = take(out, t->t, t->t->u.target_size,
		    strlen(t->t->u.user.name), t->userspacesize, err);
	free(t->t);
	t->t = NULL;
	t->tflags = 0;
	return r;
}
