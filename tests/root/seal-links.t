#!/bin/bash
# seal-links.t: real links go down by what the kernel says of them, and come back exactly
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
in_h rm -f /etc/bnd/net.allow

# What must come back, without what counts time or is the kernel's own doing.
picture() {
	in_h ip -4 -o addr show | sed 's/valid_lft [0-9]*sec/valid_lft N/; s/preferred_lft [0-9]*sec/preferred_lft N/'
	in_h ip -6 -o addr show | sed 's/valid_lft [0-9]*sec/valid_lft N/; s/preferred_lft [0-9]*sec/preferred_lft N/'
	in_h ip -4 route show table all | sort
	in_h ip -6 route show table all | sed 's/expires [0-9]*sec/expires N/' | sort
	in_h ip -4 neigh show nud permanent | sort
	in_h ip -6 neigh show nud permanent | sort
	in_h ip neigh show proxy | sort
	in_h ip nexthop show
	in_h ip rule show
	in_h ip -6 rule show
	in_h tc qdisc show
}
net_dress() {
	in_h sh -ec '
	ip addr add 10.77.0.9/32 dev h0 label h0:x
	ip addr add 10.77.5.1/24 dev h0 valid_lft 900 preferred_lft 600
	ip addr add fd77:5::1/64 dev h0 valid_lft 900 preferred_lft 600 nodad
	ip addr add fd77:6::1/64 dev h0 noprefixroute nodad
	ip addr add 10.9.9.1 peer 10.9.9.2/32 dev h1
	ip route add 192.0.2.0/24 via 10.77.0.2
	ip route add 192.0.2.0/24 via 10.77.0.2 metric 50
	ip route add 198.51.100.0/24 nexthop via 10.77.0.2 weight 2 nexthop via 10.77.1.2
	ip route add 203.0.113.0/24 via 10.77.0.2 src 10.77.0.9 mtu 1400 table 100
	ip route append 203.0.113.0/24 via 10.77.1.2 table 100
	ip route add default via 10.77.0.2
	ip route add 10.200.0.0/16 via 192.0.2.9 onlink dev h0
	ip route add blackhole 10.201.0.0/16
	ip route add 10.202.0.0/16 dev h1 scope link proto 99
	ip -6 route add 2001:db8:1::/48 via fd77::2
	ip -6 route add 2001:db8:2::/48 nexthop via fd77::2 nexthop via fd77:1::2
	ip -6 route add 2001:db8:3::/48 via fd77::2 src fd77:5::1 table 200
	ip -6 route add 2001:db8:4::/48 via fd77::2 expires 600
	ip -6 route add default via fd77::2 metric 7
	ip nexthop add id 7 via 10.77.1.2 dev h1
	ip route add 10.203.0.0/16 nhid 7
	ip nexthop add id 8 via 10.77.0.2 dev h0
	ip nexthop add id 6 group 7,2/8
	ip route add 10.204.0.0/16 nhid 6
	ip rule add from 10.77.0.9 lookup 100 pref 77
	ip neigh add 10.77.0.77 lladdr 02:00:00:00:00:77 dev h0 nud permanent
	ip neigh add fd77::77 lladdr 02:00:00:00:00:77 dev h0 nud permanent
	ip neigh add proxy 10.77.1.88 dev h1
	tc qdisc add dev h1 root pfifo limit 77'
}
ok "the links are dressed" net_dress
sleep 1.2 # what IPv6 does by itself has settled
before=$(picture)

# N86: there and back, by every mode that takes links down
for m in AIRGAP COLDROOM LOCKDOWN; do
	seal $m
	ok "$m: sealed" is "$status $(field sealed "$out") $(field links_down "$out")" "0 true 2"
	ok "$m: the routes are gone" not grep -q 192.0.2.0 <<<"$(in_h ip route show)"
	ok "$m: files are root's alone" is "$(in_h stat -c '%a %U %h' /run/bnd/net/links/2 /run/bnd/net/links | paste -sd ,)" "600 root 1,700 root 2"
	loosen $m OPEN
	ok "$m to OPEN: nothing to say" is "$status $(field found "$out") $(field links_up "$out")" "0 0 2"
	sleep 1.2
	ok "$m and back: routes, addresses, neighbours as before" is "$(picture)" "$before"
	ok "$m: nothing of ours is left" is "$(in_h ls /run/bnd/net/links)" ""
done

# Through the modes, with repairs and a link raised in between, once
seal AIRGAP
in_h ip link set h0 up
run in_h net-seal check --json
ok "a raised link is found" is "$status $(field sealed "$out")" "1 false"
ok "and named as an uplink" like "$out" '"uplink","text":"h0'
seal AIRGAP
ok "apply takes it down again" is "$status $(in_h cat /sys/class/net/h0/operstate)" "0 down"
seal LOCKDOWN
loosen LOCKDOWN AIRGAP
ok "LOCKDOWN to AIRGAP keeps links down" is "$status $(field links_up "$out")" "0 0"
loosen AIRGAP TRUSTED
ok "AIRGAP to TRUSTED raises them" is "$status $(field links_up "$out")" "0 2"
loosen TRUSTED OPEN
sleep 1.2
ok "the first snapshot is the one that counts: all is as before" is "$(picture)" "$before"

