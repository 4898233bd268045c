#!/bin/bash
# others-links.t: a DHCP client, a network manager and wg-quick on a sealed host
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../others.sh"
others_need dnsmasq-base isc-dhcp-client libsystemd-shared systemd wireguard-tools
need_observer
net_up
others_give

# ---- N51: dhclient, and a server at the far side ------------------------------
# What the server notes is what arrived.
serve() {
	local dnsmasq
	dnsmasq=$(find $others_dirs -path '*/usr/sbin/dnsmasq')
	in_r ip link set lo up
	in_r "$dnsmasq" --keep-in-foreground --conf-file=/dev/null --port=0 --interface=r0 --bind-dynamic \
	    --user=root --pid-file= --leasefile-ro --log-facility="$T/served" --no-ping \
	    --dhcp-authoritative --dhcp-range=10.77.0.100,10.77.0.120,1h --dhcp-range=fd77::100,fd77::120,1h &
	taps+=($!)
}
serve
in_h sh -c 'mkdir -p /run/dh; cat >/run/dh/conf' <<'EOT'
timeout 30;
retry 60;
initial-interval 1;
EOT
# ask SECONDS: both families at once; "4 6" are those that got an address
ask() {
	: >"$T/served"
	# shellcheck disable=SC2016
	in_h bash -c '
		d=/run/dh
		for v in 4 6; do
			timeout "$1" dhclient -$v -1 -q -cf $d/conf -lf $d/leases$v -pf $d/pid$v -sf /bin/true h0 &&
			    echo $v &
		done >$d/got 2>/dev/null
		wait
		sort $d/got | paste -sd " "
		kill $(cat $d/pid? 2>/dev/null) 2>/dev/null
		rm -f $d/pid? $d/leases?' sh "$1"
}
served() {
	grep -oE 'DHCPDISCOVER|DHCPSOLICIT|DHCPACK|DHCPREPLY' "$T/served" | sort -u | paste -sd ' '
}
list() { # LINE...: the list of H
	{ echo "version 1"; [[ $# == 0 ]] || printf '%s\n' "$@"; } | in_h sh -c 'mkdir -p /etc/bnd; cat >/etc/bnd/net.allow'
}
both='4 6 DHCPACK DHCPDISCOVER DHCPREPLY DHCPSOLICIT'
others=dhclient
list
ok "N51 OPEN: an address of each family (control)" is "$(ask 30) $(served)" "$both"
for m in RESTRICTED TRUSTED AIRGAP LOCKDOWN; do
	others_enter $m
	if [[ $m == RESTRICTED ]]; then
		ok "N51 $m: an address of each family" is "$(ask 30) $(served)" "$both"
	else
		ok "N51 $m: nothing arrives, no address" is "$(ask 1.5) $(served)" ' '
	fi
	others_leave
done
list 'dhcp h0/veth'
others_enter TRUSTED
ok "N51 TRUSTED, dhcp h0: an address of each family" is "$(ask 30) $(served)" "$both"
others_leave
list 'dhcp h1/veth'
others_enter TRUSTED
ok "N51 TRUSTED, dhcp h1: nothing arrives by h0" is "$(ask 1.5) $(served)" ' '
others_leave

# ---- who raises links ----------------------------------------------------------
list
others_watch
others='links raised'
others_control
# raised WHAT CMD...: in AIRGAP, where the links are down
raised() {
	local what="$others, $mode: $1" at
	shift
	at=$(others_counts)
	others_run "$@"
	others_furnish 2>/dev/null
	ok "$what: h0 is up" is "$(in_h cat /sys/class/net/h0/operstate)" up
	run in_h net-seal check --json
	ok "$what: check says no and names it" like "$status $out" '^1 .*h0 is up'
	ok "$what: the rules hold" is "$(grown . "$at")" ""
	in_h net-seal hook "$(in_h cat /sys/class/net/h0/ifindex)" -q 2>/dev/null
	ok "$what: the hook takes it down" is "$(in_h cat /sys/class/net/h0/operstate)" down
	ok "$what: nothing passed" is "$(grown . "$at")" ""
	# A log would have taken the trip; here the mode is published by hand.
	in_h rm -rf /run/bnd/request
	state $mode
}
in_h sh -c 'mkdir -p /run/systemd/network /run/systemd/netif; grep -q ^systemd-network: /etc/passwd ||
	echo systemd-network:x:998:998::/:/bin/false >>/etc/passwd
	chown -R systemd-network /run/systemd/netif; cat >/run/systemd/network/h0.network' <<'EOT'
[Match]
Name=h0
[Network]
Address=10.77.0.1/24
Address=fd77::1/64
LinkLocalAddressing=no
IPv6AcceptRA=no
EOT
networkd() { # until it has configured h0
	# shellcheck disable=SC2016
	in_h sh -c '
		/lib/systemd/systemd-networkd >/run/networkd.log 2>&1 &
		pid=$!
		for i in $(seq 100); do
			grep -q "h0: Gained carrier" /run/networkd.log && break
			sleep 0.05
		done
		sleep 0.1
		kill $pid; wait $pid; true'
}
dhclient_really() {
	in_h sh -c 'timeout 1 dhclient -4 -1 -q -cf /run/dh/conf -lf /run/dh/l -pf /run/dh/p h0; true'
}
manager() { # as NetworkManager activates a connection
	in_h sh -c 'ip link set h0 up; ip addr flush dev h0; ip addr add 10.77.0.1/24 dev h0
		ip -6 addr add fd77::1/64 dev h0 nodad; ip route replace default via 10.77.0.2'
}
for m in RESTRICTED TRUSTED; do
	others_enter $m
	stands "networkd" networkd
	stands "a manager" manager
	others_leave
done
seal AIRGAP
mode=AIRGAP
others_still
raised "networkd" networkd
raised "dhclient" dhclient_really
raised "a manager" manager
loosen AIRGAP OPEN
others_furnish

# ---- wg-quick ------------------------------------------------------------------
# The real script with the kill switch of its man page. Where the kernel has no
# WireGuard, it is given what its own second way asks for, a program that makes
# the link; no packet need pass by it.
if ! in_h ip link add wg0 type wireguard 2>/dev/null; then
	in_h sh -c 'cat >/usr/bin/wg; chmod 755 /usr/bin/wg' <<'EOT'
#!/bin/sh
case "$*" in
"show interfaces") echo wg0 ;;
*fwmark) echo 0xca6c ;;
*allowed-ips) echo "key	0.0.0.0/0 ::/0" ;;
esac
EOT
	in_h sh -c 'cat >/usr/bin/wireguard-go; chmod 755 /usr/bin/wireguard-go' <<'EOT'
#!/bin/sh
ip tuntap add "$1" mode tun
EOT
fi
in_h ip link del wg0 2>/dev/null
in_h sh -c 'umask 077; mkdir -p /etc/wireguard; cat >/etc/wireguard/wg0.conf' <<'EOT'
[Interface]
Address = 10.96.0.1/24, fd96::1/64
PrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=
FwMark = 51820
PostUp = iptables -I OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT && ip6tables -I OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT
PreDown = iptables -D OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT && ip6tables -D OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT
[Peer]
PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
AllowedIPs = 0.0.0.0/0, ::/0
EOT
up() { # udev tells of the new link
	in_h sh -c 'wg-quick up wg0 && net-seal hook "$(cat /sys/class/net/wg0/ifindex)" -q'
}
others=wg-quick
in_h sh -c 'wg-quick up wg0 && wg-quick down wg0' >"$T/wg" 2>&1 ||
    bail "wg-quick does not work here: $(cat "$T/wg")"
others_control
for m in RESTRICTED TRUSTED; do
	others_enter $m
	stands "up" up
	stands "down" wg-quick down wg0
	others_leave
done
tap_done
