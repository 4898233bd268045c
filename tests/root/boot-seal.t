#!/bin/bash
# boot-seal.t: boot seals the mode it restores, with the shipped net-seal
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
command -v nft >/dev/null || skip_all "no nft"
spine_up
install -m 0755 "$BND_BUILD/tests/helper/timed-net-seal" /usr/sbin/net-seal || bail "no net-seal"

# No state, and no rule in the kernel.
reboot() {
	rm -rf /run/bnd
	nft flush ruleset
	run mode-set --boot
}

for m in "${modes[@]}"; do
	[[ $m == OPEN ]] || mode-set "$m" >/dev/null
	reboot
	ok "$m: boots into it" is "$status $(mode-set --get) $err" "0 $m "
	ok "$m: the seal is its own, no other's" net-seal check --json
	ok "$m: kernel, state and log agree" mode-set --check
	ok "$m: and are left as they are" is "$(mode-set --get)" "$m"
done

# Killed on the way: whoever comes by finishes it, and nobody acts on less.
command -v strace >/dev/null || skip_all "no strace"
settle=(--boot "--at-least OPEN")
killed=0 bad=''
for call in renameat fdatasync clone; do
	for ((k = 1; k < 40; k++)); do
		[[ $(mode-set --get) == AIRGAP ]] || { spine_again; install -m 0755 "$BND_BUILD/tests/helper/timed-net-seal" /usr/sbin/net-seal; mode-set airgap >/dev/null; }
		rm -rf /run/bnd
		nft flush ruleset
		strace -f -o "$T/trace" -e "trace=$call" -e "inject=$call:signal=KILL:when=$k" \
		    mode-set --boot >/dev/null 2>&1
		grep -q 'killed by SIGKILL' "$T/trace" || break
		killed=$((killed + 1))
		at_least "$(mode-set --get 2>/dev/null)" AIRGAP >/dev/null || bad+=" $call $k: laxer;"
		# The words are options.
		# shellcheck disable=SC2086
		mode-set ${settle[k % 2]} >/dev/null 2>&1
		at_least "$(mode-set --get)" AIRGAP >/dev/null && net-seal check --quiet && verifies >/dev/null ||
		    bad+=" $call $k: $(mode-set --get);"
	done
done
ok "--boot killed at each of $killed calls: sealed by the next" is "$bad" ''
ok "which were not few" test "$killed" -ge 6
tap_done
