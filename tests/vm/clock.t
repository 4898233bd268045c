#!/bin/bash
# clock.t: a wall clock that is really stepped, and a time namespace
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
vm_needs nft unshare

# A ceremony for $1, approved by the one there is; its cool-down begins now.
hold() {
	id=$(ceremony request "$1") && ceremony show --text >"$T/text" &&
	    ceremony sign -k "$T/approver1.key" <"$T/text" >"$T/sig" 2>/dev/null &&
	    ceremony approve --name approver1 --sig "$T/sig" "$id"
}
finish() {
	run mode-set --ceremony "$id" "$1"
}
jumps() {
	grep -c '"ev":"clock.jump"' /var/lib/bnd/log/000001.jsonl
}
left() {
	ceremony show --json | sed -n 's/.*"left_s":\([0-9]*\).*/\1/p'
}
waits() {
	ceremony approve --name alice --passphrase-fd 9 "$id" 9<<<"not her six random words" 2>&1 |
	    sed -n 's/.*wait \([0-9]*\) s.*/\1/p'
}

all() {
	local id was
	vm_seal_modules
	"$BND_TREE/tests/host-init" "$T" 1 || bail "cannot initialise"
	mode-set trusted >/dev/null
	ok "a ceremony is approved" hold open
	finish open
	ok "control: its cool-down runs" is "$status $(mode-set --get)" "12 TRUSTED"
	run unshare --time --boottime 100000 --fork -- mode-set --ceremony "$id" open
	ok "a time namespace shortens nothing" is "$status $(mode-set --get)" "14 TRUSTED"
	run unshare --time --boottime 100000 --fork --pid --mount-proc -- mode-set --ceremony "$id" open
	ok "nor as process 1" is "$status $(mode-set --get)" "14 TRUSTED"
	rm /var/lib/bnd/lockout
	was=$(waits)
	ok "a lockout runs" test "${was:-0}" -gt 800

	date -s '+5 seconds' >/dev/null
	finish open
	ok "5 s forward: nothing loosens" is "$status $(mode-set --get)" "14 TRUSTED"
	ok "and is recorded" is "$(jumps)" 1
	mode-set --check >/dev/null 2>&1
	ok "frozen" like "$(sed -n 's/^frozen //p' /run/bnd/state)" '[^-]'
	date -s '+61 minutes' >/dev/null
	finish open
	ok "an hour forward: nothing loosens" test "$status" -ne 0 -a "$(mode-set --get)" != OPEN
	run mode-set --check
	ok "LOCKDOWN" is "$(mode-set --get)" LOCKDOWN
	ok "which the kernel is in" net-seal check --quiet
	ok "recorded" is "$(jumps)" 2

	id=$(ceremony request --unfreeze)
	ok "a ceremony is open" like "$id" '^[0-9a-f]{16}$'
	date -s '+1 day' >/dev/null
	ok "a day forward: it does not run out" test "$(left)" -gt 300
	ok "nor does the lockout" test "$(waits)" -gt 300
	mode-set --check >/dev/null 2>&1
	date -s '-2 days' >/dev/null
	run mode-set --check
	ok "backwards: recorded" is "$(jumps)" 4
	ok "still LOCKDOWN" is "$(mode-set --get)" LOCKDOWN
	ok "the log verifies" chain-verify
}

phase all
tap_done
