#!/bin/bash
# net.t: tunnels, stacked links and by-ways of a stock kernel, seen from outside
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
vm_needs nft tc conntrack nsenter

# The guest is the observer: R and S are namespaces of its own, H a throw-away
# host below it (tests/net.sh). What carries the nonce is counted by taps at the
# far ends; what is encrypted or has no payload, by counters at R's.
in_net() {
	nsenter --net="/proc/$host_pid/ns/net" "$@"
}
# job COMMAND: the same in the background; $! is its own.
job() {
	nsenter --net="/proc/$host_pid/ns/net" "$@" &
}
counters() {
	in_r nft -f - <<-'NFT' &&
	table netdev seen {
		counter wg_outer { }
		counter esp_outer { }
		counter lacp { }
		counter N96-synproxy { }
		counter N96-synproxy-far { }
		chain r0 { type filter hook ingress device r0 priority -500;
			udp dport 51820 counter name wg_outer
			ip protocol 50 counter name esp_outer
			ip saddr 10.77.0.1 tcp sport 9603 tcp flags & (syn | ack) == syn | ack counter name N96-synproxy
			ip saddr 10.77.1.2 tcp sport 9603 tcp flags & (syn | ack) == syn | ack counter name N96-synproxy-far
		}
		chain r2 { type filter hook ingress device r2 priority -500;
			ether type 0x8809 counter name lacp
		}
	}
	NFT
	in_s nft -f - <<-'NFT'
	table netdev seen {
		counter pktgen { }
		counter N96-synproxy-on { }
		chain s1 { type filter hook ingress device s1 priority -500;
			udp dport 9 @th,64,32 0xbe9be955 counter name pktgen
			tcp dport 9603 counter name N96-synproxy-on
		}
	}
	NFT
}

# What arrived so far: "ID N" a line, all the taps and counters together.
arrived() {
	cat "$T"/tap.*
	{ in_r nft list table netdev seen; in_s nft list table netdev seen; } |
	    sed -n 's/.*counter \(.*\) {/\1/p; s/.*packets \([0-9]*\) .*/\1/p' | paste -d' ' - -
}
declare -A before=() now=()
look() {
	local id n
	now=()
	while read -r id n; do
		now[$id]=$((${now[$id]:-0} + n))
	done < <(arrived)
}
remember() {
	local id
	before=()
	look
	for id in "${!now[@]}"; do before[$id]=${now[$id]}; done
}
more() {
	echo $((${now[$1]:-0} - ${before[$1]:-0}))
}
came() {
	look
	(($(more "$1") > 0))
}

# ---- what H is furnished with -------------------------------------------------

