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
supervisor=(profile:0 profile:1 log:0 source:0 lease:0 source:1 cgroup:0 filter:0 clone:0 clone:9
    map:0 relay:0 attest:0 payload:9 relay:2 mode:1 attest:1 attest:2 attest:3 log:1 exec:0)
init=(join:0 join:1 join:2 join:8 join:3 join:4 time:0 time:1 root:0 net:0 net:1 host:0 host:1 host:2 host:3 host:4
    payload:0 root:1 seal:0 seal:1 seal:2)
payload=(creds:0 landlock:0 creds:1 creds:2 fds:0 chdir:0 chdir:1 seccomp:0)
rows() {
	sed -n '/^const struct bnd_box_step bnd_box_/,/^};/p' "$BND_TREE/lib/$1" |
	    sed -n 's/^\t{ BND_STAGE_\([A-Z]*\), \([0-9]*\),.*/\1:\2/p' | tr 'A-Z\n' 'a-z '
}
ok "these are the init's steps" is "$(rows box-child.c)" "${init[*]} "
ok "and these the payload's" is "$(rows box-payload.c)" "${payload[*]} "
# A directory is lent, of which nothing may be touched whatever goes wrong.
mkdir -p "$T/w/deep" && echo canary >"$T/w/deep/file" && ln -s /etc "$T/w/out"
chown -Rh 1234:1234 "$T/w"
lent() {
	find "$T/w" -printf '%p %y %m %U %G %s %l %T@\n' | sort
	cat "$T/w/deep/file"
}
lent_was=$(lent)
sbx=(--work "$T/w")
inside opens -r /job/deep/file
ok "control: without a fault it is there" payload_got 'r /job/deep/file' 'ok 1'
# What the supervisor has open when it ends, and that nobody else ends as it does.
left=/run/.bnd-test-left
: >$left
chmod 666 $left
faulty "none 0 fail" correct
sort $left >"$T/plain"
ok "control: it tells what it has, and that no child of its is left" is "$(grep child "$T/plain")" "no child"
more_left() {
	sort $left | comm -23 - "$T/plain" | xargs
}
: >$left
exec 8<"$T/w/deep/file"
faulty "none 0 fail" correct
exec 8<&-
ok "control: one more is seen" is "$(more_left)" "$T/w/deep/file"
# A child of its own that goes on would be seen by these, which are for S alone.
printf '%s\n' '#!/bin/sh' "exec strace -f -qq -o '$T/trace' -e signal=none \\" \
    '-e trace=exit_group,exit,execve,ftruncate,fdatasync,fsync,renameat,renameat2,unlinkat,rmdir,flock \' \
    "$faulty_sbx \"\$@\"" >"$T/traced"
chmod 755 "$T/traced"
# The last word of each child but what the kernel says of its end; ??? is that it
# was killed on its way into a call.
astray() {
	awk '$2 == "+++" || $2 == "<..." { next } { last[$1] = $2; all[$1] = all[$1] " " $2 } NR == 1 { S = $1 }
	    END { for (p in last) if (p != S && last[p] !~ /^(exit|exit_group|execve|\?\?\?)\(/) print "ends with " last[p]
		for (p in all) if (p != S && all[p] ~ /ftruncate|sync|rename|unlink|rmdir|flock/) print "does" all[p] }' "$T/trace"
}
real=$faulty_sbx lost='' strays=''
for step in "${supervisor[@]}" "${init[@]}" "${payload[@]}"; do
	: >$left
	rm -f "$T/trace"
	[[ " ${supervisor[*]} " == *" $step "* ]] || faulty_sbx=$T/traced
	# By then the payload is looked at, whom nobody may trace.
	[[ $step != seal:* ]] || faulty_sbx=$real
	faulty "${step/:/ } fail" correct
	ok "$step fails: nothing ran, and the stage is named" refused "${step%:*}"
	ok "$step: with its errno, and in words" like "$(result .errno) $err" \
	    "^5 sbx-run: (setup-error|refused): ${step%:*}: .*Input/output error"
	[[ ! $(more_left) && $(grep -c child $left) == 1 ]] || lost+=" [$step: $(more_left)]"
	[[ ! -e $T/trace ]] || [[ ! $(astray) ]] || strays+=" [$step: $(astray | xargs)]"
done
faulty_sbx=$real
ok "after each one end, without a descriptor more, and no child unwaited for" is "$lost" ''
ok "no child goes on behind its error, nor does what is the supervisor's" is "$strays" ''
ok "what was lent is as it was" is "$(lent)" "$lent_was"
sbx=()
run sbx-run --result "$T/result" -- sh -c 'exit 1'
ok "control: a command that fails is told apart" is "$status $(result '.reason, .exit_code, .stage, .errno' | xargs)" \
    "1 exited 1 null 0"
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
