#!/bin/bash
# legacy-kill.t: the older tables' child and its parent, killed or failing at each call: never open
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
tap S S s1
as=("$helper/without" nft)

# Through the host, both families: refused in every mode but OPEN.
in_r "$helper/probe" flood "$nonce" r0 10.77.1.2 fd77:1::2 500 >"$T/sent" &
flood=$!
at_exit flood_down
flood_down() {
	[[ $flood ]] || return 0
	kill -TERM $flood
	wait $flood
	flood=''
}
arrived() {
	awk '$1 ~ /^v[46]$/ { n += $2 } END { print n + 0 }' "$T/S"
}
state OPEN
for ((i = 0; i < 50; i++)); do
	(($(arrived) < 50)) || break
	sleep 0.05
done
ok "the flood passes in OPEN (control)" test "$(arrived)" -ge 50

seal RESTRICTED
ok "RESTRICTED by the older tables" like "$out" '"sealed":true.*"inet":"absent".*"legacy":"used"'
sleep 0.1
first=$(arrived)

under() { # INJECTION COMMAND...
	local inject=$1
	shift
	in_h strace -qq -f -o /dev/null -e trace="${inject%%:*}" -e inject="$inject" "${as[@]}" "$@" 2>/dev/null
}
bad='' ended=0 runs=0
# A tightening from RESTRICTED, which moves the rules from one table to the other.
once() {
	local s
	state AIRGAP
	under "$1" net-seal apply AIRGAP --txn $txn -q >/dev/null 2>&1
	s=$?
	runs=$((runs + 1))
	case $s in
	0 | 15) in_h "${as[@]}" net-seal check -q || bad+=" $1:lie" ;;
	19 | 137) ended=$((ended + 1)) ;;
	*) bad+=" $1:$s" ;;
	esac
	in_h "${as[@]}" net-seal apply AIRGAP --txn $txn -q 2>/dev/null || bad+=" $1:again:$?"
	in_h "${as[@]}" net-seal check -q || bad+=" $1:check"
	loosen AIRGAP RESTRICTED
	[[ $(field sealed "$out") == true ]] || bad+=" $1:back"
}
for call in setsockopt:1,2,3,5,7 getsockopt:1,2,4,6,9 memfd_create:1 dup2:2 setresuid:1 close_range:1 \
    write:1 poll:1 clone:1 pidfd_open:1; do
	for n in $(tr ',' ' ' <<<"${call#*:}"); do
		for how in signal=KILL error=EIO; do
			once "${call%:*}:$how:when=$n"
		done
	done
done
ok "many of $runs runs were killed or failed (control: $ended)" test $ended -gt 15
ok "and each next apply was in force" is "$bad" ""
ok "not one packet came through" is "$(($(arrived) - first))" 0

# A loosening: whatever dies, the mode that was left can be entered again.
bad=''
state LOCKDOWN
in_h "${as[@]}" net-seal apply LOCKDOWN --txn $txn -q
for how in setsockopt:signal=KILL:when={1,2,3,4} getsockopt:error=EIO:when={3,6} poll:signal=KILL:when=1; do
	# shellcheck disable=SC2016
	in_h bash -c '"$1/state" leaving LOCKDOWN RESTRICTED "$2" $$
		strace -qq -f -o /dev/null -e trace="${3%%:*}" -e inject="$3" "$1/without" nft \
		    net-seal apply RESTRICTED --txn "$2" -q
		exit $?' sh "$helper" $txn "$how" >/dev/null 2>&1
	state LOCKDOWN
	in_h "${as[@]}" net-seal apply LOCKDOWN --txn $txn -q 2>/dev/null || bad+=" $how:$?"
	in_h "${as[@]}" net-seal check -q || bad+=" $how:check"
done
ok "loosenings killed or failing: back in LOCKDOWN each time" is "$bad" ""
ok "and not one packet" is "$(($(arrived) - first))" 0

# Somebody else was quicker: the table is read and edited again.
loosen LOCKDOWN RESTRICTED
state AIRGAP
run under setsockopt:error=EAGAIN:when=1 net-seal apply AIRGAP --txn $txn --json
ok "EAGAIN once is no failure" is "$status $(field sealed "$out")" "0 true"
loosen AIRGAP RESTRICTED

# The families change one after the other: no link is up by then.
state AIRGAP
run in_h strace -qq -f -o /tmp/order -e trace=sendmsg,sendto,setsockopt "${as[@]}" net-seal apply AIRGAP --txn $txn --json
ok "links go down before the older tables change" is \
    "$(in_h awk '/RTM_(NEW|SET)LINK/ && /nlmsg_flags=NLM_F_REQUEST\|NLM_F_ACK/ { print "link" }
	/setsockopt.*(0x40|IPT_SO_SET_REPLACE|IP6T_SO_SET_REPLACE|64)/ { print "rules" }' /tmp/order | uniq | paste -sd' ')" \
    "link rules"
loosen AIRGAP RESTRICTED

# One hook is stopped before it commits an older mode's rules, which nothing guards
# in these tables; it goes on after AIRGAP, and looks at the state again.
# Its first child only looks, and finds a rule missing.
in_h iptables-legacy -t mangle -D bnd-in 1
in_h bash -c "exec strace -qq -f -o /dev/null -e trace=clone -e inject=clone:delay_enter=1500000:when=2 $helper/without nft net-seal hook 2 -q" 2>/dev/null &
late=$!
# It has the lock of the tables once it has read the state.
for ((i = 0; i < 200; i++)); do in_h flock -n /run/xtables.lock true || break; sleep 0.02; done
sleep 0.2
state AIRGAP
ok "N82: AIRGAP is published while the hook stands still (control)" kill -0 $late
wait $late
ok "N82: a late hook leaves what the state says" is "$(in_h "${as[@]}" net-seal check -q; echo $?)" 0
ok "N82: and not one packet" is "$(($(arrived) - first))" 0
flood_down
tap_done
