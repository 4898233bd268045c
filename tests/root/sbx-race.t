#!/bin/bash
# sbx-race.t: what is behind a pointer is no rule's business
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

# A thread changes the argument while the call is made: who looked at it first has
# seen something else than the kernel did.
bare_as 54321 race clone3 300
ok "control: outside, clone3 is there" payload_got clone3 'ok [0-9]+'
bare race openat2 2000
ok "control: and openat2 opens now the one, now the other" payload_got openat2 'ok [0-9]+'
inside race clone3 300
ok "inside, a clone whose flags are behind a pointer is not there, ever" payload_got clone3 'ENOSYS 300'
inside race openat2 2000
ok "nor an open whose are" payload_got openat2 'ENOSYS 2000'
ok "nothing is harmed" unharmed
tap_done
