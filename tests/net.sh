# net.sh: peers around a sealed host, for tests of the network
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
#	. "${0%/*}/../tap.sh"
#	. "${0%/*}/../net.sh"
#	need_observer
#	net_up
#	in_h mode-set airgap
#	in_r ping -c1 10.77.0.1
#
# The test itself is the observer: it runs in namespaces of its own and makes in
# them
#	R --r0==h0-- H --h1==s1-- S
# R and S are network namespaces of the observer; H is a throw-away host
# (tests/host) below it, which sees neither their processes nor their names.
#
#	link	IPv4			IPv6
#	h0/r0	10.77.0.1/24  .2	fd77::1/64    ::2
#	h1/s1	10.77.1.1/24  .2	fd77:1::1/64  ::2
#
# H forwards; neighbours are permanent and duplicate address detection is off, so
# that a seal that stops only ARP or ND cannot pass. net_down ends H.

# tap.sh, sourced before, sets tap_me and tap_args.
# shellcheck disable=SC2154
need_observer() {
	[[ -e /run/.bnd-test-observer ]] && return
	local why
	why=$("$BND_TREE/tests/host" --can 2>&1) || skip_all "$why"
	rm -rf "$T"
	exec "$BND_TREE/tests/host" --observer "$tap_me" "${tap_args[@]}"
}

# Inside: PATH is tests/host's, and the built commands come last.
net_env=(env -i "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$BND_BUILD"
    HOME=/root LC_ALL=C "BND_TREE=$BND_TREE" "BND_BUILD=$BND_BUILD")

in_h() {
	nsenter -a -t "$host_pid" "${net_env[@]}" "$@"
}
in_r() {
	ip netns exec R "$@"
}
in_s() {
	ip netns exec S "$@"
}

# Start H in the background; OPTION... are those of tests/host.
host_up() {
	"$BND_TREE/tests/host" --pid "$T/host.pid" "$@" sleep infinity &
	host_job=$!
	at_exit host_down
	local i
	for ((i = 0; i < 200; i++)); do
		[[ -s $T/host.pid ]] && break
		kill -0 "$host_job" 2>/dev/null || bail "the sealed host did not come up"
		sleep 0.1
	done
	host_pid=$(cat "$T/host.pid") || bail "the sealed host did not come up"
	in_h "$BND_TREE/tests/guard" || bail "the guard does not trust the sealed host"
}

host_down() {
	[[ ${host_job:-} ]] || return 0
	kill -TERM "$host_job" 2>/dev/null
	wait "$host_job" 2>/dev/null
	host_job=''
}

# net_link IF-IN-H NAMESPACE IF-THERE NUMBER: a wire with both ends' addresses.
net_link() {
	local h=$1 ns=$2 p=$3 v4=10.77.$4 v6=fd77:$4:
	[[ $4 != 0 ]] || v6=fd77:
	ip link add "$h" type veth peer name "$p" netns "$ns" &&
	    ip link set "$h" netns "$host_pid" || return
	in_h sysctl -qw "net.ipv6.conf.$h.accept_dad=0" &&
	    ip netns exec "$ns" sysctl -qw "net.ipv6.conf.$p.accept_dad=0" || return
	net_end in_h "$h" "$v4.1/24" "$v6:1/64" &&
	    net_end "ip netns exec $ns" "$p" "$v4.2/24" "$v6:2/64" || return
	net_neighbour in_h "$h" "$v4.2" "$v6:2" "$(net_mac "ip netns exec $ns" "$p")" &&
	    net_neighbour "ip netns exec $ns" "$p" "$v4.1" "$v6:1" "$(net_mac in_h "$h")"
}

# net_end WHERE LINK V4 V6
net_end() {
	$1 ip addr add "$3" dev "$2" && $1 ip addr add "$4" dev "$2" nodad &&
	    $1 ip link set "$2" up
}
net_mac() {
	$1 cat "/sys/class/net/$2/address" 2>/dev/null ||
	    $1 ip -o link show "$2" | sed 's/.*ether \([^ ]*\).*/\1/'
}
# net_neighbour WHERE LINK V4 V6 MAC
net_neighbour() {
	$1 ip neigh replace "$3" lladdr "$5" dev "$2" nud permanent &&
	    $1 ip neigh replace "$4" lladdr "$5" dev "$2" nud permanent
}

# R, S and H with their wires. H gets bnd installed, but is not initialised.
net_up() {
	local ns
	for ns in R S; do
		ip netns add $ns && ip -n $ns link set lo up || bail "no network namespace"
	done
	host_up "$@"
	net_link h0 R r0 0 && net_link h1 S s1 1 || bail "cannot lay the wires"
	in_h sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	in_r ip route add default via 10.77.0.1 && in_r ip -6 route add default via fd77::1 &&
	    in_s ip route add default via 10.77.1.1 && in_s ip -6 route add default via fd77:1::1 ||
	    bail "cannot route"
}
net_down() {
	host_down
	ip netns del R
	ip netns del S
}
