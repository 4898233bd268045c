#!/bin/bash
# net-peers.t: the wires of tests/net.sh carry packets, so that a seal can be seen
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
need_observer
net_up

for a in 10.77.0.1 fd77::1; do
	ok "R reaches H at $a" in_r ping -q -c1 -W2 $a
done
for a in 10.77.0.2 fd77::2 10.77.1.2 fd77:1::2; do
	ok "H reaches $a" in_h ping -q -c1 -W2 $a
done
ok "H forwards from R to S" in_r ping -q -c1 -W2 10.77.1.2
ok "and over IPv6" in_r ping -q -c1 -W2 fd77:1::2
run in_h ip -o neigh show nud permanent
ok "H knows its neighbours for good" like "$out" '10.77.0.2.*PERMANENT'
run in_h ls /run/netns
ok "H sees no name of a peer" is "$out" ""
run in_h ps -e -o args=
ok "H sees no process of the observer" unlike "$out" 'net-peers'
ok "the guard trusts H" in_h "$BND_TREE/tests/guard"
tap_done
