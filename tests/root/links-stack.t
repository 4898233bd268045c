#!/bin/bash
# links-stack.t: a bridge or macvlan as a carrier, bridge lines, and what lies below them
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
probe=$helper/probe

# br9 in H with ports b0, to R, and vc0, to C; m9, a macvlan upon h1.
in_c() {
	ip netns exec C "$@"
}
port() { # LINK NAMESPACE IF-THERE NUMBER
	ip link add "$1" type veth peer name "$3" netns "$2" && ip link set "$1" netns "$host_pid" &&
	    in_h ip link set "$1" addrgenmode none master br9 up &&
	    ip netns exec "$2" sysctl -qw "net.ipv6.conf.$3.accept_dad=0" &&
	    net_end "ip netns exec $2" "$3" "10.77.9.$4/24" "fd77:9::$4/64"
}
ip netns add C
in_h sh -ec '
	ip link add br9 type bridge; ip link set br9 addrgenmode none
	ip addr add 10.77.9.1/24 dev br9; ip addr add fd77:9::1/64 dev br9 nodad; ip link set br9 up
	ip link add m9 link h1 type macvlan mode bridge; ip link set m9 addrgenmode none
	ip addr add 10.77.8.1/24 dev m9; ip link set m9 up' || bail "no bridge or no macvlan"
port b0 R rb 2 && port vc0 C eth0 3 || bail "no ports"
in_s ip addr add 10.77.8.2/24 dev s1
peers() {
	net_neighbour in_h br9 10.77.9.2 fd77:9::2 "$(net_mac in_r rb)"
	net_neighbour in_r rb 10.77.9.1 fd77:9::1 "$(net_mac in_h br9)"
	net_neighbour in_r rb 10.77.9.3 fd77:9::3 "$(net_mac in_c eth0)"
	net_neighbour in_c eth0 10.77.9.2 fd77:9::2 "$(net_mac in_r rb)"
	in_h ip neigh replace 10.77.8.2 lladdr "$(net_mac in_s s1)" dev m9 nud permanent
	in_s ip neigh replace 10.77.8.1 lladdr "$(net_mac in_h m9)" dev s1 nud permanent
}
list() {
	in_h sh -c 'mkdir -p /etc/bnd && cat >/etc/bnd/net.allow && chmod 644 /etc/bnd/net.allow'
}
list <<'EOT'
version 1
bridge br9/bridge
bridge gone/bridge
out TRUSTED if=br9/bridge proto=udp dst=10.77.9.2/32 dport=7
out TRUSTED if=br9/bridge proto=tcp dst=10.77.9.2/32 dport=8
out TRUSTED if=m9/macvlan proto=udp dst=10.77.8.2/32 dport=7
out TRUSTED if=m9/macvlan proto=tcp dst=10.77.8.2/32 dport=8
EOT
tap B R rb
tap S S s1
tap C C eth0

