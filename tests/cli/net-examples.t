#!/bin/bash
# net-examples.t: every list in the examples of net.allow(5) is one that lint takes
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"

page=$BND_TREE/man/net.allow.5
# Each literal block of EXAMPLES into a file of its own
awk -v dir="$T" '
	/^\.Sh / { on = ($2 == "EXAMPLES") }
	on && /^\.Bd -literal/ { n++; file = dir "/example" n; next }
	/^\.Ed/ { file = "" }
	file { print > file }' "$page"
n=0
for f in "$T"/example*; do
	run net-seal lint --json "$f"
	ok "${f##*/} is accepted as it stands in the manual" is "$status $(grep -o '"errors":\[.*\],"lines"' <<<"$out")" '0 "errors":[],"lines"'
	ok "${f##*/} has lines" test "$(grep -o '"[a-z]* [^"]*"' <<<"$out" | wc -l)" -ge 2
	n=$((n + 1))
done
ok "for ssh, two laptops, containers and a vlan" test $n -ge 5
for what in 'in RESTRICTED proto=tcp .*dport=22' 'vpn wg0/wireguard' 'dhcp wlan0' 'from=docker0/bridge' 'to=docker0/bridge' 'bridge virbr0/bridge'; do
	ok "there is $what" grep -qE "^$what|^forward .*$what" "$T"/example*
done
sed -i 's/dport=22$/dport=ssh/' "$T/example1"
run net-seal lint "$T/example1"
ok "control: a bad one is refused" status 2
tap_done
