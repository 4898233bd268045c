#!/bin/bash
# seal-frames.t: below IP: ARP, ND, packet sockets, taps, queues, renamed and new links
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up
probe=$helper/probe

in_h sh -c 'mkdir -p /etc/bnd && cat >/etc/bnd/net.allow && chmod 644 /etc/bnd/net.allow' <<'EOT'
version 1
out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820
EOT
in_h ip link add vt0 type veth peer name vt1
in_h sh -c 'ip link set vt0 up; ip link set vt1 up'
tap R R r0
tap S S s1

# send ID: one probe from H, or provoked in H from outside; N44s and N46s on the
# link that no line names.
send() {
	case $1 in
	N43) in_h "$probe" udp "$1" "$nonce" 10.77.0.99 9 ;;
	N44) in_r ip neigh del 10.77.0.1 dev r0; in_r ping -c1 -W0.2 10.77.0.1
		in_r ip neigh replace 10.77.0.1 lladdr "$mac" dev r0 nud permanent ;;
	N45) in_h "$probe" udp "$1" "$nonce" fd77::99 9 ;;
	N46) in_r ip neigh del fd77::1 dev r0; in_r ping -c1 -W0.2 fd77::1
		in_r ip neigh replace fd77::1 lladdr "$mac" dev r0 nud permanent ;;
	N47) in_h "$probe" frame ip "$1" "$nonce" h0; in_h "$probe" frame ip "$1" "$nonce" h1 ;;
	N48) in_h "$probe" frame dgram "$1" "$nonce" h0 ;;
	N49) in_h "$probe" frame lldp "$1" "$nonce" h0 ;;
	N50) in_h "$probe" frame vlan "$1" "$nonce" h0 ;;
	N55) in_h "$probe" frame ip "$1" "$nonce" vt1 ;;
	N59) in_h "$probe" frame lldp "$1" "$nonce" h1; in_h "$probe" udp "$1" "$nonce" 10.77.1.2 9 ;;
	N44s) in_s ip neigh del 10.77.1.1 dev s1; in_s ping -c1 -W0.2 10.77.1.1
		in_s ip neigh replace 10.77.1.1 lladdr "$mac1" dev s1 nud permanent ;;
	N46s) in_s ip neigh del fd77:1::1 dev s1; in_s ping -c1 -W0.2 fd77:1::1
		in_s ip neigh replace fd77:1::1 lladdr "$mac1" dev s1 nud permanent ;;
	N0) in_h "$probe" udp "$1" "$nonce" 10.77.0.2 51820 ;;
	esac >/dev/null 2>&1
}
mac=$(net_mac in_h h0) mac1=$(net_mac in_h h1)
# what a probe is counted as
id() {
	case $1 in
	N43) echo arp-request ;;
	N44 | N44s) echo arp-reply ;;
	N45) echo nd-ns ;;
	N46 | N46s) echo nd-na ;;
	*) echo "$1" ;;
	esac
}
total() {
	seen "$(id "$1")" R S
}
in_h nft -f - <<'NFT'
table netdev fw {
	chain c {
		type filter hook ingress device vt0 priority -600
		fwd to h0
	}
}
NFT
rows='N0 N43 N44 N44s N45 N46 N46s N47 N48 N49 N50 N55 N59'
declare -A allowed=([TRUSTED]=' N0 N44 N46 ' [AIRGAP]='' [COLDROOM]='' [LOCKDOWN]='')

# tally: what each row has been counted as so far, into count[]: the replies at
# the end that asked for them, all else at both.
declare -A count before
tally() {
	local row id n tap
	local -A at=()
	sleep "${settle:-0.15}"
	for tap in R S; do
		while read -r id n; do at[$tap:$id]=$n; done <"$T/$tap"
	done
	for row in $rows; do
		id=$(id "$row")
		case $row in
		N44 | N46) count[$row]=${at[R:$id]:-0} ;;
		N44s | N46s) count[$row]=${at[S:$id]:-0} ;;
		*) count[$row]=$((${at[R:$id]:-0} + ${at[S:$id]:-0})) ;;
		esac
	done
}
# fire: all rows; more[] is what came of each
declare -A more
fire() {
	local row
	settle=0 tally
	for row in $rows; do before[$row]=${count[$row]}; done
	for row in $rows; do send "$row"; done
	tally
	for row in $rows; do more[$row]=$((count[$row] - before[$row])); done
}
# Links are raised again by hand, so that the rules are judged and not the wire.
raise() {
	in_h sh -c 'ip link set h0 up; ip link set h1 up
		ip neigh replace 10.77.0.2 lladdr 02:00:00:00:00:02 dev h0 nud permanent
		ip -6 addr add fd77::1/64 dev h0 nodad'
}
as_it_was() {
	in_h sh -c 'ip addr add 10.77.0.1/24 dev h0; ip -6 addr add fd77::1/64 dev h0 nodad
		ip link set h0 up; ip link set h1 up' 2>/dev/null
}
# judge MODE BY: nothing passes but what the list and its carrier say
judge() {
	local row
	fire
	for row in $rows; do
		if [[ ${allowed[$1]} == *" $row "* ]]; then
			ok "$kind, $1: $row passes, as the list and its carrier say" test "${more[$row]}" -gt 0
		else
			ok "$kind, $1: $row: nothing arrives by $2" is "${more[$row]}" 0
		fi
	done
}

