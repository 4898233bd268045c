#!/bin/bash
# ceremony-flow.t: enrol, approve, loosen, revoke, refused: by the shipped tools alone
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../ceremony.sh"
people alice bob

run ceremony list
ok "list" is "$status" 0
ok "names who may" like "$out" "alice +raw +alice +[0-9a-f]{16}"
ok "each of them" is "$(wc -l <<<"$out")" 3
run ceremony show
ok "nothing stands open: 1" status 1

# One loosening.
mode-set coldroom >/dev/null
run ceremony request airgap --reason "usb backup"
id=$out
ok "request" is "$status" 0
ok "prints an id" like "$id" '^[0-9a-f]{16}$'
ok "and says what comes next" like "$err" "ceremony approve $id"
ok "and how it is finished" like "$err" "mode-set --ceremony $id AIRGAP"
run ceremony show
ok "show" status 0
ok "says what is asked" like "$out" "loosen COLDROOM to AIRGAP"
ok "and why" like "$out" "usb backup"
ok "and what is missing" like "$out" "0 of 2 persons have approved; (600|59[0-9]) s left"
run ceremony show --json
ok "show --json" like "$out" '"open":true,"id":"'"$id"'","action":"loosen","phase":"approvals","have":0,"need":2'
ceremony show --text >"$T/text"
ok "show --text is the text" is "$(head -n 1 "$T/text")" bnd-ceremony/1
ok "every byte of what stands on the log" is "$(grep -o '"ev":"ceremony.open".*' $log_file | grep -c "$(tail -n 1 "$T/text")")" 1
run mode-set --ceremony "$id" airgap
ok "XB-11 finished with 0 of 2: 12" status 12
ok "with the seconds that are left" like "$err" '0 of 2 persons have approved; [0-9]+ s left'
signed alice >"$T/alice.sig"
run ceremony approve --name alice --sig "$T/alice.sig" "$id"
ok "alice approves, by a file" status 0
ok "and one is missing" like "$out" "1 of 2 persons"
run mode-set --ceremony "$id" airgap
ok "XB-11 finished with 1 of 2: 12" status 12
ok "nothing has changed" still COLDROOM
run bash -c "ceremony sign -k $K/bob.key $T/text 2>/dev/null | ceremony approve -n bob -s - --json $id"
ok "bob approves, from a pipe" status 0
ok "said in JSON" like "$out" '"phase":"cooldown","have":2,"need":2,"cooldown_s":(90|89)'
run mode-set --ceremony "$id" airgap
ok "finished in the cool-down: 12" status 12
ok "with the seconds" like "$err" '(90|89|88) s left'
forward 91
run ceremony show
ok "it is ripe" like "$out" "within [0-9]+ s: mode-set --ceremony $id AIRGAP"
run mode-set --ceremony "$id" airgap
ok "finished" is "$status $out" "0 AIRGAP"
ok "the kernel is in it" still AIRGAP
run ceremony show
ok "used, it stands open no more" status 1
run mode-set --ceremony "$id" airgap
ok "used again: 13" status 13

# Enrol carol: her key proves itself, the others let her in.
key carol
run ceremony enroll carol --kind raw --key "$K/carol.pub"
ok "enroll prints what the new key has to sign" is "$status $(head -n 1 <<<"$out")" "0 bnd-enroll/1"
ok "and nothing is on the log yet" is "$(records ceremony.open)" 1
printf '%s\n' "$out" >"$T/enrol"
ceremony sign -k "$K/carol.key" "$T/enrol" >"$T/carol.pop" 2>/dev/null
ok "with her signature it is asked for" asked enroll carol --kind raw --key "$K/carol.pub" --sig "$T/carol.pop"
ok "the text names her" like "$(cat "$T/text")" "subject [0-9a-f]{16} carol carol raw"
run ceremony enroll --finish "$id"
ok "enrolled by root alone: 12" status 12
run bash -c "ceremony sign -k $K/carol.key $T/text 2>/dev/null | ceremony approve -n carol -s - $id"
ok "enrolled by herself: 13" status 13
ok "which is recorded" like "$(last_record)" '"ev":"ceremony.miss"'
yes_by alice bob
run ceremony enroll --finish "$id"
ok "before the cool-down: 12" status 12
forward 91
run ceremony enroll --finish "$id"
ok "carol is in" status 0
ok "and on the list" like "$(ceremony list)" "carol +raw"
run ceremony enroll --finish "$id"
ok "once: 13" status 13

# XB-31: what was enrolled can be used.
asked request trusted
yes_by carol
forward 61
run mode-set --ceremony "$id" trusted
ok "XB-31 carol's key loosens" is "$status $(kernel)" "0 TRUSTED"

# Revoke alice, by the two others; her key is refused afterwards.
mode-set airgap >/dev/null
asked revoke alice
run ceremony revoke --finish "$id"
ok "revoked by root alone: 12" status 12
yes_by bob carol
forward 91
run ceremony revoke --finish "$id"
ok "alice is revoked" status 0
ok "and gone from the list" unlike "$(ceremony list)" alice
asked request trusted
run bash -c "ceremony sign -k $K/alice.key $T/text 2>/dev/null | ceremony approve -n alice -s - $id"
ok "XB-31 a revoked key is refused: 13" status 13
forward 61
run mode-set --ceremony "$id" trusted
ok "and loosens nothing: 12" status 12
ok "nothing has changed" still AIRGAP
run ceremony cancel "$id"
ok "cancel" status 0
run ceremony cancel "$id"
ok "cancelled once: 13" status 13
run mode-set --ceremony "$id" trusted
ok "and finished no more: 13" status 13

# A key that was in once never comes again.
ceremony enroll alice --kind raw --key "$K/alice.pub" >"$T/enrol" 2>/dev/null
ceremony sign -k "$K/alice.key" "$T/enrol" >"$T/alice.pop" 2>/dev/null
run ceremony enroll alice --kind raw --key "$K/alice.pub" --sig "$T/alice.pop"
ok "a revoked key is not enrolled again: 1" status 1
ok "and told so before anybody signs" like "$err" "enrolled before"

# The key itself: no cool-down, no second person.
asked revoke carol
yes_by carol
run ceremony revoke --finish "$id"
ok "a key gives itself up at once" status 0
asked revoke bob && bad=yes || bad=
ok "the last live key is never revoked" is "$bad" ''
ok "and that is said at the opening" like "$(cat "$T/asked.err")" "last live key"

# A drill with one: every key signs, nothing changes.
gen=$(generation)
asked drill
yes_by bob
run ceremony drill --finish "$id"
ok "drill: every key works" is "$status $out" "0 bob              raw        works"
ok "recorded" like "$(last_record)" '"ev":"ceremony.end".*"why":"drilled"'
ok "nothing has changed" is "$(kernel) $(generation)" "AIRGAP $gen"
asked drill
run ceremony drill --finish "$id" --json
ok "a key that has not signed: 1" is "$status $out" '1 {"keys":[{"name":"bob","kind":"raw","works":false}]}'

ok "all of it verifies" verifies
tap_done
