/* fuzz.h: what every fuzz target begins with */
/* SPDX-License-Identifier: ISC */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Called by libFuzzer, and by replay.c for every file of the corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property; a breach ends the program, and libFuzzer keeps the input. */
#define must(expr)                                                             \
	do {                                                                   \
		if (!(expr)) {                                                 \
			fprintf(                                               \
			    stderr, "%s:%d: %s\n", __FILE__, __LINE__, #expr); \
			abort();                                               \
		}                                                              \
	} while (0)

static inline struct bnd_str
fuzz_str(const uint8_t *data, size_t size)
{
	return (struct bnd_str){ (const char *)data, size };
}

#endif
