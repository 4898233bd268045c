#!/bin/bash
# usb-fault.t: a settle killed and failing at each of its steps
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"
command -v strace >/dev/null || skip_all "no strace"
strace -o /dev/null true 2>/dev/null || skip_kernel_all "ptrace is not allowed here"
# The leak checker cannot do its work under ptrace.
export ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0

# guard under strace, which looks at one file only: traced FILE INJECTION ARG...
traced() {
	local file=$1 injection=$2
	shift 2
	strace -qq -f -o "$T/trace" -E LD_PRELOAD="$usb_kernel" -P "$file" -e "inject=$injection" \
	    usb-guard -R "$U" "$@"
}
attr() {
	echo "$U/sys$(usb_path "$1")/$2"
}
bad=0 runs=0
note() {
	bad=$((bad + 1))
	((bad > 10)) || diag "$*"
}

# ---- killed and failing ------------------------------------------------------

# What a settle of 1-1 touches, step by step; nothing that the made-up kernel writes.
targets() {
	local dev=$U/sys$path
	printf '%s\n' "$U/run/bnd/usb/1-1" "$U/run/bnd/usb/peers" "$U/run/bnd/state" "$dev" "$dev/authorized" \
	    "$dev/descriptors" "$U/sys/bus/usb/drivers_probe" "$usb_log" "$U/var/lib/bnd/log/head" "$U/etc/bnd/bnd.conf"
}
prepare() {
	[[ ! -e $U/sys/bus/usb/devices/1-1 ]] || usb_unplug 1-1
	if [[ $1 == up ]]; then
		usb_mode OPEN
		usb 1-1 keyboard serial=A
	else
		usb_mode AIRGAP
		usb 1-1 storage serial=A on
	fi
	path=$(usb_path 1-1)
	want='1 1.0=1:usbhid'
	[[ $1 == up ]] || want=0
	before=$(wc -l <"$usb_log")
}
# What was recorded since then; what did not get into the log is in the spool.
events() {
	tail -n "+$((before + 1))" "$usb_log" | cat - "$U/run/bnd/spool" 2>/dev/null |
	    grep -oE '"ev":"usb\.(intent|result|vanished)"'
}
intended() {
	events | grep -q intent
}
# Whatever happened, the next apply puts it right, and answers what was begun.
converges() {
	local rc
	guard apply -q 2>"$T/said"
	rc=$?
	[[ $(usb_state 1-1) == "$want" || -z $(usb_path 1-1) ]] || note "$1: $(usb_state 1-1) after the next apply: $rc $(<"$T/said")"
	guard check -q --no-keyboard 2>"$T/said" || note "$1: check: $? $(<"$T/said")"
	[[ $(events | tail -n 1) != *intent* ]] || note "$1: an intent without an answer"
}
# Nobody has more than he may, and it is told if it cannot be said.
after_kill() {
	local now
	now=$(usb_state 1-1)
	[[ $2 == down || $now == 0 ]] || intended || note "$1: $now without an intent"
}
after_error() {
	local now
	now=$(usb_state 1-1)
	[[ $2 == down || $now == 0 ]] || intended || note "$1: $now without an intent"
	case $now in
	"$want") [[ $2 == down || $rc =~ ^(0|1|2|8|9|15|19)$ ]] || note "$1: exit $rc" ;;
	'') [[ $2 == down ]] || ((rc != 0)) || note "$1: a dead port, exit 0" ;;
	0) ((rc != 0)) || note "$1: $now, want $want, exit 0" ;;
	*) ((rc == 19)) || note "$1: $now, want $want, exit $rc" ;;
	esac
}
# sweep up|down INJECTION STRIDE: at every STRIDE-th call to each file
sweep() {
	local way=$1 injection=$2 stride=$3 k target what
	bad=0 runs=0
	prepare "$way"
	while read -r target; do
		for ((k = 1 + RANDOM % stride; k < 60; k += stride)); do
			prepare "$way"
			what="$way ${injection%%=*}=${injection#*=} ${target#"$U/"} $k"
			traced "$target" "$(printf '%s:when=%s' "${injection/ALL/all}" "$k")" hook add "$path" \
			    >/dev/null 2>"$T/said"
			rc=$?
			grep -qE 'INJECTED|killed by' "$T/trace" || break
			# It was the made-up kernel that failed.
			((rc != 134)) || continue
			runs=$((runs + 1))
			if [[ $injection == *signal=KILL* ]]; then
				after_kill "$what" "$way"
			else
				after_error "$what" "$way"
			fi
			converges "$what"
		done
	done < <(targets)
	diag "$way $injection: $runs runs"
}

usb_ready OPEN
for way in up down; do
	sweep $way all:signal=KILL 7
	ok "killed at any step $way: nothing without its intent, and the next apply puts it right" is "$((runs > 0)) $bad" "1 0"
	sweep $way write,pwrite64:error=EIO 1
	ok "each write failing $way" is "$((runs > 0)) $bad" "1 0"
	sweep $way all:error=ENOMEM 9
	ok "any call failing $way" is "$((runs > 0)) $bad" "1 0"
done
# An apply that dies takes with it whoever works for it, and the next one goes on.
usb_ready OPEN
usb_bus 2 pci0000:00/0000:00:15.0
for i in 1 2 3; do usb 1-$i storage serial=$i; usb 2-$i keyboard serial=$i; done
bad=0
for call in pipe2 clone poll wait4; do
	for mode in OPEN LOCKDOWN; do
		usb_mode $mode
		strace -qq -f -o "$T/trace" -E LD_PRELOAD="$usb_kernel" -e "inject=$call:signal=KILL:when=1" \
		    usb-guard -R "$U" apply -q >/dev/null 2>&1
		grep -q 'killed by' "$T/trace" || note "$call: nobody was killed"
		sleep 0.1
		pgrep -f "usb-guard -R $U apply" >/dev/null && note "$call: somebody works on"
		guard apply -q || note "$call $mode: the next apply: $?"
		want=0
		[[ $mode == LOCKDOWN ]] || want=1
		[[ $(cat "$U"/sys/devices/pci0000:00/*/usb?/?-*/authorized | sort -u) == "$want" ]] || note "$call $mode: not what it should be"
	done
done
ok "an apply killed: nobody works on, and the next one ends what it began" is $bad 0
ok "and all of it verifies" chain-verify -R "$U"

# For good, from the first write on.
for error in EIO ENOSPC EROFS; do
	prepare down
	traced "$(attr 1-1 authorized)" pwrite64:error=$error:when=1+ hook add "$path" >/dev/null 2>&1
	rc=$?
	ok "$error for good: the port is made dead instead" is "$rc $(usb_path 1-1)" "0 "
	prepare down
	rm "$(attr 1-1 remove)"
	traced "$(attr 1-1 authorized)" pwrite64:error=$error:when=1+ hook add "$path" >/dev/null 2>&1
	ok "$error for good, and that not either: 19" is "$?" 19
	prepare up
	traced "$(attr 1-1 authorized)" pwrite64:error=$error:when=1+ hook add "$path" >/dev/null 2>&1
	rc=$?
	ok "$error for good while it is let in: not let in" is "$rc $(usb_state 1-1)" "1 0"
done
prepare up
traced "$(attr 1-1 authorized)" pwrite64:error=ENODEV:when=1+ hook add "$path" >/dev/null 2>&1
rc=$?
ok "ENODEV of a device that is there is a failure like any other" is "$rc $(usb_state 1-1)" "1 0"

tap_done
