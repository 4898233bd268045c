#!/bin/bash
# host.t: what is done on a throw-away host does not reach this one
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../snapshot.sh"
why=$("$BND_TREE/tests/host" --can 2>&1) || skip_all "$why"
host="$BND_TREE/tests/host"

snapshot >"$T/before"
ok "control: the snapshot sees something" test "$(grep -c . "$T/before")" -gt 200

run "$host" bash -c '
	for f in kernel/core_pattern kernel/sysrq kernel/dmesg_restrict vm/swappiness \
	    fs/suid_dumpable kernel/hostname; do
		[ ! -e /proc/sys/$f ] || echo bnd >/proc/sys/$f
		[ ! -e /proc/sys/$f ] || cat /proc/sys/$f
	done | sort -u
	mkdir /sys/fs/cgroup/bnd && nft add table inet bnd && ip link add bnd0 type dummy
	[ ! -d /sys/bus/usb ] || mkdir /sys/bus/usb/bnd
	[ ! -d /sys/class/rfkill ] || mkdir /sys/class/rfkill/bnd
	echo bnd >/etc/bnd-test-trace && echo bnd >/usr/sbin/bnd-test-trace &&
	mkdir -p /var/lib/bnd /run/bnd && chattr +a /var/lib/bnd && hostname elsewhere
	echo 1 >/proc/sysrq-trigger
	cat /etc/machine-id
	[ ! -e /dev/vda ] && [ ! -e /dev/kmsg ]'
ok "a host can be written to all over" status 0
ok "writes to masked sysctls land" like "$out" '^bnd'
ok "it has a fixed machine id" like "$out" '0123456789abcdef0123456789abcdef'
# Each begins as the one before it did, whatever that one came to.
begun='. "$BND_TREE/tests/snapshot.sh"
	snapshot | grep -vE "^/proc/sys/(kernel/(ns_|pid_|random|cad_pid|tainted|hung_task_detect|warn|oops)|fs/(file-nr|inode|dentry|aio)|vm/(stat|drop)|net/netfilter/nf_conntrack_(buckets|max))"
	find /run /tmp /var/tmp /dev/shm /var/lib/bnd /etc/bnd -printf "%p %y %m %U %l\\n" 2>/dev/null | sort
	id; umask; env | grep -v "^BND_" | sort; ulimit -a; ps -eo comm= | sort'
"$host" bash -c "$begun" >"$T/first"
ok "control: there is something to begin with" test "$(wc -l <"$T/first")" -gt 200
run "$host" bash -c '
	mkdir -p /etc/bnd /var/lib/bnd /run/bnd && echo mode LOCKDOWN >/run/bnd/state && echo x >/etc/bnd/bnd.conf
	nft add table inet left; ip link add left0 type dummy; sysctl -qw net.ipv4.ip_forward=1; hostname left
	echo left >/tmp/left; echo left >/dev/shm/left; sed -i s/root/left/ /etc/passwd; sleep 1000 & '"$begun"
ok "control: one that is used shows it" test "$(diff "$T/first" "$T/.out" | grep -c '^>')" -gt 8
"$host" bash -c "$begun" >"$T/second"
ok "a second one begins as the first" cmp "$T/first" "$T/second"
[[ $tap_failed -eq 0 ]] || diag "$(diff "$T/first" "$T/second" | head -20)"
run "$host" --bare sh -c 'touch /root/bnd-test-trace || touch /bnd-test-trace'
ok "what is neither memory nor the build tree is read-only" isnt "$status" 0
run "$host" --bare sh -c 'ls /sys/class/net; echo 1 >/sys/kernel/mm/ksm/run'
ok "no link of this host, and sysfs is read-only" is "$status $out" "2 lo"

snapshot >"$T/after"
ok "nothing of it is here" cmp "$T/before" "$T/after"
[[ $tap_failed -eq 0 ]] || diag "$(diff "$T/before" "$T/after" | head -20)"

ok "the exit status is the command's" not "$host" --bare false
run "$host" --bare sh -c 'exit 41'
ok "all of it" status 41

# However it ends, nothing of it goes on. The number names our own process.
nap=86${BASHPID:0:4}${RANDOM:0:2}
napping() {
	pgrep -xf "sleep $nap" >/dev/null
}
awaits() {
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}
for sig in KILL TERM INT HUP; do
	env --default-signal "$host" --bare sleep "$nap" 2>/dev/null &
	job=$!
	ok "it runs" awaits napping
	kill -$sig $job
	wait $job 2>/dev/null
	ok "SIG$sig ends all of it" awaits not napping
done
snapshot >"$T/after"
ok "and leaves nothing" cmp "$T/before" "$T/after"
tap_done
