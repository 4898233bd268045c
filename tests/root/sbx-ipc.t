#!/bin/bash
# sbx-ipc.t: two sandboxes, and a sandbox and the host, have no way to meet
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
profile loop 'net loop' 'syscalls @base @file @proc @thread @net @ipc @tty'
profile unix 'syscalls @base @file @proc @thread @unix' 'bind rw? $WORK /job'
kinds=(shm sem msg mqueue /dev/shm /tmp)

# ---- names: A makes them, B looks ----

how=bare
begin ipc make
how=inside
bare ipc find
for kind in "${kinds[@]}" abstract; do
	ok "control: two programs of a host meet by $kind" payload_got "$kind" 'ok'
done
sbx=(-p loop)
inside ipc find
ok "a sandbox beside them runs" payload_ran
for kind in "${kinds[@]}"; do
	ok "it does not meet the host's: $kind" payload_got "$kind" ENOENT
done
ok "nor an abstract socket, with a network of its own" payload_got abstract 'ECONNREFUSED|EPERM|EACCES|ENOSYS|EAFNOSUPPORT'
finish
ipcrm -a 2>/dev/null
rm -f /dev/shm/bnd-test /dev/mqueue/bnd-test /tmp/bnd-test

begin ipc make
ok "control: a sandbox makes them" is "$(said | grep -c ': ok$')" 6
inside ipc find
for kind in "${kinds[@]}"; do
	ok "another beside it does not meet it: $kind" payload_got "$kind" ENOENT
done
ok "the host has none of them" is "$(ipcs -m -q -s | grep -ci 626e64; ls /dev/shm/bnd-test /tmp/bnd-test 2>/dev/null)" 0
finish
inside ipc find
for kind in "${kinds[@]}"; do
	ok "nor one after it: $kind" payload_got "$kind" ENOENT
done

# ---- abstract sockets, in each network ----

abstract='@bnd-daemon'
socat_like() {
	python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind("\0bnd-daemon"); s.listen(5); time.sleep(1000)' &
	daemon=$!
	at_exit kill_quietly $daemon
	until grep -q "$abstract" /proc/net/unix; do sleep 0.01; done
}
socat_like
bare sockets unix $abstract
ok "control: a daemon's abstract socket is reached" payload_got "unix $abstract" 'ok 7'
for net in default loop; do
	sbx=(-p "$net")
	inside sockets unix $abstract
	ok "not from a sandbox of profile $net" payload_got "unix $abstract" 'ECONNREFUSED|EPERM|EACCES|ENOSYS|EAFNOSUPPORT'
done
sbx=(-p unix)
inside sockets unix $abstract
ok "nor with @unix: the network namespace is another" payload_got "unix $abstract" ECONNREFUSED

# ---- sockets below a bind ----

mkdir -m 0755 "$T/w"
chown 1000:1000 "$T/w"
chmod 0711 "$T"
python3 -c 'import socket, sys, os, time
os.umask(0); s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(5); time.sleep(1000)' "$T/w/sock" &
at_exit kill_quietly $!
until [[ -S $T/w/sock ]]; do sleep 0.01; done
bare_as 1000 sockets unix "$T/w/sock"
ok "control: its owner reaches a daemon's socket" payload_got "unix $T/w/sock" 'ok 7'
sbx=(--work "$T/w")
inside sockets unix /job/sock
ok "below a bind it is not reached" payload_got 'unix /job/sock' 'ENOSYS|EPERM|EACCES|EAFNOSUPPORT'
abi=$(sbx-run --check-host --json 2>/dev/null | jq -r '.landlock // empty' 2>/dev/null)
sbx=(-p unix --work "$T/w")
inside sockets unix /job/sock
if ((${abi:-1} < 9)); then
	ok "@unix with a place to write is refused below Landlock ABI 9" status 125
	ok "and nothing ran" payload_did_not
else
	ok "with @unix Landlock refuses it" payload_got 'unix /job/sock' 'EACCES|EPERM'
fi

# ---- keys ----

