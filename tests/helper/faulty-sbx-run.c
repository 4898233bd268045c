/* faulty-sbx-run.c: the shipped sbx-run with a step gone wrong (tests/fake) */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/sbx-run.c"
