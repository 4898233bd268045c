/* pamarg.c: module arguments: whatever is read is bounded and well-formed */
/* SPDX-License-Identifier: ISC */
#include "pamarg.h"

#include "fuzz/fuzz.h"

#define WORDS 24

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char copy[1024] = "";
	const char *argv[WORDS];
	struct bnd_pamarg a;
	size_t argc = 0;

	if (size >= sizeof(copy))
		return 0;
	memcpy(copy, data, size);
	for (size_t i = 0; i < size && argc < WORDS; i += strlen(copy + i) + 1)
		argv[argc++] = copy + i;
	if (bnd_pamarg_parse(argv, argc, &a, NULL) != 0)
		return 0;
	must(bnd_pam_action_name(a.action) != NULL);
	must(strcmp(argv[0], bnd_pam_action_name(a.action)) == 0);
	must(a.deadline_s > 0 && a.deadline_s <= BND_PAM_DEADLINE_MAX_S);
	must(a.n <= BND_TIGHTEN_MAX && a.n < argc);
	must(a.root == NULL || a.root[0] == '/');
	for (unsigned i = 0; i < a.n; i++)
		must(a.tighten[i].mode >= BND_MODE_FIRST &&
		    a.tighten[i].mode <= BND_MODE_LAST &&
		    (!a.tighten[i].group || a.tighten[i].who[0] != '\0'));
	return 0;
}
