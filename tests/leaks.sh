# leaks.sh: the sealed host and its neighbours, as the leak catalogue wants them
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# After tap.sh, net.sh and seal.sh:
#	leaks_up		what H has beside its wires, and tests/helper/leaks
#	leaks WORDS...		one line to it, one test for each line it answers
#
# In H: tun0 and tv0 (VPNs whose program is the test), vx0 (vxlan to R), a policy
# route by h1, a link-local address, a default route to R, and rules of somebody
# else that accept everything early. foreign_ct makes conntrack active before the
# first connection.

# tap.sh, net.sh and seal.sh set status, out, host_pid and helper.
# shellcheck disable=SC2154
true

leaks_list() {
	cat <<'LIST'
version 1
in RESTRICTED proto=tcp dport=22,2022
in RESTRICTED if=h1/veth proto=udp dport=6038
vpn tv0/tun
out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820,53
out TRUSTED if=h0/veth proto=udp dst=fd77::2/128 dport=51820
out TRUSTED if=h0/veth proto=tcp dst=10.77.0.2/32 dport=8443
out TRUSTED if=h0/veth proto=tcp dst=fd77::2/128 dport=8443
out TRUSTED if=h0/veth proto=udp dst=203.0.113.5/32 dport=9034
out TRUSTED if=h0/veth proto=tcp dst=0.0.0.0/0 dport=80
out TRUSTED if=h0/veth proto=tcp dst=::/0 dport=80
forward RESTRICTED from=br0/bridge to=h0/veth proto=udp dst=10.77.0.2/32 dport=9160
forward RESTRICTED from=br0/bridge to=h0/veth proto=udp dst=fd77::2/128 dport=9160
LIST
}

foreign_rules() {
	in_h nft -f - <<'NFT'
table inet foreign {
	chain early { type filter hook output priority -400; policy accept; accept; }
	chain in { type filter hook input priority 0; policy accept; accept; }
	chain through { type filter hook forward priority 0; policy accept; accept; }
}
NFT
}
foreign_ct() {
	in_h nft -f - <<'NFT'
table inet foreignct {
	chain in { type filter hook input priority 0; policy accept; ct state established accept; }
	chain through { type filter hook forward priority 0; policy accept; ct state established accept; }
	chain out { type filter hook output priority 0; policy accept; ct state established accept; }
}
table ip foreignnat {
	chain out { type nat hook output priority -100; policy accept;
		ip daddr 203.0.113.5 udp dport 9034 dnat to 10.77.0.2
	}
}
table ip foreignftp {
	ct helper ftp { type "ftp" protocol tcp; }
	chain out { type filter hook output priority 0; policy accept;
		tcp dport 21 ct helper set "ftp"
	}
	chain in { type filter hook input priority 0; policy accept;
		tcp dport 9036 ct state related counter
	}
}
NFT
}

# What a link that was down has lost, when a test raises it behind the seal's back.
leaks_raise() {
	in_h ip link set h0 up && in_h ip link set h1 up || return
	in_h ip -6 addr replace fd77::1/64 dev h0 nodad
	in_h ip -6 addr replace fd77:1::1/64 dev h1 nodad
	in_h ip -6 addr replace fe80::77/64 dev h0 nodad
	net_neighbour in_h h0 10.77.0.2 fd77::2 "$(net_mac in_r r0)"
	net_neighbour in_h h1 10.77.1.2 fd77:1::2 "$(net_mac in_s s1)"
	in_h ip route replace default via 10.77.0.2 dev h0
	in_h ip -6 route replace default via fd77::2 dev h0
	in_h ip route replace default via 10.77.1.2 dev h1 table 77
}

leaks_up() {
	leaks_list | in_h sh -c 'mkdir -p /etc/bnd && cat >/etc/bnd/net.allow'
	foreign_rules || bail "no foreign rules"
	coproc LEAKS { exec "$helper/leaks" "H=/proc/$host_pid/ns/net" \
	    R=/run/netns/R S=/run/netns/S "$@"; }
	leaks_in=${LEAKS[1]} leaks_out=${LEAKS[0]}
	leaks tun tun0
	leaks tun tv0
	in_h sh -ec '
		ip addr add 10.98.0.1/24 dev tun0; ip link set tun0 up
		ip addr add 10.97.0.1/24 dev tv0; ip link set tv0 up
		ip link add vx0 type vxlan id 7 remote 10.77.0.2 dstport 4789 dev h0
		ip link set vx0 addrgenmode none
		ip addr add 10.99.0.1/24 dev vx0; ip link set vx0 up
		ip neigh replace 10.99.0.2 lladdr 02:00:00:00:00:99 dev vx0 nud permanent
		ip rule add fwmark 7 lookup 77' || bail "cannot furnish H"
	leaks_raise || bail "cannot furnish H"
	in_r ip neigh replace fe80::77 lladdr "$(net_mac in_h h0)" dev r0 nud permanent
	leaks tap R r0
	leaks tap S s1
}

leaks() {
	local verdict what
	echo "$*" >&"$leaks_in" || bail "leaks has ended"
	while read -r verdict what <&"$leaks_out"; do
		[[ $verdict != . ]] || return 0
		ok "$what" test "$verdict" = pass
	done
	bail "leaks has ended"
}

# host KIND: what net-seal finds from now on: both engines, nft, legacy, neither.
host() {
	kind=$1
	case $1 in
	both) as=() ;;
	nft) as=("$helper/without" legacy) ;;
	legacy) as=("$helper/without" nft) ;;
	neither) as=("$helper/without" "legacy,nft") ;;
	*) bail "no such host" ;;
	esac
}
kind=both

# enter MODE [cannot|finding]: from OPEN, as mode-set does it, so that the list is read
# anew. There is no log on H to write to, which net-seal says with 15.
enter() {
	# shellcheck disable=SC2016
	run in_h bash -c '
		"$1/state" entering OPEN "$2" 0123456789abcdef0123456789abcdef $$ || exit
		to=$2; shift 2
		"$@" net-seal apply "$to" --txn 0123456789abcdef0123456789abcdef --json
		exit $?' sh "$helper" "$1" "${as[@]}"
	state "$1"
	if [[ ${2:-} == cannot ]]; then
		ok "$kind: $1 cannot be: exit 19, not sealed" is "$status $(field sealed "$out")" "19 false"
	elif [[ ${2:-} == finding ]]; then
		ok "$kind: $1 is in force, with a finding" is "$status $(field sealed "$out")" "1 true"
	else
		ok "$kind: $1 is in force" like "$status $(field sealed "$out")" '^(0|15) true$'
	fi
}
