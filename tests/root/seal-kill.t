#!/bin/bash
# seal-kill.t: killed at each system call, or one call failing: never open, and the next apply heals
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
tap R R r0

in_h "$helper/probe" flood "$nonce" h0 10.77.0.2 fd77::2 >"$T/sent" &
flood=$!
at_exit flood_down
flood_down() {
	[[ $flood ]] || return 0
	in_h pkill -TERM -x probe
	wait "$flood"
	flood=''
}
arrived() {
	awk '{ n += $2 } END { print n + 0 }' < <(grep -E '^(v4|v6|l2) ' "$T/R")
}
state OPEN
sleep 0.3
ok "the flood arrives in OPEN (control)" test "$(arrived)" -gt 100

# Which calls an apply makes that change or tell anything: the number of each.
calls='sendmsg recvmsg openat2 renameat fsync unlinkat write socket bind'
counts() {
	in_h strace -qq -f -c -S name -e trace="${calls// /,}" -o /tmp/counts "$@" >/dev/null 2>&1
	in_h awk '$1 ~ /^[0-9.]+$/ && NF >= 5 && $NF != "total" { print $NF, $4 }' /tmp/counts
}

# judge WHAT: after a kill or a failed call in a tightening from TRUSTED to AIRGAP:
# nothing arrives now or during the next apply, which is in force.
bad=''
judge() {
	local n
	sleep 0.03
	n=$(arrived)
	in_h net-seal apply AIRGAP --txn $txn -q 2>"$T/why" || bad+=" $1:$?"
	in_h net-seal check -q 2>>"$T/why" || bad+=" $1:check"
	sleep 0.03
	(($(arrived) == n)) || bad+=" $1:leak"
}
begin() {
	state TRUSTED
	in_h sh -c "net-seal apply TRUSTED --txn $txn -q; ip link set h0 up" 2>/dev/null
	state AIRGAP
}
begin
mapfile -t all < <(counts net-seal apply AIRGAP --txn $txn -q)
diag "calls of a tightening: ${all[*]}"
first=$(arrived)
kills=0
for line in "${all[@]}"; do
	read -r call n <<<"$line"
	# Every one of them; of many dump reads every third.
	step=1
	((n <= 20)) || step=$((n / 12 + 1))
	for ((i = 1; i <= n; i += step)); do
		begin
		in_h strace -qq -o /dev/null -e trace="$call" -e inject="$call":signal=KILL:when=$i \
		    net-seal apply AIRGAP --txn $txn -q >/dev/null 2>&1
		(($? != 137)) || kills=$((kills + 1))
		judge "kill-$call-$i"
	done
done
ok "most kills killed (control)" test $kills -gt 40
ok "$kills kills in a tightening: each next apply is in force" is "$bad" ""
ok "and not one packet from the first to the last" is "$(($(arrived) - first))" 0

# N81: one call fails: 0 or 19, and what is said is so
bad='' fails=0 noticed=0
for line in "${all[@]}"; do
	read -r call n <<<"$line"
	step=1
	((n <= 12)) || step=$((n / 8 + 1))
	for ((i = 1; i <= n; i += step)); do
		begin
		run in_h strace -qq -o /dev/null -e trace="$call" -e inject="$call":error=EIO:when=$i \
		    net-seal apply AIRGAP --txn $txn --json
		fails=$((fails + 1))
		truth=$(in_h net-seal check -q && echo true || echo false)
		# LOCKDOWN is what an unreadable state means.
		[[ $(field mode "$out") != LOCKDOWN ]] || truth=$(field sealed "$out")
		case $status in
		2) [[ $call == write && $truth == true ]] || bad+=" $call-$i:2" ;;
		0 | 1 | 8 | 9 | 15) [[ $(field sealed "$out") == true && $truth == true ]] || bad+=" $call-$i:$status:$truth" ;;
		19) noticed=$((noticed + 1)) ;;
		*) bad+=" $call-$i:$status" ;;
		esac
		[[ $(field sealed "$out") != true || $truth == true ]] || bad+=" $call-$i:lie"
		judge "fail-$call-$i"
	done
done
# What fails once is tried again; what always fails is noticed.
begin
run in_h strace -qq -o /dev/null -e trace=sendmsg -e inject=sendmsg:error=EIO \
    net-seal apply AIRGAP --txn $txn --json
ok "a call that always fails is noticed (control; $noticed of those above)" \
    is "$status $(field sealed "$out")" "19 false"
judge always
ok "$fails calls failing once: 0 or 19, never a false word" is "$bad" ""
ok "and not one packet" is "$(($(arrived) - first))" 0

# A loosening killed or failing: never laxer than asked, and LOCKDOWN can follow.
bad='' kills=0
state LOCKDOWN
in_h net-seal apply LOCKDOWN --txn $txn -q
# shellcheck disable=SC2016
loosen_under() {
	in_h bash -c '"$1/state" leaving LOCKDOWN TRUSTED "$2" $$
		strace -qq -o /dev/null -e trace="${3%%:*}" -e inject="$3" net-seal apply TRUSTED --txn "$2" --json >/tmp/out 2>/dev/null
		exit $?' sh "$helper" $txn "$1" 2>/dev/null
}
for call in sendmsg recvmsg openat2; do
	for ((i = 1; i <= 24; i += 3)); do
		for how in signal=KILL error=EIO; do
			loosen_under "$call:$how:when=$i"
			kills=$((kills + 1))
			n=$(arrived)
			state LOCKDOWN
			in_h net-seal apply LOCKDOWN --txn $txn -q 2>/dev/null || bad+=" $call-$i-$how:$?"
			in_h net-seal check -q || bad+=" $call-$i-$how:check"
		done
	done
done
ok "$kills loosenings killed or failing: back in LOCKDOWN each time" is "$bad" ""
ok "and not one packet in any of them" is "$(($(arrived) - first))" 0
loosen LOCKDOWN OPEN
flood_down
tap_done
