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
bad=''
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

# told STATUS VERB WHAT: success is what it says
told() {
	local now accepted
	[[ $1 == 0 || $1 == 15 ]] || return
	now=$(rules)
	accepted=$(in_h sed -n 's/.*dport=5/5/p' /run/bnd/net/list)
	[[ $now == "$new" ]] || bad+=" $3:lie"
	[[ $2 == try* || $accepted == 52 ]] || bad+=" $3:not-kept"
}
# each HOW CALL:STEP...: at every STEPth of these calls
each() {
	local how=$1 step call by verb st i
	shift
	for verb in 'try --for 60s -q /etc/bnd/new' 'confirm -q'; do
		for step; do
			IFS=: read -r call by <<<"$step"
			for ((i = 1; i < 100; i += by)); do
				txn_apply
				[[ $verb == try* ]] || in_h net-seal try --for 60s -q /etc/bnd/new 2>/dev/null
				# shellcheck disable=SC2086
				in_h strace -qq -o /tmp/calls -e trace="$call" -e inject="$call":"$how":when=$i \
				    net-seal $verb >/dev/null 2>&1
				st=$?
				told $st "$verb" "$how-${verb%% *}-$call-$i"
				judge "$how-${verb%% *}-$call-$i"
				((st == 137)) || in_h grep -q INJECTED /tmp/calls || break
				hits=$((hits + 1))
			done
		done
	done
}
hits=0
each signal=KILL openat2:19 renameat:1 fsync:3 sendmsg:9 clone:1
ok "most kills killed (control)" test $hits -gt 12
ok "$hits kills of try and confirm: one of both lists, then the accepted one" is "$bad" ""
hits=0 bad=''
each error=EIO openat2:19 renameat:1 fsync:3 sendmsg:9 recvmsg:37 clone:1 pipe2:1
ok "most failures failed (control)" test $hits -gt 12
ok "$hits calls that fail: the same, and what is said is so" is "$bad" ""
tap_done
