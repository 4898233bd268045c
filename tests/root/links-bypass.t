#!/bin/bash
# links-bypass.t: what sends past every rule is named with its owner; without a line TRUSTED is not sealed
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
probe=$helper/probe
list=$T/list
cat >"$list" <<'EOT'
version 1
out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820
EOT
# lines LINE...: the list, and these
lines() {
	{
		cat "$list"
		((!$#)) || printf '%s\n' "$@"
	} | in_h sh -c 'mkdir -p /etc/bnd && cat >/etc/bnd/net.allow && chmod 644 /etc/bnd/net.allow'
}
lines
tap R R r0
# wires up again after a mode that took them down
rewire() {
	in_h sh -c 'ip link set h0 up; ip link set h1 up; ip -6 addr add fd77::1/64 dev h0 nodad' 2>/dev/null
	net_neighbour in_h h0 10.77.0.2 fd77::2 "$(net_mac in_r r0)"
}
# past ID WHAT LINES MARK: rows of a by-pass that is there, sent by "go ID". WHAT
# names it among findings and notes; LINES accept it
past() {
	local id=$1 what=$2 n m
	shift 2
	n=$(seen "$id" R)
	go "$id"
	ok "$id: it leaves in OPEN (control)" test $(($(seen "$id" R) - n)) -gt 0
	seal RESTRICTED
	ok "$id: RESTRICTED: sealed, and it is listed" \
	    is "$(field sealed "$out") $(grep -cE "\"code\":\"$what" <<<"$out")" "true 1"
	seal TRUSTED
	ok "$id: TRUSTED: not sealed, exit 19" is "$status $(field sealed "$out")" "19 false"
	ok "$id: and it is named" like "$out" "\"code\":\"bypass\",\"text\":\"${what/\",\"text\":\"/ }"
	run in_h net-seal check
	ok "$id: check says no" status 1
	n=$(seen "$id" R)
	go "$id"
	diag "$id: TRUSTED, said to be not sealed: $(($(seen "$id" R) - n)) passed"
	lines "$@"
	seal TRUSTED
	ok "$id: a bypass line accepts it" is "$(field sealed "$out") $(in_h net-seal check -q; echo $?)" "true 0"
	lines
	for m in AIRGAP COLDROOM LOCKDOWN; do
		seal $m
		ok "$id: $m: sealed, the link is down" is "$(field sealed "$out")" true
		n=$(seen "$id" R)
		go "$id"
		ok "$id: $m: nothing leaves" is $(($(seen "$id" R) - n)) 0
	done
	loosen LOCKDOWN OPEN
	rewire
}
pid() {
	in_h pgrep -x probe
}

# N52: AF_XDP in copy mode; a frame is in the ring before each seal, the kick comes after
in_h "$probe" xsk N52 "$nonce" h0 >"$T/xsk" 2>/dev/null &
for _ in {1..50}; do
	[[ -s $T/xsk ]] && break
	sleep 0.02
done
if [[ -s $T/xsk ]]; then
	go() {
		in_h pkill -USR1 -x probe
	}
	past N52 'xsk","text":"on (h0, uid 0, pid [0-9]+ .probe.|a link not known)' \
	    'bypass h0/veth xsk' 'bypass h1/veth xsk'
	in_h pkill -TERM -x probe
	seal TRUSTED
	ok "N52: gone, TRUSTED is sealed again" is "$(field sealed "$out")" true
	loosen TRUSTED OPEN
else
	skip_kernel "N52: AF_XDP transmit" "no AF_XDP here"
fi

# N53: an XDP program that sends back what R sent
if in_h "$probe" xdp-tx h0; then
	go() {
		in_r "$probe" frame ip "$1" "$nonce" r0
	}
	past N53 'xdp","text":"on h0' 'bypass h0/veth xdp'

	# T21: and a filter, on a link that is raised while sealed
	in_h tc qdisc add dev h0 clsact 2>/dev/null &&
	    in_h tc filter add dev h0 ingress u32 match u32 0 0 action mirred egress redirect dev h1 2>/dev/null
	filters=$?
	seal AIRGAP
	ok "T21: AIRGAP: sealed, the by-passes are notes" \
	    is "$(field sealed "$out") $(grep -c '"code":"xdp","text":"on h0' <<<"$out")" "true 1"
	in_h ip link set h0 up
	run in_h net-seal check --json
	ok "T21: raised: check says no, names the uplink and the program on it" \
	    is "$status $(grep -c '"uplink","text":"h0 is up"' <<<"$out") $(grep -c '"bypass","text":"xdp on h0"' <<<"$out")" "1 1 1"
	if ((filters == 0)); then
		ok "T21: and the filter" like "$out" '"bypass","text":"tc on h0"'
	else
		skip_kernel "T21: a filter" "this kernel has no u32 or mirred"
	fi
	run in_h net-seal apply --json
	ok "T21: repaired" is "$(field sealed "$out") $(in_h cat /sys/class/net/h0/operstate)" "true down"
	in_h sh -c 'ip link set h0 xdpgeneric off; tc qdisc del dev h0 clsact' 2>/dev/null
	loosen AIRGAP OPEN
	rewire
else
	skip_kernel "N53, T21: XDP" "no XDP here"
fi

# N54: a filter that redirects what comes by one link to another
in_h sh -c 'ip link add vt0 type veth peer name vt1; ip link set vt0 up; ip link set vt1 up'
if in_h tc qdisc add dev vt0 clsact 2>/dev/null &&
    in_h tc filter add dev vt0 ingress u32 match u32 0 0 action mirred egress redirect dev h0 2>/dev/null; then
	go() {
		in_h "$probe" frame ip "$1" "$nonce" vt1
	}
	past N54 'tc","text":"on vt0' 'bypass vt0/veth tc'
	in_h tc qdisc del dev vt0 clsact
else
	skip_kernel "N54: tc redirect" "this kernel has no u32 or mirred"
fi

# T23: a conntrack entry of somebody's making turns an unlisted flow into a reply
seal TRUSTED
send() {
	in_h "$probe" udp "$1" "$nonce" 10.77.0.2 7777 8888 2>/dev/null
}
if in_h conntrack -I -p udp -s 10.77.0.2 -d 10.77.0.1 --sport 7777 --dport 8888 -t 300 -u SEEN_REPLY >/dev/null 2>&1; then
	send T23
	ok "T23: the frame rules of the carrier stop it" is "$(seen T23 R)" 0
	in_h nft delete table netdev bnd
	send T23
	ok "T23: without them it leaves (control)" test "$(seen T23 R)" -gt 0
	run in_h net-seal apply --json
	n=$(seen T23 R)
	send T23
	ok "T23: repaired, and stopped again" is "$(field sealed "$out") $(seen T23 R)" "true $n"
else
	skip_kernel "T23" "no conntrack entries can be made here"
fi
tap_done
