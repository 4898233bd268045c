#!/bin/bash
# seal-last.t: what others rewrite on its way out is judged as it leaves, or they are named
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
probe=$helper/probe
in_h sh -c 'mkdir -p /etc/bnd && cat >/etc/bnd/net.allow && chmod 644 /etc/bnd/net.allow' <<'LIST'
version 1
out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820
LIST
# R counts what comes to the port that is listed, and to the one that is not.
in_r nft -f - <<'NFT'
table netdev seen {
	counter listed { }
	counter unlisted { }
	chain c {
		type filter hook ingress device r0 priority 0
		udp dport 51820 counter name listed
		udp dport 9 counter name unlisted
	}
}
NFT
arrived() {
	in_r nft list counter netdev seen "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}
# How many more of each came of one datagram to the listed port.
fire() {
	local l u
	l=$(arrived listed) u=$(arrived unlisted)
	in_h "$probe" udp N0 "$nonce" 10.77.0.2 51820 2>/dev/null
	sleep 0.1
	came="$(($(arrived listed) - l)) $(($(arrived unlisted) - u))"
}
seal TRUSTED
fire
ok "the listed datagram leaves (control)" is "$came" "1 0"
# rewrite PRIORITY: somebody's chain that makes the listed port another one
rewrite() {
	in_h nft -f - <<NFT
table netdev other {
	chain c {
		type filter hook egress device h0 priority $1
		udp dport 51820 udp dport set 9
	}
}
NFT
}
for priority in -600 0 2147483646; do
	rewrite $priority
	fire
	ok "egress at $priority: a datagram made into an unlisted one does not leave" is "$came" "0 0"
	run in_h net-seal check --json
	ok "egress at $priority: and nothing is wrong with it" is "$status $(field sealed "$out")" "0 true"
	in_h nft delete table netdev bnd
	fire
	ok "egress at $priority: without the seal it leaves (control)" is "$came" "0 1"
	in_h nft delete table netdev other
	in_h net-seal apply -q
done
# Of two chains with the last priority either may be the last.
rewrite 2147483647
named='"code":"bypass","text":"egress chain other c, and 0 more, may come after the seal"'
run in_h net-seal check --json
ok "egress at the last priority: check says no and names it" \
    is "$status $(field sealed "$out") $(grep -c "$named" <<<"$out")" "1 false 1"
seal TRUSTED
ok "egress at the last priority: apply does not say sealed" is "$status $(field sealed "$out")" "19 false"
in_h nft delete table netdev other
seal TRUSTED
ok "gone: sealed again" is "$(field sealed "$out") $(in_h net-seal check -q; echo $?)" "true 0"
# A qdisc runs its filters after every chain.
shaped() {
	in_h tc qdisc add dev h0 root handle 1: htb default 1 &&
	    in_h tc class add dev h0 parent 1: classid 1:1 htb rate 1gbit
}
bypass='"code":"bypass","text":"tc on h0"'
if shaped 2>/dev/null; then
	in_h tc filter add dev h0 parent 1: protocol ip u32 match u32 0 0 classid 1:1
	seal TRUSTED
	fire
	ok "a shaper whose filters choose a class is sealed, and sends" \
	    is "$(field sealed "$out") $(in_h net-seal check -q; echo $?) $came" "true 0 1 0"
	# Of another priority: those of one are shown wherever u32 hangs.
	in_h tc filter add dev h0 parent 1:1 protocol ip prio 7 u32 match u32 0 0 \
	    action mirred egress mirror dev h1
	run in_h net-seal check --json
	ok "a filter of a class of it with an action: check names it" \
	    is "$status $(field sealed "$out") $(grep -c "$bypass" <<<"$out")" "1 false 1"
	in_h tc qdisc del dev h0 root
	shaped
	if in_h "$probe" cls h0; then
		fire
		ok "a filter with a program sends what is not listed (control)" is "$came" "0 1"
		run in_h net-seal check --json
		ok "and check says no and names it" \
		    is "$status $(field sealed "$out") $(grep -c "$bypass" <<<"$out")" "1 false 1"
		seal TRUSTED
		ok "and apply does not say sealed" is "$status $(field sealed "$out")" "19 false"
	else
		skip_kernel "a filter with a program" "no BPF filters here"
	fi
	in_h tc qdisc del dev h0 root
	seal TRUSTED
	ok "gone: sealed again" is "$(field sealed "$out")" true
else
	skip_kernel "a shaper" "no htb here"
fi
# Two containers with a wire between them, and nothing that could reach out; but a
# program there may hold a link of the host's in a map.
in_h ip netns add C
in_h ip netns add D
in_h ip -n C link add c0 type veth peer name d0 netns D
in_h sh -c 'ip -n D link set d0 up; ip -n C link set c0 up'
go() {
	in_h ip netns exec D "$probe" frame ip XA "$nonce" d0
}
if in_h "$probe" xdp-across /run/netns/C c0 h0 2>/dev/null; then
	tap R R r0
	go
	ok "XDP across namespaces: it leaves under nobody's rules (control)" test "$(seen XA R)" -gt 0
	run in_h net-seal check --json
	ok "XDP across namespaces: check says no" is "$status $(field sealed "$out")" "1 false"
	n=$(seen XA R)
	seal TRUSTED
	ok "apply takes the link of it down, and names it" \
	    is "$(field sealed "$out") $(grep -c 'xdp on c0' <<<"$out") $(in_h ip -n C link show c0 | grep -c '[<,]UP')" "true 1 0"
	go
	ok "and nothing leaves" is "$(seen XA R)" "$n"
	in_h ip netns exec C ip link set c0 xdpgeneric off
	in_h sh -c 'ip -n C link add e0 type veth peer name e1; ip -n C link set e0 up'
	run in_h net-seal apply --json
	ok "gone: the link is as it was" \
	    is "$(field sealed "$out") $(in_h ip -n C link show c0 | grep -c '[<,]UP')" "true 1"
	in_h ip netns exec C "$probe" xdp e0
	run in_h net-seal check --json
	ok "a program on a link that ends nowhere else: check says no" \
	    is "$status $(field sealed "$out")" "1 false"
else
	skip_kernel "XDP across namespaces" "no such map here"
fi
tap_done
