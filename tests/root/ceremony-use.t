#!/bin/bash
# ceremony-use.t: one ceremony is one loosening, of this host, as it was then
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../ceremony.sh"

# approved MODE: everything held for it, cool-down passed
approved() {
	asked request "$1" && yes_by alice bob && forward 91
}
# What is refused has changed nothing; $1 is what it is, $2 the exit status.
refused() {
	ok "$1: $2" status "$2"
	ok "$1: nothing has changed" still "${3:-COLDROOM}"
}

# ---- single use ----
people alice bob
mode-set coldroom >/dev/null
approved airgap
run mode-set --ceremony "$id" airgap
ok "control: what was held works" is "$status $(kernel)" "0 AIRGAP"
first=$id
cp "$T/text" "$T/text.first"
signed alice >"$T/alice.first"
signed bob >"$T/bob.first"
run mode-set --ceremony "$first" airgap
refused "replayed after its commit" 13 AIRGAP
mode-set coldroom >/dev/null
run mode-set --ceremony "$first" airgap
refused "replayed after a tightening" 13

asked request airgap
run ceremony approve -n alice -s "$T/alice.first" "$id"
refused "approval of an earlier challenge" 13
run ceremony approve -n bob -s "$T/bob.first" "$id"
refused "and the other one" 13
forward 91
run mode-set --ceremony "$id" airgap
refused "finished with those" 12
ceremony cancel "$id"

# 50 at once: one loosening, whoever it is.
mode-set coldroom >/dev/null
approved airgap
for i in {1..50}; do
	(mode-set --ceremony "$id" airgap >/dev/null 2>&1; echo $? >"$T/rc.$i") &
done
wait
ok "S0-63 50 parallel uses: exactly one succeeds" is "$(cat "$T"/rc.* | grep -cx 0)" 1
ok "S0-63 one intent, one commit of it" is \
    "$(grep -c '"ev":"mode.intent".*"auth":"'"$id"'"' $log_file) $(grep -c '"ev":"mode.commit".*"from":"COLDROOM","to":"AIRGAP"' $log_file)" "1 2"
ok "S0-63 and the kernel is in it" still AIRGAP
ok "the log verifies" verifies

# 20 approvals at once, of two persons: two, and nothing is lost.
mode-set coldroom >/dev/null
asked request airgap
signed alice >"$T/a.sig"
signed bob >"$T/b.sig"
for i in {1..10}; do
	ceremony approve -n alice -s "$T/a.sig" "$id" >/dev/null 2>&1 &
	ceremony approve -n bob -s "$T/b.sig" "$id" >/dev/null 2>&1 &
done
wait
ok "20 approvals at once count twice" like "$(ceremony show --json)" '"have":2,"need":2'
ok "and stand on the log once each" is "$(grep -c '"ev":"ceremony.approve".*"open":"'"$id"'"' $log_file)" 2
ceremony cancel "$id"

# Two that open at once: one stands.
for i in {1..8}; do
	(ceremony request airgap >/dev/null 2>&1; echo $? >"$T/rc.$i") &
done
wait
ok "8 requests at once: one is open" is "$(cat "$T"/rc.{1..8} | grep -cx 0)" 1
ok "the log verifies" verifies

# ---- binding ----
people alice bob
mode-set coldroom >/dev/null
asked request airgap
control=$(signed alice)
for edit in s/'to AIRGAP'/'to OPEN'/ s/'from COLDROOM'/'from LOCKDOWN'/ 's/^gen .*/gen 99/' \
    's/^boot ./boot 0/;t' 's/^need 2/need 1/' 's/^cooldown 90/cooldown 91/' 's/^reason -/reason other/' \
    's/^opened /opened 1/' 's/^log ..../log AAAA/' 's/uid=0/uid=1/'; do
	sed -E "$edit" "$T/text" >"$T/edited"
	cmp -s "$T/text" "$T/edited" && continue
	sig=$(signed alice "$T/edited")
	[[ $sig ]] || { diag "not even signed: $edit"; continue; }
	run ceremony approve -n alice -s - "$id" <<<"$sig"
	ok "T edited ($edit): its signature is refused" is "$status $(ceremony show --json | grep -o '"have":.')" '13 "have":0'
done
run ceremony approve -n alice -s - "$id" <<<"$control"
ok "control: that of T itself counts" is "$status $(ceremony show --json | grep -o '"have":.')" '0 "have":1'
yes_by bob
forward 91
run mode-set --ceremony "$id" open
refused "used for another mode" 13
run mode-set --ceremony "$id" trusted
refused "used for another mode between" 13
run mode-set --ceremony 0123456789abcdef airgap
refused "another id" 13
run mode-set --ceremony "$id" airgap
ok "control: it was good" is "$status $(kernel)" "0 AIRGAP"

