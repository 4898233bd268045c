#!/bin/bash
# mode-ceremony.t: mode-set holds a ceremony at a terminal, and nowhere else
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../terminal.sh"
spine_up

forward() {
	echo $(($(cat /run/.bnd-test-clock 2>/dev/null || echo 0) + $1)) >/run/.bnd-test-clock
}
still() {
	is "$(kernel) $(published)" "$1 $1"
}
fresh() {
	spine_again "${2:-2}"
	mode-set "$1" >/dev/null
}

# ---- nobody there ----------------------------------------------------------

mode-set airgap >/dev/null
records() {
	wc -l <$log_file
}
was=$(records)
# refused WHAT CMD...: by CMD, in less than 50 ms beyond the start of a process
refused() {
	local what=$1 start took base best i
	shift
	base=999999
	for i in 1 2 3; do
		start=${EPOCHREALTIME/./}
		"${@/%MODE/--version}" >/dev/null 2>&1
		took=$((${EPOCHREALTIME/./} - start))
		((took >= base)) || base=$took
	done
	best=999999
	for i in 1 2 3; do
		start=${EPOCHREALTIME/./}
		"${@/%MODE/open}" >"$T/out" 2>"$T/err"
		status=$?
		took=$((${EPOCHREALTIME/./} - start))
		((took >= best)) || best=$took
	done
	ok "$what: refused" status 1
	ok "$what: in $(((best - base) / 1000)) ms" test $((best - base)) -lt 50000
}
refused "stdin from /dev/null" sh -c 'mode-set "$1" </dev/null' sh MODE
ok "with the way to a ceremony" like "$(cat "$T/err")" 'ceremony request OPEN'
ok "in two lines" is "$(wc -l <"$T/err")" 2
refused "descriptors 0 to 2 closed" sh -c 'mode-set "$1" <&- >&- 2>&-' sh MODE
refused "no controlling terminal" setsid -w mode-set MODE
refused "TERM=dumb and no terminal" sh -c 'TERM=dumb mode-set "$1" </dev/null' sh MODE
refused "a pipe that would answer" sh -c 'yes | mode-set "$1"' sh MODE
refused "everything that might flatter" env USER=root SUDO_USER=root LOGNAME=root PAM_USER=root PAM_SERVICE=login \
    SSH_TTY=/dev/tty1 TERM=linux DISPLAY=:0 BND_ROOT=/ BND_FORCE=1 OPERATOR=human sh -c 'mode-set -r "operator: human" "$1" </dev/null' sh MODE
ok "nothing was opened, nothing recorded" is "$(records)" "$was"
ok "nothing has changed" still AIRGAP

# A terminal for stdin or stderr alone, or one that is not the caller's, is none.
run "$tty" sh -c 'mode-set open 2>/tmp/err' </dev/null
ok "stderr elsewhere: refused" status 1
run "$tty" sh -c 'mode-set open </dev/null' </dev/null
ok "stdin elsewhere: refused" status 1
run "$tty" sh -c 'setsid -w mode-set open' </dev/null
ok "a terminal of another session: refused" status 1
ok "still nothing was opened" is "$(records)" "$was"

# ---- somebody there --------------------------------------------------------

end_record() {
	grep '"ev":"ceremony.end"' $log_file | tail -n 1
}

fresh airgap
at_terminal mode-set trusted --reason "a backup"
ok "the text is shown" shown "reason a backup"
ok "with the terminal that asks" shown "tty=pts/"
type_phrase
type_approval 1
ok "the cool-down runs" shown "cool-down"
ok "says how to finish it elsewhere" like "$(cat "$T/screen")" 'mode-set --ceremony [0-9a-f]{16} TRUSTED'
ok "nothing has changed yet" still AIRGAP
ok "no lock is held meanwhile" mode-set --check
ok "status shows it" like "$(mode-set)" 'ceremony [0-9a-f]{16}, loosen to TRUSTED: 1 of 1 approvals, cool-down for [0-9]+ s'
ok "as JSON" like "$(mode-set --json)" '"ceremony":\{"id":"[0-9a-f]{16}","action":"loosen","to":"TRUSTED","need":1,"have":1,"cooldown":[0-9]+,'
forward 61
left
ok "then it is done" is "$status $(tail -n 1 <<<"$out")" "0 TRUSTED"
ok "in the kernel" still TRUSTED
ok "and none is shown any more" like "$(mode-set --json)" '"ceremony":null'
ok "the log verifies" verifies
ok "and names who allowed it" like "$(chain-verify --approvals)" 'approver1'

