#!/bin/bash
# seal-tamper.t: what somebody does to the seal is found, named and repaired; the rest is left alone
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
tap R R r0
in_h sh -c 'mkdir -p /etc/bnd && cat >/etc/bnd/net.allow && chmod 644 /etc/bnd/net.allow' <<'EOT'
version 1
out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820
EOT

probes() { # ID: unlisted UDP v4 and v6, a frame
	in_h "$helper/probe" udp "$1" "$nonce" 10.77.0.2 9
	in_h "$helper/probe" udp "$1" "$nonce" fd77::2 9
	in_h "$helper/probe" frame ip "$1" "$nonce" h0
} 2>/dev/null
state OPEN
in_h net-seal apply OPEN --txn $txn -q
probes control
ok "the probes arrive in OPEN (control)" is "$(seen control R)" 3

# hurt ID WHAT FINDING COMMANDS: check names FINDING, apply repairs, nothing passes then
hurt() {
	in_h sh -ec "$4" || { ok "$mode $1: can be done" false; return; }
	run in_h net-seal check --json
	ok "$mode $1: $2: check says no" is "$status $(field sealed "$out")" "1 false"
	ok "$mode $1: and names it" like "$out" "$3"
	run in_h net-seal apply --json
	ok "$mode $1: apply repairs (exit $status: no log here)" is "$(field sealed "$out")" true
	ok "$mode $1: check is content again" is "$(in_h net-seal check -q; echo $?)" 0
	probes "$mode$1"
	ok "$mode $1: nothing passes" is "$(seen "$mode$1" R)" 0
}
# fine ID WHAT COMMANDS: nothing of ours is hurt
fine() {
	in_h sh -ec "$3" || { ok "$mode $1: can be done" false; return; }
	run in_h net-seal check
	ok "$mode $1: $2: check finds nothing" status 0
	probes "$mode$1"
	ok "$mode $1: and nothing passes" is "$(seen "$mode$1" R)" 0
}
raise() {
	[[ $mode != AIRGAP ]] || in_h sh -c 'ip link set h0 up; ip -6 addr add fd77::1/64 dev h0 nodad
		ip neigh replace 10.77.0.2 lladdr 02:00:00:00:00:02 dev h0 nud permanent' 2>/dev/null
}
handle() { # FAMILY CHAIN N: shell text that is the handle of the Nth rule
	echo "\$(nft -a list chain $1 bnd $2 | grep -o '# handle [0-9]*' | sed -n '$(($3 + 1))s/.* //p')"
}
for mode in TRUSTED AIRGAP; do
	seal $mode
	ok "$mode is in force" is "$(field sealed "$out")" true
	last=late
	[[ $mode == TRUSTED ]] || last=early-out
	hurt T07 "nft flush ruleset" 'missing.*inet: table' 'nft flush ruleset'
	hurt T08 "inet table deleted" 'missing.*inet: table' 'nft delete table inet bnd'
	hurt T09 "inet table dormant" 'inet: table, flags 1' 'nft add table inet bnd "{ flags dormant; }"'
	hurt T10 "netdev table deleted" 'netdev: table' 'nft delete table netdev bnd'
	hurt T11a "a chain flushed" "inet $last: [0-9]* rules, rule 1 " "nft flush chain inet bnd $last"
	hurt T11b "the drop deleted" "inet $last: ([0-9]+ rules, )?rule" "nft delete rule inet bnd $last handle $(handle inet $last "$([[ $mode == TRUSTED ]] && echo 17 || echo 2)")"
	hurt T11c "a rule put in front" "foreign.*inet $last: ([0-9]+ rules, )?rule 1" "nft insert rule inet bnd $last accept"
	hurt T12 "a chain of another priority" "arp out: type filter hook 1 priority -449" '
		nft delete chain arp bnd out
		nft "add chain arp bnd out { type filter hook output priority -449; }; add rule arp bnd out counter drop"'
	hurt T12b "a policy set" "bridge forward: .*policy 0" 'nft "chain bridge bnd forward { policy drop; }"'
	hurt T12c "a set put into our table" "inet: table, flags 0, [0-9]* objects" 'nft add set inet bnd s "{ type ipv4_addr; }"'
	hurt T20a "a netdev chain for fewer links" "netdev in-0: link h1" '
		nft delete chain netdev bnd in-0
		nft "add chain netdev bnd in-0 { type filter hook ingress device h0 priority -500; }; add rule netdev bnd in-0 counter drop"'
	fine T13 "a base chain that accepts all before us" 'nft "table inet x { chain c { type filter hook output priority -500; policy accept; accept; }; }"'
	fine T14 "a second table bnd in family ip" 'nft "table ip bnd { chain c { type filter hook output priority -500; policy accept; accept; }; }"'
	in_h sh -c 'nft delete table inet x; nft delete table ip bnd'
	fine T20b "a link that came, was hooked and is gone" '
		ip link add gone0 type veth peer name gone1
		net-seal hook "$(cat /sys/class/net/gone0/ifindex)" -q; ip link del gone0'
	fine T24 "the accepted copy cannot be found in AIRGAP" "[ $mode = TRUSTED ] || rm -f /run/bnd/net/list"
	fine T26 "environment of others" 'XTABLES_LIBDIR=/tmp XTABLES_LOCKFILE=/dev/full IPTABLES_LIB_DIR=/tmp net-seal check -q'
