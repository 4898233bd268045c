#!/bin/bash
# sbx-steps.t: a start of which one step goes wrong is no start
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

# ---- what is shipped has no such switch ----

ok "control: the test build has the switch" grep -q bnd-test-fault "$faulty_sbx"
ok "the shipped one has not" is "$(grep -c bnd-test "$BND_BUILD/sbx-run")" 0
body() { objdump -d --no-show-raw-insn --disassemble=bnd_box_fault "$1" | sed -n '/<bnd_box_fault>:/,$p'; }
ok "control: there it calls" like "$(body "$faulty_sbx")" 'call'
ok "here it answers, and calls nothing" unlike "$(body "$BND_BUILD/sbx-run")" 'call|jmp|jne|je '
ok "and is there" like "$(body "$BND_BUILD/sbx-run")" 'ret'
echo "seccomp 0 fail" >/run/.bnd-test-fault
inside correct
ok "the file that the test build reads means nothing to it" payload_ran
rm /run/.bnd-test-fault
faulty "none 0 fail" correct
ok "control: the test build without a fault runs a payload" payload_ran

# ---- each step fails ----

# As lib/box-child.c, lib/box-payload.c, lib/box-start.c and cmd/sbx-go.c have them.
supervisor=(profile:0 profile:1 log:0 lease:0 source:0 cgroup:0 filter:0 clone:0 clone:9
    map:0 attest:0 attest:1 mode:1 log:1 exec:0)
init=(join:0 join:1 join:2 join:3 join:4 time:0 time:1 root:0 net:0 host:0 host:1 host:2 host:3
    payload:0 root:1 seal:0 seal:1 seal:2)
payload=(creds:0 landlock:0 creds:1 creds:2 fds:0 chdir:0 chdir:1 seccomp:0)
rows() {
	sed -n '/^const struct bnd_box_step bnd_box_/,/^};/p' "$BND_TREE/lib/$1" |
	    sed -n 's/^\t{ BND_STAGE_\([A-Z]*\), \([0-9]*\),.*/\1:\2/p' | tr 'A-Z\n' 'a-z '
}
ok "these are the init's steps" is "$(rows box-child.c)" "${init[*]} "
ok "and these the payload's" is "$(rows box-payload.c)" "${payload[*]} "
for step in "${supervisor[@]}" "${init[@]}" "${payload[@]}"; do
	faulty "${step/:/ } fail" correct
	ok "$step fails: nothing ran, and the stage is named" refused "${step%:*}"
done
ok "each error is the step's" is "$(result .errno)" 5
ok "nothing of them is left" unharmed

# ---- each of the children dies ----

# Each system call of a start is sbx-sweep.t's.
for step in join:0 time:1 root:0 payload:0 seal:2 landlock:0 creds:2 seccomp:0; do
	faulty "${step/:/ } die" correct
	ok "dead at $step: nothing ran, and it is told" refused '[a-z]+'
done
ok "nothing of the dead is left" unharmed

# ---- and waits for ever ----

sbx=(-k setup=300ms)
for step in join:2 root:0 seal:2 landlock:0 seccomp:0; do
	faulty "${step/:/ } stall" correct
	ok "stalled at $step: given up" ended setup-timeout "${step%:*}"
done
sbx=()
ok "nothing of the stalled is left" unharmed
tap_done
