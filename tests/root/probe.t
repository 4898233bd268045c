#!/bin/bash
# probe.t: packets sent at the seal; a rule that lacks is named by what passed
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
"$BND_TREE/tests/guard" || bail "not on a throw-away host"
probe=$BND_BUILD/tests/helper/probe-seal

all='out-v4 out-v6 out-syn4 out-syn6 out-l2 out-l2-v4 arp-request arp-reply nd-request nd-reply in-v4 in-v6 in-syn4 in-syn6 in-l2 in-arp in-nd'
field() {
	grep -oE "\"$1\":(\"[^\"]*\"|[a-z0-9]+)" <<<"$out" | head -n 1 | cut -d: -f2 | tr -d '"'
}
# leaks RULES: what passes them, without what the kernel answers by itself
leaks() {
	nft flush ruleset
	printf '%s\n' "$1" >"$T/rules"
	run "$probe" "sed \"s/LINK/\$LINK/\" $T/rules | nft -f -"
	out=$(sed -E 's/ (answer|other)\>//g' <<<"$out")
}
# chain TABLE HOOK RULE...
chain() {
	local table=$1 hook=$2 on='' rule
	shift 2
	[[ $table != netdev* ]] || on='device LINK'
	echo "add table $table"
	echo "add chain $table $hook { type filter hook $hook $on priority -450; }"
	for rule; do echo "add rule $table $hook $rule"; done
}
inet() { chain 'inet x' prerouting "${1:-drop}"; chain 'inet x' output "${1:-drop}"; }
arp() { chain 'arp x' input drop; chain 'arp x' output drop; }
# ingress, egress: all is dropped but what is named
ingress() { chain 'netdev x' ingress ${1:+"$1 accept"} drop; }
egress() { chain 'netdev x' egress ${1:+"$1 accept"} drop; }

leaks ''
ok "no rules: everything passes (control)" is "$out" "leaks $all"
leaks "$(inet; arp; ingress; egress)"
ok "all of them: nothing does" is "$out" "tight "
leaks "$(ingress; egress)"
ok "frames alone stop all of it" is "$out" "tight "
leaks "$(inet; arp; ingress)"
ok "no egress: frames leave" is "$out" "leaks out-l2 out-l2-v4"
leaks "$(inet; arp; egress)"
ok "no ingress: frames come in" is "$out" "leaks in-l2"
leaks "$(inet; arp)"
ok "no netdev: frames pass both ways" is "$out" "leaks out-l2 out-l2-v4 in-l2"
leaks "$(inet)"
ok "IP alone: ARP is answered" is "$out" "leaks out-l2 out-l2-v4 arp-reply in-l2 in-arp"
leaks "$(inet; chain 'arp x' output drop; egress; ingress 'ether type arp')"
ok "ARP that comes in is seen by what the kernel learned" is "$out" "leaks in-arp"
leaks "$(chain 'inet x' prerouting drop; ingress; egress 'ether type arp')"
ok "a question for a neighbour" is "$out" "leaks arp-request"
leaks "$(inet 'meta nfproto ipv4 drop'; arp)"
ok "IPv6 alone is open" is "$out" \
    "leaks out-v6 out-syn6 out-l2 out-l2-v4 nd-request nd-reply in-v6 in-syn6 in-l2 in-nd"
leaks "$(inet 'meta nfproto ipv6 drop'; arp)"
ok "IPv4 alone is open" is "$out" "leaks out-v4 out-syn4 out-l2 out-l2-v4 in-v4 in-syn4 in-l2"
leaks "$(chain 'inet x' output drop; arp; ingress 'ether type ip'; egress)"
ok "IPv4 that comes in and is not answered" is "$out" "leaks in-v4 in-syn4"
leaks "$(arp; ingress; egress 'meta l4proto udp')"
ok "UDP that leaves, of both families" is "$out" "leaks out-v4 out-v6 out-l2-v4"
leaks "$(arp; ingress; egress 'meta l4proto tcp')"
ok "connections that leave" is "$out" "leaks out-syn4 out-syn6"
leaks "$(chain 'inet x' output drop; arp; ingress 'meta l4proto ipv6-icmp'; egress)"
ok "neighbour discovery that comes in" is "$out" "leaks in-nd"
nft flush ruleset

