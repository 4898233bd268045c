#!/bin/bash
# seal-flood.t: no open moment: not one packet too many while rules and links change
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
tap R R r0

# The flood runs in H from before the first seal to after the last.
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
	echo "$(seen v4 R) $(settle=0 seen v6 R) $(settle=0 seen l2 R)"
}
# more BEFORE AFTER: v4 v6 l2 that came in between
more() {
	local -a a b
	read -ra a <<<"$1"
	read -ra b <<<"$2"
	echo "$((b[0] - a[0])) $((b[1] - a[1])) $((b[2] - a[2]))"
}
flows() {
	local -a d
	local one two
	one=$(arrived)
	sleep 0.1
	two=$(arrived)
	read -ra d <<<"$(more "$one" "$two")"
	((d[0] > 0 && d[1] > 0 && d[2] > 0)) || { echo "v4 v6 l2: ${d[*]}"; return 1; }
}
state OPEN
sleep 0.2
ok "all three floods arrive in OPEN (control)" flows

# N75, N76: the first seal: when it returns, nothing arrives any more
for m in TRUSTED AIRGAP COLDROOM LOCKDOWN; do
	seal $m
	at=$(arrived)
	sleep 0.5
	ok "$m: 0 packets after apply returned" is "$(more "$at" "$(arrived)")" "0 0 0"
	loosen $m OPEN
	ok "$m: the flood is back in OPEN (control)" flows
done

# N77, S0-84: re-applies under the flood, links up: the old rules or the new ones
state TRUSTED
in_h net-seal apply TRUSTED --txn $txn -q
at=$(arrived)
# shellcheck disable=SC2016
run in_h bash -c 'for ((i = 0; i < 1000; i++)); do
	net-seal apply TRUSTED --txn '$txn' -q || exit; done'
ok "1000 re-applies, each in force" status 0
ok "1000 re-applies of TRUSTED under flood: 0 packets" is "$(more "$at" "$(arrived)")" "0 0 0"

# N79: every ordered pair of the modes that cut, links coming and going
at=$(arrived)
bad=''
for from in TRUSTED AIRGAP COLDROOM LOCKDOWN; do
	for to in TRUSTED AIRGAP COLDROOM LOCKDOWN; do
		[[ $from != "$to" ]] || continue
		seal $from
		[[ $(field sealed "$out") == true ]] || bad+=" $from"
		case "$from $to" in
		'TRUSTED '* | 'AIRGAP COLDROOM' | 'AIRGAP LOCKDOWN' | 'COLDROOM LOCKDOWN') seal $to ;;
		*) loosen $from $to ;;
		esac
		[[ $(field sealed "$out") == true ]] || bad+=" $from>$to"
		loosen_back=$to
	done
done
ok "12 ordered pairs of modes without network: each in force" is "$bad" ""
ok "and 0 packets in all of them (N78 among them)" is "$(more "$at" "$(arrived)")" "0 0 0"
state "$loosen_back"

# The pairs with OPEN and RESTRICTED: what they allow passes, and stops with them.
for m in TRUSTED AIRGAP COLDROOM LOCKDOWN; do
	for lax in OPEN RESTRICTED; do
		state LOCKDOWN
		in_h net-seal apply LOCKDOWN --txn $txn -q
		loosen LOCKDOWN $lax
		ok "$lax: the flood passes, as it may" flows
		seal $m
		at=$(arrived)
		sleep 0.15
		ok "$lax to $m: 0 packets after return" is "$(more "$at" "$(arrived)")" "0 0 0"
	done
done

flood_down
diag "packets sent by the flood: $(cat "$T/sent")"
tap_done
