#!/bin/bash
# sbx-bombs.t: bombs of processes and memory are held where they are
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

number() {
	sed -n "s/^$1: //p" <<<"$out"
}
# How late this host wakes who sleeps 10 ms, in ms, the median of 41 times.
exec {never}<> <(:)
latency() {
	local i t late=()
	for ((i = 0; i < 41; i++)); do
		t=${EPOCHREALTIME/./}
		read -r -t 0.01 -u "$never"
		late+=($(((${EPOCHREALTIME/./} - t) / 1000 - 10)))
	done
	printf '%s\n' "${late[@]}" | sort -n | sed -n 21p
}

# ---- processes -------------------------------------------------------------
bare tree bomb </dev/null
ok "control: outside, a bomb goes as far as the harness lets it" test "$(number forked)" -gt 300
sbx=(-k pids=20)
begin tree bomb
out=$(said)
ok "inside it runs" payload_ran
ok "a fork too many is refused" payload_got fork EAGAIN
ok "at exactly the limit" is "$(number forked)" 19
ok "the host counts them" is "$(pgrep -c -u "$(host_status Uid | cut -f1)")" 20
lag=$(latency)
ok "and is not late for it ($lag ms)" test "$lag" -lt 50
finish
ok "it ends" status 0
ok "the kernel's counter is the evidence" test "$(result .events.pids_max)" -gt 0
inside tree threads </dev/null
ok "threads count as much" payload_got thread EAGAIN
ok "to the same number" is "$(number threads)" 19
# What starts it is not counted: one is the command's own.
sbx=(-k pids=1)
inside stay exit 0
ok "with one process a command runs that starts no other" payload_ran
inside tree bomb </dev/null
ok "a second one is refused" payload_got fork EAGAIN
ok "the first" is "$(number forked)" 0
inside tree threads </dev/null
ok "a thread is a second one" is "$(number threads)" 0
sbx=(-k pids=2)
inside tree bomb </dev/null
ok "control: with two there is one" is "$(number forked)" 1
ok "nothing is harmed" unharmed
sbx=(-k pids=20)

begin tree storm
lag=$(latency)
ok "a storm of forks does not make the host late ($lag ms)" test "$lag" -lt 50
start=${EPOCHREALTIME/./}
kill -TERM "$S"
finish
ok "it is gone in a second" test $((${EPOCHREALTIME/./} - start)) -lt 1000000
ok "as cancelled" ended cancelled
ok "with the signal's status" status 143
ok "nothing is harmed" unharmed

# ---- memory ----------------------------------------------------------------
sbx=(-k mem=24M)
for kind in malloc shared; do
	bare eat $kind 40
	ok "control: outside, $kind gets it" is "$(number eaten)" 40
done
for kind in malloc shared stack memfd pipes sockets shm mlock "file /tmp/big"; do
	inside eat $kind 40
	ok "$kind: it ran" payload_ran
	if ((status == 124)); then
		ok "$kind: the limit ended it" ended memory-limit
		ok "$kind: the kernel counted a kill" test "$(result .events.oom_kill)" -gt 0
	elif [[ $kind == stack ]]; then
		ok "$kind: or its own limit ended it" ended signaled
	else
		ok "$kind: or it was refused below it" test "$(number eaten)" -lt 40
	fi
	ok "$kind: the peak is within the limit" test "$(result '.mem_peak // 0')" -le $((24 << 20))
done
ok "nothing is harmed" unharmed

# The tree dies with the victim, also where the kernel kills only one.
sbx_result=$T/result.other begin stay
was=$P
S_other=$S in_other=$sbx_in begun_other=$begun
inside eat beside malloc 60
ok "a child that eats too much ends the whole tree" ended memory-limit
ok "no part of it lived on" unlike "$out" 'ready'
ok "the one beside it did" test -d "/proc/$was/fd"
S=$S_other sbx_in=$in_other begun=$begun_other
finish
ok "and ends well" status 0
ok "S and the canaries live" unharmed

# Swap: bounded, or said not to be.
sbx=(-k mem=24M -k swap=0)
inside eat malloc 60
ok "there is no way out into swap" ended memory-limit

# ---- scratch ---------------------------------------------------------------
sbx=(-k 'tmp=4M 64')
shmem() {
	awk '/^Shmem:/ { print $2 }' /proc/meminfo
}
bare eat file "$T/big" 20
ok "control: outside, a file of that size is written" is "$(number eaten)" 20
rm -f "$T/big"
inside eat file /tmp/big 20
ok "a file too big is refused" payload_got refused ENOSPC
ok "at the quota" test "$(number eaten)" -le 4
inside eat file /dev/shm/big 20
ok "also below /dev/shm" payload_got refused ENOSPC
inside eat inodes /tmp 1000
ok "names run out" payload_got refused ENOSPC
ok "at the quota" test "$(number eaten)" -le 64
inside eat dirs /var/tmp 1000
ok "directories, too" payload_got refused ENOSPC
before=$(shmem)
begin eat sparse /tmp/hole
after=$(shmem)
finish
ok "a file of an exbibyte is one without its bytes" payload_got truncate 'ok|EFBIG|EINVAL'
ok "space for it is not had" payload_got allocate 'ENOSPC|EFBIG|EINVAL'
ok "the host's memory is bounded" test $((after - before)) -lt 65536
ok "nothing is harmed" unharmed
tap_done
