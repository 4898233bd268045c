#!/bin/bash
# net-try-kill.t: try and confirm killed at each step leave one of both lists, then the accepted one
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../try.sh"
need_observer
net_up
in_h cp -f "$helper/timed-net-seal" /usr/sbin/net-seal || bail "cannot put net-seal there"

forward 0

# kill -9 at each step: one of the two lists, as it was rendered; then the one accepted
state TRUSTED
txn_apply() {
	list /etc/bnd/net.allow "$ssh" "$(line 51)"
	in_h net-seal apply TRUSTED --txn $txn -q 2>/dev/null
}
list /etc/bnd/new "$ssh" "$(line 52)"
txn_apply
old=$(rules)
in_h net-seal try --for 60s -q /etc/bnd/new 2>/dev/null
new=$(rules)
in_h sh -c 'rm -f /run/bnd/net/try; net-seal apply -q' 2>/dev/null
kill_waiter
bad='' kills=0
judge() { # WHAT
	local now accepted
	now=$(rules)
	[[ $now == "$old" || $now == "$new" ]] || bad+=" $1:rules"
	kill_waiter
	accepted=$(in_h sed -n 's/.*dport=5/5/p' /run/bnd/net/list)
	forward 61
	in_h net-seal apply -q 2>/dev/null
	now=$(rules)
	[[ $accepted == 51 && $now == "$old" || $accepted == 52 && $now == "$new" ]] || bad+=" $1:apply"
}

for verb in 'try --for 60s -q /etc/bnd/new' 'confirm -q'; do
	for step in openat2:8 renameat:1 fsync:2 sendmsg:5 clone:1; do
		IFS=: read -r call by <<<"$step"
		for ((i = 1; i < 100; i += by)); do
			txn_apply
			[[ $verb == try* ]] || in_h net-seal try --for 60s -q /etc/bnd/new 2>/dev/null
			# shellcheck disable=SC2086
			in_h strace -qq -o /dev/null -e trace="$call" -e inject="$call":signal=KILL:when=$i \
			    net-seal $verb >/dev/null 2>&1
			killed=$?
			judge "${verb%% *}-$call-$i"
			((killed == 137)) || break
			kills=$((kills + 1))
		done
	done
done
ok "most kills killed (control)" test $kills -gt 20
ok "$kills kills of try and confirm: one of both lists, then the accepted one" is "$bad" ""
tap_done
