#!/bin/bash
# links.t: vlans, bonds and flowtables, which the reference kernel has
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
vm_needs ip nft conntrack busybox
helper=$BND_BUILD/tests/helper
probe=$helper/probe
nonce=$RANDOM$RANDOM
txn=0123456789abcdef0123456789abcdef

in_r() {
	ip netns exec R "$@"
}
field() {
	grep -oE "\"$1\":(\"[^\"]*\"|[a-z0-9]+)" <<<"$2" | head -1 | cut -d: -f2- | tr -d '"'
}
seal() {
	"$helper/state" "$1" || bail "cannot publish $1"
	run net-seal apply "$1" --txn $txn --json
}
list() {
	printf '%s\n' 'version 1' "$@" >/etc/bnd/net.allow
	chmod 644 /etc/bnd/net.allow
}
waits() { # WHAT REASON
	run net-seal apply --json
	ok "$1 waits" like "$out" "line [0-9]* for $2"
}
tap() {
	ip netns exec "$2" "$probe" tap "$3" "$nonce" "$T/$1" &
	until_true 10 test -e "$T/$1" || bail "no tap on $3"
}
seen() { # ID NAME...
	local id=$1
	shift
	sleep "${settle:-0.5}"
	awk -v id="$id" '$1 == id { n += $2 } END { print n + 0 }' "${@/#/$T/}"
}
agreed() {
	[[ $(grep -c 'Number of ports: 2' /proc/net/bonding/bond0) == 1 ]] &&
	    ! grep -A30 'Slave Interface' /proc/net/bonding/bond0 | grep -q 'MII Status: down'
}

# Two wires to R, a bond of each end that speaks LACP, vlan 7 upon it.
wires() {
	local i
	vm_seal_modules
	modprobe -a bonding 8021q macvlan ipvlan nf_flow_table nf_flow_table_inet nft_flow_offload \
	    nft_fwd_netdev br_netfilter || bail "no modules"
	ip netns add R && in_r ip link set lo up
	for i in 1 2; do
		ip link add s$i type veth peer name r$i netns R || return
	done
	ip link add bond0 type bond mode 802.3ad miimon 100 lacp_rate fast &&
	    in_r ip link add bond0 type bond mode 802.3ad miimon 100 lacp_rate fast || return
	for i in 1 2; do
		ip link set s$i master bond0 && in_r ip link set r$i master bond0 || return
	done
	ip link set bond0 up && in_r ip link set bond0 up || return
	end 1 ip && end 2 'ip netns exec R ip'
}
end() {
	$2 link add link bond0 name bond0.7 type vlan id 7 && $2 link set bond0.7 up &&
	    $2 addr add 10.70.7."$1"/24 dev bond0.7 && $2 addr add 10.70.0."$1"/24 dev bond0
}

# send ID: one probe from here
send() {
	case $1 in
	vlan) "$probe" udp "$1" "$nonce" 10.70.7.2 7 ;;
	vlan-port) "$probe" udp "$1" "$nonce" 10.70.7.2 9 ;;
	bond) "$probe" udp "$1" "$nonce" 10.70.0.2 7 ;;
	*-bond0 | *-s1 | *-bond0.7) "$probe" frame "${1%%-*}" "$1" "$nonce" "${1#*-}" ;;
	esac 2>/dev/null
}
rows() { # EXPECT ID...
	local want=$1 id n settle=0
	local -A before
	shift
	for id; do
		before[$id]=$(seen "$id" 1 2)
		send "$id"
	done
	sleep 0.7
	for id; do
		n=$(($(seen "$id" 1 2) - before[$id]))
		if [[ $want == + ]]; then
			ok "$label: $id passes" test $n -gt 0
		else
			ok "$label: $id: nothing arrives" is $n 0
		fi
	done
}
talk() {
	local out
	in_r timeout 20 busybox nc -l -p 8 <<<hello >/dev/null &
	sleep 0.5
	# shellcheck disable=SC2016
	out=$(timeout 10 bash -c 'exec 3<>/dev/tcp/10.70.7.2/8 && read -r line <&3 && echo "$line"' 2>/dev/null)
	kill $! 2>/dev/null
	ok "$label: a listed connection goes both ways, in the vlan, by the bond" is "$out" hello
}

