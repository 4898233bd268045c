# terminal.sh: somebody at a terminal, who reads and types what a test says
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Sourced after tap.sh. at_terminal CMD... starts CMD at a terminal of its own;
# shown TEXT waits for it, say LINE... is a script for tests/helper/tty, left
# waits for the end: $status, and the screen, line by line, in $out.

tty=$BND_BUILD/tests/helper/tty

at_terminal() {
	: >"$T/screen"
	mkfifo "$T/script"
	"$tty" "$@" <"$T/script" >"$T/screen" 2>"$T/tty.err" &
	tty_job=$!
	exec 7>"$T/script"
	rm "$T/script"
}
say() {
	printf '%s\n' "$@" >&7
}
left() {
	exec 7>&-
	wait $tty_job
	# shellcheck disable=SC2034
	status=$?
	# shellcheck disable=SC2034
	out=$(tr '\r' '\n' <"$T/screen" | sed '/^ *$/d')
}
shown() {
	local i
	for ((i = 0; i < 200; i++)); do
		grep -qF -- "$1" "$T/screen" && return 0
		sleep 0.05
	done
	return 1
}

# What a ceremony asks for, with spine.sh's approvers.
type_phrase() {
	shown 'Type "' && say "type $(sed -n 's/.*Type "\([^"]*\)".*/\1/p' "$T/screen" | tail -n 1)"
}
paste_of() {
	loosen text | loosen paste "$T" "$1"
}
type_approval() {
	say "expect Approver (" "type approver$1" "expect Signature of approver$1" \
	    "type $(paste_of "$1")"
}
# The id of the ceremony on the screen.
shown_id() {
	sed -n 's/.*ceremony \([0-9a-f]\{16\}\).*/\1/p' "$T/screen" | head -n 1
}
