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

# There and back before anything ends: what the log makes of it is another test's.
stepped() {
	local other was
	sbx=(-p slow -k wall=15s)
	begin stay ever
	sbx-run -p slow -k idle=15s --result "$T/other" -- "$payloads/stay" n ever >/dev/null 2>&1 &
	other=$!
	was=$(date +%s)
	date -s '+1 hour' >/dev/null
	ok "control: the wall clock is stepped" test $(($(date +%s) - was)) -ge 3600
	sleep 0.6
	ok "an hour on: nobody's limit is over" test -d "/proc/$P" -a -d "/proc/$other"
	date -s '-2 hours' >/dev/null
	ok "control: and back" test "$(date +%s)" -lt "$was"
	sleep 0.6
	date -s '+1 hour' >/dev/null
	finish
	wait $other
	ok "the limit of time ends the one" ended wall-limit
	ok "after fifteen seconds ($(result .wall_ms) ms)" like "$(result .wall_ms)" '^1[5-9][0-9]{3}$'
	ok "that of idle time the other" is "$(jq -r .reason "$T/other")" idle-limit
	ok "after as many ($(jq .wall_ms "$T/other") ms)" like "$(jq .wall_ms "$T/other")" '^1[5-9][0-9]{3}$'
	sbx=()
}

# What a caller has that only root can give, and a container's root cannot.
by=()
inside_by_() { in_time "${by[@]}" sbx-run "${sbx[@]}" --result "$T/result" -- "$payloads/$1" "$nonce" "${@:2}"; }
bare_by_() { in_time "${by[@]}" "$payloads/$1" "$nonce" "${@:2}"; }
# Field 41 of proc(5) is the policy: SCHED_FIFO is 1.
handed_on() {
	by=(choom -n -900 -- chrt -f 5 ionice -c 1 -n 0) how=$1
	begin stay
	had="$(<"/proc/$P/oom_score_adj") $(awk '{ print $41 }' "/proc/$P/stat") $(ionice -p "$P")"
	finish
}
favoured() {
	local had
	sbx=(-p slow)
	handed_on bare_by
	ok "control: a favour of the kernel's is handed on" is "$had" '-900 1 realtime: prio 0'
	handed_on inside_by
	ok "not to a payload" like "$had" '^0 0 (none|best-effort)'
	by=(choom -n 300 --) how=inside_by
	begin stay
	ok "to be ended before others is" is "$(<"/proc/$P/oom_score_adj")" 300
	finish
	by=(choom -n -1000 --) sbx=(-p slow -k mem=16M)
	sbx_nonce
	run inside_by_ eat beside malloc 32
	ok "so the memory limit holds for who cannot be chosen" ended memory-limit
	by=() how=inside sbx=()
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
	# Fields 14 and 15 of proc(5): hundredths of a second.
	used() { awk '{ print $14 + $15 }' "/proc/$S/stat"; }
	before=$(used)
	sleep 2
	ok "nothing happens, and its supervisor does nothing" test $(($(used) - before)) -lt 40
	echo 1 >"$d/cgroup.freeze"
	ok "it can be frozen" until_true 10 grep -qx 'frozen 1' "$d/cgroup.events"
	echo 0 >"$d/cgroup.freeze"
	finish
	ok "and ends well, thawed" status 0
	ok "with what was read back in its result" is "$(result .enforced.complete)" true
	ok "the leaf is gone" test ! -e "$d"

	profile relayed 'net allow' 'syscalls @base @file @proc @thread @net' 'allow 192.0.2.2:80'
	sbx=(-p relayed -k cpu=50%)
	begin stay
	d=/sys/fs/cgroup$(leaf)r
	ok "a relay has a leaf beside it, and the same quota" is \
	    "$(wc -l <"$d/cgroup.procs") $(awk '{ print $1 * 2 == $2 }' "$d/cpu.max")" "1 1"
	finish
	ok "was attested with it" is "$(result .enforced.relay.filters)" 1
	ok "its leaf is gone, too" test ! -e "$d"
	sbx=(-k pids=8 -k cpu=50%)

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
	ok "a quarter of a processor is no more than that" test "$(result .cpu_ms)" -le $(($(result .wall_ms) / 4 + 300))

	sbx=()
	begin tree storm
	kill -KILL "$S"
	ok "its supervisor killed: all of it is gone" until_true 30 not pgrep -f "$nonce"
	finish
	run sbx-run --gc
	ok "and swept away" status 0

	# What takes longer than its five seconds on a machine that is emulated on a busy one.
	profile slow 'setup 1m'
	favoured
	stepped

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
