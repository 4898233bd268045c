# spine.sh: a throw-away host whose network enforcer does as it is told
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# For tests of the transaction: net-seal is tests/fake/net-seal, mode-set and
# loosen run on the tests' clock, two approvers' seeds are in $T. Sourced after
# tap.sh and need_host.

modes=(OPEN RESTRICTED TRUSTED AIRGAP COLDROOM LOCKDOWN)
log_file=/var/lib/bnd/log/000001.jsonl

loosen() {
	"$BND_BUILD/tests/helper/loosen" "$@"
}

# The mode "the kernel" is in, and whether it is at least as strict as $2.
kernel() {
	cat /run/fake/net 2>/dev/null || echo OPEN
}
rank() {
	local i
	for i in "${!modes[@]}"; do
		[[ ${modes[i]} != "$1" ]] || { echo "$i"; return; }
	done
	echo -1
}
at_least() {
	(($(rank "$1") >= $(rank "$2"))) || { echo "$1 is laxer than $2"; return 1; }
}
published() {
	sed -n 's/^effective //p' /run/bnd/state 2>/dev/null || echo LOCKDOWN
}
generation() {
	sed -n 's/^gen //p' /run/bnd/state
}
last_record() {
	tail -n "${1:-1}" $log_file | head -n 1
}
fault() {
	mkdir -p /run/fake
	if (($#)); then echo "$*" >/run/fake/fault; else rm -f /run/fake/fault; fi
}

# In a time namespace whose boot clock is ten years ahead.
shifted() {
	unshare --time --boottime 315360000 --fork -- "$@"
}
# Seconds more for both clocks, as in a suspend, or for the wall clock alone.
forward() {
	echo $(($(cat /run/.bnd-test-clock 2>/dev/null || echo 0) + $1)) >/run/.bnd-test-clock
}
wall() {
	echo $(($(cat /run/.bnd-test-clock.wall 2>/dev/null || echo 0) + $1)) >/run/.bnd-test-clock.wall
}
frozen() {
	sed -n 's/^frozen //p' /run/bnd/state 2>/dev/null
}
# How many records of an event there are.
records() {
	grep -c "\"ev\":\"$1\"" $log_file
}

# A host that is not set up.
spine_up_bare() {
	"$BND_TREE/tests/guard" || bail "not on a throw-away host"
	# The copies of an unprivileged tests/host may lack them.
	install -m 0755 "$BND_TREE/tests/fake/net-seal" /usr/sbin/net-seal || bail "no net-seal"
	install -m 0755 "$BND_BUILD/tests/helper/timed-mode-set" /usr/sbin/mode-set || bail "no mode-set"
	install -m 0755 "$BND_BUILD/tests/helper/timed-usb-guard" /usr/sbin/usb-guard || bail "no usb-guard"
	install -m 0755 "$BND_BUILD/tests/helper/timed-sbx-run" /usr/bin/sbx-run || bail "no sbx-run"
	install -m 0755 "$BND_BUILD/tests/helper/timed-chain-keep" /usr/sbin/chain-keep || bail "no chain-keep"
	PATH=/usr/sbin:$PATH
	mkdir -p /run/fake
}
# A host in OPEN with $1 (2) approvers.
spine_up() {
	spine_up_bare
	loosen init "$T" "${1:-2}" || bail "cannot initialise"
}
# As at the beginning, with a new log.
spine_again() {
	chattr -R -f -a /var/lib/bnd
	rm -rf /run/bnd /var/lib/bnd /etc/bnd /run/fake /run/.bnd-test-clock*
	spine_up "$@"
}
verifies() {
	chain-verify
}
