#!/bin/bash
# others-rules.t: nftables.service, ufw, scripts, containers and VPNs beside the seal
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../others.sh"
others_need ufw
need_observer
net_up
others_give
others_watch
modes='RESTRICTED TRUSTED AIRGAP'

# ---- nftables.service: what its unit runs ------------------------------------
others=nftables.service
in_h sh -c 'cat >/etc/nftables.conf' <<'EOT'
flush ruleset
table inet filter {
	chain input { type filter hook input priority filter; ct state established accept; }
	chain forward { type filter hook forward priority filter; }
	chain output { type filter hook output priority filter; }
}
EOT
in_h nft -f /etc/nftables.conf
others_control
for m in $modes; do
	others_enter $m
	hurts "start, reload" 'nft.*inet: table' "$(others_second)" nft -f /etc/nftables.conf
	hurts "stop, start" 'nft.*inet: table' "$(others_second)" sh -c 'nft flush ruleset; nft -f /etc/nftables.conf'
	others_leave
done
in_h nft flush ruleset

# ---- an administrator's scripts ----------------------------------------------
others=scripts
in_h sh -c 'cat >/usr/local/sbin/admin; chmod 755 /usr/local/sbin/admin' <<'EOT'
#!/bin/bash
# admin WHAT nft|legacy [TABLE], for both families
set -e
for f in ip ip6; do
	t=${f}tables-$2
	case $1 in
	all)	# as in a thousand howtos
		for table in raw mangle nat filter; do
			$t -t $table -F; $t -t $table -X
		done
		for chain in INPUT FORWARD OUTPUT; do $t -P $chain ACCEPT; done
		$t -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT ;;
	filter) $t -F ;;
	restore)
		printf '*%s\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j ACCEPT\nCOMMIT\n' "$3" | $t-restore ;;
	first)	# before everybody else
		$t -t raw -I OUTPUT 1 -j ACCEPT
		$t -t mangle -I INPUT 1 -j ACCEPT; $t -t mangle -I POSTROUTING 1 -j ACCEPT ;;
	fresh)	# as it boots
		for table in raw mangle nat filter; do
			[[ $2 == legacy ]] || ! nft list table $f $table || nft delete table $f $table
			$t -t $table -F; $t -t $table -X
		done >/dev/null 2>&1
		$t -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
		$t -A FORWARD -j ACCEPT ;;
	esac
done
EOT
in_h sh -c 'admin fresh nft; admin fresh legacy'
others_control
for m in $modes; do
	others_enter $m
	stands "iptables-nft, all flushed" admin all nft
	stands "iptables-nft, an accept first" admin first nft
	stands "iptables-nft-restore of raw" admin restore nft raw
	stands "iptables-legacy -F" admin filter legacy
	stands "iptables-legacy-restore of filter" admin restore legacy filter
	hurts_legacy "iptables-legacy, all flushed" legacy admin all legacy
	hurts_legacy "iptables-legacy, an accept first" legacy admin first legacy
	in_h sh -c 'admin fresh nft; admin fresh legacy; net-seal apply -q' 2>/dev/null
	others_leave
done
# ---- ufw ---------------------------------------------------------------------
# With nothing refused: what is stopped, the seal stops.
others=ufw
in_h sh -c 'nft flush ruleset; admin fresh legacy'
in_h sh -ec 'cd /usr/share/ufw; cp iptables/*.rules *.init ufw.conf /etc/ufw/
	sed -i "s/^DEFAULT_\(.*\)_POLICY=.*/DEFAULT_\1_POLICY=\"ACCEPT\"/" /etc/default/ufw
	ufw --force enable; ufw --force reset; ufw --force enable' >/dev/null
others_control
for m in $modes; do
	others_enter $m
	stands "reload" ufw reload
	stands "disable" ufw disable
	stands "enable" ufw --force enable
	stands "reset" ufw --force reset
	in_h ufw --force enable >/dev/null
	others_leave
done
in_h ufw disable >/dev/null

