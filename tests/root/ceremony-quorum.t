#!/bin/bash
# ceremony-quorum.t: persons count, not keys; and who becomes one is for the others to say
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../ceremony.sh"

have() {
	ceremony show --json | grep -oE '"have":[0-9]+' | cut -d: -f2
}
try() {
	signed "$1" | ceremony approve -n "$2" -s - "$id"
}
# What is not counted leaves the count and the mode as they are.
not_counted() {
	ok "$1" is "$status $(have) $(kernel)" "$2 ${3:-1} COLDROOM"
}
by='alice bob'

# ---- two persons, three keys ----
people alice bob
run let_in alice2 --person alice
ok "control: a second key of alice is let in by two" status 0
mode-set coldroom >/dev/null
asked request airgap
run try alice alice
ok "one of two" is "$status $(have)" "0 1"
run try alice alice
not_counted "XB-12 the same key twice" 0
run try alice2 alice2
not_counted "XB-12 another key of the same person" 0
run try alice bob
not_counted "XB-12 one key under another's name" 13
run try alice2 bob
not_counted "XB-12 and her other one" 13
run try alice nobody
not_counted "XB-12 a name nobody has" 13
ok "recorded, without a key" like "$(last_record)" '"ev":"ceremony.miss".*"key":null'
run mode-set --ceremony "$id" airgap
not_counted "XB-11 one of two persons, with three signatures: pending" 12
forward 91
run mode-set --ceremony "$id" airgap
not_counted "XB-11 however long one waits" 12
run try bob bob
ok "control: the other person" is "$status $(have)" "0 2"
forward 91
run mode-set --ceremony "$id" airgap
ok "control: two persons" is "$status $(kernel)" "0 AIRGAP"
ok "the log names both" like "$(chain-verify --approvals)" 'COLDROOM.*AIRGAP.*alice.*bob'

# A key under two names, or a name for two keys, is never enrolled.
cp "$K/alice.pub" "$K/mallory.pub"
cp "$K/alice.key" "$K/mallory.key"
run let_in mallory
ok "XB-12 one key under two names: 1" status 1
ok "and told why before anybody approves" like "$out" "was enrolled before"
cp "$K/bob.key" "$K/kept.key"; cp "$K/bob.pub" "$K/kept.pub"
rm "$K/bob.key" "$K/bob.pub"
run let_in bob
ok "another key under a live name: 1" status 1
mv "$K/kept.key" "$K/bob.key"; mv "$K/kept.pub" "$K/bob.pub"
run ceremony show
ok "nothing was opened for any of that" status 1

# ---- enrolment ----
proved carol
sed 's/^./A/;s/^A\(.\)/B\1/' "$T/carol.pop" >"$T/bad.pop"
run ceremony enroll carol --kind raw --key "$K/carol.pub" --sig "$T/bad.pop"
ok "a broken proof: refused" isnt "$status" 0
key dave
run ceremony enroll carol --kind raw --key "$K/dave.pub" --sig "$T/carol.pop"
ok "a mistyped key, another's proof: 1" is "$status" 1
run ceremony enroll carol --kind raw --key "$K/carol.pub" --person alice --sig "$T/carol.pop"
ok "another person than was proved: 1" is "$status" 1
run ceremony enroll carol --kind raw --key "$K/carol.pub"
ok "without a proof it is only a text" is "$status $(head -n 1 <<<"$out")" "0 bnd-enroll/1"
ok "nothing is opened" not ceremony show
asked enroll carol --kind raw --key "$K/carol.pub" --sig "$T/carol.pop"
forward 91
run ceremony enroll --finish "$id"
ok "XB-12 enrolled by root alone: 12" is "$status $(ceremony list | grep -c carol)" "12 0"
run try carol carol
ok "by the key itself: 13" status 13
yes_by alice
run try alice2 alice2
forward 91
run ceremony enroll --finish "$id"
ok "by two keys of one person: 12" is "$status $(ceremony list | grep -c carol)" "12 0"
run ceremony revoke --finish "$id"
ok "used for something else: 13" status 13
run ceremony drill --finish "$id"
ok "or as a drill: 13" status 13
run mode-set --ceremony "$id" open
ok "or for a loosening: 13" status 13
yes_by bob
forward 91
run ceremony enroll --finish "$id"
ok "control: by two persons" is "$status $(ceremony list | grep -c carol)" "0 1"

