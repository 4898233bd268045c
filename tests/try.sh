# try.sh: lists that are tried, for tests of net-seal try
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Sourced after net.sh and seal.sh. H's net-seal is on the tests' clock.

# list FILE LINE...: a list in H
list() {
	local file=$1
	shift
	in_h sh -c 'cat >"$1" && chmod 644 "$1"' sh "$file" < <(printf '%s\n' 'version 1' "$@")
}
# line PORT: one that lets UDP out to R
line() {
	echo "out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=$1"
}
# shellcheck disable=SC2034
ssh='in RESTRICTED proto=tcp dport=22'
rules() {
	in_h nft -s list ruleset
}
# Who waits for the end of a try; nothing else of that name runs in H.
waiter() {
	in_h pgrep -x net-seal
}
kill_waiter() {
	local i
	in_h pkill -KILL -x net-seal
	for ((i = 0; i < 100; i++)); do
		waiter >/dev/null || return 0
		sleep 0.01
	done
}
# forward SECONDS: both clocks, as in a suspend
later=0
forward() {
	later=$((later + $1))
	in_h sh -c "echo $later >/run/.bnd-test-clock"
}
