#!/bin/bash
# seal-late.t: a late hook, and noise against the generation, change nothing
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up

# N82: a hook that rendered an older mode must not overwrite a stricter one. It is
# held before its commit and killed with the answer to it, so that it cannot mend
# what it did. A new link each time gives it something to commit.
state TRUSTED
in_h net-seal apply TRUSTED --txn $txn -q
in_h ip link add w0 type veth peer name w1
in_h strace -qq -o /tmp/calls -e trace=sendmsg,recvmsg net-seal hook 2 >/dev/null 2>&1
read -r batch answer < <(in_h awk '/^sendmsg/ { s++ } /^recvmsg/ { r++; if (b) { print b, r; exit } }
	/BATCH_BEGIN/ && !b { b = s }' /tmp/calls)
ok "a hook commits with one of its messages ($batch)" test "${batch:-0}" -gt 3
in_h ip link add w2 type veth peer name w3
in_h strace -qq -f -o /tmp/late -e trace=sendmsg,recvmsg \
    -e inject=sendmsg:delay_enter=3200000:when="$batch" -e inject=recvmsg:signal=KILL:when="$answer" \
    net-seal hook 2 >/dev/null 2>&1 &
hook=$!
sleep 0.3
seal AIRGAP # waits 2 s for the lock of the held hook, and goes on without
ok "AIRGAP, while a hook with TRUSTED is held" is "$(field sealed "$out")" true
ok "the hook is still held (control)" kill -0 $hook
wait $hook
run in_h sh -c 'cat /tmp/late'
ok "the hook sent its batch late and was killed with the answer (control)" \
    is "$(grep -c 'sendmsg.*= [0-9]' <<<"$out") $(grep -c killed <<<"$out")" "$batch 1"
run in_h net-seal check --json
ok "AIRGAP is in force" is "$status $(field mode "$out") $(field sealed "$out")" "0 AIRGAP true"

# N83: somebody makes noise against the generation
state TRUSTED
in_h sh -c 'while :; do nft add table inet noise; nft delete table inet noise; done' 2>/dev/null &
noise=$!
in_h sh -c 'while :; do nft add table ip noise; nft delete table ip noise; done' 2>/dev/null &
noise2=$!
sleep 0.2
start=${EPOCHREALTIME/./}
seal LOCKDOWN
took=$(((${EPOCHREALTIME/./} - start) / 1000))
ok "noise against the generation: LOCKDOWN all the same" is "$(field sealed "$out")" true
ok "within 1 s ($took ms, $(field rounds "$out") rounds)" test $took -lt 1000
in_h pkill -x sh
wait $noise $noise2 2>/dev/null

tap_done
