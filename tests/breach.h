/* breach.h: a chain with one rule broken, and what the verifier says of it */
/* SPDX-License-Identifier: ISC */
#ifndef TEST_BREACH_H
#define TEST_BREACH_H

#include "forge.h"
#include "tap.h"
#include "verify.h"

static struct scratch at;

/* ---- what the verifier says ---- */

static struct heard {
	unsigned count[BND_F_LAST];
	int exit, strict;
	char detail[BND_DETAIL_MAX];
} heard;

static inline void
hear(void *arg, const struct bnd_finding *f)
{
	(void)arg;
	heard.count[f->code]++;
	snprintf(heard.detail, sizeof(heard.detail), "%s", f->detail);
}

static inline int
verify(bool strict)
{
	struct bnd_verify in = {
		.root = &at.root, .strict = strict, .sink = { hear, NULL }
	};
	struct bnd_verdict v;
	struct bnd_err err;

	if (bnd_verify(&in, &v, &err) != 0)
		bail(err.text);
	return v.exit;
}

/* For another verifier: every log judged here, and what was said of it. */
static inline void
hand_over(const struct forge *f)
{
	static unsigned n;
	const char *dir = getenv("BND_ROGUE_DIR");
	char name[256];

	if (dir == NULL)
		return;
	snprintf(name, sizeof(name), "%s/%03u", dir, n++);
	if (mkdir(name, 0755) != 0)
		bail(name);
	forge_save(f, name);
}

static inline void
judge(const struct forge *f)
{
	forge_save(f, at.dir);
	hand_over(f);
	memset(&heard, 0, sizeof(heard));
	heard.strict = verify(true);
	memset(&heard.count, 0, sizeof(heard.count));
	heard.exit = verify(false);
}

/* The positive control of every row: so far all is well. */
static inline void
good(const struct forge *f)
{
	judge(f);
	if (heard.exit != 0)
		printf("# control: %s\n", heard.detail);
	if (heard.exit != 0)
		bail("a log that obeys every rule is refused");
}

/* A row breaks one rule at its end; what went before it was judged good(). */
struct breach {
	const char *what;
	void (*build)(struct forge *f);
	enum bnd_code code;
};

static inline void
test_breaches(const struct breach *rows, size_t n, unsigned approvers)
{
	for (size_t i = 0; i < n; i++) {
		static struct forge f;

		forge_begin(&f, approvers);
		rows[i].build(&f);
		judge(&f);
		is_int(heard.exit, 1, "%s: exit 1", rows[i].what);
		ok(heard.count[rows[i].code] > 0, "and %s (%s)",
		    bnd_code_name(rows[i].code), heard.detail);
		forge_free(&f);
	}
}

#endif