# send ID: one probe
send() {
	case $1 in
	br-udp) in_h "$probe" udp "$1" "$nonce" 10.77.9.2 7 ;;
	mv-udp) in_h "$probe" udp "$1" "$nonce" 10.77.8.2 7 ;;
	br-other) in_h "$probe" udp "$1" "$nonce" 10.77.9.2 9; in_h "$probe" udp "$1" "$nonce" fd77:9::2 7 ;;
	mv-other) in_h "$probe" udp "$1" "$nonce" 10.77.8.2 9 ;;
	h1-udp) in_h "$probe" udp "$1" "$nonce" 10.77.1.2 7 ;;
	*-br9 | *-b0 | *-m9 | *-h1) in_h "$probe" frame "${1%-*}" "$1" "$nonce" "${1#*-}" ;;
	C-R) in_c "$probe" udp "$1" "$nonce" 10.77.9.2 9 ;;
	C-R6) in_c "$probe" udp "$1" "$nonce" fd77:9::2 9 ;;
	R-C) in_r "$probe" udp "$1" "$nonce" 10.77.9.3 9 ;;
	C-R-lldp) in_c "$probe" frame lldp "$1" "$nonce" eth0 ;;
	esac 2>/dev/null
}
# rows EXPECT ID...: EXPECT is how many of its probes arrive, or + for some
rows() {
	local want=$1 id n settle=0
	local -A before
	shift
	for id; do
		before[$id]=$(seen "$id" B S C)
		send "$id"
	done
	sleep 0.15
	for id; do
		n=$(($(seen "$id" B S C) - before[$id]))
		if [[ $want == + ]]; then
			ok "$label: $id passes" test $n -gt 0
		else
			ok "$label: $id: nothing arrives" is $n 0
		fi
	done
}
# The two ends of a connection, by each of the two links.
talk() {
	local where=$1 addr=$2 out
	"$where" timeout 5 busybox nc -l -p 8 <<<hello >/dev/null &
	sleep 0.1
	# shellcheck disable=SC2016
	out=$(in_h timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/8" && read -r line <&3 && echo "$line"' "$addr" 2>/dev/null)
	kill $! 2>/dev/null
	wait $! 2>/dev/null
	ok "$label: a listed connection goes both ways by $addr" is "$out" hello
}
frames='ip-br9 lldp-br9 vlan-br9 ip-b0 lldp-b0 vlan-b0 ip-m9 lldp-m9 vlan-m9 ip-h1 lldp-h1'
bridged='C-R C-R6 R-C C-R-lldp'

peers
seal OPEN
label='OPEN (control)'
# shellcheck disable=SC2086
rows + br-udp mv-udp br-other mv-other h1-udp $frames $bridged

# TRUSTED: what the lines say passes the link and what lies below, nothing else
seal TRUSTED
label=TRUSTED
ok "TRUSTED is in force" is "$(field sealed "$out")" true
ok "and no line waits" like "$out" '"waiting":\[\]'
rows + br-udp mv-udp
talk in_r 10.77.9.2
talk in_s 10.77.8.2
# shellcheck disable=SC2086
rows . br-other mv-other h1-udp $frames $bridged
run in_h net-seal check
ok "and check is content" status 0

# A port that comes later, and shapes that cannot be followed
in_h ip link del vc0
port vd0 C eth0 4 || bail "no port"
run in_h net-seal check -q
ok "a port that is not in the rules yet is seen" status 1
run in_h net-seal hook "$(in_h cat /sys/class/net/vd0/ifindex)" --json
ok "and the hook takes it in" is "$(field sealed "$out") $(in_h net-seal check -q; echo $?)" "true 0"
if in_h ip link set br9 type bridge vlan_filtering 1 2>/dev/null; then
	run in_h net-seal apply --json
	ok "a bridge that filters vlans waits, and it is said why" \
	    like "$out" 'line 4 for br9/bridge: it filters vlans'
	rows . br-udp
	in_h ip link set br9 type bridge vlan_filtering 0
else
	skip_kernel "a bridge that filters vlans" "no vlans in bridges here"
fi
seal OPEN

# N64: RESTRICTED bridges where a line says so, whether br_netfilter looks on or not
peers
port vc1 C eth1 5 || bail "no port"
for call in 0 1; do
	in_h sysctl -qw net.bridge.bridge-nf-call-iptables=$call net.bridge.bridge-nf-call-ip6tables=$call 2>/dev/null
	label="RESTRICTED, bridge-nf-call $call"
	seal RESTRICTED
	ok "$label is in force, and the other line waits" \
	    is "$(field sealed "$out") $(grep -o 'line 3 for gone/bridge: it is not there' <<<"$out")" \
	    "true line 3 for gone/bridge: it is not there"
	in_c ip addr replace 10.77.9.3/24 dev eth0
	net_neighbour in_r rb 10.77.9.3 fd77:9::4 "$(net_mac in_c eth0)"
	# shellcheck disable=SC2086
	rows + $bridged
	in_h sed -i 's/^bridge br9/#&/' /etc/bnd/net.allow
	seal RESTRICTED
	label="$label, no line"
	# shellcheck disable=SC2086
	rows . $bridged
	in_h sed -i 's/^#bridge/bridge/' /etc/bnd/net.allow
done
label='a bridge of another name'
in_h sh -c 'ip link set br9 down; ip link set br9 name br8; ip link set br8 up'
seal RESTRICTED
# shellcheck disable=SC2086
rows . $bridged
tap_done
