#!/bin/bash
# rules-manners.t: new flows are counted, refusals are quick, waiting lines wake up
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up
leaks_up
printf 'out TRUSTED if=late0/veth proto=udp dst=10.66.0.2/32 dport=7\n' |
    in_h tee -a /etc/bnd/net.allow >/dev/null

# try ADDR PORT: a connection of H, for a second at most
try() {
	# shellcheck disable=SC2016
	run in_h timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$@"
}
# now in ms
now() {
	echo $(($(date +%s%N) / 1000000))
}

# RESTRICTED counts each flow that leaves, once, and none of loopback.
flows() {
	in_h nft list chain inet bnd out | sed -n 's/.*ct state new counter packets \([0-9]*\).*/\1/p'
}
# udp ADDR: twenty of them
udp() {
	# shellcheck disable=SC2016
	in_h bash -c 'for i in {1..20}; do echo >"/dev/udp/$0/9"; done' "$1" 2>/dev/null
}
enter RESTRICTED
n=$(flows)
udp 10.77.0.2
m=$(($(flows) - n))
# The kernel may begin one of its own meanwhile, such as a report of groups.
ok "twenty new flows are counted ($m)" test $m -ge 20 -a $m -lt 26
n=$(flows)
udp 127.0.0.1
m=$(($(flows) - n))
ok "those of loopback are not ($m)" test $m -lt 6
ok "and the log is limited" grep -q 'limit rate 10/second burst 50 packets log prefix "bnd out "' \
    <(in_h nft list chain inet bnd out)
seal OPEN

# A refusal is told at once, over either protocol.
try 203.0.113.77 81
ok "control: nobody answers in OPEN" status 124
enter TRUSTED
t=$(now)
try 203.0.113.77 81
ok "TRUSTED refuses TCP" isnt "$status" 124
try 2001:db8::77 81
ok "and over IPv6" isnt "$status" 124
ok "both within half a second" test $(($(now) - t)) -lt 500
run in_h ping -n -c1 -W1 203.0.113.77
ok "anything else is told that it is prohibited" like "$out$err" 'Packet filtered|prohibited|not permitted'

# A line whose link is not there waits, and is told; the hook wakes it.
run in_h net-seal apply --json
ok "the line waits" like "$out" '"waiting":\[.*line 14'
ip link add late0 type veth peer name late1 netns R && ip link set late0 netns "$host_pid" ||
    bail "no link"
in_h sh -ec 'ip addr add 10.66.0.1/24 dev late0; ip link set late0 up' && in_r ip link set late1 up &&
    in_h ip neigh replace 10.66.0.2 lladdr "$(net_mac in_r late1)" dev late0 nud permanent ||
    bail "no link"
leaks tap R late1
leaks udp H R . 10.66.0.2 7 before the hook the line allows nothing
run in_h net-seal hook "$(in_h cat /sys/class/net/late0/ifindex)"
ok "the hook exits 0" status 0
leaks udp H R P 10.66.0.2 7 after it the line is awake
leaks udp H R . 10.66.0.2 8 and allows what it says, no more
in_h ip link del late0
run in_h net-seal apply --json
ok "it waits again" like "$out" '"waiting":\[.*line 14'
tap_done
