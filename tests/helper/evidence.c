/* evidence.c: what the library makes of other tools' keys and signatures */
/* SPDX-License-Identifier: ISC */
/*
 *	evidence public KIND PUB		key in base64, application if any
 *	evidence verify KIND PUB SIG TEXT	the evidence as it would be logged
 *
 * Exit status 0, 1 for a signature that is not one, else as the library says.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence.h"

static struct bnd_err err;

static _Noreturn void
fail(void)
{
	fprintf(stderr, "evidence: %s\n", err.text);
	exit(bnd_kind_exit(err.kind));
}

static struct bnd_str
read_file(const char *path, char buf[static BND_EVIDENCE_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, BND_EVIDENCE_MAX);

	if (n < 0) {
		perror(path);
		exit(2);
	}
	close(fd);
	return (struct bnd_str){ buf, (size_t)n };
}

static void
print_public(const struct bnd_public *pub)
{
	char key[BND_B64STD_LEN(BND_KEY_LEN) + 1];

	bnd_text_to_b64std(pub->key, BND_KEY_LEN, key);
	printf("%s%s%s\n", key, pub->app[0] != '\0' ? " " : "", pub->app);
}

static void
print_evidence(const struct bnd_evidence *e, enum bnd_key_kind kind)
{
	char buf[512];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_evidence_to_json(e, kind, &j, "sig");
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j))
		exit(2);
	puts(buf);
}

int
main(int argc, char **argv)
{
	char a[BND_EVIDENCE_MAX], b[BND_EVIDENCE_MAX], c[BND_EVIDENCE_MAX];
	struct bnd_str kind_name = { "", 0 };
	enum bnd_key_kind kind;
	struct bnd_public pub;
	struct bnd_evidence e;

	if (argc > 2)
		kind_name = (struct bnd_str){ argv[2], strlen(argv[2]) };
	if (argc < 4 || !bnd_key_kind_parse(kind_name, &kind) ||
	    bnd_sign_init(&err) != 0)
		return 2;
	if (bnd_evidence_public(kind, read_file(argv[3], a), &pub, &err) != 0)
		fail();
	if (argc != 6) {
		print_public(&pub);
		return 0;
	}
	if (bnd_evidence_parse(&pub, read_file(argv[4], b), &e, &err) != 0)
		fail();
	if (!bnd_evidence_verify(&pub, read_file(argv[5], c), &e))
		return 1;
	print_evidence(&e, kind);
	return 0;
}
