#!/bin/bash
# transition-pairs.t: all 36 pairs of modes, free one way, a ceremony the other
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up 2
# That on the tests' clock, as mode-set runs it; what it runs is within every floor.
PATH=/usr/bin:$PATH
profile small "mem 64M" "out 1M" "wx none" "syscalls @base @file @proc @thread" "pass-env none" "nofile 64" \
    "tmp 1M 1K" "fsize 1M" "time 1m" "wall 1m" "cpu 50%"
sbx=(-p small)
# A sandbox is there at every change that begins where one may be.
present() {
	[[ $P && -e /proc/$P/exe ]] && return
	[[ ! $begun ]] || finish
	begin stay
	[[ -e /proc/$P/exe ]] || { cat "$T/begun.err"; return 1; }
}
lives() {
	if [[ $1 == LOCKDOWN ]]; then not test -e "/proc/$P/exe"; else test -e "/proc/$P/exe"; fi
}
P='' begun=''

# From one mode to another: tighten to it, then try the pair.
# spine.sh has them.
# shellcheck disable=SC2154
for from in "${modes[@]}"; do
	# LOCKDOWN is left no looser than it was entered: enter it from OPEN.
	[[ $from != LOCKDOWN ]] || loosen to "$T" 2 OPEN >/dev/null 2>&1
	for to in "${modes[@]}"; do
		[[ $(mode-set --get) == "$from" ]] || mode-set "$from" >/dev/null 2>&1
		[[ $from == LOCKDOWN ]] || ok "$from to $to: a sandbox is there" present
		gen=$(generation)
		if at_least "$to" "$from" >/dev/null; then
			run mode-set "$to" --reason "pair $from $to"
			ok "$from to $to is free" is "$status $out" "0 $to"
			ok "$from to $to: one generation more" is "$(generation)" $((gen + 1))
		else
			run mode-set "$to"
			ok "$from to $to without a ceremony is refused" status 1
			run mode-set --ceremony 0123456789abcdef "$to"
			ok "$from to $to by a ceremony nobody held, too" status 13
			run loosen bare "$to"
			ok "$from to $to by the library without evidence, too" status 1
			ok "$from to $to: nothing has changed" is \
			    "$(kernel) $(published) $(generation)" "$from $from $gen"
			id=$(loosen hold "$T" 2 "$to")
			run mode-set --ceremony "$id" "$to"
			ok "$from to $to with a ceremony" is "$status $out" "0 $to"
		fi
		ok "$from to $to: the kernel is in it" is "$(kernel)" "$to"
		ok "$from to $to: and that is published" is "$(published)" "$to"
		[[ $from == LOCKDOWN ]] || ok "$from to $to: the sandbox is as that mode has it" lives "$to"
		# Back to where the next pair starts.
		if [[ $(mode-set --get) != "$from" ]] && ! at_least "$from" "$(mode-set --get)" >/dev/null; then
			loosen to "$T" 2 "$from" >/dev/null 2>&1 || diag "cannot go back to $from"
		fi
	done
done
finish
run loosen open AIRGAP
ok "LOCKDOWN is left no looser than it was entered" status 1
run chain-verify --json
ok "the log of all of it verifies" status 0
run mode-set --check
ok "kernel, state and log agree" status 0
tap_done
