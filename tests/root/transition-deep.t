#!/bin/bash
# transition-deep.t: system calls failing or killing inside the shipped enforcer
# SPDX-License-Identifier: ISC
#
# The whole tree of processes is run under strace, so that netlink calls of
# net-seal and writes to /proc/sys fail too. Whatever is said afterwards is true:
# a mode that was reported is what net-seal reads back, and a host that could not
# be sealed says LOCKDOWN with a status of its own.
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
command -v strace >/dev/null || skip_all "no strace"
strace -o /dev/null true 2>/dev/null || skip_kernel_all "ptrace is not allowed here"
export ASAN_OPTIONS=detect_leaks=0
spine_up
real() {
	install -m 0755 "$BND_BUILD/tests/helper/timed-net-seal" /usr/sbin/net-seal || bail "no net-seal"
}
real

bad=0 runs=0
note() {
	bad=$((bad + 1))
	((bad > 10)) || diag "$*"
}
reset() {
	[[ $(mode-set --get) != OPEN ]] || return 0
	loosen to "$T" 2 OPEN >/dev/null 2>&1 && return
	net-seal check >/dev/null 2>&1
	mode-set lockdown >/dev/null 2>&1
	loosen to "$T" 2 OPEN >/dev/null 2>&1 || {
		spine_again
		real
	}
}
# What is claimed is so.
judge() {
	local what=$1 st=$2 said=$3
	case $st in
	0 | 15)
		[[ $said == AIRGAP ]] || note "$what: $st and $said"
		net-seal check >/dev/null 2>&1 || note "$what: $st, but not sealed"
		;;
	17)
		[[ $(mode-set --get) == LOCKDOWN ]] || note "$what: 17 without LOCKDOWN"
		net-seal check >/dev/null 2>&1 || note "$what: 17, but LOCKDOWN is not in force"
		;;
	18) [[ $(mode-set --get) == LOCKDOWN ]] || note "$what: 18 without LOCKDOWN" ;;
	*)
		# Not begun, or killed: the next call repairs.
		;;
	esac
	mode-set --at-least OPEN >/dev/null 2>&1
	case $(mode-set --get 2>/dev/null) in
	OPEN) [[ $st != 0 ]] || note "$what: 0 and OPEN" ;;
	*) net-seal check >/dev/null 2>&1 || note "$what: not repaired by the next call" ;;
	esac
	grep -q '^phase stable' /run/bnd/state || note "$what: not settled"
	chain-verify >/dev/null 2>&1 || note "$what: $(chain-verify 2>&1 | tail -n 1)"
}
# How often a call is made when nothing fails.
calls_of() {
	reset
	strace -f -qq -o "$T/trace" -e "trace=$1" mode-set airgap >/dev/null 2>&1
	grep -c "$1(" "$T/trace"
}
# Some points of each call, others in every run: the probe alone sends dozens.
sweep() {
	local call=$1 how=$2 most=$3 n k st stride
	n=$(calls_of "$call")
	stride=$((n / most + 1))
	[[ ${BND_SWEEP:-} != 1 ]] || stride=1
	for ((k = 1 + RANDOM % stride; k <= n; k += stride)); do
		reset
		strace -f -o "$T/trace" -e "trace=$call" -e "inject=$call:$how:when=$k" \
		    mode-set airgap >"$T/said" 2>/dev/null
		st=$?
		grep -qE 'INJECTED|killed by SIGKILL' "$T/trace" || continue
		runs=$((runs + 1))
		judge "$call $how $k" $st "$(cat "$T/said")"
	done
}

for call in sendto sendmsg recvfrom recvmsg socket; do
	sweep $call error=ENOBUFS 5
done
ok "netlink failing at $runs calls" is "$bad" 0
ok "which were some" test "$runs" -ge 10
bad=0 runs=0
for call in sendto sendmsg execve clone clone3 vfork; do
	sweep $call signal=KILL 5
done
ok "killed at $runs calls, enforcer or not" is "$bad" 0
bad=0 runs=0
sweep execve error=ENOENT 5
sweep write error=EPERM 5
ok "not runnable, or knobs not writable, at $runs calls" is "$bad" 0
tap_done
