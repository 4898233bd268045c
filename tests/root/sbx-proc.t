#!/bin/bash
# sbx-proc.t: proc, sysfs and what else tells about a host, or tunes it
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

# ---- what tunes the kernel (X37) -----------------------------------------------
# /proc/sys of this host is a copy, so that the control hurts nobody.

tunables=(/proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/kernel/hotplug /proc/sysrq-trigger
    /proc/sys/vm/overcommit_memory /proc/sys/vm/panic_on_oom /sys/kernel/uevent_helper
    /sys/fs/cgroup/memory/release_agent /proc/sys/fs/binfmt_misc/register)
pattern=$(cat /proc/sys/kernel/core_pattern)
bare opens -w /proc/sys/kernel/core_pattern
ok "control: X37: root writes core_pattern" payload_got 'w /proc/sys/kernel/core_pattern' 'ok 1'
ok "control: X37: so the host's is changed" isnt "$(cat /proc/sys/kernel/core_pattern)" "$pattern"
pattern=$(cat /proc/sys/kernel/core_pattern)
inside opens -w "${tunables[@]}"
for t in "${tunables[@]}"; do
	ok "X37: $t" payload_got "w $t" 'ENOENT|EROFS|EACCES'
done
ok "X37: the host's core_pattern is as before" is "$(cat /proc/sys/kernel/core_pattern)" "$pattern"

# ---- what tells (X38) -----------------------------------------------------------

telling=(kcore kallsyms keys key-users timer_list sched_debug config.gz modules interrupts cmdline meminfo cpuinfo version
    uptime loadavg stat locks net/unix net/tcp partitions diskstats iomem ioports cgroups)
bare opens -r /proc/kallsyms /proc/keys /proc/interrupts /proc/cmdline
for f in kallsyms keys interrupts cmdline; do
	ok "control: X38: on a host /proc/$f is read" payload_got "r /proc/$f" 'ok 1'
done
inside opens -r "${telling[@]/#//proc/}" /proc/1/environ /proc/1/maps /proc/1/mem -d /proc/1/fd /sys /sys/fs/cgroup
for f in "${telling[@]}"; do
	ok "X38: no /proc/$f" payload_got "r /proc/$f" 'ENOENT|EACCES'
done
for f in environ maps mem; do
	ok "X38: not /proc/1/$f" payload_got "r /proc/1/$f" 'ENOENT|EACCES|EPERM'
done
ok "X38: not the first process's descriptors" payload_got 'd /proc/1/fd' 'ENOENT|EACCES'
ok "S1-03: there is no /sys" payload_got 'd /sys' ENOENT

# ---- processes (X39) --------------------------------------------------------------

sleep 1000 &
other=$!
inside opens -r "/proc/$other/status" "/proc/$canary_P/mounts" -d /proc
ok "X38: nothing of another's process" payload_got "r /proc/$canary_P/mounts" ENOENT
ok "X39: root's is not there" payload_got "r /proc/$other/status" ENOENT
ok "X39: of processes only its own" test "$(sed -n 's/^d \/proc: ok //p' <<<"$out")" -lt 6
inside who
ok "X39: its number is small" test "$(sed -n 's/^pid: //p' <<<"$out")" -lt 10
kill_quietly $other
setpriv --reuid 54321 --regid 54321 --clear-groups sleep 1000 &
other=$!
until [[ $(awk '/^Uid/ { print $2 }' /proc/$other/status) == 54321 ]]; do sleep 0.01; done
inside tree kill -1
ok "X39: it kills all that it can" payload_ran
ok "X39: root's and another sandbox's are alive" canaries
ok "X39: and a user's" kill -0 $other
bare_as 54321 tree kill -1
ok "control: X39: outside, a user's dies" not kill -0 $other
wait $other 2>/dev/null

# ---- core files (X40) ---------------------------------------------------------------

begin stay
ok "X40: the limit is 1: no helper, and no file" is "$(awk '/^Max core/ { print $5, $6 }' "/proc/$P/limits")" "1 1"
finish
run sbx-run -- /bin/sh -c 'ulimit -c; ulimit -S -c 0 2>&1; echo went on'
ok "X40: it cannot be lowered to 0" like "$out" 'not permitted'

# ---- more file systems (X41) -----------------------------------------------------------

types=(sysfs debugfs tracefs bpf securityfs cgroup2 proc tmpfs devpts)
bare leave fs /mnt tmpfs
ok "control: X41: root mounts" payload_got 'mount tmpfs' ok
ok "control: X41: by either interface" payload_got 'fsopen tmpfs' ok
inside leave fs /tmp "${types[@]}"
for t in "${types[@]}"; do
	ok "X41: mount $t" payload_got "mount $t" 'EPERM|ENOSYS'
	ok "X41: fsopen $t" payload_got "fsopen $t" 'EPERM|ENOSYS'
done

# ---- clocks and names (X42, X67) -----------------------------------------------------

bare who
up=$(sed -n 's/^uptime: //p' <<<"$out")
ok "control: X42: a host tells how long it is up" test "$up" -gt 60
begin who stay
inside who
ok "X42: uptime is the sandbox's" test "$(sed -n 's/^uptime: //p' <<<"$out")" -lt 30
ok "X42: so is the boot clock" test "$(sed -n 's/^boottime: //p' <<<"$out")" -lt 30
ok "X67: and the monotonic one" test "$(sed -n 's/^monotonic: //p' <<<"$out")" -lt 30
ok "X67: the other one's, too" test "$(sed -n 's/^boottime: //p' <<<"$(said)")" -lt 30
ok "X42: its name is no host's" is "$(sed -n 's/^node: //p' <<<"$out")" sandbox
ok "S1-03: no file system of the kernel's but proc" is \
    "$(awk '{ for (i = 7; $i != "-"; i++) ; print $(i + 1) }' "/proc/$P/mountinfo" | grep -E 'sysfs|cgroup|debugfs|tracefs|bpf|securityfs|efivarfs|mqueue|devpts')" ''
ok "X38: proc is of processes only" like "$(grep ' /proc ' "/proc/$P/mountinfo")" 'subset=pid'
ok "X38: and of those it may see" like "$(grep ' /proc ' "/proc/$P/mountinfo")" 'hidepid=invisible'
finish

ok "nothing is harmed" unharmed
tap_done