# A link to R or S has 10.88.N.1 here and 10.88.N.2 there: UDP to it leaves in
# whatever the link makes of it. The rest is neighbours that need no asking.
far=02:00:00:00:00:99
link() {
	local n=$1 dev=$2
	shift 2
	in_net ip link add "$@" &&
	    in_net ip addr add "10.88.$n.1/24" dev "$dev" && in_net ip link set "$dev" up &&
	    { in_net ip neigh replace "10.88.$n.2" lladdr $far dev "$dev" nud permanent 2>/dev/null || :; }
}
wireguard() {
	local key=$T/wg
	wg genkey >"$key.h" && wg genkey >"$key.r" &&
	    link 1 wg0 wg0 type wireguard && in_r ip link add wg0 type wireguard &&
	    in_net wg set wg0 listen-port 51821 private-key "$key.h" peer "$(wg pubkey <"$key.r")" \
		allowed-ips 10.88.1.0/24 endpoint 10.77.0.2:51820 persistent-keepalive 1 &&
	    in_r wg set wg0 listen-port 51820 private-key "$key.r" peer "$(wg pubkey <"$key.h")" \
		allowed-ips 10.88.1.0/24 &&
	    in_r ip addr add 10.88.1.2/24 dev wg0 && in_r ip link set wg0 up
}
# Transport to one address of R, tunnel for 10.88.2.0/24 by an xfrm link.
ipsec() {
	local key=0x0102030405060708090a0b0c0d0e0f10
	in_net ip xfrm state add src 10.77.0.1 dst 10.77.0.2 proto esp spi 0x100 reqid 1 mode tunnel \
	    if_id 7 enc 'cbc(aes)' $key auth 'hmac(sha1)' ${key}01020304 &&
	    in_net ip xfrm policy add dir out dst 10.88.2.0/24 if_id 7 \
		tmpl src 10.77.0.1 dst 10.77.0.2 proto esp reqid 1 mode tunnel &&
	    link 2 xf0 xf0 type xfrm dev h0 if_id 7 &&
	    in_net ip xfrm state add src 10.77.0.1 dst 10.77.0.3 proto ah spi 0x101 reqid 2 mode transport \
		auth 'hmac(sha1)' ${key}01020304 &&
	    in_net ip xfrm policy add dir out src 10.77.0.1 dst 10.77.0.3 \
		tmpl proto ah reqid 2 mode transport
}
tunnels() {
	modprobe -a fou fou6 && link 3 gre9 gre9 type gre local 10.77.0.1 remote 10.77.0.2 &&
	    link 4 ipip9 ipip9 type ipip local 10.77.0.1 remote 10.77.0.2 &&
	    in_net ip link add sit9 type sit local 10.77.0.1 remote 10.77.0.2 &&
	    in_net ip link set sit9 up && in_net ip addr add fd88::1/64 dev sit9 nodad &&
	    link 6 fou9 fou9 type ipip local 10.77.0.1 remote 10.77.0.4 \
		encap fou encap-sport auto encap-dport 5555 &&
	    link 7 gre6 gre6 type ip6gre local fd77::1 remote fd77::2
}
stacked() {
	link 10 h0.5 link h0 name h0.5 type vlan id 5 &&
	    in_net ip link add link h0 name h0ad type vlan proto 802.1ad id 100 &&
	    in_net ip link set h0ad up && link 11 h0q link h0ad name h0q type vlan id 7 &&
	    link 12 ms0 link h1 name ms0 type macsec encrypt off &&
	    in_net ip macsec add ms0 tx sa 0 pn 1 on key 01 0102030405060708090a0b0c0d0e0f10
}
# R asks for a LACPDU every second, else there is one in thirty.
bond() {
	ip link add h2 type veth peer name r2 netns R && ip link set h2 netns "$host_pid" &&
	    in_r ip link add bond1 type bond mode 802.3ad miimon 100 lacp_rate fast &&
	    in_r ip link set r2 master bond1 && in_r ip link set bond1 up &&
	    in_net ip link add bond0 type bond mode 802.3ad miimon 100 &&
	    in_net ip link set h2 master bond0 && in_net ip link set bond0 up
}
# A container's, one way after the other; only its name holds it, on a root that is
# an overlay on 9p.
ipvlan() {
	in_h ip netns add N && in_h ip link add link h0 name iv0 netns N type ipvlan mode l2 &&
	    in_h ip -n N addr add 10.77.0.50/24 dev iv0 && in_h ip -n N link set iv0 up &&
	    in_h ip -n N neigh replace 10.77.0.2 lladdr "$(net_mac in_r r0)" dev iv0 nud permanent
}
# With nothing in it but what the kernel puts there.
fallbacks() {
	in_h ip netns add E && in_h ip -n E -d link show erspan0 | grep -qw erspan
}
mpls() {
	modprobe -a mpls_router mpls_iptunnel &&
	    in_h sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf.h0.input=1 &&
	    in_r sysctl -qw net.mpls.platform_labels=1000 &&
	    in_net ip -f mpls route add 100 as 200 via inet 10.77.1.2 dev h1 &&
	    in_r ip route add 10.79.0.0/24 encap mpls 100 via inet 10.77.0.1 dev r0
}
# What reaches the service here is handed to S, by a connection of H's own.
ipvs() {
	modprobe -a ip_vs ip_vs_rr && in_net "$helper/ipvs" 10.77.0.1 9600 10.77.1.2 9
}
# What R sends through H to anybody's port 9602 is sent on to S, in R's name.
tproxy() {
	modprobe nft_tproxy && in_net ip rule add fwmark 7 lookup 77 &&
	    in_net ip route add local default dev lo table 77 && in_h nft -f - <<-'NFT' || return
	table ip tproxied {
		chain pre { type filter hook prerouting priority -150;
			udp dport 9602 tproxy to :9602 meta mark set 7 accept
		}
	}
	NFT
	job "$helper/tproxy" 9602 10.77.1.2 9
	until_true 5 listens 9602
}
listens() {
	in_net ss -Hlun "sport = $1" | grep -q .
}
# H answers before whom it is for, where its filter usually stands.
synproxy() {
	modprobe nft_synproxy && in_h sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 && in_h nft -f - <<-'NFT'
	table ip synproxied {
		chain pre { type filter hook prerouting priority raw; tcp dport 9603 tcp flags syn notrack; }
		chain in { type filter hook input priority filter;
			tcp dport 9603 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
		}
		chain on { type filter hook forward priority filter;
			tcp dport 9603 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
		}
	}
	NFT
}
# A program that has the last word on what goes out, and the first on what comes in.
nfqueue() {
	modprobe -a nfnetlink_queue nft_queue && in_h nft -f - <<-'NFT' || return
	table ip queued {
		chain out { type filter hook output priority -500; udp dport 9610 queue num 7; }
		chain post { type filter hook postrouting priority 2147483647; udp dport 9611 queue num 7; }
		chain in { type filter hook input priority -500; udp dport 9612 queue num 7; }
	}
	NFT
	job "$probe" serve 9612 "$nonce" "$T/tap.app"
	until_true 5 listens 9612 && hold
}
hold() {
	job "$helper/nfq" 7
	nfq=$!
	until_true 5 in_h grep -q '^ *7 ' /proc/net/netfilter/nfnetlink_queue
}
held() {
	in_h awk -v n="$1" '$1 == 7 && $3 == n { found = 1 } END { exit !found }' /proc/net/netfilter/nfnetlink_queue
}
handed_over() {
	local where
	kill -KILL $nfq && wait $nfq 2>/dev/null
	hold
	remember
	for where in 9610:out 9611:post; do
		in_h "$probe" udp "N96-queue-${where#*:}" "$nonce" 10.77.0.2 "${where%:*}"
	done
	ok "OPEN: NFQUEUE holds two" until_true 5 held 2
}
# Handed over before, let go in TRUSTED. Kernels may drop them when rules change.
reinject() {
	local row
	handed_over
	kill -USR1 $nfq
	arrives "control, OPEN: let go" N96-queue-out N96-queue-post
	handed_over
	enter TRUSTED
	kill -USR1 $nfq
	until_true 5 held 0
	sleep 0.5
	look
	for row in N96-queue-out N96-queue-post; do
		ok "TRUSTED: $row: what was held arrives nowhere" is "$(more $row)" 0
	done
}

