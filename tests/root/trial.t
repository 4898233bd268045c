#!/bin/bash
# trial.t: the trial shows what it says, and leaves nothing
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../snapshot.sh"
why=$("$BND_TREE/tests/host" --can 2>&1) || skip_all "$why"

snapshot >"$T/before"
run "$BND_TREE/tests/trial"
ok "the trial succeeds" status 0
ok "it says so" like "$out" 'All of it was so'
ok "nothing is not so" unlike "$out" 'NOT SO'
ok "it fits a screen" test "$(wc -l <<<"$out")" -le 60
ok "and its lines do" is "$(grep -cE '.{81}' <<<"$out")" 0
snapshot >"$T/after"
ok "nothing of it is here" cmp "$T/before" "$T/after"
tap_done