# Held to leave LOCKDOWN, used to leave AIRGAP.
mode-set lockdown >/dev/null
approved airgap
mode-set --at-least lockdown >/dev/null
run mode-set --ceremony "$id" trusted
refused "held for LOCKDOWN to AIRGAP, used for TRUSTED" 1 LOCKDOWN
run mode-set --ceremony "$id" airgap
ok "control: LOCKDOWN to AIRGAP" is "$status $(kernel)" "0 AIRGAP"
run mode-set --ceremony "$id" trusted
refused "and then to leave AIRGAP" 13 AIRGAP
run ceremony request airgap
ok "a mode that is no laxer needs none: 2" status 2
mode-set lockdown >/dev/null
run ceremony request trusted
refused "LOCKDOWN to laxer than it was entered from, at the opening" 1 LOCKDOWN
ok "and says the rule" like "$err" "entered from AIRGAP"

# ---- what comes between ----
people alice bob
mode-set coldroom >/dev/null
approved airgap
mode-set coldroom >/dev/null
run mode-set --ceremony "$id" airgap
refused "the mode was asserted again" 13
approved airgap
mode-set --trip tamper >/dev/null
run mode-set --ceremony "$id" airgap
refused "XB-15 LOCKDOWN tripped in the cool-down" 1 LOCKDOWN
run ceremony show
ok "and nothing stands open any more" status 1
approved coldroom
mode-set --at-least lockdown >/dev/null
run mode-set --ceremony "$id" coldroom
ok "control: what asserts nothing new ends nothing" is "$status $(kernel)" "0 COLDROOM"

approved airgap
forward 601
run mode-set --ceremony "$id" airgap
refused "after its window" 13
run ceremony show
ok "show says that it has run out" like "$out" "run out"
run ceremony request airgap
ok "control: a new one takes its place" status 0
ok "and the old one's end is on the log" grep -q '"ev":"ceremony.end".*"open":"'"$id"'","why":"expired"' $log_file
id=$out
ceremony show --text >"$T/text"
yes_by alice
forward 601
signed bob >"$T/late"
run ceremony approve -n bob -s "$T/late" "$id"
refused "an approval after ten minutes" 13
ok "ended as expired" like "$(last_record)" '"ev":"ceremony.end".*"why":"expired"'
run mode-set --ceremony "$id" airgap
refused "and finished with one of two" 13

asked request airgap
yes_by alice bob
run mode-set --ceremony "$id" airgap
refused "too early" 12
forward 88
run mode-set --ceremony "$id" airgap
refused "a moment too early" 12
run ceremony request airgap
ok "another beside it: 13" status 13
ok "which says how to end it" like "$err" "ceremony cancel $id"
run ceremony cancel "$id"
forward 10
run mode-set --ceremony "$id" airgap
refused "cancelled" 13

# ---- the clock ----
approved airgap
n=$(records ceremony.open)
if shifted true; then
	run shifted mode-set --ceremony "$id" airgap
	refused "XB-16 finished in another time namespace" 14
	run shifted ceremony show
	ok "shown there: 14" status 14
	ceremony cancel "$id"
	run shifted ceremony request airgap
	refused "XB-16 asked for there" 14
	ok "and nothing is on the log" is "$(records ceremony.open)" "$n"
	asked request airgap
	signed alice >"$T/a.sig"
	run shifted ceremony approve -n alice -s "$T/a.sig" "$id"
	refused "XB-16 approved there" 14
	run ceremony approve -n alice -s "$T/a.sig" "$id"
	ok "control: outside that approval counts" is "$status" 0
else
	skip_kernel "XB-16 another time namespace" "this kernel has none"
fi
ceremony cancel "$id"

# ---- what waits in the spool comes first ----
# A tightening that could not be logged in time stands in the spool: a ceremony asked for, approved or
# cancelled after it must not claim the mode before it.
spooled_in() {
	"$BND_BUILD/tests/helper/hold" /var/lib/bnd/log/lock &
	local holder=$!
	sleep 0.3
	run mode-set "$1"
	kill $holder
	wait $holder 2>/dev/null
}
people alice bob
mode-set airgap >/dev/null
spooled_in coldroom
ok "control: tightened with the log held: not logged" is "$status $(kernel)" "15 COLDROOM"
rm "$T/text"
ok "what is asked next" asked request airgap
ok "is asked of that mode" grep -qx 'from COLDROOM' "$T/text"
ok "and the log verifies" verifies
yes_by alice
signed bob >"$T/b.sig"
spooled_in coldroom
run ceremony approve -n bob -s "$T/b.sig" "$id"
ok "asserted again meanwhile: the approval is refused" is "$status $(kernel)" "13 COLDROOM"
run ceremony cancel "$id"
ok "there is nothing to cancel" status 13
ok "and the log verifies" verifies

# ---- the log and the state below it ----
rm -f /run/bnd/state
run ceremony request airgap
ok "no state: nothing is asked, 9" status 9
mode-set --check >/dev/null 2>&1
ok "which is LOCKDOWN then" still LOCKDOWN
chattr -a $log_file 2>/dev/null
sed -i '2s/"to":"COLDROOM"/"to":"coldroom"/' $log_file
sum=$(md5sum <$log_file)
run ceremony request coldroom
ok "a log that does not verify: 9" status 9
ok "and not a byte was added" is "$(md5sum <$log_file)" "$sum"
tap_done
