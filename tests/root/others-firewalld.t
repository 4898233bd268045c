#!/bin/bash
# others-firewalld.t: firewalld, both its back-ends, beside the seal and unaware of it
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../others.sh"
others_need firewalld python3-firewall python3-nftables
need_observer
net_up
others_give
others_watch

# $others is in the words of each test.
# shellcheck disable=SC2034

# A bus of H's own, where root may do as it likes.
in_h sh -ec 'mkdir -p /run/dbus; cat >/run/bus.conf; dbus-daemon --config-file=/run/bus.conf --fork --nopidfile' <<'EOT' ||
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen>
<policy context="default"><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy></busconfig>
EOT
    bail "no bus in H"

start() {
	# shellcheck disable=SC2016
	in_h bash -c '
		firewalld --nofork --nopid >>/run/firewalld.log 2>&1 &
		echo $! >/run/firewalld.me
		for ((i = 0; i < 100; i++)); do
			[[ $(dbus-send --system --print-reply=literal --dest=org.fedoraproject.FirewallD1 \
			    /org/fedoraproject/FirewallD1 org.freedesktop.DBus.Properties.Get \
			    string:org.fedoraproject.FirewallD1 string:state 2>&1) == *RUNNING* ]] && exit 0
			sleep 0.1
		done
		exit 1'
}
stop() {
	# shellcheck disable=SC2016
	in_h bash -c 'p=$(cat /run/firewalld.me); kill $p
		for ((i = 0; i < 200; i++)); do [[ -e /proc/$p ]] || exit 0; sleep 0.05; done; exit 1'
}

# In this zone it lets everything pass: what is stopped, the seal stops.
in_h sed -i "s/^DefaultZone=.*/DefaultZone=trusted/" /etc/firewalld/firewalld.conf
for backend in nftables iptables; do
	in_h sed -i "s/^FirewallBackend=.*/FirewallBackend=$backend/" /etc/firewalld/firewalld.conf
	others="firewalld, $backend"
	ok "$others: starts" start
	# Its own order of chains and tables settles with the first reload.
	in_h firewall-cmd -q --complete-reload
	others_control
	for m in RESTRICTED TRUSTED AIRGAP; do
		others_enter $m
		[[ $m != AIRGAP ]] || { stands "stop" stop; stands "start" start; }
		stands "--reload" firewall-cmd --reload
		stands "--complete-reload" firewall-cmd --complete-reload
		stands "--panic-on" firewall-cmd --panic-on
		stands "--panic-off" firewall-cmd --panic-off
		others_leave
	done
	ok "$others: stops" stop
done

# Over iptables-legacy it flushes the older engine's tables along with its own.
others_iptables legacy
others="firewalld, iptables-legacy"
ok "$others: starts" start
in_h firewall-cmd -q --complete-reload
others_enter AIRGAP
hurts_legacy "--complete-reload" legacy firewall-cmd --complete-reload
stands "--panic-on" firewall-cmd --panic-on
stands "--panic-off" firewall-cmd --panic-off
hurts_legacy "stop" legacy stop
tap_done