done

# T21: sealed links raised: rules hold, check names the link
mode=AIRGAP
in_h ip link set h0 up
run in_h net-seal check --json
ok "T21: a link raised is named" is "$status $(grep -c '"text":"h0 is up"' <<<"$out")" "1 1"
probes T21
ok "T21: and carries nothing" is "$(seen T21 R)" 0
run in_h net-seal apply --json
ok "T21: repaired" is "$(field sealed "$out") $(in_h cat /sys/class/net/h0/operstate)" "true down"
loosen AIRGAP OPEN

# T20: a link out of the chains by way of another name, or another namespace
mode=TRUSTED
seal TRUSTED
in_h sh -c 'ip link set h1 name y1; ip link set y1 name h1'
run in_h net-seal check --json
hooked=$status
run in_h net-seal hook 3
seen T20 R >/dev/null
ok "T20: renamed twice (check said $hooked), the hook leaves it hooked" is "$(in_h net-seal check -q; echo $?)" 0
in_h sh -c 'ip netns add away 2>/dev/null; ip link set h1 netns away && ip -n away link set h1 netns $$' 2>/dev/null
run in_h net-seal apply --json
ok "T20: away and back: apply hooks it" is "$(field sealed "$out") $(in_h net-seal check -q; echo $?)" "true 0"

# T24: the list: an edited file is a finding, a spoiled copy is the empty list
in_h sh -c 'echo "out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=53" >>/etc/bnd/net.allow'
run in_h net-seal check --json
ok "T24: edited: sealed, exit 1, said" is "$status $(field sealed "$out") $(grep -c 'net.allow is not' <<<"$out")" "1 true 1"
in_h "$helper/probe" udp T24 "$nonce" 10.77.0.2 53
ok "T24: the new line is not in force" is "$(seen T24 R)" 0
seal TRUSTED
in_h "$helper/probe" udp T24 "$nonce" 10.77.0.2 53
ok "T24: a transaction takes it" is "$(seen T24 R)" 1
for spoil in 'truncate -s -1' 'sed -i s/51820/51821/' 'ln -sf /etc/bnd/net.allow' 'rm -f'; do
	seal TRUSTED
	in_h sh -c "$spoil /run/bnd/net/list"
	run in_h net-seal apply --json
	ok "T24: $spoil the copy: in force with the empty list" is "$(field sealed "$out")" true
	in_h "$helper/probe" udp "T24${spoil:0:2}" "$nonce" 10.77.0.2 53 2>/dev/null
	ok "T24: $spoil: nothing is listed now" is "$(seen "T24${spoil:0:2}" R)" 0
	in_h rm -f /run/bnd/net/list
done

# Programs on a link without a qdisc (tcx)
seal TRUSTED
in_h ip link set h1 up
if in_h "$helper/probe" tcx h0; then
	run in_h net-seal check --json
	ok "tcx: named, and TRUSTED is not sealed" is "$status $(field sealed "$out") $(grep -c 'tc on h0' <<<"$out")" "1 false 1"
	in_h sh -c 'echo "bypass h0/veth tc" >>/etc/bnd/net.allow'
	seal TRUSTED
	ok "tcx: a bypass line accepts it" is "$(field sealed "$out")" true
else
	skip_kernel "tcx" "no tcx here"
fi

# XDP on a link that is up: not stopped, so TRUSTED is not sealed
seal TRUSTED
in_h ip link set h1 up
if in_h "$helper/probe" xdp h1; then
	run in_h net-seal check --json
	ok "XDP: named, and TRUSTED is not sealed" is "$status $(field sealed "$out") $(grep -c 'xdp on h1' <<<"$out")" "1 false 1"
	seal TRUSTED
	ok "XDP: apply says 19" is "$status $(field sealed "$out")" "19 false"
	seal AIRGAP
	ok "XDP: in AIRGAP the link is down and it is a note" is "$status $(field sealed "$out")" "0 true"
else
	skip_kernel "XDP" "no XDP here"
fi
tap_done