# Two persons, the second elsewhere.
fresh coldroom
at_terminal mode-set airgap
type_phrase
type_approval 1
ok "one of two" shown "1 of 2"
id=$(shown_id)
loosen approve "$id" 2 "$(loosen text | loosen sign "$T" 2)"
say "expect Approver (1 of 2" "type "
ok "the second one's is seen" shown "cool-down"
forward 91
left
ok "done by both" is "$status $(kernel)" "0 AIRGAP"

# Ctrl-C, at the prompt and in the cool-down.
fresh airgap
at_terminal mode-set trusted
shown 'Type "'
say "key C"
left
ok "Ctrl-C at a prompt: failed" status 13
ok "says cancelled" like "$out" 'cancelled'
ok "the log says so" like "$(end_record)" '"why":"cancelled"'
ok "nothing has changed" still AIRGAP
at_terminal mode-set trusted
type_phrase
type_approval 1
shown cool-down
id=$(shown_id)
say "key C"
left
ok "Ctrl-C in the cool-down: failed" status 13
ok "the log says cancelled" like "$(end_record)" '"why":"cancelled"'
ok "and nothing has changed" still AIRGAP
forward 61
run mode-set --ceremony "$id" trusted
ok "and it cannot be finished" status 13

# The terminal is lost in the cool-down: it waits for whoever finishes it.
fresh airgap
at_terminal mode-set trusted
type_phrase
type_approval 1
shown cool-down
id=$(shown_id)
say hangup
left
ok "hung up: pending" status 12
forward 61
run mode-set --ceremony "$id" trusted
ok "finished elsewhere" is "$status $(kernel)" "0 TRUSTED"

# A wrong signature, and then nobody.
fresh airgap
at_terminal mode-set trusted
type_phrase
say "expect Approver (" "type approver1" "expect Signature" "type $(paste_of 2)" "expect not a signature"
say "expect Approver (" hangup
left
ok "a wrong signature and a hang-up: failed" test "$status" -ne 0
ok "which ended it" like "$(end_record)" '"why":"failed"'
ok "nothing has changed there" still AIRGAP
ok "the log verifies after all that" verifies

# LOCKDOWN in the cool-down stands.
fresh airgap
at_terminal mode-set trusted
type_phrase
type_approval 1
shown cool-down
mode-set --trip test >/dev/null
forward 61
left
ok "tripped in the cool-down: failed" test "$status" -ne 0
ok "LOCKDOWN stands" still LOCKDOWN

# ---- PAM says what it likes ------------------------------------------------

stack() {
	printf '%s\n' "$@" >/etc/pam.d/mode-set
}
attempt() {
	fresh airgap
	at_terminal mode-set trusted
	sleep 0.5
	left
}
module=$(find /usr/lib -name pam_bnd.so | head -n 1)
cp /etc/pam.d/mode-set "$T/stack"
stack "auth required pam_permit.so" "account required pam_permit.so"
attempt
ok "a stack that permits all: failed" status 13
ok "because the log has no approval" like "$out" '0 of 1 approvals'
ok "nothing has changed: PAM is not believed" still AIRGAP
ok "ended as failed" like "$(end_record)" '"why":"failed"'
stack "auth sufficient pam_permit.so" "auth required pam_bnd.so ceremony" "account sufficient pam_permit.so"
attempt
ok "sufficient before us: failed" is "$status $(kernel)" "13 AIRGAP"
rm /etc/pam.d/mode-set
printf 'auth required pam_permit.so\naccount required pam_permit.so\n' >/etc/pam.d/other
attempt
ok "no service file, a permissive other: failed" is "$status $(kernel)" "13 AIRGAP"
cp "$T/stack" /etc/pam.d/mode-set
mv "$module" "$T/"
attempt
ok "the module removed: failed" is "$status $(kernel)" "13 AIRGAP"
cp "$T/pam_bnd.so" "$module"
USER=nobody LOGNAME=nobody PAM_USER=nobody
export USER LOGNAME PAM_USER
fresh airgap
at_terminal mode-set trusted
type_phrase
type_approval 1
shown cool-down
forward 61
left
ok "control: with the module again, whoever the environment says we are" is "$status $(kernel)" "0 TRUSTED"
tap_done
