# pam.sh: a throw-away host with pam_bnd and people who answer as written
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Sourced after tap.sh and spine.sh; the helper runs on the tests' clock.

# say [-t] [-s] ... SERVICE USER CALL... <<ANSWERS
say() {
	run "$BND_BUILD/tests/helper/pamtalk" "$@"
}
# How CALL ended.
ended() {
	# shellcheck disable=SC2154 # run sets it
	sed -n "s/^$1: //p" <<<"$out"
}
pam_up() {
	install -D -m 0755 "$BND_BUILD/tests/helper/timed-pam-helper" /usr/libexec/bnd/pam-helper ||
	    bail "no helper"
}
# The text of the open ceremony, opened for MODE; $id is its id.
open_ceremony() {
	loosen open "$1" >"$T/text" 2>"$T/id" || { cat "$T/id"; return 1; }
	# shellcheck disable=SC2034
	id=$(cat "$T/id")
}
forward() {
	local now
	now=$(cat /run/.bnd-test-clock 2>/dev/null || echo 0)
	echo $((now + $1)) >/run/.bnd-test-clock
}
