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
bridged() {
	in_h sysctl -qw net.bridge.bridge-nf-call-iptables="$1" \
	    net.bridge.bridge-nf-call-ip6tables="$1" 2>/dev/null
	row N64 C D . 10.88.0.3 9064 "bridged, bridge-nf-call $1"
	row N64 C D . fd88::3 9064 "bridged, v6, bridge-nf-call $1"
}
# What passes the IP layer; listed is P or .
routed() {
	local listed=$1
	leaks together
	row N60 C R . 10.77.0.2 9060 "container to LAN, v4"
	row N61 C R . fd77::2 9061 "container to LAN, v6"
	row N60 C R "$listed" 10.77.0.2 9160 "listed, v4"
	row N61 C R "$listed" fd77::2 9160 "listed, v6"
	row N62 R S . 10.77.1.2 9062 "LAN to LAN"
	row N62 R S . fd77:1::2 9062 "LAN to LAN, v6"
	leaks push "$old" "N63 $label: forwarded stream in reply direction"
	leaks now
}
old=.
# All rows, with what each is to do.
rows() {
	routed "$1"
	leaks together
	[[ $2 == - ]] || row N65 M R "$2" 10.77.0.2 9065 "macvlan child elsewhere"
	bridged 0
	bridged 1
	leaks now
}
controls() {
	local label="OPEN control"
	leaks together
	row N60 C R P 10.77.0.2 9060 "container to LAN, v4"
	row N61 C R P fd77::2 9061 "container to LAN, v6"
	row N62 R S P 10.77.1.2 9062 "LAN to LAN"
	row N62 R S P fd77:1::2 9062 "LAN to LAN, v6"
	leaks push P "N63 $label: forwarded stream in reply direction"
	row N64 C D P 10.88.0.3 9064 "bridged"
	row N64 C D P fd88::3 9064 "bridged, v6"
	row N65 M R P 10.77.0.2 9065 "macvlan child elsewhere"
	leaks now
}

# What a down took, and the bridge's ports.
raise() {
	leaks_raise
	in_h sh -c 'ip link set vc0 up; ip link set vd0 up'
	neighbours
}
# begin MODE [cannot]: controls in OPEN, then the mode; end, then OPEN again.
begin() {
	neighbours
	leaks ask C 10.77.0.2 9063
	controls
	enter "$@"
	label="$kind, $1"
}
end() {
	ok "N70 $label: rules, links and routes inside C are left alone" is "$(inside)" "$before"
	leaks drop
	seal OPEN
	ok "OPEN again" status 0
}

for kind in both nft; do
	host $kind
	for m in RESTRICTED TRUSTED AIRGAP LOCKDOWN; do
		[[ $kind$m != nftLOCKDOWN ]] || continue
		begin $m
		case $m in
		RESTRICTED) rows P - ;;
		*) rows . . ;;
		esac
		if [[ $m == AIRGAP ]]; then
			raise
			label="$kind, $m, links held up"
			rows . .
		fi
		end
	done
done

# A bridge with ports needs the bridge family, and TRUSTED more than that: what
# the legacy tables can stop they stop all the same.
host legacy
# Without ctnetlink (the wrapper takes that, too) it is said that flows forwarded
# before go on.
begin RESTRICTED cannot
old=P
routed P
old=.
ok "RESTRICTED: flows that go on are a finding" like "$out" '"flow","text":"flows forwarded before go on'
end
begin TRUSTED cannot
routed .
end
begin AIRGAP
rows . .
raise
label="legacy, AIRGAP, links held up"
routed .
end
# Without any engine links that are down are what there is.
host neither
begin AIRGAP cannot
rows . .
end
tap_done
