#!/bin/bash
# sbx-routes.t: thirty ways that programs try, each by its name, outside and inside
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

tried=()
# shown WHAT JUDGE...: of the route that is being tried
route() {
	tried+=("$1")
	sbx=("${@:2}")
}
shown() {
	ok "${tried[-1]}: $1" "${@:2}"
}
number() {
	sed -n "s/^$1: //p" <<<"$out"
}
# A route that a call takes: outside it is had, inside it has this errno.
refused_inside() {
	local what=$1 errno=$2
	shift 2
	bare "$@" </dev/null
	shown "control: outside it works" payload_got "$what" 'ok.*'
	inside "$@" </dev/null
	shown "inside: $errno" payload_got "$what" "$errno"
}

# ---- more than its share ----
route fork_bomb -k pids=20
bare tree bomb </dev/null
pkill -KILL -f "^$payloads/tree $nonce"
shown "control: outside it goes on" test "$(number forked)" -gt 50
inside tree bomb </dev/null
shown "ends at the limit" is "$(number fork) $(number forked)" "EAGAIN 19"
route thread_bomb -k pids=20
bare tree threads </dev/null
shown "control: outside it goes on" test "$(number threads)" -gt 50
inside tree threads </dev/null
shown "ends at the limit" is "$(number thread) $(number threads)" "EAGAIN 19"
route memory_bomb -k mem=24M
bare eat malloc 40
shown "control: outside it is had" is "$(number eaten)" 40
inside eat malloc 40
shown "ended" is "$status $(result '.reason, (.events.oom_kill > 0)' | xargs)" "124 memory-limit true"
shown "which was printed nowhere" unlike "$out" eaten
route cpu_spin -t 100ms
bare eat spin 0.3
shown "control: outside it spins to its end" status 0
inside eat spin 20
shown "ended, by the time it used" is "$status $(result '.reason, (.cpu_ms < 200)' | xargs)" "124 cpu-limit true"
shown "it ran" payload_ran
route sigxcpu_catch -t 100ms
bare eat catch 0.3
shown "control: outside it spins to its end" status 0
inside eat catch 20
shown "ended all the same" is "$status $(result '.reason, .killed' | xargs)" "124 cpu-limit true"
route fd_exhaustion -k nofile=64
bare fds exhaust </dev/null
shown "control: outside it has more" test "$(number had)" -gt 64
begin fds exhaust
out=$(said)
shown "refused" payload_got exhaust EMFILE
shown "as the host counts them" is "$(find "/proc/$P/fd" -type l | wc -l) $(number had)" "64 61"
finish
route file_size_bomb -k fsize=2M
bare eat file "$T/big" 3
shown "control: outside it grows" is "$(stat -c %s "$T/big")" $((3 << 20))
rm "$T/big"
inside eat file /tmp/big 3
shown "ended at its size" is "$(result '.reason, .signal' | xargs)" "signaled $(kill -l XFSZ)"
route inode_bomb -k 'tmp=4M 64'
mkdir "$T/many" && bare eat inodes "$T/many" 200
shown "control: outside there are names" is "$(find "$T/many" -type f | wc -l)" 200
inside eat inodes /tmp 200
shown "no name is left" is "$(number refused)" ENOSPC
shown "at the quota" test "$(number eaten)" -le 64