# It must not be taken for a proof when it did not work.
run "$probe" false
ok "the hook fails: not shown" is "$out" "unshown "
run "$probe" 'ip link set "$LINK" down'
ok "the wire is taken down: not shown, although nothing passed" like "$out" '^unshown'
run "$probe" 'ip link del "$LINK"'
ok "the wire is taken away: not shown" like "$out" '^unshown'
run "$probe" 'ip addr flush dev "$LINK"'
ok "its addresses are: not shown" like "$out" '^unshown'
run strace -f -qq -o /dev/null -e trace=unshare -e inject=unshare:error=EPERM "$probe" true
ok "no namespace is granted: not shown" is "$out" "unshown "
run strace -f -qq -o /dev/null -e trace=unshare -e inject=unshare:error=EINVAL "$probe" true
ok "a kernel without namespaces: absent" is "$out" "absent "
run strace -f -qq -o /dev/null -e trace=sendto -e inject=sendto:retval=60:when=9+ "$probe" true
ok "packets that never left: not shown" is "$out" "unshown "
run "$BND_BUILD/tests/helper/without" peer "$probe" true
ok "a peer that hears nothing: not shown" is "$out" "unshown "
ok "its control says so" like "$err" 'its control failed, never arrived: .*out-l2'
printf '%s\n' "$(egress)" >"$T/rules"
if ip link add x0 type veth peer name x1 && "$BND_BUILD/tests/helper/probe" xdp-drop x0; then
	run "$probe" "sed \"s/LINK/\$LINK/\" $T/rules | nft -f - && $BND_BUILD/tests/helper/probe xdp-drop \$LINK"
	ok "what comes in does not reach the seal: not shown" is "$out" "unshown "
else
	skip_kernel "what does not reach the seal" "this kernel has no XDP"
fi
nft flush ruleset

# The same by net-seal: before mode-set commits a mode, and whenever it is asked.
log=/var/lib/bnd/log/000001.jsonl
"$BND_TREE/tests/host-init" "$T/keys" >/dev/null 2>&1 || bail "no host"
run net-seal probe --json
ok "OPEN: there is nothing to show" is "$status $(field probe)" "0 unused"
mode-set restricted >/dev/null
run net-seal probe --json
ok "RESTRICTED: nor there" is "$status $(field probe)" "0 unused"
for m in trusted airgap lockdown; do
	run mode-set $m
	ok "$m: mode-set has it probed, and on the record" \
	    like "$status $(grep '"enforced"' $log | tail -n 1)" '^0 .*"probe":"used","probe_ms":[1-9]'
	run net-seal probe --json
	ok "$m: probed again" is "$status $(field probe) $(field sealed)" "0 used true"
	ok "$m: check is content" net-seal check -q
done

# Nothing remains, whatever happens to it.
left() {
	local i
	for ((i = 0; i < 100; i++)); do
		[[ $(ip -br link | awk '$1 ~ /^bnd/') ]] || break
		sleep 0.02
	done
	echo "$(ip -br link | awk '$1 ~ /^bnd/') $(pgrep -x -c probe-seal)"
}
"$probe" 'sleep 30' >/dev/null 2>&1 &
for ((i = 0; i < 200; i++)); do
	[[ $(ip -br link | awk '$1 ~ /^bnd.*UP/') ]] && break
	sleep 0.01
done
ok "while it runs there is a link (control)" like "$(ip -br link)" '\<bnd[0-9a-f]{8}@'
kill -KILL $!
wait $! 2>/dev/null
pkill -x sleep
ok "killed: neither link nor process is left" is "$(left)" " 0"
tap_done
