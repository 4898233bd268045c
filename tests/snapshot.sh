# snapshot.sh: this machine as an enforcer could change it, for before and after
# SPDX-License-Identifier: ISC
# shellcheck shell=bash

# Everything an enforcer could change, as it is here.
snapshot() {
	{
		# What moves by itself is left out.
		grep -rs '' /proc/sys | tr -d '\0' |
		    grep -aEv 'random/|ns_last_pid|/nr_|-nr:|numa|-state:|stat_refresh|/pty/nr|lb_|sched_domain|netns|gc_|perf_event_max_sample'
		ip -o link show | sed 's/ qlen.*//'
		ip -o addr show | sed 's/valid_lft.*//'
		ip route show table all
		nft list ruleset 2>/dev/null
		find /sys/fs/cgroup -name 'bnd-test-host.*' -prune -o -type d -print 2>/dev/null | grep -c .
		find /sys/bus/usb/devices/ /sys/class/rfkill/ -maxdepth 1 2>/dev/null | sort
		cat /sys/bus/usb/devices/*/authorized /sys/class/rfkill/*/soft 2>/dev/null
		find / /etc /usr/sbin /usr/bin /var/lib /dev -maxdepth 1 | sort
		find /run /tmp -maxdepth 1 -name '*bnd-test-trace*'
		cat /etc/machine-id
		hostname
		grep -c . /proc/self/mounts
		cat /proc/modules
	} 2>/dev/null
}
