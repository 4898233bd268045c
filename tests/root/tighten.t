#!/bin/bash
# tighten.t: nothing on the host stands in the way of a stricter mode
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

milliseconds() {
	local t0 t1
	t0=$(date +%s%N)
	run "$@"
	t1=$(date +%s%N)
	took=$(((t1 - t0) / 1000000))
}

# A holder of the lock who is stopped.
"$BND_BUILD/tests/helper/hold" /run/bnd/lock &
holder=$!
sleep 0.2
kill -STOP $holder
milliseconds mode-set airgap
ok "the lock's holder is stopped: done, not logged" status 15
ok "within 2 s and little more" test "$took" -ge 1900 -a "$took" -lt 8000
ok "the kernel obeys, and readers are told" is "$(kernel) $(mode-set --get)" "AIRGAP AIRGAP"
ok "by a request, as the state is the holder's" is "$(published) $(ls /run/bnd/request)" "OPEN AIRGAP"
ok "boot will know" grep -q '^bnd-floor/1 AIRGAP ' /var/lib/bnd/floor
run mode-set --require OPEN
ok "the committed mode is still OPEN" status 0
run mode-set open
ok "nobody talks it down" status 1
kill -CONT $holder
kill $holder
wait 2>/dev/null
run mode-set --at-least open
ok "the next one finishes what was requested" is "$status $out $(published)" "0 AIRGAP AIRGAP"
ok "and takes the request away" is "$(ls /run/bnd/request)" ''
ok "the floor is not needed any more" grep -q '^bnd-floor/1 NONE ' /var/lib/bnd/floor
ok "the log verifies" verifies

# The same with a state that says nothing.
spine_again
"$BND_BUILD/tests/helper/hold" /run/bnd/lock &
holder=$!
sleep 0.2
rm -f /run/bnd/state
run mode-set airgap
ok "no lock and no state: LOCKDOWN" is "$status $(kernel) $(mode-set --get 2>/dev/null)" "15 LOCKDOWN LOCKDOWN"
kill $holder
wait 2>/dev/null
run mode-set airgap
ok "and once there is a lock" is "$status $(kernel) $(published)" "9 LOCKDOWN LOCKDOWN"
ok "the log verifies" verifies

# A request of somebody who died.
spine_again
mkdir -p /run/bnd/request
: >/run/bnd/request/COLDROOM
ok "a stale request is acted on by readers" is "$(mode-set --get)" COLDROOM
run mode-set restricted
ok "a laxer wish than the request is a loosening" status 1
run mode-set coldroom
ok "the next mode-set fulfils it" is "$status $(kernel) $(published)" "0 COLDROOM COLDROOM"

