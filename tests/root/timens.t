#!/bin/bash
# timens.t: with a boot clock of one's own nothing is loosened, only tightened
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up
unshare --time --boottime 1000 --fork true 2>/dev/null ||
    skip_kernel_all "this kernel has no time namespaces"

# The ways in: each with what it does to /proc before the command runs.
inside() {
	local way=$1
	shift
	case $way in
	plain) shifted "$@" ;;
	pid) shifted unshare --pid --fork --mount-proc "$@" ;;
	fake) shifted unshare --mount bash -c 'mkdir -p /run/proc/self/ns
	    ln -sfn "time:[4026531834]" /run/proc/self/ns/time
	    mkdir -p /run/proc/sys/kernel/random; cat /proc/sys/kernel/random/boot_id >/run/proc/sys/kernel/random/boot_id
	    mount --bind /run/proc /proc; exec "$@"' bash "$@" ;;
	ns) shifted unshare --mount bash -c 'mount --bind /proc/1/ns /proc/$$/ns && exec "$@"' bash "$@" ;;
	self) shifted unshare --mount bash -c 'mount --bind /proc/1 /proc/$$ && exec "$@"' bash "$@" ;;
	sub) shifted unshare --mount bash -c 'mount --bind /proc/1/task /proc && exec "$@"' bash "$@" ;;
	esac
}

mode-set airgap >/dev/null
id=$(loosen hold "$T" 1 TRUSTED)
ok "the attack: in there ten years have passed" test \
    "$(shifted cut -d. -f1 /proc/uptime)" -gt 315000000
ok "and a link says what it is told" is \
    "$(inside fake readlink /proc/self/ns/time) $(inside ns readlink /proc/self/ns/time)" \
    "time:[4026531834] time:[4026531834]"
for way in plain pid fake ns self; do
	run inside $way mode-set --ceremony "$id" trusted
	ok "$way: evidence that is ripe is refused" is "$status $(kernel) $(published)" "14 AIRGAP AIRGAP"
	run inside $way "$BND_BUILD/tests/helper/loosen" bare OPEN
	ok "$way: so is none" is "$status $(kernel)" "14 AIRGAP"
done
loosen end "$id" cancelled
records=$(wc -l <$log_file)
for way in plain pid fake ns; do
	run inside $way "$BND_BUILD/tests/helper/loosen" open TRUSTED
	ok "$way: no ceremony is opened" is "$status $(wc -l <$log_file)" "14 $records"
done
id=$(loosen open TRUSTED 2>&1 >"$T/text")
sig=$(loosen sign "$T" 1 <"$T/text")
records=$(wc -l <$log_file)
for way in plain pid fake ns; do
	run inside $way "$BND_BUILD/tests/helper/loosen" approve "$id" 1 "$sig"
	ok "$way: none is approved" is "$status $(wc -l <$log_file)" "14 $records"
done
run loosen approve "$id" 1 "$sig"
ok "control: outside it is" status 0
forward 61
run mode-set --ceremony "$id" trusted
ok "control: and used" is "$status $(kernel)" "0 TRUSTED"

mode-set --freeze 'to be thawed' >/dev/null
id=$(loosen hold "$T" 2 UNFREEZE)
for way in plain pid fake ns; do
	run inside $way mode-set --ceremony "$id" --unfreeze
	ok "$way: nothing is unfrozen" is "$status $(frozen)" "14 to be thawed"
done
run mode-set --ceremony "$id" --unfreeze
ok "control: outside it is" is "$status $(frozen)" "0 -"

# Tightening and freezing work from there; the next run outside records it.
for way in plain pid fake ns; do
	spine_again
	run inside $way mode-set coldroom
	ok "$way: tightening works, unlogged" is "$status $(kernel) $(mode-set --get)" "15 COLDROOM COLDROOM"
	run inside $way mode-set --freeze "from $way"
	ok "$way: so does a freeze" like "$status $out" "^15 frozen: from $way"
	run mode-set coldroom
	run mode-set --check
	ok "$way: recorded from outside" is "$status $(published) $(frozen) $(records mode.freeze)" "0 COLDROOM from $way 1"
	ok "$way: the log verifies" verifies
done
run inside sub mode-set --get
ok "no procfs at all: no state can be told from another boot's" is "$status $out" "9 LOCKDOWN"
run shifted mode-set --check
ok "a check in there finds no step of the clock" is "$(records clock.jump)" 0
tap_done
