#!/bin/bash
# leaks-ip.t: IP traffic that no mode may let out, judged at the far side
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up
leaks_up
foreign_ct || bail "no conntrack here"
foreign() {
	in_h nft list ruleset | sed 's/packets [0-9]* bytes [0-9]*//'
	in_h ip rule
	in_h ip route show table all | sort
	in_h ip -6 route show table all | sort
	in_h ip addr | sed 's/ state [A-Z]*//'
}
before=$(foreign)

# Each mode is entered from OPEN: connections are made there, and the controls run.
for m in RESTRICTED TRUSTED AIRGAP COLDROOM LOCKDOWN; do
	leaks arm
	leaks control
	enter $m
	case $m in
	RESTRICTED | TRUSTED) ;;
	*) ok "S0-09 $m: conntrack has forgotten every flow by a link" is \
		"$(in_h conntrack -L 2>/dev/null | grep -cE 'src=(10|fd)')" 0 ;;
	esac
	leaks judge "${m/COLDROOM/AIRGAP (COLDROOM)}"
	case $m in
	RESTRICTED)
		run in_h nft list chain ip foreignftp in
		ok "N36 the helper's connection was RELATED" like "$out" 'packets [1-9]'
		;;
	AIRGAP | LOCKDOWN)
		# The rules alone, without the links being down.
		leaks_raise
		leaks judge "$m, links held up"
		;;
	esac
	leaks drop
	seal OPEN
	ok "OPEN again" status 0
done
# nf_tables alone: the rules, and nothing else.
host nft
for m in RESTRICTED TRUSTED AIRGAP LOCKDOWN; do
	leaks arm
	leaks control
	enter $m
	ok "nft, $m: by nf_tables alone" like "$out" '"inet":"used".*"legacy":"absent"'
	[[ $m == [RT]* ]] || leaks_raise
	leaks judge "$m, nft alone, links up"
	leaks drop
	seal OPEN
	ok "OPEN again" status 0
done
# Neither: links that are down stop all of it, and it is not called sealed.
# A tun that leads to a program of this host is no real link.
host neither
leaks skip N31
for m in AIRGAP LOCKDOWN; do
	leaks arm
	leaks control
	enter $m cannot
	leaks judge "$m, neither engine, links down"
	leaks drop
	seal OPEN
	ok "OPEN again" status 0
done
host both
[[ $before == "$(foreign)" ]] || diag "$(diff <(echo "$before") <(foreign))"
ok "rules of others, routes and addresses are what they were" is "$(foreign)" "$before"

# A vpn line is worth what its link is: absent, down, or of another kind.
leaks udp H tun P 10.97.0.2 9037 N37 control: by the vpn in OPEN
enter TRUSTED
leaks udp H tun P 10.97.0.2 9037 N37 TRUSTED: by the vpn
in_h ip link set tv0 down
leaks udp H R . 10.97.0.2 9037 N37 TRUSTED: vpn link down: nothing by h0
in_h ip link set tv0 up
in_h ip link set tv0 name gone0
leaks udp H R . 10.97.0.2 9037 N37 TRUSTED: vpn link renamed: nothing by h0
leaks closetuns
leaks udp H R . 10.97.0.2 9037 N37 TRUSTED: vpn link gone: nothing by h0
ip link add tv0 type veth peer name tv1 netns R && ip link set tv0 netns "$host_pid" &&
    in_h ip addr add 10.97.0.1/24 dev tv0 && in_h ip link set tv0 up &&
    in_r ip link set tv1 up &&
    in_h ip neigh replace 10.97.0.2 lladdr "$(net_mac in_r tv1)" dev tv0 nud permanent ||
    bail "no link of another kind"
leaks tap R tv1
in_h net-seal hook "$(in_h cat /sys/class/net/tv0/ifindex)" >/dev/null 2>&1
leaks udp H R . 10.97.0.2 9037 N37 TRUSTED: a veth with the name of the vpn
seal OPEN
leaks udp H R P 10.97.0.2 9037 N37 control: that veth in OPEN
in_h ip link del tv0

# The name of a listed link is taken over by another one.
swap() {
	in_h sh -ec 'ip link set h0 name hx; ip link set h1 name h0'
}
swap_back() {
	in_h sh -ec 'ip link set h0 name h1; ip link set hx name h0'
}
in_h ip route add 10.77.0.2/32 via 10.77.1.2 dev h1
leaks udp H S P 10.77.0.2 51820 N38 control: by h1 in OPEN
enter TRUSTED
leaks udp H S . 10.77.0.2 51820 N38 TRUSTED: listed for h0, by h1
swap
leaks udp H S . 10.77.0.2 51820 N38 TRUSTED: listed for h0, by h1 that is called so now
swap_back
seal OPEN
in_h ip route del 10.77.0.2/32
leaks serve H 6038
leaks udp R app P 10.77.0.1 6038 N38 control: in by h0 in OPEN
enter RESTRICTED
leaks udp R app . 10.77.0.1 6038 N38 RESTRICTED: listed for h1, in by h0
leaks udp S app P 10.77.1.1 6038 N38 RESTRICTED: listed for h1, in by h1
in_h sh -ec 'ip link set h1 name hx; ip link set h0 name h1'
leaks udp R app . 10.77.0.1 6038 N38 RESTRICTED: listed for h1, in by h0 that is called so now
in_h sh -ec 'ip link set h1 name h0; ip link set hx name h1'
tap_done