carriers() {
	ok "two wires, a bond, a vlan" wires
	ok "the bonds agree (control)" until_true 60 agreed
	tap 1 R r1
	tap 2 R r2
	list 'out TRUSTED if=bond0.7/vlan proto=udp dst=10.70.7.2/32 dport=7' \
	    'out TRUSTED if=bond0.7/vlan proto=tcp dst=10.70.7.2/32 dport=8'
	ping -q -c1 -W5 10.70.7.2 >/dev/null
	label='OPEN (control)'
	rows + vlan vlan-port bond ip-s1 lldp-s1 vlan-s1 ip-bond0 lldp-bond0.7
	seal TRUSTED
	label=TRUSTED
	ok "TRUSTED is in force, no line waits" \
	    is "$(field sealed "$out") $(grep -c '"waiting":\[\]' <<<"$out")" "true 1"
	rows + vlan
	talk
	rows . vlan-port bond ip-s1 lldp-s1 vlan-s1 ip-bond0 lldp-bond0.7
	sleep 5 # more than LACP waits for an answer
	ok "the bonds still agree: LACP passes" agreed
	rows + vlan
	run net-seal check
	ok "check is content" status 0

	ip link set bond0.7 type vlan reorder_hdr off
	waits "a vlan that keeps its tag in the frame" 'bond0.7/vlan: it leaves the tag'
	ip link set bond0.7 type vlan reorder_hdr on
	ip link add link bond0.7 name q8 type vlan id 8
	ip link add br7 type bridge vlan_filtering 1
	ip link add link bond0 name i0 type ipvlan
	list 'out TRUSTED if=q8/vlan proto=tcp dport=1' 'out TRUSTED if=br7/bridge proto=tcp dport=1' \
	    'out TRUSTED if=i0/ipvlan proto=tcp dport=1'
	seal TRUSTED
	ok "a vlan within a vlan waits" like "$out" 'line 2 for q8/vlan: it is a vlan within a vlan'
	ok "a bridge that filters vlans waits" like "$out" 'line 3 for br7/bridge: it filters vlans'
	ok "an ipvlan waits" like "$out" 'line 4 for i0/ipvlan: its packets may be routed'
	ok "and TRUSTED is in force" is "$(field sealed "$out")" true
	rows . vlan

	seal AIRGAP
	ok "AIRGAP is in force" is "$(field sealed "$out")" true
	was=$(in_r cat /sys/class/net/r1/statistics/rx_packets /sys/class/net/r2/statistics/rx_packets)
	send vlan
	sleep 3
	ok "N91: AIRGAP: no frame of bond or vlan, LACP included" is \
	    "$(in_r cat /sys/class/net/r1/statistics/rx_packets /sys/class/net/r2/statistics/rx_packets)" "$was"
	seal OPEN
}

# N95: A's stream to B is forwarded by a flowtable, past the forward rules
stream() {
	# Its end of input would be taken for the end of all.
	ip netns exec B sh -c 'sleep 600 | busybox nc -l -p 9000' >"$T/stream" &
	sleep 0.5
	# shellcheck disable=SC2016
	ip netns exec A sh -c 'while :; do echo 0123456789abcdef; sleep 0.05; done | busybox nc 10.82.0.2 9000' &
	until_true 20 sh -c 'conntrack -L 2>/dev/null | grep -q OFFLOAD'
}
flows() {
	local a b m
	list
	for m in A:a0:81 B:b0:82; do
		IFS=: read -r a b m <<<"$m"
		ip netns add "$a" && ip link add "$b" type veth peer name eth0 netns "$a" &&
		    ip addr add "10.$m.0.1/24" dev "$b" && ip link set "$b" up &&
		    ip -n "$a" addr add "10.$m.0.2/24" dev eth0 && ip -n "$a" link set eth0 up &&
		    ip -n "$a" route add default via "10.$m.0.1" || bail "no $a"
	done
	echo 1 >/proc/sys/net/ipv4/ip_forward
	nft -f - <<'NFT' || bail "no flowtable"
table inet fw {
	flowtable f { hook ingress priority 0; devices = { a0, b0 }; }
	chain through { type filter hook forward priority 0; policy accept;
		ct state established flow add @f; }
}
NFT
	for m in RESTRICTED TRUSTED; do
		ok "N95: the stream is offloaded (control)" stream
		a=$(stat -c %s "$T/stream")
		sleep 1
		ok "N95: and flows (control)" test "$(stat -c %s "$T/stream")" -gt "$a"
		seal $m
		a=$(stat -c %s "$T/stream")
		ok "N95: $m: sealed, and the flowtable is listed" \
		    is "$(field sealed "$out") $(grep -cE '"code":"flowtable","text":"fw f on (a0 b0|b0 a0)"' <<<"$out")" "true 1"
		sleep 2
		ok "N95: $m: nothing of it passes after apply has returned" is "$(stat -c %s "$T/stream")" "$a"
		pkill -x busybox
		pkill -f 0123456789abcdef
		seal OPEN
		conntrack -F >/dev/null 2>&1
		sleep 2
	done
}

first() {
	carriers
	flows
}
phase first
tap_done