# The log is full, or cannot be written at all.
spine_again
mkdir -p /var/lib/bnd.small
mount -t tmpfs -o size=64k tmpfs /var/lib/bnd.small
cp -a /var/lib/bnd/. /var/lib/bnd.small/
chattr +a /var/lib/bnd.small/log/*.jsonl 2>/dev/null
mount --move /var/lib/bnd.small /var/lib/bnd
dd if=/dev/zero of=/var/lib/bnd/fill bs=1k count=100 2>/dev/null
# What still fits into the last page is logged.
for m in restricted restricted restricted restricted airgap; do
	run mode-set $m
done
ok "a full disk: done, not logged" status 15
ok "and in force" is "$(kernel) $(published)" "AIRGAP AIRGAP"
ok "the floor was written in place" grep -q '^bnd-floor/1 AIRGAP ' /var/lib/bnd/floor
run loosen to "$T" 2 OPEN
ok "nothing loosens that cannot be logged" isnt "$status" 0
ok "and it has not" is "$(kernel) $(published)" "AIRGAP AIRGAP"
# Reboot with the disk still full.
rm -rf /run/bnd
echo OPEN >/run/fake/net
run mode-set --boot
ok "a reboot with an empty /run keeps the mode" is "$(kernel) $(mode-set --get)" "AIRGAP AIRGAP"
rm -f /var/lib/bnd/fill
run mode-set --at-least AIRGAP
run mode-set airgap
ok "space again: logged" status 0
ok "and the floor is cleared" grep -q '^bnd-floor/1 NONE ' /var/lib/bnd/floor
ok "the log verifies" verifies
umount /var/lib/bnd

spine_again
mount --bind /var/lib/bnd /var/lib/bnd
mount -o remount,bind,ro /var/lib/bnd
run mode-set trusted
ok "a read-only /var: done, not logged" status 15
ok "and in force" is "$(kernel) $(published)" "TRUSTED TRUSTED"
ok "which says that a reboot forgets it" like "$err" 'will not survive a reboot'
run mode-set coldroom
ok "once more" is "$status $(kernel)" "15 COLDROOM"
umount /var/lib/bnd
run mode-set coldroom
ok "writable again: logged, what was spooled before it" status 0
ok "all of it on the chain" test "$(grep -c '"late":' $log_file)" -ge 3
ok "the log verifies" verifies
run mode-set --check
ok "and agrees with the state" status 0
run loosen to "$T" 2 OPEN
ok "and a ceremony can go on from there" is "$status $(kernel)" "0 OPEN"

# Configuration that cannot be used.
broken() {
	local what=$1 want=$2
	run mode-set airgap
	ok "$what: tightened all the same" is "$status $(kernel)" "2 AIRGAP"
	ok "$what: and said where" like "$err" "$want"
	run loosen to "$T" 2 OPEN
	ok "$what: nothing is loosened" isnt "$status" 0
	ok "$what: still" is "$(kernel) $(published)" "AIRGAP AIRGAP"
}
spine_again
echo 'floor SHUT' >/etc/bnd/bnd.conf
broken "garbage in bnd.conf" '/etc/bnd/bnd.conf:1:7: unknown mode: "SHUT"'
chmod 0666 /etc/bnd/bnd.conf
broken "bnd.conf of mode 0666" 'mode 0666'
spine_again
mv /etc/bnd/bnd.conf /etc/bnd/other.conf
ln -s other.conf /etc/bnd/bnd.conf
broken "bnd.conf a symlink" 'etc/bnd/bnd.conf'
rm /etc/bnd/bnd.conf
broken "no bnd.conf" 'etc/bnd/bnd.conf'
mkfifo /etc/bnd/bnd.conf
broken "bnd.conf a FIFO" 'not a regular file'

# Descriptors 0 to 2 closed, no terminal, signals ignored by the parent.
spine_again
(exec 0<&- 1>&- 2>&-; setsid mode-set airgap)
ok "descriptors closed and no terminal" is "$? $(kernel)" "0 AIRGAP"
ok "nothing was written into a file that took their place" verifies
bash -c 'trap "" CHLD; exec mode-set coldroom' >/dev/null 2>&1
ok "SIGCHLD ignored by the parent" is "$? $(kernel)" "0 COLDROOM"
(ulimit -n 24; exec mode-set coldroom) >/dev/null 2>&1
ok "few descriptors" is "$? $(kernel)" "0 COLDROOM"
cd /proc/self || exit
run env -i /usr/sbin/mode-set lockdown
ok "no environment" is "$status $(kernel)" "0 LOCKDOWN"
cd "$BND_TREE" || exit
run mode-set open </dev/null
ok "LOCKDOWN is no prompt away from OPEN" status 1

# The state damaged in any way: LOCKDOWN, from every wish.
for wish in open airgap lockdown; do
	for damage in 'rm -f /run/bnd/state' ': >/run/bnd/state' 'chmod 0666 /run/bnd/state' \
	    'sed -i s/AIRGAP/OPEN/g /run/bnd/state' 'truncate -s -1 /run/bnd/state' 'rm -rf /run/bnd'; do
		[[ $(mode-set --get 2>/dev/null) == AIRGAP ]] || { spine_again; mode-set airgap >/dev/null; }
		eval "$damage"
		run mode-set --require OPEN
		ok "$damage: unusable" status 9
		run mode-set $wish
		ok "$damage, then $wish: LOCKDOWN" is "$status $(kernel) $(published)" "9 LOCKDOWN LOCKDOWN"
		ok "$damage, then $wish: the log verifies" verifies
	done
done
tap_done