# ---- files of the host ----
echo 'onthehost:x:4242:4242::/:/bin/sh' >>/etc/passwd
route read_etc_passwd
run cat /etc/passwd
shown "control: outside it tells who is there" like "$out" onthehost
run sbx-run -- cat /etc/passwd
shown "inside there is one that tells nothing of it" is "$status $(grep -c . <<<"$out") $(grep -c onthehost <<<"$out")" "0 $(grep -c . <<<"$out") 0"
shown "and cannot be added to" like "$(sbx-run -- sh -c 'echo x >>/etc/passwd' 2>&1)" 'Read-only|denied'
route read_etc_shadow
refused_inside 'r /etc/shadow' ENOENT opens -r /etc/shadow
route write_to_bin
before=$(sha256sum /bin/true /usr/bin/env)
refused_inside 'c /usr/bin/bnd-planted' 'EROFS|EACCES' opens -c /usr/bin/bnd-planted
rm -f /usr/bin/bnd-planted
inside opens -w /bin/true /usr/bin/env -c /bin/bnd-planted -u /bin/true
shown "each try" unlike "$out" ': ok'
shown "it ran" payload_ran
shown "the host's are as they were" is "$(sha256sum /bin/true /usr/bin/env)$(ls /usr/bin/bnd-planted 2>/dev/null)" "$before"
route escape_chroot
refused_inside chroot 'ENOSYS|EPERM' calls chroot
shown "what it has for / is no directory of the host's" is "$(result .reason)" exited
route read_proc_cpuinfo
refused_inside 'r /proc/cpuinfo' ENOENT opens -r /proc/cpuinfo
route read_proc_meminfo
refused_inside 'r /proc/meminfo' ENOENT opens -r /proc/meminfo
route read_sys_hardware
refused_inside 'd /sys' ENOENT opens -d /sys

# ---- more rights ----
route clone_newuser
refused_inside newuser EPERM args clone
route mount_attempt
before=$(</proc/self/mountinfo)
sbx_nonce
run bounded unshare -m --propagation private $payloads/calls "$nonce" mount
shown "control: outside it works" payload_got mount ok
inside calls mount
shown "inside: no such call" payload_got mount ENOSYS
shown "the host has the mounts it had" is "$(</proc/self/mountinfo)" "$before"
route ptrace_attempt
refused_inside ptrace ENOSYS calls ptrace
route setuid_root
refused_inside 'setuid 0' 'EPERM|EINVAL|ENOSYS' who become
route setgid_root
refused_inside 'setgid 0' 'EPERM|EINVAL|ENOSYS' who become
route execve_setuid_binary
install -m 4755 $payloads/who $payloads/suid
bare_as 65534 suid
shown "control: outside it makes root" like "$out" $'Uid:\t65534\t0\t0'
inside suid
shown "it ran" payload_ran
shown "as who it was" like "$out" $'Uid:\t1000\t1000\t1000\t1000'
rm $payloads/suid
route memfd_secret_check
inside calls memfd_secret
shown "inside: no such call" payload_got memfd_secret ENOSYS
bare calls memfd_secret
shown "control: outside the kernel's answer" payload_got memfd_secret 'ok.*|ENOSYS'
for where in tmp dev/shm; do
	case $where in tmp) route tmp_noexec_check ;; *) route devshm_noexec_check ;; esac
	# shellcheck disable=SC2016
	try='cp /bin/true /$1/bnd-copy && /$1/bnd-copy; echo $?; rm -f /$1/bnd-copy'
	mount -o remount,exec /$where
	run sh -c "$try" sh $where
	shown "control: outside it runs" is "$out" 0
	run sbx-run -- sh -c "$try" sh $where
	shown "inside it does not" is "$out" 126
done

# ---- whom it reaches ----
mkfifo "$T/ask"
python3 -c 'import socket, sys
t = socket.create_server(("127.0.0.1", 0), backlog=50); u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 0)); u.setblocking(False); t.setblocking(False)
print(t.getsockname()[1], u.getsockname()[1], flush=True)
for line in sys.stdin:
    n = m = 0
    try:
        while t.accept(): n += 1
    except BlockingIOError: pass
    try:
        while u.recv(9): m += 1
    except BlockingIOError: pass
    print(n, m, flush=True)' <"$T/ask" >"$T/answer" &