# A session is a link. session N DEV: one that comes
l2tp() {
	modprobe -a l2tp_eth l2tp_ip l2tp_netlink &&
	    in_net ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 encap ip local 10.77.0.1 remote 10.77.0.2 &&
	    session 8 l2tp8
}
session() {
	in_net ip l2tp add session name "$2" tunnel_id 1 session_id "$1" peer_session_id "$1" &&
	    in_net ip addr add "10.88.$1.1/24" dev "$2" && in_net ip link set "$2" up &&
	    in_net ip neigh replace "10.88.$1.2" lladdr $far dev "$2" nud permanent
}
ppp() {
	modprobe -a ppp_async pppoe && until_true 5 test -e /dev/ppp
}
# come WAY DEV: a link of each way that comes now; its far end is outside
ways='l2tp pty pppoe'
come() {
	case $1 in
	l2tp) session 9 l2tp9; return ;;
	pty) job "$helper/ppp" pty 20 "$nonce" "$T/tap.pty" ;;
	pppoe) job "$helper/ppp" pppoe 21 h0 "$mac_r" 77 ;;
	esac
	late_jobs+=($!)
	until_true 10 in_net ip link show "$2" && in_net ip addr add "10.88.${2#ppp}.1/24" dev "$2" &&
	    in_net ip link set "$2" up
}
late_of() {
	case $1 in
	l2tp) echo l2tp9 10.88.9.2 ;;
	pty) echo ppp20 10.88.20.2 ;;
	pppoe) echo ppp21 10.88.21.2 ;;
	esac
}
# late MODE WANT: what links that come now let out: a datagram at once, a frame
# once the hook has run, which looks at every link
late() {
	local way dev to
	late_jobs=()
	remember
	for way in $ways; do
		read -r dev to < <(late_of "$way")
		ok "$1: a link comes: $way" come "$way" "$dev"
		in_net "$probe" udp "late-$way" "$nonce" "$to" 9 2>/dev/null
	done
	in_h sh -c 'net-seal hook "$(cat /sys/class/net/ppp21/ifindex)" -q' 2>/dev/null
	for way in $ways; do
		read -r dev to < <(late_of "$way")
		in_net "$probe" frame dgram "late-$way" "$nonce" "$dev" 2>/dev/null
	done
	sleep 0.5
	look
	for way in $ways; do
		[[ $2 == 0 ]] || until_true 6 came "late-$way"
		ok "$1: N93: $way: what it sends: $2" is "$(more "late-$way")" "$2"
	done
	in_net ip l2tp del session tunnel_id 1 session_id 9
	kill "${late_jobs[@]}" && wait "${late_jobs[@]}" 2>/dev/null
}

