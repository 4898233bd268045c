#!/bin/bash
# succeed-people.t: the approvers' side of a succession, and what goes on afterwards
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../ceremony.sh"
. "${0%/*}/../succeed.sh"
pass='eleven small stones in a river'

by_passphrase() {
	ceremony approve -n typist --passphrase-fd 5 "$id" 5<<<"$pass"
}

# A host of an owner with a key elsewhere and a typist who was let in later.
people owner
install -m 0755 "$BND_BUILD/tests/helper/timed-chain-keep" /usr/sbin/chain-keep || bail "no chain-keep"
asked enroll typist --kind passphrase --passphrase-fd 5 5<<<"$pass"
yes_by owner
forward 901
ceremony enroll --finish "$id" || bail "no typist"
run mode-set --freeze 'the auditors are here'
mode-set coldroom >/dev/null 2>&1
ceremony cancel 0123456789abcdef >/dev/null 2>&1
damage lose_head
run mode-set --check
ok "LOCKDOWN" still_locked
run ceremony show
ok "no ceremony can be shown" not status 0

ok "a succession is begun" begin
ok "frozen it stays, and that is said" like "$(cat "$T/said")" 'freeze'
run ceremony show
ok "ceremony show: the succession" like "$out" '^ceremony [0-9a-f]{16}: succeed '
run ceremony show --json
ok "for programs" like "$out" '"action":"succeed"'
run ceremony list
ok "the list has both" is "$status $(grep -cE '^(owner|typist) ' <<<"$out")" "0 2"
for what in "request coldroom" "request --unfreeze" "drill" "revoke owner"; do
	# shellcheck disable=SC2086
	run ceremony $what
	ok "nothing else is opened: $what" not status 0
done
run ceremony cancel "$id"
ok "it can be cancelled" status 0
ok "and opened again" begin
ceremony show --text >"$T/text"
ok "the owner approves from afar" yes_by owner
pass='eleven small stones in a lake' run by_passphrase
ok "a wrong passphrase: 13" status 13
forward 4
run by_passphrase
ok "the typist approves" status 0
forward 91
run chain-keep succeed --json --ceremony "$id"
ok "done" like "$status $out" '^0 \{"genesis":"[A-Za-z0-9_-]{43}"\}$'
ok "the log verifies" verifies
run chain-verify --approvals
ok "and names who allowed it" like "$out" 'owner.*typist|typist.*owner'

run mode-set --check
ok "a check finds nothing" status 0
run ceremony request coldroom
ok "frozen: no loosening" status 14
ok "a ceremony ends the freeze" asked request --unfreeze
yes_by owner
run by_passphrase
forward 91
run mode-set --ceremony "$id" --unfreeze
ok "done" status 0
ok "LOCKDOWN is left" asked request coldroom
yes_by owner
run by_passphrase
forward 91
run mode-set --ceremony "$id" coldroom
ok "for COLDROOM" is "$status $(kernel) $(published)" "0 COLDROOM COLDROOM"
ok "another is let in by those who were" asked enroll third --kind passphrase --passphrase-fd 5 5<<<"$pass and on"
ok "the log verifies" verifies
run chain-verify --pin "$pin_kept" --previous /var/lib/bnd/log.old-*
ok "to who holds the old pin: its rightful successor" status 5
tap_done
