/* seal-tried.c: what a run makes of a list that is being tried */
/* SPDX-License-Identifier: ISC */
#include "seal-tried.h"

#include <errno.h>
#include <fcntl.h>

#include "accepted.h"
#include "scope.h"
#include "state.h"
#include "try.h"

/* Microseconds left; 0 if it is over, or the state is another one. */
static uint64_t
left_of(const struct bnd_root *root, const struct bnd_try *t)
{
	struct bnd_err none = { 0 };
	struct bnd_state st;
	struct bnd_now now;

	if (bnd_state_load(root, &st, &none) == -1 ||
	    bnd_clock_now(&now, &none) == -1 || !bnd_try_is_live(t, &st, &now))
		return 0;
	return t->until_us - now.boot_us;
}

bool
bnd_job_load_try(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	struct bnd_try t;
	uint64_t left = 0;
	bool read = bnd_try_load(j->root, &t, j->list, &why) == 0;

	if (read)
		left = left_of(j->root, &t);
	j->tried = left > 0;
	j->over = !j->tried && (read || why.errnum != ENOENT);
	j->s->try_left_s = (left + 999999) / 1000000;
	return j->tried;
}

void
bnd_job_refresh_try(struct bnd_job *j)
{
	struct bnd_err why = { 0 };

	if (!j->tried || bnd_job_load_try(j))
		return;
	if (bnd_accepted_load(j->root, j->list, &why) == -1)
		bnd_note(&j->s->findings, "list", "%s", why.text);
}

void
bnd_job_end_try(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = -1;

	if (j->tried)
		return;
	fd = bnd_root_openat(j->root, BND_TRY_PATH, O_PATH, 0, &why);
	if (fd < 0 && why.errnum == ENOENT)
		return;
	j->s->try_ended = true;
	if (bnd_try_drop(j->root, &why) == 0)
		return;
	bnd_note(&j->s->findings, "try", "%s", why.text);
	j->s->no = true;
}