bare calls add_key
ok "control: a program adds a key" like "$out" 'add_key: ok'
sbx=()
for i in first second; do
	inside calls add_key request_key keyctl
	for call in add_key request_key keyctl; do
		ok "the $i has no $call" payload_got "$call" ENOSYS
	done
done
# How many credentials hold the caller's keyring, those of ended tasks gone.
holders() {
	local i n least=999
	for ((i = 0; i < 25; i++)); do
		n=$(awk '$9 == "callers:" { n += $3 } END { print n + 0 }' /proc/keys)
		((n >= least)) || least=$n
		sleep 0.02
	done
	echo "$least"
}
keyed_() {
	in_time "$BND_BUILD/tests/helper/keyed" callers "$keyed_as" "${sbx[@]}" --result "$T/result" -- \
	    "$payloads/$1" "$nonce" "${@:2}"
}
how=keyed keyed_as=$BND_BUILD/sbx-run
begin stay
held=$(holders)
ok "control: the supervisor has the caller's keys" test "$held" -ge 1
ok "no key of a leased id is on the host" is \
    "$(awk -v a="$sbx_first" '$6 >= a && $6 < a + 2048' /proc/keys 2>/dev/null)" ''
finish
echo "join 8 skip" >/run/.bnd-test-fault
keyed_as=$faulty_sbx
begin stay
ok "init and payload have not: left out, that step is missed by both" test "$(holders)" -ge $((held + 2))
finish
rm -f /run/.bnd-test-fault
how=inside

# ---- the residual channel: locks on what both can read ----

echo x >/usr/local/lib/payload/shared
begin ipc lock /usr/local/lib/payload/shared
ok "control: the one has the lock" like "$(said)" 'lock: ok'
inside ipc locked /usr/local/lib/payload/shared
ok "a lock on a shared file is seen by the other: what is documented" payload_got locked EAGAIN
sbx=(-k deny=flock)
inside ipc locked /usr/local/lib/payload/shared
ok "deny flock closes that" payload_got locked ENOSYS
finish
sbx=()

# ---- families of sockets ----

# NETLINK 16, PACKET 17, RDS 21, BLUETOOTH 31, TIPC 30, ALG 38, VSOCK 40, SMC 43, XDP 44
families=(16 17 21 30 31 38 40 43 44)
bare sockets family 16 17 2
ok "control: root has netlink sockets" payload_got 'raw 16' ok
ok "control: and packet sockets" payload_got 'raw 17' ok
for net in default loop; do
	sbx=(-p "$net")
	inside sockets family "${families[@]}"
	ok "$net: it ran" payload_ran
	ok "and has none of these families" unlike "$out" '(stream|raw) [0-9]+: ok'
	ok "nor is one refused by chance: no module was asked for" unlike "$out" 'ESOCKTNOSUPPORT|EPROTONOSUPPORT'
done

# ---- what counts for all of the host ----

sbx=()
run $payloads/ipc n files /proc/locks /proc/net/unix /proc/uptime
ok "control: the host's are there" unlike "$out" ENOENT
inside ipc files /proc/locks /proc/net/unix /proc/uptime /proc/loadavg /proc/stat /proc/sysvipc/shm /proc/keys
ok "not inside" unlike "$out" ': ok'
run sbx-run -- $payloads/who n
first=$out
run sbx-run -- $payloads/who n
ok "a payload is process 2, each time" is \
    "$(sed -n 's/^pid: //p' <<<"$first$out" | sort -u)" 2
clocks() { sed -n 's/^\(monotonic\|boottime\): //p' <<<"$1"; }
run $payloads/who n
host=$out
near_0() {
	local v n=0
	for v in $(clocks "$1"); do
		((v <= 2)) || return 1
		n=$((n + 1))
	done
	((n == 2))
}
ok "control: not so the host's" not near_0 "$host"
ok "clocks begin near 0" near_0 "$first"
sleep 3
run sbx-run -- $payloads/who n
ok "each one's own" near_0 "$out"
ok "nothing is left" unharmed
tap_done
