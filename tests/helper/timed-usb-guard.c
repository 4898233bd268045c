/* timed-usb-guard.c: the shipped usb-guard on the tests' clock (tests/fake) */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/usb-guard.c"
