#!/bin/bash
# evidence.t: a loosening needs the approvers' signatures, whoever asks how
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

still() {
	is "$(kernel) $(published)" "$1 $1"
}
# A ceremony for MODE with approvals by the approvers named; $id and $T/text.
ceremony() {
	id=$(loosen open "$1" 2>&1 >"$T/text") || { diag "open: $id"; return 1; }
	local n
	for n in "${@:2}"; do
		loosen approve "$id" "$n" "$(loosen sign "$T" "$n" <"$T/text")" || return 1
	done
}
fresh() {
	spine_again "${2:-2}"
	mode-set "$1" >/dev/null
}

# The control: with everything as it should be it works, once.
fresh airgap
ceremony TRUSTED 1
forward 61
run loosen finish "$id" TRUSTED
ok "control: a ceremony that was held" is "$status $out" "0 TRUSTED"
mode-set airgap >/dev/null
run loosen finish "$id" TRUSTED
ok "the same once more" status 13
ok "has changed nothing" still AIRGAP

# Approvals.
fresh coldroom
ceremony AIRGAP
run loosen finish "$id" AIRGAP
ok "0 of 2 approvals: pending" status 12
ok "and nothing else" still COLDROOM
loosen approve "$id" 1 "$(loosen sign "$T" 1 <"$T/text")"
forward 91
run loosen finish "$id" AIRGAP
ok "1 of 2: pending" status 12
loosen approve "$id" 1 "$(loosen sign "$T" 1 <"$T/text")"
run loosen finish "$id" AIRGAP
ok "the same approver twice is one" status 12
run loosen approve "$id" 2 "$(loosen sign "$T" 1 <"$T/text")"
ok "a signature by another key" status 13
ok "is recorded" like "$(last_record)" '"ev":"ceremony.miss"'
sed 's/to AIRGAP/to OPEN/' "$T/text" >"$T/edited"
run loosen approve "$id" 2 "$(loosen sign "$T" 2 <"$T/edited")"
ok "a signature over another text" status 13
run loosen approve "$id" 3 "$(loosen sign "$T" 2 <"$T/text")"
ok "a name nobody has" status 13
ok "still nothing" still COLDROOM
loosen approve "$id" 2 "$(loosen sign "$T" 2 <"$T/text")"
run loosen finish "$id" AIRGAP
ok "2 of 2 but before the cool-down: pending" status 12
ok "with the seconds left" like "$err" '9[01] s left'
run loosen finish "$id" OPEN
ok "another mode than was approved" status 13
run loosen finish 0123456789abcdef AIRGAP
ok "another ceremony than was approved" status 13
run loosen open TRUSTED
ok "a second ceremony beside it" status 13
ok "all the while" still COLDROOM
forward 91
run loosen finish "$id" AIRGAP
ok "control: now it may" is "$status $(kernel)" "0 AIRGAP"
ok "the log verifies" verifies

# Whatever happens meanwhile ends it.
fresh airgap
ceremony TRUSTED 1
forward 61
mode-set airgap >/dev/null
run loosen finish "$id" TRUSTED
ok "the mode was asserted again: another generation" status 13
ceremony TRUSTED 1
forward 61
mode-set --trip tamper >/dev/null
run loosen finish "$id" TRUSTED
ok "LOCKDOWN tripped in the cool-down" isnt "$status" 0
ok "stays" still LOCKDOWN
fresh airgap
ceremony TRUSTED 1
forward 61
mkdir -p /run/bnd/request
: >/run/bnd/request/COLDROOM
run loosen finish "$id" TRUSTED
ok "a stricter mode is requested" isnt "$status" 0
ok "nothing was loosened" is "$(kernel)" AIRGAP
rm /run/bnd/request/COLDROOM
forward 700
run loosen finish "$id" TRUSTED
ok "the window has passed" status 13
ceremony TRUSTED 1
loosen end "$id" cancelled
forward 61
run loosen finish "$id" TRUSTED
ok "cancelled" status 13
ceremony TRUSTED 1
forward 61
run shifted "$BND_BUILD/tests/helper/loosen" finish "$id" TRUSTED
ok "another time namespace" status 14
ok "nothing of it loosened" still AIRGAP
ok "the log verifies" verifies

