/* bpf.h: what a filter's program decides, without a kernel */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_BPF_H
#define TESTS_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Not a value that a filter returns. */
#define BPF_BROKEN UINT32_C(0xdeadbeef)

/*
 * Run it over one call.  A jump out of the program, a load that is not of 32
 * bits of the call, an end that is not a return: BPF_BROKEN, as the kernel
 * would not have loaded it.
 */
__attribute__((unused)) static uint32_t
bpf_run(
    const struct sock_filter *code, size_t n, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &code[pc];
		bool yes;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k % 4 != 0 || i->k + 4 > sizeof(*data))
				return BPF_BROKEN;
			memcpy(&a, (const char *)data + i->k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			continue;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			yes = (a & i->k) != 0;
			break;
		default:
			return BPF_BROKEN;
		}
		pc += yes ? i->jt : i->jf;
	}
	return BPF_BROKEN;
}

#endif
