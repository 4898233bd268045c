#!/bin/bash
# rules-text.t: what -n prints is what the kernel got, in every mode, with every line
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up

# Every verb, every field, every protocol, every way to write ports.
in_h sh -ec '
	ip link add br0 type bridge; ip tuntap add tv0 mode tun
	ip link add p0 type veth peer name p1; ip link set p0 master br0
	mkdir -p /etc/bnd; cat >/etc/bnd/net.allow' <<'LIST' || bail "cannot furnish H"
version 1
in RESTRICTED proto=tcp dport=22
in RESTRICTED proto=udp src=192.0.2.0/24 dst=10.77.0.1/32 sport=1000-1002 dport=53,60-70
in RESTRICTED proto=udplite dport=1-65535
in RESTRICTED proto=sctp src=2001:db8::/32 dport=9
in RESTRICTED if=h0/veth proto=icmp type=8
in RESTRICTED proto=icmpv6 type=128
in RESTRICTED proto=esp src=fe80::/10
in RESTRICTED proto=ah src=10.0.0.0/8
in RESTRICTED proto=gre src=100.64.0.0/10
in RESTRICTED proto=253 dst=fd77::1/128
vpn tv0/tun
out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820
out TRUSTED if=h0/veth proto=tcp dst=0.0.0.0/0 dport=80,443-445
out TRUSTED if=h0/veth proto=tcp dst=::/0 sport=1-1023 dport=443
out TRUSTED if=h0/veth proto=tcp dport=8000
out TRUSTED if=h0/veth proto=tcp dst=169.254.7.0/24 dport=7
out TRUSTED if=h0/veth proto=icmpv6 dst=fe80::/64 type=128
out TRUSTED if=h1/veth proto=icmp dst=10.77.1.0/24 type=8
out TRUSTED if=h1/veth proto=esp dst=2001:db8::7/128
out TRUSTED if=tv0/tun proto=tcp dst=100.64.0.1/32 dport=22
in TRUSTED if=tv0/tun proto=tcp src=10.8.0.0/24 dport=22
in TRUSTED if=tv0/tun proto=esp src=10.8.0.0/24
dhcp h1/veth
bypass h0/veth xdp
bridge br0/bridge
out TRUSTED if=br0/bridge proto=tcp dst=192.0.2.1/32 dport=1
forward RESTRICTED from=br0/bridge to=h0/veth proto=tcp dport=443
forward RESTRICTED from=br0/bridge to=h0/veth proto=udp dst=2001:db8::/32
LIST

ours() {
	in_h nft -s list ruleset
}
# The size of it, so that an empty one cannot pass for equal.
declare -A least=([OPEN]=0 [RESTRICTED]=40 [TRUSTED]=180 [AIRGAP]=60 [COLDROOM]=60 [LOCKDOWN]=60)
for m in OPEN RESTRICTED TRUSTED AIRGAP COLDROOM LOCKDOWN; do
	if [[ $m == OPEN ]]; then
		seal OPEN
	else
		enter $m
	fi
	ok "$m: no line of the list is refused" unlike "$out" '"code":"E_'
	run in_h net-seal check
	ok "$m: the kernel is as it should be" status 0
	run ours
	kernel=$out
	ok "$m: and has rules" test "$(wc -l <<<"$kernel")" -ge "${least[$m]}"
	run in_h net-seal apply -n $m
	ok "$m: -n prints" status 0
	printf '%s\n' "$out" >"$T/rules.nft"
	run in_h nft -c -f - <"$T/rules.nft"
	ok "$m: nft takes what is printed" is "$status $err" "0 "
	in_h nft -f - <"$T/rules.nft"
	run ours
	# In nft's words: it writes some of them in fewer instructions.
	ok "$m: which is what the kernel had" is "$out" "$kernel"
	seal OPEN
done
tap_done