# Past the hooks, directly to the driver: only a link that is down stops these.
netconsole() {
	modprobe netconsole && { mountpoint -q /sys/kernel/config || mount -t configfs c /sys/kernel/config; } &&
	    in_net sh -ec '
		mkdir /sys/kernel/config/netconsole/t && cd /sys/kernel/config/netconsole/t
		echo h0 >dev_name
		echo 10.77.0.1 >local_ip
		echo 10.77.0.2 >remote_ip
		echo "$1" >remote_mac
		echo 1 >enabled' sh "$mac_r"
}
pktgen() {
	modprobe pktgen && in_net sh -ec '
		cd /proc/net/pktgen
		echo "add_device h1" >kpktgend_0
		for w in "count 5" "dst 10.77.1.2" "dst_mac $1"; do echo "$w" >h1; done' sh "$mac_s"
}

# ---- what is sent ---------------------------------------------------------------

# ID and address; each leaves by the link that it is called after.
sent='N89-wireguard 10.88.1.2
N89-esp 10.88.2.2
N89-ah 10.77.0.3
N90-gre 10.88.3.2
N90-ipip 10.88.4.2
N90-sit fd88::2
N90-fou 10.88.6.2
N90-gre6 10.88.7.2
N93-l2tp 10.88.8.2
N96-queue-out 10.77.0.2 9610
N96-queue-post 10.77.0.2 9611
N91-vlan 10.88.10.2
N91-qinq 10.88.11.2
N91-macsec 10.88.12.2'
inward='N96-tproxy N96-synproxy N96-synproxy-far N96-synproxy-on N96-queue-in'
# What is counted under another name, or comes by itself.
rows="$(sed 's/ .*//; s/N89-esp/esp_outer/' <<<"$sent") wg_outer lacp N92-l2 N92-l3 N92-l3s N94-mpls N96-ipvs $inward"
direct='N97-netconsole pktgen'
inwards() {
	in_r "$probe" udp N96-ipvs "$nonce" 10.77.0.1 9600
	in_r "$probe" udp N96-tproxy "$nonce" 10.80.0.9 9602
	in_r "$probe" udp N96-queue-in "$nonce" 10.77.0.1 9612
	local to
	for to in 10.77.0.1 10.77.1.2; do
		in_r timeout 1 bash -c "</dev/tcp/$to/9603" 2>/dev/null &
	done
}
fire() {
	# shellcheck disable=SC2016
	in_h sh -c '
		echo "$3" | while read -r id to port; do "$1" udp $id "$2" $to ${port:-9}; done
		for m in l2 l3 l3s; do
			ip netns exec N sh -c "ip link set iv0 type ipvlan mode $m; \"$1\" udp N92-$m $2 10.77.0.2 9"
		done' sh "$probe" "$nonce" "$sent" >/dev/null 2>&1
	in_r "$probe" udp N94-mpls "$nonce" 10.79.0.1 9
	inwards
	echo "<1>bnd:$nonce:N97-netconsole:" >/dev/kmsg
	timeout 5 nsenter --net="/proc/$host_pid/ns/net" sh -c 'echo start >/proc/net/pktgen/pgctrl' 2>/dev/null
}
taps_up() {
	tap tap.r0 R r0
	tap tap.r2 R r2
	tap tap.wg R wg0
	tap tap.s1 S s1
}
# Links raised behind the seal's back, so that the rules are judged.
raise() {
	# shellcheck disable=SC2016
	in_net sh -c '
		for l in h0 h1 h2 bond0 h0.5 h0ad h0q ms0 iv0 wg0 xf0 gre9 ipip9 sit9 fou9 gre6 l2tp8; do
			ip link set $l up
		done
		for l in 10:h0.5 11:h0q 12:ms0; do
			ip neigh replace 10.88.${l%:*}.2 lladdr $1 dev ${l#*:} nud permanent
		done' sh $far 2>/dev/null
	net_neighbour in_net h0 10.77.0.2 fd77::2 "$mac_r"
	net_neighbour in_net h1 10.77.1.2 fd77:1::2 "$mac_s"
	in_net ip neigh replace 10.77.0.3 lladdr "$mac_r" dev h0 nud permanent
	in_net ip neigh replace 10.77.0.4 lladdr "$mac_r" dev h0 nud permanent
	in_net ip -6 addr replace fd77::1/64 dev h0 nodad
}
# nothing MODE [EXCEPT]: what is fired again, and what comes by itself, stays away
nothing() {
	local row
	remember
	fire
	sleep 1.2
	look
	for row in $rows $direct; do
		[[ " ${2:-} " != *" $row "* ]] || continue
		ok "$1: $row: nothing arrives" is "$(more "$row")" 0
	done
}

furnish() {
	mkdir -p /run/netns
	: >/run/.bnd-test-observer
	net_up --bare
	probe=$helper/probe
	mac_r=$(net_mac in_r r0) mac_s=$(net_mac in_s s1)
	for a in 3 4; do
		in_r ip addr add 10.77.0.$a/24 dev r0
		in_net ip neigh replace 10.77.0.$a lladdr "$mac_r" dev h0 nud permanent
	done
	local what
	for what in wireguard ipsec tunnels stacked bond ipvlan fallbacks mpls ipvs tproxy synproxy nfqueue l2tp ppp netconsole pktgen counters; do
		ok "there is: $what" $what
	done
	taps_up
	in_h sh -c 'mkdir -p /etc/bnd && cat >/etc/bnd/net.allow' <<-'LIST'
		version 1
		vpn wg0/wireguard
		out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820
	LIST
}

arrives() {
	local row what=$1
	shift
	for row; do
		ok "$what: $row arrives" until_true 6 came "$row"
	done
}

outside() {
	local row
	furnish
	state OPEN
	kill -USR1 $nfq
	fire
	arrives "control, OPEN" $rows $direct
	late OPEN 2
	enter RESTRICTED
	remember
	inwards
	sleep 1.2
	look
	for row in N96-ipvs $inward; do
		ok "RESTRICTED: $row: what no line lets in goes on nowhere" is "$(more $row)" 0
	done
	seal OPEN
	vpn='N89-wireguard wg_outer'
	reinject
	# Not judged: what xfrm wraps passes postrouting before, as of its carrier.
	nothing TRUSTED "$vpn esp_outer $direct"
	arrives "TRUSTED, a vpn line and its carrier's" $vpn
	ok "TRUSTED: a namespace of fallback tunnels alone has no rules" is "$(in_h ip netns exec E nft list ruleset 2>&1)" ""
	ok "TRUSTED: one with an ipvlan has (control)" like "$(in_h ip netns exec N nft list tables)" ' bnd'
	late TRUSTED 0
	seal OPEN
	enter AIRGAP
	nothing AIRGAP
	raise
	nothing "AIRGAP, links held up" "$direct"
	late "AIRGAP, links held up" 0
	seal OPEN
	enter LOCKDOWN
	nothing LOCKDOWN
	raise
	nothing "LOCKDOWN, links held up" "$direct"
	seal OPEN
	fire
	arrives "control, OPEN again" ${rows/lacp/} $direct
	skip_kernel "N91: HSR" "Debian builds no CONFIG_HSR"
}

phase outside
tap_done
