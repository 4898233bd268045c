#!/bin/bash
# sbx-harness.t: whoever looks for what a sandbox leaves finds it
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
need_bwrap
sbx_up

# Each kind of leftover, planted: the look that finds nothing must be able to.
seen() {
	sbx_look | sort -u >"$T/is"
	comm -13 "$T/was" "$T/is" | grep -q -- "$1" || { comm -13 "$T/was" "$T/is"; return 1; }
}
ok "at first nothing is left" left_nothing
mount -t tmpfs none /mnt
ok "a mount is seen" seen '^mount .*/mnt'
umount /mnt
mkdir "$(v2)/bnd-left"
ok "a cgroup is seen" seen '^cgroup .*bnd-left'
rmdir "$(v2)/bnd-left"
unshare -n sleep 100 &
left=$!
until [[ $(readlink /proc/$left/ns/net) != "$(readlink /proc/$$/ns/net)" ]]; do sleep 0.01; done
ok "a namespace is seen" seen '^namespace net:'
kill_quietly $left
exec 7</etc/shadow
ok "a descriptor is seen" seen '^descriptor /etc/shadow'
exec 7<&-
mkdir -p /run/bnd/sbx
echo x >/run/bnd/sbx/1023
ok "a lease that says something is seen" seen '^lease 1023'
: >/run/bnd/sbx/1023
ok "an empty one is not" left_nothing
setpriv --reuid $((sbx_first + 2001)) --regid 65534 --clear-groups sleep 100 &
left=$!
until [[ $(awk '/^Uid/ { print $2 }' /proc/$left/status) != 0 ]]; do sleep 0.01; done
ok "a process of a leased id is seen" seen '^process of'
kill_quietly $left
touch "$T/owned"
chown $((sbx_first + 2000)) "$T/owned"
ok "an inode of a leased id is seen" seen '^inode of'
rm "$T/owned"
nft add table inet left
ok "a firewall rule is seen" seen '^rule table inet left'
nft delete table inet left
ok "all of that is away again" left_nothing
mount -t tmpfs mine /mnt
mkdir "$(v2)/bnd-mine"
nft add table inet mine
sbx_again
umount /mnt
rmdir "$(v2)/bnd-mine"
nft delete table inet mine
judge=$(left_nothing)
for what in 'mount .*/mnt' 'cgroup .*bnd-mine' 'rule table inet mine'; do
	ok "what the host has lost is seen: $what" like "$judge" "$what"
done
sbx_again
ok "the canaries live" canaries

# A sandbox that cannot start contains everything, and shows nothing: no judge
# of an attack takes it, nor one that only says what is wanted.
mkdir "$T/bin"
idle() {
	printf '%s\n' '#!/bin/sh' "$@" >"$T/bin/sbx-run"
	chmod 755 "$T/bin/sbx-run"
}
judged() {
	local j good='' PATH=$T/bin:$PATH sbx_time=2
	rm -f "$T/result"
	inside opens -w /etc/shadow
	payload_ran >/dev/null && good+=' ran'
	payload_got 'w /etc/shadow' 'EACCES|ENOENT' >/dev/null && good+=' got'
	payload_got 'w /etc/shadow' '.*' >/dev/null && good+=' anything'
	refused '[a-z]*' >/dev/null 2>&1 && good+=' refused'
	for j in exited seccomp-kill memory-limit cancelled; do
		[[ ! -s $T/result ]] || ! ended $j >/dev/null 2>&1 || good+=" $j"
	done
	correct >/dev/null 2>&1 && good+=' correct'
	unharmed >/dev/null 2>&1 && good+=' unharmed'
	echo "$good"
}
for job in 'exit 1' 'exit 0' 'exit 125' 'exit 159' 'echo "w /etc/shadow: EACCES"' 'echo nonce; echo "w /etc/shadow: EACCES"; echo correct' \
    'echo "sbx-run: refused: mode: no" >&2; exit 125'; do
	idle "$job"
	ok "with sbx-run as: $job: no judge is content" is "$(judged)" ''
done
idle "exec $(command -v sbx-run) \"\$@\""
ok "control: with the real one they are" is "$(judged)" ' ran got anything exited correct unharmed'
rm -r "${T:?}/bin"

# The known holes of another launcher, found by looking at the host.
run bash -c 'exec 7</etc/shadow; exec "$@"' bash true
exec 7</etc/shadow
by_bwrap fds
ok "control: a payload runs in bubblewrap" payload_ran
ok "control: which hands a descriptor of the caller's on" like "$out" 'fd 7: r'
inside fds
exec 7<&-
ok "in ours it runs, too" payload_ran
ok "and has not got it" unlike "$out" 'fd 7:'
before=$(cat /etc/shadow)
chmod 0600 /etc/shadow
bare opens -a /etc/shadow
ok "control: root writes what it likes" payload_got 'a /etc/shadow' 'ok 1'
ok "control: so the host is changed" isnt "$(cat /etc/shadow)" "$before"
changed=$(cat /etc/shadow)
inside opens -a /etc/shadow
ok "inside there is no such file" payload_got 'a /etc/shadow' 'ENOENT|EACCES'
ok "and the host's is as before" is "$(cat /etc/shadow)" "$changed"

# From outside: who it is, while it waits.
begin who stay
ok "it is found" test -n "$P"
ok "with an id of the range" is_leased "$(host_status Uid | cut -f1)"
ok "and no capability" is "$(host_status CapEff) $(host_status CapBnd)" "0000000000000000 0000000000000000"
finish
ok "it ends when it is told to" status 0
ok "its result says how" ended exited
ok "nothing is harmed" unharmed
tap_done