# Enrolled after the opening: another set of approvers, another ceremony.
asked request trusted
before=$id
cp "$T/text" "$T/before"
ceremony cancel "$id"
run let_in dave
ok "dave is in" status 0
asked request trusted
run bash -c "ceremony sign -k $K/dave.key $T/before 2>/dev/null | ceremony approve -n dave -s - $before"
ok "a key enrolled after the opening, for what was asked before: 13" status 13
ceremony cancel "$id"

# Nine keys.
for n in e1 e2 e3; do let_in "$n" >/dev/null 2>&1 || diag "$n $(cat "$T/asked.err")"; done
ok "eight live keys" is "$(ceremony list | grep -c raw)" 8
run let_in e4
ok "a ninth: 1" is "$status $(ceremony list | grep -c raw)" "1 8"
ok "and told why" like "$out" "8 live ones at most"

# k > n: bnd.conf asks for more than there are.
printf 'need AIRGAP 8\n' >/etc/bnd/bnd.conf
run ceremony request trusted
ok "more persons than there are: 1, at the opening" status 1
ok "and the rule is named" like "$err" "bnd.conf asks for 8 persons, 7 can approve"
printf 'need AIRGAP 3\ncooldown COLDROOM 120\n' >/etc/bnd/bnd.conf
asked request trusted
yes_by alice bob
forward 61
run mode-set --ceremony "$id" trusted
ok "bnd.conf asks for three: 12" is "$status $(kernel)" "12 AIRGAP"
ceremony cancel "$id"
asked revoke e3
ok "and for the top tier whatever it asks for any mode" is \
    "$(grep -E '^(need|cooldown)' "$T/text" | xargs)" "need 3 cooldown 120"
yes_by alice bob
run ceremony revoke --finish "$id"
ok "revoked by two where three are asked for: 12" status 12
printf 'kinds LOCKDOWN offline\n' >/etc/bnd/bnd.conf
yes_by carol
forward 121
run ceremony revoke --finish "$id"
ok "bnd.conf asks for more since: 13" is "$status $(ceremony list | grep -c raw)" "13 8"
: >/etc/bnd/bnd.conf
run ceremony revoke --finish "$id"
ok "control: and without that it is done" is "$status $(ceremony list | grep -c raw)" "0 7"

# ---- revocation ----
asked revoke e2
yes_by e2
run ceremony revoke --finish "$id"
ok "a key gives itself up alone, at once" is "$status $(ceremony list | grep -c raw)" "0 6"
run ceremony revoke e2
ok "revoked again: 2" is "$status" 2
run let_in e2
ok "and never enrolled again: 1" status 1
asked revoke e1
yes_by alice
forward 91
run ceremony revoke --finish "$id"
ok "another's key on one signature: 12" is "$status $(ceremony list | grep -c raw)" "12 6"
ceremony cancel "$id"
asked revoke e1 --alone
ok "alone takes a day" is "$(grep -E '^(need|cooldown)' "$T/text" | xargs)" "need 1 cooldown 86400"
yes_by alice
forward 86000
run ceremony revoke --finish "$id"
ok "less than a day: 12" is "$status $(ceremony list | grep -c raw)" "12 6"
forward 401
run ceremony revoke --finish "$id"
ok "control: a day later" is "$status $(ceremony list | grep -c raw)" "0 5"
ok "and the log notes it" like "$(chain-verify --json)" SINGLE_APPROVER
printf 'need COLDROOM 2\n' >/etc/bnd/bnd.conf
run ceremony revoke dave --alone
ok "bnd.conf can forbid that: 1" status 1
: >/etc/bnd/bnd.conf

# Emptying the set.
for n in dave carol alice2 alice; do
	asked revoke "$n" && yes_by "$n" && ceremony revoke --finish "$id"
done
run ceremony revoke bob
ok "the last key: 1" is "$status $(ceremony list | grep -c raw)" "1 1"
ok "all of it verifies" verifies

# ---- one person ----
people alice
mode-set coldroom >/dev/null
asked request airgap
ok "one person: the long cool-down" is "$(grep -E '^(need|cooldown)' "$T/text" | xargs)" "need 1 cooldown 900"
yes_by alice
forward 91
run mode-set --ceremony "$id" airgap
ok "after 90 s: 12" is "$status $(kernel)" "12 COLDROOM"
forward 811
run mode-set --ceremony "$id" airgap
ok "after 900 s" is "$status $(kernel)" "0 AIRGAP"
by=alice wait=901
run let_in alice2 --person alice
ok "a second key of the same person" status 0
mode-set coldroom >/dev/null
asked request airgap
ok "is no second person" is "$(grep -E '^(need|cooldown)' "$T/text" | xargs)" "need 1 cooldown 900"
ok "all of it verifies" verifies
tap_done
