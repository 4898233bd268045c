#!/bin/bash
# legacy-tamper.t: what is done to the older tables is found, named and repaired; their lock
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
. "${0%/*}/../legacy.sh"
need_observer
legacy_up

# ---- tampering -------------------------------------------------------------------

# hurt ID WHAT FINDING COMMANDS: check names it, the other engine holds, apply repairs
hurt() {
	in_h sh -ec "$4" || { ok "$mode $1: can be done" false; return; }
	run in_h net-seal check --json
	ok "$mode $1: $2: check says no" is "$(say_all)" "1 false inet:used legacy:failed"
	ok "$mode $1: and names it" like "$out" "$3"
	probes "$mode$1"
	run in_h net-seal apply --json
	ok "$mode $1: apply repairs (exit $status: no log here)" is "$(field sealed "$out")" true
	ok "$mode $1: check is content again" is "$(in_h net-seal check -q; echo $?)" 0
	ok "$mode $1: nothing passed meanwhile" is "$(arrived "$mode$1")" ""
}
finer() {
	[[ $mode != AIRGAP ]] || hurt "$@"
}
fine() { # ID WHAT COMMANDS: nothing of ours is hurt
	in_h sh -ec "$3" || { ok "$mode $1: can be done" false; return; }
	run in_h net-seal check
	ok "$mode $1: $2: check finds nothing" status 0
	probes "$mode$1"
	ok "$mode $1: and nothing passes" is "$(arrived "$mode$1")" ""
}
for mode in AIRGAP TRUSTED; do
	seal $mode
	ok "$mode is in force" like "$(say_all)" '^(0|15) true inet:used legacy:used$'
	t=raw out=bnd-out hook=OUTPUT
	[[ $mode == AIRGAP ]] || t=mangle out=bnd-late hook=POSTROUTING
	chain=$out
	n=$(in_h iptables-legacy -t $t -S $chain | grep -c '^-A')
	fine T01 "flushing filter, and a policy" 'for t in iptables ip6tables; do
		$t-legacy -A OUTPUT -j ACCEPT; $t-legacy -F; $t-legacy -P OUTPUT ACCEPT; $t-nft -F; done
		nft delete table ip filter 2>/dev/null || :'
	hurt T02 "both families flushed" "IPv4 $t $chain.*IPv6 $t $chain" "
		for f in iptables ip6tables; do \$f-legacy -t $t -F $chain; done"
	finer T02b "one family flushed" "IPv6 $t $chain: rule 1 is missing" "ip6tables-legacy -t $t -F $chain"
	finer T02c "the chains gone" "IPv4 $t $chain is not there" "
		iptables-legacy -t $t -D $hook -j $chain; iptables-legacy -t $t -F $chain; iptables-legacy -t $t -X $chain"
	hurt T03 "the jump deleted" "IPv4 $t $chain is not the first jump" "iptables-legacy -t $t -D $hook -j $chain"
	hurt T04 "an accept before the jump" "IPv6 $t $chain is not the first jump" "ip6tables-legacy -t $t -I $hook 1 -j ACCEPT"
	in_h ip6tables-legacy -t $t -D $hook -j ACCEPT
	hurt T05 "a return before the drop" "IPv4 $t $chain: rule $n differs" "iptables-legacy -t $t -I $chain $n -j RETURN"
	finer T05b "an address in the last rule" "IPv4 $t $chain: rule $n differs" "iptables-legacy -t $t -R $chain $n -s 10.0.0.0/8 -j DROP"
	finer T05c "another interface in the first" "IPv6 $t $chain: rule 1 differs" "ip6tables-legacy -t $t -R $chain 1 -o lol -j RETURN"
	finer T05d "a jump with a condition" "IPv4 $t $chain is not the first jump" "iptables-legacy -t $t -R $hook 1 -p tcp -j $chain"
	finer T05e "a rule too many" "IPv4 $t $chain: rule $((n + 1)) is one too many" "iptables-legacy -t $t -A $chain -j ACCEPT"
	finer T05f "a chain of our name, and a jump to it" "bnd-x belongs to no rule of this mode" "
		iptables-legacy -t $t -N bnd-x; iptables-legacy -t $t -A INPUT -j bnd-x 2>/dev/null || iptables-legacy -t $t -A PREROUTING -j bnd-x"
	fine T06 "restores of others" 'iptables-legacy-save -t filter >/tmp/f; iptables-legacy-restore /tmp/f
		printf "*raw\nCOMMIT\n*mangle\nCOMMIT\n" | iptables-nft-restore; iptables-nft -t raw -F; iptables-nft -t mangle -F
		for t in filter raw mangle; do nft delete table ip $t 2>/dev/null || :; done'
	# T07: nf_tables gone: the legacy tables stand alone
	in_h nft flush ruleset
	[[ $mode != AIRGAP ]] || leaks_raise
	probes "$mode-flushed"
	ok "$mode: after nft flush ruleset nothing passes" is "$(arrived "$mode-flushed")" ""
	run in_h net-seal check --json
	ok "$mode: and check says which engine fell" is "$(say_all)" "1 false inet:failed legacy:used"
	foreign_rules
	loosen $mode OPEN
	leaks_raise
	before_nft=$(in_h nft -a list ruleset)
	same_as_before $mode
done

# N85: who read a table before our commit and writes it after it undoes ours.
seal AIRGAP
in_h iptables-legacy-save -c -t raw >"$T/sealed"
loosen AIRGAP OPEN
in_h iptables-legacy-save -c -t raw >"$T/stale"
seal AIRGAP
in_h iptables-legacy-restore -c <"$T/stale"
run in_h net-seal check --json
ok "N85: a stale handle's commit is found" like "$(say_all) $out" '^1 false.*IPv4 raw bnd-out is not there'
run in_h net-seal apply --json
ok "N85: and repaired" is "$(field sealed "$out") $(in_h net-seal check -q; echo $?)" "true 0"
# And in OPEN a saved seal that is restored is taken out again.
loosen AIRGAP OPEN
leaks_raise
in_h iptables-legacy-restore -c <"$T/sealed"
run in_h net-seal check --json
ok "our chains in OPEN are a finding" like "$status $out" '^1 .*IPv4 raw .*belongs to no rule'
run in_h net-seal apply --json
same_as_before "a restored seal in OPEN"

# ---- the lock -------------------------------------------------------------------------

# N84: held for ever: a tightening seals within 3 s, and a loosening is not begun
in_h flock /run/xtables.lock sleep 60 &
disown
at_exit release
release() {
	in_h pkill -KILL -f '^sleep 60'
	for ((i = 0; i < 100; i++)); do in_h flock -n /run/xtables.lock true && break; sleep 0.02; done
}
for ((i = 0; i < 100; i++)); do in_h flock -n /run/xtables.lock true || break; sleep 0.02; done
start=$(date +%s%N)
seal AIRGAP
ms=$((($(date +%s%N) - start) / 1000000))
ok "N84: sealed without the lock" is "$(say_all)" "0 true inet:used legacy:used"
ok "N84: within 3 s ($ms ms)" test $ms -gt 1900 -a $ms -lt 3000
ok "N84: and says so" like "$out" '"code":"legacy.lock".*went on without it'
loosen AIRGAP OPEN
state AIRGAP
ok "N84: a loosening is not begun without it" is "$(field mode "$out") $(in_h net-seal check --json | grep -o '"legacy":"[a-z]*"')" \
    'AIRGAP "legacy":"used"'
release
loosen AIRGAP OPEN
leaks_raise
same_as_before "lock"
tap_done
