#!/bin/bash
# probe.t: packets sent at the seal; a rule that lacks is named by what passed
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
. "${0%/*}/../tap.sh"
need_host
"$BND_TREE/tests/guard" || bail "not on a throw-away host"
probe=$BND_BUILD/tests/helper/probe-seal

all='out-v4 out-v6 out-syn4 out-syn6 out-l2 out-l2-v4 arp-request arp-reply nd-request nd-reply in-v4 in-v6 in-syn4 in-syn6 in-l2 in-arp in-nd'
field() {
	grep -oE "\"$1\":(\"[^\"]*\"|[a-z0-9]+)" <<<"$out" | head -n 1 | cut -d: -f2 | tr -d '"'
}
left() {
	local i
	for ((i = 0; i < 100; i++)); do
		[[ $(ip -br link | awk '$1 ~ /^bnd/') ]] || break
		sleep 0.02
	done
	echo "$(ip -br link | awk '$1 ~ /^bnd/') $(pgrep -c -- '-seal$')"
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
nft flush ruleset
run "$probe" -w "sed \"s/LINK/\$LINK/\" $T/rules | nft -f -"
ok "so they do where new links are hooked at once" is "$out" "tight "
run "$probe" -w 'ip link set "$LINK" down'
ok "a wire that does not last is not shown there either" like "$out" '^unshown'
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
ip link del x0
nft flush ruleset

# One call fails, or it is killed there: never "tight", and nothing is left.
failed() { # CALL NUMBER WHAT
	run strace -qq -o /dev/null -e trace="$1" -e inject="$1:$3:when=$2" "$probe" "$drop"
	[[ $out != tight* ]] || good+=" $1-$2"
}
drop="sed \"s/LINK/\$LINK/\" $T/rules | nft -f - && true"
{ ingress; egress; } >"$T/rules"
run "$probe" "$drop"
ok "nothing fails: tight (control)" is "$out" "tight "
good=''
for at in socketpair-1 pipe2-1 clone-1 clone-2 socket-2 bind-3 connect-1 setsockopt-6 recvfrom-2 sendto-3 sendmsg-4; do
	nft flush ruleset
	failed "${at%-*}" "${at#*-}+" error=EIO
done
ok "a call that fails each time: never tight" is "$good" ""
good=''
for at in socketpair-1 clone-2 sendmsg-3 sendmsg-7 sendto-6 connect-2 recvfrom-9; do
	nft flush ruleset
	failed "${at%-*}" "${at#*-}" signal=KILL
	[[ $status -eq 137 ]] || good+=" $at:$status"
done
ok "killed at each step: never tight" is "$good" ""
ok "and nothing of it is left" is "$(left)" " 0"
nft flush ruleset

# The same by net-seal: before mode-set commits a mode, and whenever it is asked.
log=/var/lib/bnd/log/000001.jsonl
"$BND_TREE/tests/host-init" "$T/keys" >/dev/null 2>&1 || bail "no host"
run net-seal probe --json
ok "OPEN: there is nothing to show" is "$status $(field probe)" "0 unused"
mode-set restricted >/dev/null
run net-seal probe --json
ok "RESTRICTED: nor there" is "$status $(field probe)" "0 unused"
for m in trusted airgap; do
	run mode-set $m
	ok "$m: mode-set has it probed, and on the record" \
	    like "$status $(grep '"enforced"' $log | tail -n 1)" '^0 .*"probe":"used","probe_ms":[1-9]'
	run net-seal probe --json
	ok "$m: probed again" is "$status $(field probe) $(field sealed)" "0 used true"
	ok "$m: check is content" net-seal check -q
done
ok "nothing was recorded as a leak (control)" is "$(grep -c '"ev":"net.probe"' $log)" 0

# Every packet of ours goes to its wire: nothing is asked of any other network.
run strace -f -qq -e trace=socket,setsockopt,sendto,connect,bind -o "$T/calls" net-seal probe -q
sent=$(grep -cE '(connect\([0-9]+|sendto\([0-9]+, .*), \{sa_family=AF_INET' "$T/calls")
ok "packets were sent (control)" test "$sent" -ge 8
ok "each to the range for tests, or a prefix of its own" is \
    "$(grep -cE '(connect\([0-9]+|sendto\([0-9]+, .*), \{sa_family=AF_INET6?, .*("198\.1[89]\.|"fd[0-9a-f]{2}:)' "$T/calls")" "$sent"
ok "by sockets that are bound to its link" is \
    "$(grep -cE ' socket\(AF_INET6?,.*NONBLOCK' "$T/calls")" "$(grep -cE 'SO_BINDTODEVICE, "bnd[0-9a-f]{8}' "$T/calls")"

# While it runs there is a real link that is up, which is an alarm in AIRGAP; who
# looks waits until it is gone.
wire_up() {
	local i
	for ((i = 0; i < 300; i++)); do
		[[ ! $(ip -br link | awk '$1 ~ /^bnd/ && $2 == "UP"') ]] || return
		sleep 0.005
	done
}
strace -qq -o /dev/null -e trace=connect -e inject=connect:delay_enter=200000 net-seal probe -q &
wire_up
index=$(cat /sys/class/net/bnd*/ifindex)
ok "a link is up meanwhile (control)" test "$index"
run net-seal check
ok "check waits for it" status 0
wait $!
ok "and the probe is not disturbed" is $? 0
strace -qq -o /dev/null -e trace=connect -e inject=connect:delay_enter=200000 net-seal probe -q &
wire_up
run net-seal hook "$(cat /sys/class/net/bnd*/ifindex)"
ok "so does the hook that its link calls" status 0
wait $!
ok "and leaves it alone" is "$? $(mode-set --get)" "0 AIRGAP"

# What the kernel cannot stop is not a leak where links are down for it.
in_mode() { # WITHOUT MODE
	"$BND_BUILD/tests/helper/state" entering OPEN "$2" 0123456789abcdef0123456789abcdef $$
	run "$BND_BUILD/tests/helper/without" "$1" net-seal apply "$2" --txn 0123456789abcdef0123456789abcdef --json
}
cp -p /run/bnd/state "$T/state"
nft flush ruleset
in_mode nft AIRGAP
ok "legacy tables alone, AIRGAP: in force" is "$status $(field sealed) $(field probe)" "0 true used"
ok "what passes while a link is up is told" like "$out" \
    '"probe","text":"while a link is up: out-l2 out-l2-v4 arp-reply in-l2 in-arp"'
in_mode legacy AIRGAP
ok "nf_tables alone, AIRGAP: nothing passes" is "$(field sealed) $(field probe) $(grep -c 'while a link' <<<"$out")" "true used 0"
in_mode legacy,nft AIRGAP
ok "neither: not in force, not probed" is "$status $(field sealed) $(field probe)" "19 false unused"
cp -p "$T/state" /run/bnd/state
net-seal apply -q

# A rule that goes between read-back and packets: seen by the packets alone.
# Opening a connection takes its time; by then the frames have not been sent.
behind() {
	local i
	for ((i = 0; i < 300; i++)); do
		! nft list chain netdev bnd out-0 2>/dev/null | grep -qE 'bnd[0-9a-f]{8}' || break
		sleep 0.005
	done
	nft 'delete table netdev bnd; delete table arp bnd'
}
behind &
run strace -qq -o /dev/null -e trace=connect -e inject=connect:delay_enter=300000 net-seal probe --json
wait $!
ok "frames and ARP that pass: exit 19" is "$status $(field probe) $(field sealed)" "19 leaks false"
ok "each kind is named, no other" like "$out" \
    '"probe","text":"packets pass the seal: out-l2 out-l2-v4 arp-reply in-l2 in-arp"'
ok "that is on the record" is "$(grep -c '"ev":"net.probe"' $log)" 1
ok "and LOCKDOWN is tripped" is "$(mode-set --get)" LOCKDOWN
behind &
run strace -f -qq -o /dev/null -e trace=connect -e inject=connect:delay_enter=200000 mode-set lockdown
wait $!
ok "mode-set says that it is not in force" like "$status $err" '^17 .*packets pass the seal: out-l2 '
ok "and records it" is "$(grep -c '"ev":"net.probe"' $log)" 2
ok "what was taken away is there again" net-seal check -q

# Nothing remains, whatever happens to it.
"$probe" 'sleep 30' >/dev/null 2>&1 &
wire_up
ok "while it runs there is a link (control)" like "$(ip -br link)" '\<bnd[0-9a-f]{8}@'
kill -KILL $!
wait $! 2>/dev/null
pkill -x sleep
ok "killed: neither link nor process is left" is "$(left)" " 0"
# Nothing is overlooked for a probe's sake: one that never ends is waited for,
# and then its link is as any other.
strace -qq -o /dev/null -e trace=connect -e inject=connect:delay_enter=9000000 net-seal probe >/dev/null 2>&1 &
wire_up
run timeout 10 net-seal check
ok "a link of a probe that never ends is an uplink to check" like "$status $out" '^1 .*uplink: bnd[0-9a-f]{8} is up'
kill -KILL $!
pkill -KILL -x net-seal
wait 2>/dev/null
ok "killed: its link is not left either" is "$(left)" " 0"
tap_done