# ---- containers and machines -------------------------------------------------
# What dockerd 20.10 and libvirtd 9 load, and what a new network of theirs adds.
# The daemons themselves need a kernel and control groups of their own.
others='docker and libvirt'
in_h sh -c 'nft flush ruleset; cat >/usr/local/sbin/daemons; chmod 755 /usr/local/sbin/daemons' <<'EOT'
#!/bin/bash
# daemons start|network|stop
set -e
v4=iptables
case $1 in
start)
	for chain in DOCKER DOCKER-ISOLATION-STAGE-1 DOCKER-ISOLATION-STAGE-2 DOCKER-USER \
	    LIBVIRT_INP LIBVIRT_OUT LIBVIRT_FWO LIBVIRT_FWI LIBVIRT_FWX; do
		iptables -w -N $chain
	done
	iptables -w -t nat -N DOCKER
	iptables -w -t nat -N LIBVIRT_PRT
	iptables -w -t mangle -N LIBVIRT_PRT
	iptables-restore --noflush <<'R'
*nat
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -j LIBVIRT_PRT
-A DOCKER -i docker0 -j RETURN
COMMIT
*mangle
-A POSTROUTING -j LIBVIRT_PRT
COMMIT
*filter
-I FORWARD -j LIBVIRT_FWX
-I FORWARD -j LIBVIRT_FWI
-I FORWARD -j LIBVIRT_FWO
-I INPUT -j LIBVIRT_INP
-I OUTPUT -j LIBVIRT_OUT
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
-I FORWARD -j DOCKER-ISOLATION-STAGE-1
-I FORWARD -j DOCKER-USER
COMMIT
R
	;;
network)
	iptables-restore --noflush <<'R'
*nat
-I POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER ! -i docker0 -p udp -m udp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
-A LIBVIRT_PRT -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE
COMMIT
*mangle
-A LIBVIRT_PRT -o virbr0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill
COMMIT
*filter
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p udp -m udp --dport 80 -j ACCEPT
-I DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-I DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A LIBVIRT_INP -i virbr0 -p udp -m udp --dport 53 -j ACCEPT
-A LIBVIRT_FWO -s 192.168.122.0/24 -i virbr0 -j ACCEPT
-A LIBVIRT_FWO -i virbr0 -j REJECT --reject-with icmp-port-unreachable
-A LIBVIRT_FWI -d 192.168.122.0/24 -o virbr0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A LIBVIRT_FWI -o virbr0 -j REJECT --reject-with icmp-port-unreachable
-A LIBVIRT_FWX -i virbr0 -o virbr0 -j ACCEPT
COMMIT
R
	;;
stop)
	for table in nat mangle filter; do
		iptables -w -t $table -F
		iptables -w -t $table -X
	done
	;;
esac
EOT
# The container: C on docker0, with a port that is published.
ip netns add C && ip link add vc0 type veth peer name eth0 netns C &&
    ip link set vc0 netns "$host_pid" && in_h sh -ec '
	ip link add docker0 type bridge; ip link set docker0 addrgenmode none up
	ip addr add 172.17.0.1/16 dev docker0; ip link set vc0 master docker0 up' &&
    ip -n C addr add 172.17.0.2/16 dev eth0 && ip -n C link set eth0 up &&
    ip -n C route add default via 172.17.0.1 || bail "no container"
tap published C eth0
publish() { # ID: R asks the published port
	in_r "$helper/probe" udp "$1" "$nonce" 10.77.0.1 8080
	seen "$1" published
}
in_h sh -c 'daemons start; daemons network'
others_control
ok "$others, OPEN: a published port is reached (control)" is "$(publish open)" 1
for m in $modes; do
	others_enter $m
	stands "stop" daemons stop
	stands "start" daemons start
	stands "network create" daemons network
	ok "$others, $m: the published port is not reached" is "$(publish "$m")" 0
	others_leave
done
in_h sh -c 'mkdir -p /etc/bnd; cat >/etc/bnd/net.allow' <<'EOT'
version 1
forward RESTRICTED from=h0/veth to=docker0/bridge proto=udp dst=172.17.0.2/32 dport=80
EOT
others_enter RESTRICTED
ok "$others, RESTRICTED: a published port that is listed is reached" is "$(publish listed)" 1
others_leave
tap_done