# bnd.conf can ask for more.
fresh airgap
printf 'need AIRGAP 2\ncooldown AIRGAP 120\n' >/etc/bnd/bnd.conf
ceremony TRUSTED 1
forward 121
run loosen finish "$id" TRUSTED
ok "bnd.conf asks for two" status 12
loosen end "$id" cancelled
: >/etc/bnd/bnd.conf
ceremony TRUSTED 1
forward 61
printf 'cooldown AIRGAP 120\n' >/etc/bnd/bnd.conf
run loosen finish "$id" TRUSTED
ok "bnd.conf asks for more since" status 13
printf 'require_audit yes\n' >/etc/bnd/bnd.conf
if mode-set airgap --json 2>/dev/null | grep -q '"audit":false'; then
	run loosen to "$T" 2 TRUSTED
	ok "require_audit without an audit trail: nothing is loosened" status 1
	run mode-set airgap
	ok "and a tightening says that it is not in the trail" status 15
else
	skip_kernel "require_audit without a trail" "this kernel keeps one"
fi
: >/etc/bnd/bnd.conf
ok "nothing of it loosened" still AIRGAP

# Frozen: nothing is loosened, everything is tightened.
fresh airgap
ceremony TRUSTED 1
forward 61
"$BND_BUILD/tests/helper/forge-state" AIRGAP "clock stepped"
run loosen finish "$id" TRUSTED
ok "frozen: no loosening" status 14
ok "and says why" like "$err" 'clock stepped'
run mode-set coldroom
ok "frozen: tightening works" is "$status $(kernel)" "0 COLDROOM"
ok "and the freeze stays" grep -q '^frozen clock stepped' /run/bnd/state

# A log that is not what was written: no loosening, and LOCKDOWN.
fresh airgap
ceremony TRUSTED 1
forward 61
chattr -a $log_file
sed -i '2s/"from":"OPEN"/"from":"opEN"/' $log_file
sum=$(md5sum <$log_file)
run loosen finish "$id" TRUSTED
ok "a changed log" status 9
ok "is LOCKDOWN" still LOCKDOWN
ok "and not a byte of it was touched" is "$(md5sum <$log_file)" "$sum"
# A state that is not what the log says.
fresh airgap
ceremony TRUSTED 1
forward 61
"$BND_BUILD/tests/helper/forge-state" COLDROOM
run loosen finish "$id" TRUSTED
ok "a forged state" status 9
ok "is LOCKDOWN" still LOCKDOWN
ok "the log verifies" verifies

# One approver: the long cool-down, and it says so.
fresh coldroom 1
ceremony AIRGAP 1
forward 91
run loosen finish "$id" AIRGAP
ok "one approver alone waits longer" status 12
forward 811
run loosen finish "$id" AIRGAP
ok "and gets there" is "$status $(kernel)" "0 AIRGAP"
ok "which the log notes" like "$(chain-verify --json)" SINGLE_APPROVER

# The library called by nobody, and by root without evidence.
fresh airgap
run setpriv --reuid 65534 --regid 65534 --clear-groups "$BND_BUILD/tests/helper/loosen" bare OPEN
ok "nobody" status 10
run loosen bare OPEN
ok "root without evidence" status 1
ok "nothing" still AIRGAP

# Two at once: one wins.
ceremony TRUSTED 1
forward 61
for i in {1..20}; do
	(loosen finish "$id" TRUSTED >/dev/null 2>&1; echo $? >"$T/finish$i") &
done
wait
# Whoever came later found the mode he wanted, and asserted it again.
ok "twenty finishers at once: one loosening" is "$(grep -c '"ev":"mode.intent".*"auth":"'"$id"'"' $log_file)" 1
ok "and none without evidence" not grep -q '"ev":"mode.intent".*"from":"AIRGAP","to":"TRUSTED".*"auth":null' $log_file
ok "the log verifies" verifies
tap_done
