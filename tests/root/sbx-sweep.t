#!/bin/bash
# sbx-sweep.t: every system call of a start fails once, and at every one it dies
# SPDX-License-Identifier: ISC
#
# tests/helper/disturb counts the calls of supervisor, init and payload until the
# payload's exec.  The payload either never runs, or runs under exactly what it
# runs under otherwise; and nothing is left.  Each commit draws an eighth;
# BND_SWEEP=1 takes all.  Every second commit it has a relay, which is disturbed,
# too; BND_SWEEP_NET=none or allow says which.
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
[[ $(uname -m) == x86_64 ]] || skip_kernel_all "system calls have other numbers here"
sbx_up
disturb=$BND_BUILD/tests/helper/disturb
"$disturb" -o "$T/d" true || skip_kernel_all "no notifications of system calls here"

one_in=${BND_SWEEP:-8}
at=$(git -C "$BND_TREE" rev-parse HEAD 2>/dev/null || date +%F)

profile allow 'net allow' 'allow 192.0.2.2:7000 [2001:db8::2]:7000'
draw=(none allow)
net=${BND_SWEEP_NET:-${draw[$(($(cksum <<<"net $at" | cut -d' ' -f1) % 2))]}}
[[ $net == none ]] || sbx=(-p allow)

# A failing fsync stops the log until somebody has looked. What was refused for
# that met the failure elsewhere, perhaps in its cleaning up.
mend() {
	mode-set --check >/dev/null 2>&1
	sbx-run --gc >/dev/null 2>&1
}
disturbed() {
	sbx_nonce
	run in_time "$disturb" -o "$T/d" "$@" "$BND_BUILD/sbx-run" "${sbx[@]}" --result "$T/result" -- $payloads/who "$nonce"
	[[ $err != *'(mode-set --check ends that)'* ]] || { mend; disturbed "$@"; }
}
# What the payload says of itself and the result of it, but for what is each run's.
protection() {
	sed -E "s/$nonce//; s/:\[[0-9]+\]//; s/[0-9]+$/N/" <<<"$out" | sed -E '/^(Seccomp_filters|Groups)/d'
	sed 's/^[^:]*: //' <<<"$out" | grep -E '^0{16}$' | wc -l
	jq -c '.reason, (.enforced | walk(if type == "number" then 0 else . end))' "$T/result" 2>/dev/null
}
# Quick: leases, leaves, processes.
left() {
	find /run/bnd/sbx -type f -name '[0-9]*' -size +0
	find /sys/fs/cgroup -type d -path '*bnd-sbx*' \( -name '*[0-9]' -o -name '*[0-9]r' \)
	awk -v a="$sbx_first" '/^Uid:/ && $2 >= a && $2 < a + 2048 { print FILENAME }' /proc/[0-9]*/status 2>/dev/null
}
# With arguments they are run each time. What stays is told once.
nothing_stays() {
	local i is
	for ((i = 0; i < 40; i++)); do
		(($# == 0)) || run "$@"
		is=$(left | sort)
		[[ $is != "$was" ]] || return 0
		sleep 0.05
	done
	stays=$(comm -13 <(echo "$was") <(echo "$is")) was=$is
	return 1
}
bad=0
note() {
	bad=$((bad + 1))
	((bad > 15)) || diag "$* (process and call: $(grep '^at' "$T/d")): status $status: $err"
}
share() {
	seq "$1" "$2" | shuf -n $((($2 - $1 + one_in) / one_in)) --random-source=<(yes "$at$3") | sort -n
}

was=$(left | sort)
disturbed
ok "undisturbed, but traced, it runs" status 0
ok "with all it has, net $net" payload_ran
calls=$(sed -n 's/^calls //p' "$T/d") want=$(protection)
ok "its start has calls to disturb ($calls)" test "$calls" -gt 100
ok "and what protects it is told" like "$want" 'exited'

# ---- each fails ------------------------------------------------------------
ran=0 refused=0 getrandom=318
fails() {
	local n=$1 e=$2
	disturbed -n "$n" -e "$e"
	if [[ $out == *"nonce $nonce"* ]]; then
		ran=$((ran + 1))
		[[ $(protection) == "$want" ]] || note "call $n fails with $e: it runs with less: $(diff <(echo "$want") <(protection))"
	elif ((status == 127)) && [[ $err == *'cannot set %fs'* || $err == *'error while loading'* ]]; then
		# The C library's own start: nothing of ours has run.
		refused=$((refused + 1))
	elif ((status == 134)) && grep -q "^at 0 $getrandom\$" "$T/d"; then
		# libsodium takes no no for an answer: as if it were killed.
		nothing_stays sbx-run --gc || note "call $n fails with $e: left: $stays"
	else
		refused=$((refused + 1))
		[[ $err ]] || note "call $n fails with $e: no word"
		case $status,$(jq -r '.reason + "," + .stage' "$T/result" 2>/dev/null) in
		125, | 125,setup-error,?* | 125,setup-timeout,?* | 125,refused,?* | 125,internal-error,?* | 126,exec-error,) ;;
		*) note "call $n fails with $e: the result: $(<"$T/result")" ;;
		esac
	fi
	nothing_stays || { note "call $n fails with $e: left: $stays"; sbx-run --gc >/dev/null 2>&1; was=$(left | sort); }
}
# EIO ENOMEM EINTR EPERM EMFILE ENOSPC ENOSYS: each commit another of them first.
errnos=(5 12 4 1 24 28 38)
first=$((16#$(cksum <<<"$at" | cut -c 1-4)))
while read -r n; do
	fails "$n" "${errnos[(n + first) % ${#errnos[@]}]}"
done < <(share 1 "$calls" fail)
ok "whatever fails: never less protection, and a word ($refused refused, $ran ran)" is $bad 0
ok "most failures end the start" test $refused -gt 10
mend
ok "nothing is harmed" unharmed

# ---- it dies ---------------------------------------------------------------
bad=0 ran=0
# Within 200 ms, and what a few such looks cost on this host just now.
soon_gone() {
	local from=${EPOCHREALTIME/./} at look=0
	while [[ $(awk -v a="$sbx_first" -v c="$canary_own" \
	    '/^Uid:/ && $2 >= a && $2 < a + 2048 && index(c, " " $2 " ") == 0' /proc/[0-9]*/status 2>/dev/null) ]]; do
		at=${EPOCHREALTIME/./}
		((look)) || look=$((at - from))
		((at - from < 200000 + 5 * look)) || return 1
		sleep 0.01
	done
}
dies() {
	local n=$1
	disturbed -n "$n" -k
	((status == 137)) || ((status == 0)) || note "killed at call $n: not killed"
	if [[ $out == *"nonce $nonce"* ]]; then
		ran=$((ran + 1))
		# What it could still say before it was ended, it said of all its protection.
		! grep -vxFf <(echo "$want") <(sed -E "s/$nonce//; s/:\[[0-9]+\]//; s/[0-9]+$/N/" <<<"$out" |
		    sed -E '/^(Seccomp_filters|Groups)/d' | grep .) >"$T/less" || note "killed at call $n: $(<"$T/less")"
	fi
	soon_gone || note "killed at call $n: a process is there after 200 ms"
	# The task that opens sources shares the lease's lock until it is through.
	nothing_stays sbx-run --gc || note "killed at call $n: left: $stays"
}
id=$(awk '/^Uid:/ { print $2 }' "/proc/$canary_P/status")
canary_own=" $((id - 1)) $id "
while read -r n; do
	dies "$n"
done < <(share 1 "$calls" kill)
ok "whenever its supervisor dies: no process, no cgroup, no lease ($ran had begun)" is $bad 0

# ---- it is told to end -----------------------------------------------------
# By a signal at any time of its start; the payload would stay for ever.
bad=0 told=0
ends() {
	local n=$1 sig=$2
	sbx_nonce
	sbx_time=20 run in_time "$disturb" -o "$T/d" -n "$n" -s "$sig" "$BND_BUILD/sbx-run" "${sbx[@]}" --result "$T/result" -- \
	    $payloads/stay "$nonce" ever
	((status == 128 + sig)) || note "signal $sig at call $n: status"
	if [[ -s $T/result ]]; then
		told=$((told + 1))
		[[ $(result '.reason + " " + (.signal | tostring)') == "cancelled $sig" ]] || note "signal $sig at call $n: $(<"$T/result")"
	fi
	# Before it had taken anything it could die of it, and left nothing to tidy.
	nothing_stays || { note "signal $sig at call $n: left: $stays"; sbx-run --gc >/dev/null 2>&1; }
}
signals=(15 2 1 3)
while read -r n; do
	ends "$n" "${signals[(n + first) % 4]}"
done < <(share 1 "$calls" signal | awk 'NR % 2')
ok "whenever it is told to end it ends, says so and leaves nothing ($told told)" is $bad 0
ok "most were told" test $told -gt 10
ok "nothing is harmed" unharmed
tap_done
