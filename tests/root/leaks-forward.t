#!/bin/bash
# leaks-forward.t: what H forwards and bridges, and what its neighbours send by it
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up

# C and D, containers on br0 in H; M with a macvlan child of h0.
in_c() {
	ip netns exec C "$@"
}
container() {
	local ns=$1 link=$2 n=$3
	ip netns add "$ns" && ip -n "$ns" link set lo up &&
	    ip link add "$link" type veth peer name eth0 netns "$ns" &&
	    ip link set "$link" netns "$host_pid" &&
	    in_h ip link set "$link" master br0 up &&
	    ip netns exec "$ns" sysctl -qw net.ipv6.conf.eth0.accept_dad=0 &&
	    ip -n "$ns" addr add "10.88.0.$n/24" dev eth0 &&
	    ip -n "$ns" addr add "fd88::$n/64" dev eth0 nodad &&
	    ip -n "$ns" link set eth0 up &&
	    ip -n "$ns" route add default via 10.88.0.1 &&
	    ip -n "$ns" -6 route add default via fd88::1 || bail "no container"
}
in_h sh -ec '
	ip link add br0 type bridge; ip link set br0 addrgenmode none up
	ip addr add 10.88.0.1/24 dev br0; ip addr add fd88::1/64 dev br0 nodad' ||
    bail "no bridge"
container C vc0 2
container D vd0 3
neighbours() {
	local c d b
	c=$(net_mac in_c eth0) d=$(net_mac "ip netns exec D" eth0) b=$(net_mac in_h br0)
	net_neighbour in_h br0 10.88.0.2 fd88::2 "$c"
	net_neighbour in_h br0 10.88.0.3 fd88::3 "$d"
	net_neighbour in_c eth0 10.88.0.1 fd88::1 "$b"
	net_neighbour in_c eth0 10.88.0.3 fd88::3 "$d"
}
neighbours
ip netns add M
# In H, but with the observer's names: the link lands in M at once.
nsenter -t "$host_pid" -n ip link add m0 link h0 netns M type macvlan mode bridge ||
    bail "no macvlan"
ip -n M addr add 10.77.0.3/24 dev m0 && ip -n M link set m0 up &&
    ip -n M neigh replace 10.77.0.2 lladdr "$(net_mac in_r r0)" dev m0 nud permanent ||
    bail "no M"

leaks_up C=/run/netns/C D=/run/netns/D M=/run/netns/M
foreign_ct || bail "no conntrack here"
leaks tap D eth0
in_c nft add table ip own
# Without what the loss of carrier shows, when the other end goes down in H.
inside() {
	{
		in_c ip -d link | grep -vE 'state|qdisc|link/'
		in_c ip addr | grep inet
		in_c ip route
		in_c ip -6 route
		in_c nft list ruleset
	} | sed -E 's/ (linkdown|tentative|dead)//g'
}
before=$(inside)

# row ID FROM WHERE EXPECT ADDR PORT WHAT
row() {
	leaks udp "$2" "$3" "$4" "$5" "$6" "$1 $label: $7"
}
# The rows, with what each is to do.
rows() {
	local listed=$1 macvlan=$2 call
	row N60 C R . 10.77.0.2 9060 "container to LAN, v4"
	row N61 C R . fd77::2 9061 "container to LAN, v6"
	row N60 C R "$listed" 10.77.0.2 9160 "listed, v4"
	row N61 C R "$listed" fd77::2 9160 "listed, v6"
	row N62 R S . 10.77.1.2 9062 "LAN to LAN"
	row N62 R S . fd77:1::2 9062 "LAN to LAN, v6"
	leaks push . "N63 $label: forwarded stream in reply direction"
	for call in 0 1; do
		in_h sysctl -qw net.bridge.bridge-nf-call-iptables=$call \
		    net.bridge.bridge-nf-call-ip6tables=$call 2>/dev/null
		row N64 C D . 10.88.0.3 9064 "bridged, bridge-nf-call $call"
		row N64 C D . fd88::3 9064 "bridged, v6, bridge-nf-call $call"
	done
	[[ $macvlan == - ]] || row N65 M R "$macvlan" 10.77.0.2 9065 "macvlan child elsewhere"
}
controls() {
	local label="OPEN control"
	row N60 C R P 10.77.0.2 9060 "container to LAN, v4"
	row N61 C R P fd77::2 9061 "container to LAN, v6"
	row N62 R S P 10.77.1.2 9062 "LAN to LAN"
	row N62 R S P fd77:1::2 9062 "LAN to LAN, v6"
	leaks push P "N63 $label: forwarded stream in reply direction"
	row N64 C D P 10.88.0.3 9064 "bridged"
	row N64 C D P fd88::3 9064 "bridged, v6"
	row N65 M R P 10.77.0.2 9065 "macvlan child elsewhere"
}

for m in RESTRICTED TRUSTED AIRGAP LOCKDOWN; do
	neighbours
	leaks ask C 10.77.0.2 9063
	controls
	enter $m
	label=$m
	case $m in
	RESTRICTED) rows P - ;;
	*) rows . . ;;
	esac
	if [[ $m == AIRGAP ]]; then
		leaks_raise
		in_h sh -c 'ip link set vc0 up; ip link set vd0 up'
		neighbours
		label="$m, links held up"
		rows . .
	fi
	ok "N70 $m: rules, links and routes inside C are left alone" is "$(inside)" "$before"
	leaks drop
	seal OPEN
	ok "OPEN again" status 0
done
tap_done
