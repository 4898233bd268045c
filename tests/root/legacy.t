#!/bin/bash
# legacy.t: two engines: either alone, what is done to the older one, and who else is there
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up
tap R R r0
tap S S s1
without=$helper/without

probes() { # ID: unlisted UDP out and through, v4 and v6 apart
	in_h "$helper/probe" udp "$1-v4" "$nonce" 10.77.0.2 9
	in_h "$helper/probe" udp "$1-v6" "$nonce" fd77::2 9
	in_r "$helper/probe" udp "$1-fwd4" "$nonce" 10.77.1.2 9
	in_r "$helper/probe" udp "$1-fwd6" "$nonce" fd77:1::2 9
} 2>/dev/null
arrived() { # ID: what of it, in one word each
	sleep 0.12
	local way all=''
	for way in v4 v6 fwd4 fwd6; do
		(($(settle=0 seen "$1-$way" R S) == 0)) || all+=" $way"
	done
	echo "${all# }"
}
legacy_of_all() {
	in_h iptables-legacy-save "$@"
	in_h ip6tables-legacy-save "$@"
}
plain() { # dates, counters of built-in policies, and what a table without rules is
	sed '/^#/d; s/^\(:[A-Z]* [A-Z]*\) \[.*/\1/'
}
ours() {
	legacy_of_all -t raw | grep -c bnd-
	legacy_of_all -t mangle | grep -c bnd-
}
say_all() {
	echo "$status $(field sealed "$out") $(grep -oE '"(inet|legacy)":"[a-z]*"' <<<"$out" | tr -d '"' | paste -sd' ')"
}

# Somebody else's rules: a comment that would be rules if it were read as text (T29).
# shellcheck disable=SC2016
in_h bash -ec 'for t in iptables ip6tables; do
	for table in raw mangle nat; do
		$t-legacy -t $table -c 5 500 -A OUTPUT -d "$([[ $t == ip6* ]] && echo 2001:db8::9 || echo 203.0.113.9)"
	done
	$t-legacy -t mangle -N theirs; $t-legacy -t mangle -A INPUT -p tcp --dport 99 -j theirs
	$t-legacy -t mangle -A theirs -m comment --comment "quo\"ted
-A OUTPUT -j ACCEPT" -j ACCEPT
	$t-legacy -L -n
done' >/dev/null
foreign_rules || bail "no foreign rules"
before=$(legacy_of_all -c | plain)
before_nft=$(in_h nft -a list ruleset)
same_as_before() {
	local now
	now=$(legacy_of_all -c | plain)
	[[ $now == "$before" ]] || diag "$(diff <(echo "$before") <(echo "$now") | head -20)"
	ok "$1: legacy rules of others are byte-equal" is "$now" "$before"
	ok "$1: and those of nf_tables" is "$(in_h nft -a list ruleset)" "$before_nft"
}

# ---- hosts with one engine, both, none ---------------------------------------

# expect HOST MODE: exit, sealed, both layers; TRUSTED judges frames
expect() {
	case $1.$2 in
	both.*) echo "0 true inet:used legacy:used" ;;
	nft.*) echo "0 true inet:used legacy:absent" ;;
	legacy.TRUSTED) echo "19 false inet:absent legacy:used" ;;
	legacy.*) echo "0 true inet:absent legacy:used" ;;
	neither.*) echo "19 false inet:absent legacy:absent" ;;
	esac
}
state OPEN
probes control
ok "all four arrive in OPEN (control)" is "$(arrived control)" "v4 v6 fwd4 fwd6"
for host in both nft legacy neither; do
	case $host in
	both) as=() ;;
	nft) as=("$without" legacy) ;;
	legacy) as=("$without" nft) ;;
	neither) as=("$without" 'legacy,nft') ;;
	esac
	for m in RESTRICTED TRUSTED AIRGAP LOCKDOWN; do
		want=$(expect $host $m)
		run in_h "${as[@]}" net-seal can $m
		ok "$host: can $m" status "$([[ $want == 0* ]] && echo 0 || echo 1)"
		[[ $want == 0* ]] || ok "$host: and it says what lacks" like "$out" 'lacks *nf_tables'
		seal $m
		[[ $m != RESTRICTED || $status != 15 ]] || status=0
		ok "$host: $m" is "$(say_all)" "$want"
		run in_h "${as[@]}" net-seal check --json
		ok "$host: $m: check says the same" is "$(say_all)" "$want"
		if [[ $m == AIRGAP ]]; then
			ok "$host: $m: the links are down" is "$(in_h cat /sys/class/net/h{0,1}/operstate | paste -sd' ')" "down down"
		fi
		if [[ $want == 0* ]]; then
			[[ $m < R ]] && leaks_raise
			probes "$host-$m"
			ok "$host: $m: nothing that is not listed" is "$(arrived "$host-$m")" \
			    "$([[ $m == RESTRICTED ]] && echo v4 v6)"
			ok "$host: $m: loopback" is "$(in_h ping -n -c1 -W0.2 127.0.0.1 >/dev/null; echo $?)" \
			    "$([[ $m == LOCKDOWN ]] && echo 1 || echo 0)"
		fi
		loosen $m OPEN
	done
	leaks_raise
	same_as_before "$host"
done
as=()

