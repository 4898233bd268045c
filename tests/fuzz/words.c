/* words.c: the tokenizer takes every byte once */
/* SPDX-License-Identifier: ISC */
#include "text.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_str rest = fuzz_str(data, size), line, word;
	char shown[32];
	uint8_t bin[16];
	uint64_t n;
	size_t seen = 0;
	bool whole = true;

	while (bnd_text_line(&rest, &line, &whole)) {
		seen += line.len + whole;
		bnd_text_show(line, shown, sizeof(shown));
		must(strlen(shown) < sizeof(shown));
		while (bnd_text_word(&line, &word)) {
			must(word.len > 0);
			if (bnd_text_u64(word, 65535, &n))
				must(n <= 65535);
			(void)bnd_text_from_hex(word, bin, sizeof(bin));
			(void)bnd_text_from_b64(word, bin, sizeof(bin));
			(void)bnd_text_from_b64std(word, bin, sizeof(bin));
		}
	}
	must(seen == size);
	return 0;
}
