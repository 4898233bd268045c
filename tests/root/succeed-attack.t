#!/bin/bash
# succeed-attack.t: what root tries with a succession, and what he gets
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../succeed.sh"
spine_up
nascent=/var/lib/bnd/succession

usurp() {
	"$BND_BUILD/tests/helper/usurp" "$@"
}
# A host in AIRGAP whose log was cut, in LOCKDOWN.
broken() {
	spine_again "${1:-2}"
	mode-set airgap >/dev/null
	damage cut_back
	mode-set --check >/dev/null 2>&1
	still_locked || bail "no LOCKDOWN to begin with"
}
by_hand() {
	mv $dir /var/lib/bnd/log.mine
	mv $nascent$dir $dir
	cp $nascent$pin $pin
}

# While the log verifies.
spine_again
mode-set lockdown >/dev/null
sum=$(sha256sum <$log_file)
run chain-keep succeed
ok "a log that verifies is not succeeded" status 1
ok "not a byte of it is changed" is "$(sha256sum <$log_file)" "$sum"
ok "and nothing is begun" not test -e $nascent
free_log
chmod 0644 $log_file
run chain-keep succeed
ok "nor one that only has a wrong mode" status 1
chmod 0600 $log_file
truncate -s -1 $log_file
run chain-verify
ok "control: cut by a byte it does not verify" not status 0
run chain-keep succeed
ok "but then it is" status 0
printf '\n' >>$log_file
run chain-keep succeed --ceremony "$(sed -n 's/.*--ceremony //p' <<<"$err")"
ok "unless it is put right before" status 1

# Without LOCKDOWN in force.
spine_again
damage cut_back
run chain-keep succeed
ok "refused while LOCKDOWN is not in force" is "$status" 1
ok "and said so" like "$err" 'LOCKDOWN is not in force'
rm -rf /run/bnd
run chain-keep succeed
ok "no state is no LOCKDOWN that anybody has seen in force" status 1

# Nobody's approval.
broken
ok "begun" begin
forward 91
run chain-keep succeed --ceremony "$id"
ok "a cool-down without a quorum is none" status 12
ok "one approves" approve 1
ok "and again" approve 1
forward 91
run chain-keep succeed --ceremony "$id"
ok "one person twice is one" status 12
run loosen approve "$id" 2 "$(loosen sign "$T" 1 <"$T/text")"
ok "in another's name" status 13
run chain-keep succeed --ceremony 0123456789abcdef
ok "another ceremony" status 13
run loosen to "$T" 2 COLDROOM
ok "no loosening on the successor" not status 0
by_hand
run chain-verify
ok "taken into its place by hand: TAMPERED" status 1
ok "because nobody has approved it" like "$err" 'UNAPPROVED'
run chain-verify --pin "$pin_kept"
ok "and FORKED to who has the old pin" status 4
run mode-set --check
ok "it stays LOCKDOWN" still_locked
run loosen to "$T" 2 COLDROOM
ok "which is not left" not status 0
ok "still" still_locked

# Too late.
broken
ok "begun" begin
ok "approved by both" approve 1 2
forward 800
run chain-keep succeed --ceremony "$id"
ok "after its window" status 13
first=$id
run chain-keep succeed
ok "another ceremony is opened" is "$status" 0
cp "$T/text" "$T/first"
ok "on the same successor" begin
ok "of another id" not is "$id" "$first"
run loosen approve "$id" 1 "$(loosen sign "$T" 1 <"$T/first")"
ok "to which the first one's signatures are nothing" status 13

# In time.
broken
ok "begun" begin
ok "approved by both" approve 1 2
forward 91
run chain-keep succeed --ceremony "$id"
ok "control: done in time" status 0

# Approvers of root's choice.
broken
usurp make "$T" OPEN || bail "cannot usurp"
id=$(usurp open 2>&1 >"$T/text")
ok "his own key approves" loosen approve "$id" 9 "$(loosen sign "$T" 9 <"$T/text")"
forward 901
run chain-keep succeed --ceremony "$id"
ok "a successor with his approver is refused" status 9
ok "and says why" like "$err" 'no live approver|laxer|LOCKDOWN from OPEN'
ok "still LOCKDOWN" still_locked
ok "control: the library alone would write it" usurp succeed "$id"
run chain-keep succeed --ceremony "$id"
ok "and approved so it is refused as well" status 9
cp -a $dir "$T/old-log"
by_hand
run chain-verify
ok "in place by hand, with its own pin: nothing of the host can tell" status 0
run chain-verify --previous "$T/old-log"
ok "the old log does" status 1
run chain-verify --pin "$pin_kept"
ok "the old pin: FORKED" status 4
run chain-verify --pin "$pin_kept" --previous "$T/old-log"
ok "and no succession" status 4