at_exit kill_quietly $!
exec {ask}>"$T/ask"
until [[ -s $T/answer ]]; do sleep 0.01; done
read -r tcp udp <"$T/answer"
reached() {
	local n
	n=$(wc -l <"$T/answer")
	echo >&$ask
	until (($(wc -l <"$T/answer") > n)); do sleep 0.01; done
	tail -n 1 "$T/answer"
}
profile loop 'net loop' 'syscalls @base @file @proc @thread @net'
route tcp_connect
bare sockets tcp 127.0.0.1 "$tcp"
shown "control: outside the host's service is reached" is "$(reached)" "1 0"
for p in default loop; do
	sbx=(-p "$p")
	inside sockets tcp 127.0.0.1 "$tcp"
	shown "$p: refused" payload_got "tcp 127.0.0.1 $tcp" 'EPERM|EACCES|ENOSYS|ECONNREFUSED'
done
shown "it was asked by nobody" is "$(reached)" "0 0"
route dns_lookup
bare sockets udp 127.0.0.1 "$udp"
shown "control: outside a server is asked" is "$(reached)" "0 1"
for p in default loop; do
	sbx=(-p "$p")
	inside sockets udp 127.0.0.1 "$udp"
	shown "$p: it ran" payload_ran
	run sbx-run "${sbx[@]}" -- sh -c 'cat /etc/resolv.conf; getent hosts example.org; echo $?'
	shown "$p: no resolver, and no name" is "$out" 2
done
shown "no server was asked" is "$(reached)" "0 0"
for key in dns resolver nameserver; do
	run sbx-run -k $key=nonsense -- true
	shown "$key is no key" like "$status $err" '125 .*no such key'
done
exec {ask}>&-

# ---- what it says it is, and what it is told ----
route env_leak_check
export SECRET=hush
run env
shown "control: outside it is there" like "$out" SECRET=hush
run sbx-run -- env
shown "inside it is not" unlike "$out" hush
route hostname_check
bare who
shown "control: outside it is the host's" is "$(number node)" "$(hostname)"
inside who
shown "inside it is not" is "$(number node)" sandbox
route prctl_set_name_spoof
sbx_nonce
mkfifo "$T/in"
# shellcheck disable=SC2016
sbx-run -- perl -e '$0 = "[kworker/0:0]"; $| = 1; print "ready\n"; <STDIN>' <"$T/in" >"$T/spoof" 2>&1 &
S=$!
exec {in}>"$T/in"
for ((i = 0; i < 300; i++)); do ! grep -q ready "$T/spoof" || break; sleep 0.01; done
P=$(pgrep -f '^\[kworker/0:0\]' | while read -r p; do ! is_leased "$(awk '/^Uid/ { print $2 }' "/proc/$p/status")" >/dev/null || echo "$p"; done)
shown "control: it has another name" is "$(cat "/proc/${P:-0}/comm" 2>/dev/null)" '[kworker/0:0]'
shown "it is listed as what was started" is "$(sbx-run --list --json | jq -r '[.sandboxes[] | select(.argv0 == "perl")] | length')" 1
kill -TERM $S
wait $S
shown "and ended by what it is" not test -e "/proc/$P/exe"
exec {in}>&-
route rlimit_values_check
begin stay
limits=$(sed -nE 's/^Max (open files|file size|core file size|locked memory|nice priority|realtime priority) +([^ ]+) +([^ ]+).*/\1 \2 \3/p' "/proc/$P/limits" | sort)
finish
shown "control: outside they are others" isnt "$(sed -nE 's/^Max (open files) +([^ ]+) +([^ ]+).*/\1 \2 \3/p' /proc/self/limits)" "open files 1024 1024"
shown "as the host sees them" is "$limits" "$(sort <<'EOT'
core file size 1 1
file size 1073741824 1073741824
locked memory 65536 65536
nice priority 0 0
open files 1024 1024
realtime priority 0 0
EOT
)"
sbx=()

ok "thirty have been tried, each once" is "$(printf '%s\n' "${tried[@]}" | sort -u | wc -l) ${#tried[@]}" "30 30"
ok "nothing is harmed" unharmed
tap_done
