/* timed-chain-keep.c: the shipped chain-keep on the tests' clock (tests/fake) */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/chain-keep.c"