# A laxer mode, the right approvers.
broken
usurp make "$T" OPEN keep
ok "begun anew over it" begin
ok "root's is put aside" test -e $nascent.void-*
ok "both approve the rightful one" approve 1 2
forward 91
run chain-keep succeed --ceremony "$id"
ok "done" status 0
old=$(echo /var/lib/bnd/log.old-*)
run chain-verify --pin "$pin_kept" --previous "$old"
ok "the old pin with the old log: PARTIAL, a rightful successor" is "$status" 5
ok "and named so" like "$err" 'SUCCESSION'
run chain-verify --previous "$old"
ok "the new pin: VERIFIED" status 0
ok "the old pin was kept" cmp /etc/bnd/log.pin.old-* "$pin_kept"
ok "everybody's to read" is "$(stat -c %a $pin)" 644

# Once more.
cp -a $dir "$T/second"
chattr -R -f -a /var/lib/bnd
rm -rf $dir
cp -a "$old" $dir
cp "$pin_kept" $pin
mode-set --check >/dev/null 2>&1
run chain-keep succeed
ok "a second succession from the same log is refused" status 1
ok "it was succeeded before" like "$err" 'succeeded before'

# Traps in its place.
broken
mkdir -m 0777 "$T/trap"
ln -s "$T/trap" $nascent
run chain-keep succeed
ok "a link in its place" not status 0
ok "is not followed" is "$(ls -A "$T/trap")" ""
rm $nascent
mkdir -m 0777 $nascent
chmod 0777 $nascent
run chain-keep succeed
ok "a directory of everybody's" status 8
rmdir $nascent
mkfifo $nascent
run chain-keep succeed
ok "a FIFO" not status 0
rm $nascent
mkdir -m 0700 $nascent
ok "an empty one is put aside" begin
ok "still LOCKDOWN" still_locked

# What is spooled against the old log is none of the new one's.
broken
mode-set lockdown >/dev/null 2>&1
ok "control: the spool holds records of the old log" test -s /run/bnd/spool
begin && approve 1 2
forward 91
run chain-keep succeed --ceremony "$id"
ok "done" status 0
ok "they are kept beside it" test -s /var/lib/bnd/spool.old-*
ok "and not on it" verifies

# One approver only.
broken 1
ok "begun" begin
ok "approved" approve 1
forward 91
run chain-keep succeed --ceremony "$id"
ok "90 s are not enough for one person" status 12
forward 810
run chain-keep succeed --ceremony "$id"
ok "15 minutes are" status 0
run chain-verify
ok "and noted" like "$err" 'SINGLE_APPROVER'

# A disk that was only read-only.
spine_again
mode-set airgap >/dev/null
mount --bind /var/lib/bnd /var/lib/bnd && mount -o remount,bind,ro /var/lib/bnd || bail "cannot mount"
run mode-set lockdown
ok "read-only /var: LOCKDOWN, not logged" status 15
run chain-keep succeed
ok "no succession" status 1
run loosen to "$T" 2 AIRGAP
ok "and no ceremony" not status 0
ok "still LOCKDOWN" still_locked
umount /var/lib/bnd
run mode-set --check
run chain-keep succeed
ok "writable again: none is needed" status 1
run loosen to "$T" 2 AIRGAP
ok "an ordinary ceremony does" is "$status $out" "0 AIRGAP"
ok "and the log verifies" verifies

# Only the state is lost.
rm -rf /run/bnd
run mode-set --get
ok "no state: 9" is "$status $out" "9 LOCKDOWN"
run chain-keep succeed
ok "no succession" status 1
run mode-set lockdown
run loosen to "$T" 2 AIRGAP
ok "an ordinary ceremony does" is "$status $out" "0 AIRGAP"
tap_done
