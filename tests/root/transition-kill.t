#!/bin/bash
# transition-kill.t: killed at a system call, between any two modes
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../sweep.sh"

sweep tighten signal=KILL 4
ok "tightening killed at $runs calls" is "$bad" 0
ok "which were not few" test "$runs" -ge 25
sweep loosen signal=KILL 4
ok "loosening killed at $runs calls" is "$bad" 0
ok "which were not few" test "$runs" -ge 25
# Of the other pairs the moments that differ: before and after each publishing,
# each record, each enforcer.
total=0
for from in "${modes[@]}"; do
	for to in "${modes[@]}"; do
		calls=(renameat fdatasync clone)
		sweep pair signal=KILL $((9 + RANDOM % 5))
		total=$((total + runs))
		((bad == 0)) || break 2
	done
done
ok "all pairs, killed at $total calls: last $from $to" is "$bad" 0
tap_done