seal OPEN
fire
for row in $rows; do
	ok "$row arrives in OPEN (control)" test "${more[$row]}" -gt 0
done
for on in both/{TRUSTED,AIRGAP,COLDROOM,LOCKDOWN} nft/{TRUSTED,AIRGAP}; do
	m=${on#*/}
	if [[ $on == nft/TRUSTED ]]; then
		loosen LOCKDOWN OPEN
		as_it_was
		in_h ip neigh replace 10.77.0.2 lladdr "$(net_mac in_r r0)" dev h0 nud permanent
	fi
	host "${on%/*}"
	in_h ip neigh flush nud stale nud failed nud reachable nud incomplete
	seal "$m"
	ok "$kind: $m is sealed" is "$(field sealed "$out")" true
	[[ $m == TRUSTED ]] || raise
	judge "$m" "the rules alone"
done
loosen AIRGAP OPEN
as_it_was
# Without nf_tables no frame is stopped by rules: links that are down do it, and
# a mode that leaves them up is none.
for on in legacy/true neither/false; do
	host "${on%/*}"
	seal TRUSTED
	ok "$kind: TRUSTED cannot be: exit 19" is "$status $(field sealed "$out")" "19 false"
	seal AIRGAP
	ok "$kind: AIRGAP is sealed: ${on#*/}" is "$(field sealed "$out")" "${on#*/}"
	judge AIRGAP "links that are down"
	loosen AIRGAP OPEN
	as_it_was
done
host both
seal OPEN
fire
for row in $rows; do
	ok "$row arrives in OPEN again (control)" test "${more[$row]}" -gt 0
done
in_h nft delete table netdev fw

in_h sh -c 'exec 3<&0; "$0" tap h0 x /tmp/x & echo $! >/tmp/tap.pid; sleep 0.3' "$probe"
seal TRUSTED
ok "N56: a tap is a note with its owner, and no reason" \
    is "$(field sealed "$out") $(grep -o '"code":"tap","text":"on h0[^"]*' <<<"$out" | head -1)" \
    "true \"code\":\"tap\",\"text\":\"on h0, uid 0, pid $(in_h cat /tmp/tap.pid) (probe)"
in_h sh -c 'kill $(cat /tmp/tap.pid)'

# N57: what stands in a queue when AIRGAP or TRUSTED comes goes nowhere
backlog() {
	in_h tc qdisc replace dev h1 root tbf rate "$2" burst 1600 latency 60s || return
	local i
	for ((i = 0; i < 12; i++)); do
		in_h "$probe" frame lldp "$1" "$nonce" h1
		in_h ping -q -c1 -W0.01 -s 900 10.77.1.2
	done >/dev/null 2>&1
	return 0
}
# later ID TAP: what arrives at TAP in the next 1.5 s
later() {
	local n
	n=$(seen "$1" "$2")
	sleep 1.5
	echo $(($(seen "$1" "$2") - n))
}
loosen TRUSTED OPEN
in_h sh -c 'ip link add name q4 numtxqueues 4 type ifb; ip link set q4 up'
if backlog N57c 16kbit; then
	ok "N57: a queue goes on leaving (control)" test "$(later N57c S)" -gt 0
	in_h tc qdisc del dev h1 root
	backlog N57 16kbit
	seal AIRGAP
	ok "N57: nothing queued leaves after AIRGAP" is "$(later N57 S)" 0
	loosen AIRGAP OPEN
	ok "N57: nor when the link is back: it was dropped" is "$(later N57 S)" 0
	in_h tc qdisc del dev h1 root
	backlog N57t 64kbit
	queues=$(in_h tc qdisc show)
	seal TRUSTED
	ok "N57: TRUSTED waits for an administrator's queue, nothing leaves after that" \
	    is "$status $(field sealed "$out") $(later N57t S)" "0 true 0"
	ok "N57: and all of it had its time (control)" test "$(seen N57t S)" -gt 8
	loosen TRUSTED OPEN
	ok "N57: nobody's queue is another one now" is "$(in_h tc qdisc show)" "$queues"
	in_h tc qdisc del dev h1 root
	backlog N57s 8kbit
	seal TRUSTED
	ok "N57: one that takes too long is said: exit 1, a finding, no word of sealed queues" \
	    like "$status $(field sealed "$out") $out" '^1 true .*"queues":"failed".*"backlog","text":"h1: [0-9]+ packets in its tbf'
	ok "N57: which is true" test "$(later N57s S)" -gt 0
	seal TRUSTED
	ok "N57: nor is it forgotten by the next" like "$status $(field sealed "$out") $out" '^1 true .*"backlog"'
	in_h tc qdisc replace dev h1 root tbf rate 10mbit burst 1600 latency 60s
	seal TRUSTED
	ok "N57: once it was empty, exit 0" is "$status $(field sealed "$out") $(in_h ls /run/bnd/net | grep -c backlog)" "0 true 0"
	loosen TRUSTED OPEN
	in_h tc qdisc del dev h1 root
else
	skip_kernel "N57" "no tbf here"
fi
in_h ip link del q4

# N58: a rename while up unhooks it from 6.16 on; the hook renders again
seal TRUSTED
in_h ip link set h1 name x1
run in_h net-seal check --json
ok "N58: check sees a renamed link" is "$status $(field sealed "$out")" "1 false"
run in_h net-seal hook 3 --json
ok "N58: the hook hooks it again" is "$(field sealed "$out")" true
n=$(total N58)
in_h "$probe" frame ip N58 "$nonce" x1
ok "N58: and nothing leaves by it" is $(($(total N58) - n)) 0
in_h ip link set x1 name h1
run in_h net-seal hook 3
ok "and back" is "$(in_h net-seal check -q; echo $?)" 0

# N71, N72, N73: a link that comes after the seal
in_h ip link add p0 type veth peer name p1
in_h sh -c 'ip link set p0 up; ip link set p1 up'
index=$(in_h cat /sys/class/net/p0/ifindex)
run in_h net-seal check
ok "N72: TRUSTED: a new link is seen by check" status 1
run in_h net-seal hook "$index" --json
ok "N72: TRUSTED: after the hook check is content" is "$(field sealed "$out") $(in_h net-seal check -q; echo $?)" "true 0"
seal AIRGAP
net_link n0 R n1 9
index=$(in_h cat /sys/class/net/n0/ifindex)
tap R2 R n1
n=$(total N71)
in_h "$probe" udp N71 "$nonce" 10.77.9.2 9 2>/dev/null
in_h "$probe" udp N71 "$nonce" fd77:9::2 9 2>/dev/null
ok "N71: AIRGAP: IP finds no way by a new link even before the hook" is "$(settle=0.2 seen N71 R2)" 0
in_h "$probe" frame ip N72a "$nonce" n0
diag "N72: window before the hook: $(seen N72a R2) of 1 raw frames passed"
run in_h net-seal hook "$index" --json
ok "N72: AIRGAP: the hook takes it down and names the uplink" \
    is "$(field sealed "$out") $(in_h cat /sys/class/net/n0/operstate) $(grep -c '"uplink","text":"n0' <<<"$out")" "true down 1"
in_h "$probe" frame ip N72b "$nonce" n0 2>/dev/null
ok "N72: nothing after the hook" is "$(seen N72b R2)" 0
seal AIRGAP
in_h ip link set h0 up
in_h "$probe" udp N73 "$nonce" 10.77.0.2 51820 2>/dev/null
in_h "$probe" frame ip N73 "$nonce" h0
ok "N73: a link raised again carries nothing, the rules hold" is "$(total N73)" 0
run in_h net-seal hook 2 --json
ok "N73: and the hook takes it down" is "$(in_h cat /sys/class/net/h0/operstate)" down
seal COLDROOM
in_h sh -c 'ip link add q0 type veth peer name q1; ip link set q0 up; ip link set q1 up'
run in_h net-seal hook "$(in_h cat /sys/class/net/q0/ifindex)" --json
ok "COLDROOM: a new link goes down, of whatever kind" is "$(in_h cat /sys/class/net/q0/operstate)" down
in_h rm /run/bnd/state
in_h ip link set q0 up
run in_h net-seal hook "$(in_h cat /sys/class/net/q0/ifindex)" --json
ok "no state reads as LOCKDOWN: exit 9, down" is "$status $(in_h cat /sys/class/net/q0/operstate)" "9 down"
tap_done
