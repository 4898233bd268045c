#!/bin/bash
# pam-su.t: the real su, sudo and login with pam_bnd in their stacks, by mode
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up 2
# Here the helper is the one that is shipped.
ok "the helper is the shipped one" cmp -s "$BND_BUILD/libexec/pam-helper" /usr/libexec/bnd/pam-helper
echo 'bnd-rescue:x:4100:rita' >>/etc/group
printf '%s\n' 'alice:x:4001:4001::/:/bin/sh' 'rita:x:4002:4002::/:/bin/sh' >>/etc/passwd
printf '%s\n' 'alice:*:1::::::' 'rita:*:1::::::' >>/etc/shadow
for s in su sudo login; do
	cat >/etc/pam.d/$s <<-'END'
		auth required pam_permit.so
		account required pam_bnd.so login
		session optional pam_bnd.so login
	END
done
[[ -u $(command -v su) ]] || skip_all "su is not set-user-id here"
as() {
	local user=$1 gid
	gid=$(id -g "$user")
	shift
	setpriv --reuid "$user" --regid "$gid" --init-groups -- "$@"
}
# by PROGRAM: whose id comes back when alice, rita and root run it
by_su() {
	local u
	for u in alice rita root; do
		run as "$u" su root -c 'id -u'
		echo "${out:-refused}"
	done | xargs
}
by_sudo() {
	local u
	for u in alice rita root; do
		run as "$u" sudo -n id -u
		echo "${out:-refused}"
	done | xargs
}
records() {
	grep -c '"ev":"login.allow"' $log_file
}
have_sudo=
if command -v sudo >/dev/null && [[ -u $(command -v sudo) ]]; then
	have_sudo=yes
	printf '%s\n' 'ALL ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers
	chmod 0440 /etc/sudoers
	rm -f /etc/sudoers.d/*
fi
both() {
	ok "$1: su" is "$(by_su)" "$2"
	if [[ $have_sudo ]]; then ok "$1: sudo, without a password" is "$(by_sudo)" "$2"; fi
}
both OPEN "0 0 0"
in_by_login() {
	run "$BND_BUILD/tests/helper/tty" login -f alice <<<$'sleep 300\ntype echo shell $((6*7))\nsleep 200\ntype exit'
}
in_by_login
ok "login: alice gets her shell" like "$out" 'shell 42'
ok "and is told the mode" like "$out" 'bnd: the mode is OPEN'
n=$(records)
mode-set RESTRICTED >/dev/null
both RESTRICTED "0 0 0"
ok "each is recorded" is $(($(records) - n)) $((3 * (1 + ${#have_sudo} / 3)))
ok "with who asked, as the kernel knows him" grep -q '"service":"su","user":"root","ruser":"alice","ruid":4001' $log_file
mode-set AIRGAP >/dev/null 2>&1
both AIRGAP "refused 0 0"
in_by_login
ok "AIRGAP: login on a terminal that is no console" unlike "$out" 'shell 42'
ok "is told why" like "$out" 'bnd: refused, the mode is AIRGAP: no remote login'
mode-set LOCKDOWN >/dev/null 2>&1
both "LOCKDOWN, no console" "refused refused refused"
run as alice su root -c 'id -u'
ok "who is refused is told why" like "$err$out" 'bnd: refused, the mode is LOCKDOWN'
ok "refusals are recorded" grep -q '"ev":"login.deny".*"ruser":"alice"' $log_file
ok "the log verifies" verifies

# Nor fill the log: who is refused again and again is counted.
spine_again 2
mode-set AIRGAP >/dev/null 2>&1
denials() {
	grep -c "\"ev\":\"login.deny\".*\"ruser\":\"$1\"" $log_file
}
for ((i = 0; i < 30; i++)); do
	as alice su "$( ((i % 2)) && echo rita || echo root)" -c true >/dev/null 2>&1
done
ok "thirty refusals of alice are twenty records" is "$(denials alice)" 20
echo 'carl:x:4003:4003::/:/bin/sh' >>/etc/passwd
as carl su root -c true >/dev/null 2>&1
ok "control: carl's first is one" is "$(denials carl)" 1
# Ten minutes ago, by the slots: what is counted from is 8 bytes in each 16.
python3 - <<-'END'
	import struct
	f = open('/run/bnd/refused', 'r+b')
	d = bytearray(f.read())
	for i in range(0, len(d), 16):
	    t, = struct.unpack_from('=Q', d, i)
	    struct.pack_into('=Q', d, i, max(0, t - 600 * 10**6))
	f.seek(0)
	f.write(d)
END
as alice su root -c true >/dev/null 2>&1
ok "ten minutes later it is told, and how many were not" \
    like "$(grep '"ev":"login.deny"' $log_file | tail -1)" '"ruser":"alice".*"left_out":10'
ok "the count is nobody's to write" is "$(stat -c '%a %u' /run/bnd/refused)" '600 0'

# A caller cannot help it along: limits, signals, descriptors, environment.
spine_again 2
mode-set AIRGAP >/dev/null 2>&1
run as alice bash -c '{ ulimit -f 0; trap "" CHLD PIPE; BND_ROOT=/tmp exec su root -c "id -u" <&- 2>&-; } | cat'
ok "alice with limits and ignored signals" is "$out" ""
run as rita bash -c '{ ulimit -f 0; ulimit -n 20; trap "" CHLD PIPE; exec su root -c "id -u" <&- 2>&-; } | cat'
ok "control: rita passes all the same" is "$out" 0
ok "the log verifies then too" verifies

# Nor hold it up: it waits for the log's lock here, and is looked at.
"$BND_BUILD/tests/helper/hold" /var/lib/bnd/log/lock &
holder=$!
: >/sys/fs/cgroup/cgroup.procs
# traits PID: niceness, policy, processors, timer slack
traits() {
	echo "$(cut -d' ' -f19,41 /proc/"$1"/stat) $(awk '/Cpus_allowed_list/ { print $2 }' /proc/"$1"/status)" \
	    "$(cat /proc/"$1"/timerslack_ns)"
}
read -r _ _ cpus slack <<<"$(traits $$)"
first=${cpus%%[-,]*}
as alice bash -c 'ulimit -S -s 400; exec chrt -i 0 nice -n 19 taskset -c '"$first"' su root -c true' >/dev/null 2>&1 &
for ((i = 0; i < 100; i++)); do
	pid=$(pgrep -x pam-helper) && [[ $(traits "$pid") != "19 5 "* ]] && break
	sleep 0.02
done
ok "control: su is idle, nice and on one processor" like "$(traits "$(pgrep -x su)")" "^19 5 $first "
ok "what waits for the log is none of it" is "$(traits "$pid")" "0 0 $cpus $slack"
ok "and has room on its stack" like "$(grep 'Max stack' /proc/"$pid"/limits)" 'size *8388608 '
ok "it went to the root cgroup, which nobody freezes" is "$(cat /sys/fs/cgroup/cgroup.procs)" 0
kill $holder
wait
tap_done
