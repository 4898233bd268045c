#!/bin/bash
# tighten-odd.t: a full /run, limits, hung holders: tightened, told truly, no log spoilt
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

# /run takes no more bytes: the state cannot be replaced, a request can be made.
mkdir -p /run/small
mount -t tmpfs -o size=16k,nr_inodes=64 tmpfs /run/small
cp -a /run/bnd/. /run/small/
mount --move /run/small /run/bnd
dd if=/dev/zero of=/run/bnd/fill bs=1k count=100 2>/dev/null
run mode-set restricted
ok "a full /run: tightened, and not exit 0" is "$(kernel) $((status != 0))" "RESTRICTED 1"
ok "readers act on the request" is "$(mode-set --get)" RESTRICTED
run mode-set airgap
ok "once more" is "$(kernel) $(mode-set --get) $((status != 0))" "AIRGAP AIRGAP 1"
rm /run/bnd/fill
run mode-set airgap
ok "space again: done and published" is "$status $(kernel) $(published)" "0 AIRGAP AIRGAP"
ok "the log verifies" verifies
run mode-set --check
ok "and agrees with the state" status 0
umount /run/bnd

# An enforcer that fails while the lock's holder hangs.
spine_again
"$BND_BUILD/tests/helper/hold" /run/bnd/lock &
holder=$!
sleep 0.2
fault "fail AIRGAP"
run mode-set airgap
kill $holder
wait 2>/dev/null
fault
ok "escalated without the lock" is "$status $(kernel)" "17 LOCKDOWN"
ok "boot will know" grep -q '^bnd-floor/1 LOCKDOWN ' /var/lib/bnd/floor
rm -rf /run/bnd
echo OPEN >/run/fake/net
run mode-set --boot
ok "and does" is "$(kernel) $(mode-set --get)" "LOCKDOWN LOCKDOWN"

# What cannot be shown to be in force is not printed as if it were.
spine_again
fault fail
run mode-set airgap
ok "no mode is printed that was not read back" is "$status $out" "18 "
run mode-set lockdown --json
ok "nor in JSON" like "$out" '^\{"exit":18,"from":"[A-Z]*","mode":null,'
run mode-set --check
ok "nor after a check" unlike "$out" 'is in force now'
fault

# Limits inherited from whoever called.
for limit in '-S -f 0' '-S -f 1' '-S -n 4' '-S -n 8' '-S -v 30000' '-S -t 1' '-u 1'; do
	spine_again
	# shellcheck disable=SC2086
	run bash -c "ulimit $limit && exec mode-set airgap"
	ok "ulimit $limit: done" is "$status $(kernel) $(published)" "0 AIRGAP AIRGAP"
	ok "ulimit $limit: the log verifies" verifies
done
# Neither the log nor the spool takes a record: the state may not run ahead.
spine_again
mount --bind /var/lib/bnd/log /var/lib/bnd/log
mount -o remount,bind,ro /var/lib/bnd/log
mkdir /run/bnd/spool
run mode-set restricted
ok "recorded nowhere: tightened" is "$status $(kernel) $(mode-set --get)" "15 RESTRICTED RESTRICTED"
run mode-set coldroom
ok "twice" is "$status $(kernel) $(mode-set --get)" "15 COLDROOM COLDROOM"
rmdir /run/bnd/spool
umount /var/lib/bnd/log
run mode-set coldroom
ok "then recorded" is "$status $(kernel) $(published)" "0 COLDROOM COLDROOM"
ok "the log verifies" verifies
spine_again
mkdir /run/bnd/spool
"$BND_BUILD/tests/helper/hold" /var/lib/bnd/log/lock &
holder=$!
sleep 0.2
echo 1 >/run/fake/pause
mode-set airgap >/dev/null 2>&1 &
sleep 0.8
kill $holder
rmdir /run/bnd/spool
wait
rm /run/fake/pause
ok "an intent lost, the commit not: tightened" is "$(kernel) $(mode-set --get)" "AIRGAP AIRGAP"
run mode-set airgap
ok "the log verifies" verifies

# From another time namespace: what is recorded would lie in the future.
spine_again
run shifted mode-set airgap
ok "a shifted boot clock: tightened, not logged" is "$status $(kernel) $(mode-set --get)" "15 AIRGAP AIRGAP"
ok "no record" is "$(wc -l <$log_file)" 1
run mode-set airgap
ok "recorded by the next" is "$status $(published)" "0 AIRGAP"
ok "the log verifies" verifies
run mode-set --check
ok "and agrees with the state" status 0

