/* entry.c: a new approver, as the command line names him */
/* SPDX-License-Identifier: ISC */
#include "entry.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "scope.h"
#include "text.h"

static int
read_file(const char *path, char buf[static BND_EVIDENCE_MAX],
    struct bnd_str *text, struct bnd_err *err)
{
	bool from_stdin = strcmp(path, "-") == 0;
	SCOPED_FD int fd = from_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
				      : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %.100s", path);
	text->p = buf;
	return bnd_file_read_fd(
	    fd, path, buf, BND_EVIDENCE_MAX, &text->len, err);
}

/* All but the key. */
static int
read_words(
    const struct entry_wish *wish, struct bnd_approver *a, struct bnd_err *err)
{
	const char *name = wish->name, *kind = wish->kind;
	const char *person = wish->person != NULL ? wish->person : name;

	if (name == NULL || kind == NULL)
		return bnd_fail(
		    err, BND_E_INPUT, "a new approver has a name and a --kind");
	if (!bnd_name_is_valid((struct bnd_str){ name, strlen(name) }) ||
	    !bnd_name_is_valid((struct bnd_str){ person, strlen(person) }))
		return bnd_fail(err, BND_E_INPUT,
		    "a name is a-z, 0-9, dot, dash and underline");
	(void)snprintf(a->name, sizeof(a->name), "%s", name);
	(void)snprintf(a->person, sizeof(a->person), "%s", person);
	if (!bnd_key_kind_parse(
		(struct bnd_str){ kind, strlen(kind) }, &a->pub.kind))
		return bnd_fail(err, BND_E_INPUT,
		    "a key is of kind passphrase, raw, minisign or ssh");
	return 0;
}

int
entry_read(
    const struct entry_wish *wish, struct bnd_approver *a, struct bnd_err *err)
{
	char buf[BND_EVIDENCE_MAX];
	struct bnd_str text;
	bool typed;

	if (read_words(wish, a, err) != 0)
		return -1;
	typed = a->pub.kind == BND_KEY_PASSPHRASE;
	if (typed && (wish->key != NULL || wish->sig != NULL))
		return bnd_fail(
		    err, BND_E_INPUT, "a passphrase has no --key and no --sig");
	if (!typed && (wish->key == NULL || wish->passphrase_fd != NULL))
		return bnd_fail(err, BND_E_INPUT,
		    "a key of kind %s wants --key FILE and no passphrase",
		    wish->kind);
	if (typed)
		return 0;
	if (read_file(wish->key, buf, &text, err) != 0 ||
	    bnd_evidence_public(a->pub.kind, text, &a->pub, err) != 0)
		return -1;
	bnd_approver_id(a->pub.key, a->id);
	return 0;
}

int
entry_read_sig(const char *path, const struct bnd_public *pub,
    struct bnd_evidence *e, struct bnd_err *err)
{
	char buf[BND_EVIDENCE_MAX];
	struct bnd_str text;

	if (read_file(path, buf, &text, err) != 0)
		return -1;
	return bnd_evidence_parse(pub, text, e, err);
}
