#!/bin/bash
# sbx.t: sandboxes on a host whose cgroups are all v2, on two kernels
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
vm_disk 64

number() {
	sed -n "s/^$1: //p" <<<"$out"
}
leaf() {
	sed -n 's/^0:://p' "/proc/$P/cgroup"
}

# All controllers, handed down by the root as systemd does it.
cgroups() {
	mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir /sys/fs/cgroup/init &&
	    echo $$ >/sys/fs/cgroup/init/cgroup.procs || bail "no cgroup v2"
	echo 'bnd-sbx:x:982:982::/nonexistent:/usr/sbin/nologin' >>/etc/passwd
	echo 'bnd-sbx:x:982:' >>/etc/group
	for f in /etc/subuid /etc/subgid; do
		echo bnd-sbx:1000000000:2048 >>$f
	done
}

core() {
	cgroups
	. "$BND_TREE/tests/sbx.sh"
	# Of the rest, which is the host's by a slow way, nothing is changed there.
	# shellcheck disable=SC2034
	sbx_dirs=(/run /dev/shm /disk)
	sbx_up
	ok "$(uname -r): the hierarchy is the v2 one alone" is "$(stat -fc %T /sys/fs/cgroup) $(ls /sys/fs/cgroup/*/tasks 2>/dev/null)" "cgroup2fs "
	run sbx-run --check-host --json
	ok "this kernel can all that a sandbox needs" status 0
	for c in memory pids cpu; do
		ok "and says that v2 limits $c" is "$(jq -r ".facility[] | select(.name == \"$c\").how" <<<"$out")" "cgroup v2"
	done

	sbx=(-k pids=8 -k cpu=50%)
	begin who stay
	ok "a program runs, as a leased id" is_leased "$(host_status Uid | cut -f1)"
	ok "without a capability, with a filter" is "$(host_status CapBnd) $(host_status NoNewPrivs) $(host_status Seccomp)" \
	    "0000000000000000 1 2"
	d=/sys/fs/cgroup$(leaf)
	ok "in a leaf of its own" like "$d" '/bnd-sbx/[0-9]+$'
	ok "whose limits are the profile's" is \
	    "$(<"$d/memory.max") $(<"$d/memory.swap.max") $(<"$d/pids.max") $(<"$d/memory.oom.group")" "536870912 0 9 1"
	ok "the quota, too" is "$(awk '{ print $1 * 2 == $2 }' "$d/cpu.max")" 1
	ok "init and payload are in it" is "$(wc -l <"$d/cgroup.procs")" 2
	echo 1 >"$d/cgroup.freeze"
	ok "it can be frozen" until_true 10 grep -qx 'frozen 1' "$d/cgroup.events"
	echo 0 >"$d/cgroup.freeze"
	finish
	ok "and ends well, thawed" status 0
	ok "with what was read back in its result" is "$(result .enforced.complete)" true
	ok "the leaf is gone" test ! -e "$d"

	begin tree bomb
	out=$(said)
	ok "a bomb of processes stops at the limit" is "$(number forked)" 7
	finish
	ok "which the kernel counted" test "$(result .events.pids_max)" -gt 0

	sbx=(-k mem=16M)
	bare eat malloc 32
	ok "control: outside, memory is had" is "$(number eaten)" 32
	inside eat beside malloc 32
	ok "too much memory ends the whole tree" ended memory-limit
	ok "with its status" status 124
	ok "and the kernel's count" test "$(result .events.oom_kill)" -gt 0
	ok "the peak is known, and within" test "$(result .mem_peak)" -le 16777216

	sbx=(-k cpu=25% -k wall=4s)
	inside eat spin 100
	ok "a quarter of a processor is no more than that" test "$(result .cpu_ms)" -le 1300

	sbx=()
	begin tree storm
	kill -KILL "$S"
	ok "its supervisor killed: all of it is gone" until_true 30 not pgrep -f "$nonce"
	finish
	run sbx-run --gc
	ok "and swept away" status 0

	mkdir /disk/work && chown 1234:1234 /disk/work
	sbx=(--work /disk/work)
	inside correct /job
	ok "a directory of ext4 is lent, writable" status 0
	ok "nothing is harmed" unharmed
}
reference() { core; }
newer() { core; }
phase reference
vm_newer
phase newer
tap_done