# IPv6 alone lacks: no engine for both, so it is not counted, but it stands for IPv4
as=("$without" "nft,legacy6")
seal AIRGAP
ok "legacy of IPv4 only: 19" is "$(say_all)" "19 false inet:absent legacy:absent"
leaks_raise
probes half
ok "and IPv4 is stopped all the same" is "$(arrived half)" "v6 fwd6"
loosen AIRGAP OPEN
leaks_raise
as=()

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
	ok "$mode is in force" is "$(say_all)" "0 true inet:used legacy:used"
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
holder=$!
at_exit release
release() { in_h pkill -KILL -f 'sleep 60' 2>/dev/null; wait $holder 2>/dev/null; }
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

# ---- the child ---------------------------------------------------------------------------

plugin=$(in_h sh -c 'ls /usr/lib/*/xtables/libxt_multiport.so')
fake=$BND_BUILD/tests/fake/plugin.so
# T26: what names other files to load, another lock, other ids
in_h sh -ec "mkdir /tmp/lib; for p in multiport conntrack icmp; do cp $fake /tmp/lib/libxt_\$p.so; done; echo drop >/tmp/plugin"
evil=(env XTABLES_LIBDIR=/tmp/lib IPTABLES_LIB_DIR=/tmp/lib IP6TABLES_LIB_DIR=/tmp/lib XTABLES_LOCKFILE=/dev/full LD_PRELOAD=)
in_h "${evil[@]}" iptables-legacy -t mangle -A INPUT -p tcp -m multiport --dports 1 2>/dev/null
ok "T26: another program loads what the environment names (control)" in_h test -e /tmp/plugin-was-loaded
in_h sh -c 'rm /tmp/plugin-was-loaded; iptables-legacy -t mangle -D INPUT -p tcp -m multiport --dports 1' 2>/dev/null
as=("${evil[@]}")
seal RESTRICTED
ok "T26: in force as without" like "$(say_all)" '(0|15) true inet:used legacy:used'
ok "T26: nothing of that was loaded" not in_h test -e /tmp/plugin-was-loaded
as=(setpriv --ruid 65534)
run in_h "${as[@]}" net-seal apply --json
ok "T26: uid is not euid: the same" is "$(say_all)" "0 true inet:used legacy:used"
as=()
# T27: no program is run, whatever modprobe is said to be
in_h sh -c 'printf "#!/bin/sh\ntouch /tmp/modprobe-ran\n" >/tmp/modprobe; chmod 755 /tmp/modprobe; echo /tmp/modprobe >/proc/sys/kernel/modprobe'
run in_h strace -qq -f -e trace=execve -o /tmp/execs net-seal apply --json
ok "T27: in force" is "$(say_all)" "0 true inet:used legacy:used"
ok "T27: nothing runs but net-seal" is "$(in_h grep -c execve /tmp/execs) $(in_h ls /tmp/modprobe-ran 2>/dev/null)" "1 "
# The child inherits nothing but the pipe.
in_h strace -qq -f -e trace=close_range,setresuid,prctl -o /tmp/calls net-seal check -q
ok "the child closes all but the pipe, and is root alone" \
    is "$(in_h grep -cE 'close_range\(4, 4294967295, 0\)|setresuid\(0, 0, 0\)|PR_SET_PDEATHSIG, SIGKILL' /tmp/calls)" 3
loosen RESTRICTED OPEN

# M51, T28: what builds another rule than asked, or is not there
broken() { # WHAT WHY: RESTRICTED is not in force, and no rule is in the legacy tables
	seal RESTRICTED
	ok "$1: RESTRICTED is not in force" is "$status $(field sealed "$out")" "19 false"
	ok "$1: and says why" like "$out$err" "$2"
	ok "$1: nothing is committed" is "$(ours | paste -sd' ')" "0 0"
	probes "${1/ /-}"
	ok "$1: nf_tables stands" is "$(arrived "${1/ /-}")" "v4 v6"
	state OPEN
	in_h net-seal apply OPEN --txn $txn -q
}
in_h sh -ec "cp $plugin /tmp/real; cp $fake $plugin"
for what in drop other stub; do
	in_h sh -c "echo $what >/tmp/plugin"
	broken "M51 $what" 'built another multiport|stub of multiport'
done
in_h sh -c 'echo die >/tmp/plugin'
broken "M51 die" 'died'
in_h sh -c 'echo hang >/tmp/plugin'
start=$(date +%s%N)
seal RESTRICTED
ms=$((($(date +%s%N) - start) / 1000000))
ok "a child that hangs: ended after its deadline ($ms ms)" test $ms -gt 1900 -a $ms -lt 3500
ok "and said" like "$status $err$out" '^19 .*no answer in 2 s'
ok "nothing of it is left" is "$(in_h pgrep -x net-seal)" ""
seal AIRGAP
ok "AIRGAP needs no such part" is "$(say_all)" "0 true inet:used legacy:used"
loosen AIRGAP OPEN
leaks_raise
in_h rm "$plugin"
broken T28 'no usable multiport'
in_h cp /tmp/real "$plugin"
# A kernel without an extension: nf_tables does without the older engine, which is told.
as=("$without" ext:conntrack)
seal RESTRICTED
ok "T28: a kernel without xt_conntrack: nf_tables alone" is "$(say_all)" "0 true inet:used legacy:absent"
ok "T28: and no shorter rule" is "$(ours | paste -sd' ')" "0 0"
loosen RESTRICTED OPEN
as=("$without" "nft,ext:conntrack")
seal RESTRICTED
ok "T28: and without nf_tables: 19" is "$(say_all)" "19 false inet:absent legacy:absent"
ok "T28: says what lacks" like "$out$err" 'kernel has no xtables conntrack'
state OPEN
in_h "${as[@]}" net-seal apply OPEN --txn $txn -q
as=()
leaks_raise
same_as_before "the end"
tap_done