# A log cut back to laxer times, with a head that cannot contradict it.
for spoil in 'head -c 8192 /dev/urandom >"$head"' 'rm "$head"; mkfifo "$head"' \
    'rm "$head"; ln -s /dev/null "$head"' 'rm "$head"' ': >"$head"' 'rm "$head"; mkdir "$head"'; do
	spine_again
	mode-set airgap >/dev/null
	# shellcheck disable=SC2034 # the spoiler names it
	head=/var/lib/bnd/log/head
	chattr -a $log_file 2>/dev/null
	sed -i 2,\$d $log_file
	chattr +a $log_file 2>/dev/null
	eval "$spoil"
	ok "the attack: one record is left" is "$(wc -l <$log_file)" 1
	rm -rf /run/bnd
	echo OPEN >/run/fake/net
	mode-set --boot >/dev/null 2>&1
	ok "${spoil#* }: boot is LOCKDOWN" is "$(kernel) $(mode-set --get)" "LOCKDOWN LOCKDOWN"
done

# A state edited by hand, beside a log that is made to look merely untidy.
spine_again
mode-set airgap >/dev/null
"$BND_BUILD/tests/helper/forge-state" OPEN 2>/dev/null || bail "cannot forge a state"
chmod 0644 /var/lib/bnd/log/head
mode-set --check >/dev/null 2>&1
ok "a forged state is found in an untidy log" is "$(kernel) $(mode-set --get)" "LOCKDOWN LOCKDOWN"

# What an administrator has set tighter by hand, no tightening takes back.
spine_again
knob=/proc/sys/kernel/perf_event_paranoid
echo 1 >$knob
mode-set restricted >/dev/null
ok "a knob is set" is "$(cat $knob)" 2
echo 4 >$knob
mode-set airgap >/dev/null
ok "a tightening leaves a stricter value" is "$(cat $knob)" 4
loosen to "$T" 2 OPEN >/dev/null 2>&1
ok "a loosening to OPEN restores what was found" is "$(mode-set --get) $(cat $knob)" "OPEN 1"

# A check that is overtaken by an approved loosening sees no attack in it.
spine_again
mode-set airgap >/dev/null
echo 1 >/run/fake/look
mode-set --check >"$T/check" 2>&1 &
sleep 0.3
loosen to "$T" 2 OPEN >/dev/null 2>&1
rm /run/fake/look
wait
ok "the loosening stands" is "$(kernel) $(mode-set --get)" "OPEN OPEN"
ok "no deviation was seen" unlike "$(cat "$T/check")" deviation

# A sync that fails with its record in the log, at every step of a loosening.
command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || skip_all "no strace"
for k in 1 2 3 4 5 6; do
	spine_again
	mode-set coldroom >/dev/null
	id=$(loosen open AIRGAP 2>&1 >"$T/text")
	loosen approve "$id" 1 "$(loosen sign "$T" 1 <"$T/text")"
	loosen approve "$id" 2 "$(loosen sign "$T" 2 <"$T/text")"
	echo 91 >/run/.bnd-test-clock
	run strace -o /dev/null -e trace=fdatasync -e "inject=fdatasync:error=EIO:when=$k" \
	    "$BND_BUILD/tests/helper/loosen" finish "$id" AIRGAP
	((status != 0)) || break
	ok "sync $k: not loosened" is "$(kernel) $(mode-set --get)" "COLDROOM COLDROOM"
	ok "sync $k: a mark that stops every append" test -e /run/bnd/degraded
	mode-set --check >/dev/null 2>&1
	ok "sync $k: gone once the log was verified" not test -e /run/bnd/degraded
	mode-set coldroom >/dev/null 2>&1
	run mode-set coldroom
	ok "sync $k: then all is logged" is "$status $(kernel) $(published)" "0 COLDROOM COLDROOM"
	ok "sync $k: the log verifies" verifies
	run mode-set --check
	ok "sync $k: and agrees" status 0
	run loosen to "$T" 2 AIRGAP
	ok "sync $k: and a ceremony gets there" is "$status $(kernel)" "0 AIRGAP"
done
ok "at four places" test $k -ge 4
tap_done