# Lifetimes run on; what has expired stays away
in_h ip addr add fd77:7::1/64 dev h0 valid_lft 2 preferred_lft 2 nodad
seal AIRGAP
sleep 2.5
loosen AIRGAP OPEN
ok "an address that expired meanwhile is no finding" is "$status" 0
ok "and stays away" not grep -q fd77:7::1 <<<"$(in_h ip -6 addr)"
left=$(in_h ip -o addr show to 10.77.5.1 | grep -oE 'valid_lft [0-9]+' | cut -d' ' -f2)
ok "other lifetimes ran on ($left s of 900)" test "$left" -lt 898

# What does not come back is said, though everything was tried
seal AIRGAP
in_h sysctl -qw net.ipv6.conf.h0.disable_ipv6=1
loosen AIRGAP OPEN
ok "what cannot come back is named" is "$status $(grep -c 'h0: address fd77::1/64 is not back' <<<"$out")" "1 1"
in_h sysctl -qw net.ipv6.conf.h0.disable_ipv6=0
in_h sh -c 'ip addr add fd77::1/64 dev h0 nodad'

# N87: a snapshot that is not this link's, or not whole, is refused and named
spoiled() {
	seal AIRGAP
	in_h sh -ec "$2"
	loosen AIRGAP OPEN
	ok "$1: refused and named" is "$status $(grep -c 'link.snapshot' <<<"$out")" "1 1"
	ok "$1: the seal says what is in force" is "$(field mode "$out") $(field sealed "$out")" "OPEN true"
	ok "$1: link stays down, file is gone" is "$(in_h cat /sys/class/net/h0/operstate)$(in_h ls /run/bnd/net/links)" down
	in_h ip link set h0 up
	net_dress_again
}
net_dress_again() {
	in_h sh -c 'ip addr add fd77::1/64 dev h0 nodad; ip route add 192.0.2.0/24 via 10.77.0.2' 2>/dev/null
}
file=/run/bnd/net/links/2
spoiled "file cut" "truncate -s -8 $file"
spoiled "one bit changed" "printf '\\001' | dd of=$file bs=1 seek=200 conv=notrunc status=none"
spoiled "file of another owner" "chown 65534 $file"
spoiled "file writable by others" "chmod 622 $file"
spoiled "a link in its place" "mv $file /tmp/f; ln -s /tmp/f $file"
spoiled "other hardware address" "ip link set h0 address 02:00:00:00:00:99"
spoiled "another link's file" "cp /run/bnd/net/links/3 $file"
seal AIRGAP
in_h sh -c 'ip link set h1 name old; ip link add h1 type veth peer name h1p'
loosen AIRGAP OPEN
ok "a link made anew under its name gets nothing" is "$(in_h ip -o addr show dev h1)" ""
ok "the renamed one is the one that returns" like "$(in_h ip -o addr show dev old)" 10.77.1.1
in_h sh -c 'ip link del h1; ip link set old down; ip link set old name h1; ip link set h1 up'

# T25: the snapshots are gone: the seal stands
seal AIRGAP
in_h rm -rf /run/bnd/net/links
run in_h net-seal check
ok "snapshots lost: the seal stands" status 0
loosen AIRGAP OPEN
ok "and the return says what is missing" like "$out" 'h0 is down'
in_h sh -c 'ip link set h0 up; ip link set h1 up'

# S0-48, XB-06: an uplink is known by kernel facts, whatever it is called
in_h sh -c 'ip link add name eth0 type bridge; ip link set eth0 up
	ip link add a0 type veth peer name a1; ip link set a0 up; ip link set a1 up
	ip tuntap add tun7 mode tun; ip link set tun7 up'
links() { in_h net-seal check -v | awk '$1 == "link" { print $2, $4 }' | sort | paste -sd ,; }
state OPEN
ok "bridge, inner veth, tun are not real; a veth to elsewhere is" \
    is "$(links)" "a0 soft,a1 soft,eth0 soft,h0 real,h1 real,lo soft,tun7 soft"
for name in docker0 veth9 lo1 wlan0; do
	in_h sh -c "ip link set h0 down; ip link set h0 name $name; ip link set $name up"
	ok "renamed $name, it still counts" like "$(links)" "$name real"
	seal AIRGAP
	ok "and goes down" is "$status $(in_h cat /sys/class/net/$name/operstate)" "0 down"
	loosen AIRGAP OPEN
	in_h sh -c "ip link set $name down; ip link set $name name h0; ip link set h0 up"
done
seal AIRGAP
ok "software links stay up" is "$(in_h cat /sys/class/net/a0/operstate)" up
tap_done
