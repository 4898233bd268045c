#!/bin/bash
# passphrase.t: a passphrase is typed, used, and found nowhere
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
"$BND_TREE/tests/guard" || bail "not on a throw-away host"
type=$BND_BUILD/tests/helper/type

# What is looked for stands in files below $T only, which is not looked into.
words=$(tr -dc a-z </dev/urandom | head -c 24)
marker="so this $words is the marker"
drow=$(rev <<<"$marker")
echo "$words" >"$T/words"
echo "$marker" >"$T/marker"

touch -d '1 hour ago' "$T/start"
# Where the marker is, a name a line; in files that were written since. In no argument of grep's, of course.
found() {
	{
		find /etc /var /run -type f -newer "$T/start" -print0 | xargs -0r grep -laF -f "$T/words" /dev/null
		grep -laF -f "$T/words" /proc/[0-9]*/cmdline /proc/[0-9]*/environ
		grep -lzF -f "$T/words" "$T/cores"/*
	} 2>/dev/null
}

# ---- the search finds what is there -----------------------------------------

mkdir "$T/cores"
planted() {
	ok "control: found $1" isnt "$(found)" ''
}
for d in /etc /var/lib /run; do
	cp "$T/marker" $d/planted
	planted "in a file of $d"
	rm $d/planted
done
(exec -a "$marker" sleep 60) &
planted "as an argument" && kill $!
wait $! 2>/dev/null
env M="$marker" sleep 60 &
until [[ $(tr '\0' ' ' </proc/$!/cmdline) == "sleep 60 " ]]; do :; done
planted "in an environment" && kill $!
wait $! 2>/dev/null
ok "and not where it is not" is "$(found)" ''

# A core is made here, and has what is in memory.
cores() {
	(cd "$T/cores" && rm -f core* && ulimit -c unlimited && "$@")
}
abort_reading() {
	bash -c 'read -r x; kill -ABRT $$' <"$T/marker"
}
cores abort_reading 2>/dev/null
if [[ $(found) ]]; then
	ok "control: found in a core" true
	can_core=yes
else
	skip_kernel "control: found in a core" "cores are not written to the working directory here"
	can_core=
fi
rm -f "$T/cores"/*

# ---- enrolled by typing ------------------------------------------------------

enroll() {
	"$type" mode-set --init --enroll alice --kind passphrase
}
run enroll <<<"New passphrase of alice: 
$(rev <<<'thirteen byte')
again: 
$(rev <<<'thirteen byte')"
ok "thirteen bytes are refused" status 2
ok "with advice" like "$out" "at least 14 bytes.*six random words"
run enroll <<<"New passphrase of alice: 
$drow
again: 
x$drow"
ok "two that differ are refused" status 2
ok "neither leaves a file" test ! -e /etc/bnd/approvers/alice.kdf
umask 0
run enroll <<<"New passphrase of alice: 
$drow
again: 
$drow"
umask 022
ok "one call sets a host up" status 0
ok "and gives the genesis" like "$out" "genesis [A-Za-z0-9_-]{43}"
ok "what is typed is not shown" unlike "$out" "$words"
salt=$(sed -n 's/^salt //p' /etc/bnd/approvers/alice.kdf)
ok "the line for paper is shown" like "$out" "bnd-kdf/1 alg argon2id13 ops [0-9]+ mem [0-9]+ salt $salt id [0-9a-f]{16}"
ok "the parameters are 0600" is "$(stat -c %a /etc/bnd/approvers/alice.kdf)" 600
ok "in 0700" is "$(stat -c %a /etc/bnd/approvers)" 700
ok "the counters are 0600" is "$(stat -c %a /var/lib/bnd/lockout)" 600
run chain-verify
ok "the log verifies" status 0
run enroll </dev/null
ok "never a second time" status 1
ok "and nobody is asked for it" unlike "$out" "passphrase of"

# ---- without a terminal ------------------------------------------------------

fresh() {
	rm -rf /run/bnd /etc/bnd
	chattr -R -a /var/lib/bnd 2>/dev/null
	rm -rf /var/lib/bnd /run/looked
}
fresh
run setsid -w mode-set --init --enroll alice --kind passphrase </dev/null
ok "without a terminal nobody is asked" status 1
ok "and nothing is begun" test ! -e /etc/bnd/approvers/alice.kdf
run env PASSPHRASE="passed by the environment" setsid -w mode-set --init --enroll alice --kind passphrase </dev/null
ok "the environment is not looked at" status 1
for fd in -1 x 99999999999 '' 987; do
	run mode-set --init --enroll alice --kind passphrase --passphrase-fd "$fd" </dev/null
	ok "descriptor '$fd' is refused" status 2
done
run mode-set --init --enroll alice --kind raw --key /dev/null --passphrase-fd 0 </dev/null
ok "a passphrase is of kind passphrase" status 2
run mode-set --init --enroll alice --kind passphrase --key /dev/null </dev/null
ok "which has no key in a file" status 2
run setsid -w mode-set --init --enroll alice --kind passphrase --passphrase-fd 9 9<"$T/marker"
ok "a descriptor does as well" status 0
ok "the line for paper is shown on a terminal only" unlike "$out$err" "salt"
ok "but it is said what to keep" like "$err" "keep a copy of /etc/bnd/approvers/alice.kdf"

# ---- approved by typing ------------------------------------------------------

# Looked for from inside the conversation: mode-set, pam_bnd.so, pam-helper.
{
	echo '#!/bin/bash'
	declare -p T
	declare -f found
	echo 'found >>"$T/looked"; echo . >>"$T/looks"'
} >"$T/look"
chmod +x "$T/look"
say() {
	printf '%s\n' "$@"
}
count() {
	sed -n 's/^all \([0-9]*\) .*/\1/p' /var/lib/bnd/lockout
}

fresh
run enroll < <(say "New passphrase of alice" "$drow" again "$drow")
mode-set restricted >/dev/null
# A wrong one, its wait, the right one; stopped in the cool-down.
run "$type" mode-set open < <(say 'Type "' = \
	Approver "$(rev <<<alice)" 'Passphrase of alice' "!$T/look" '' "$(rev <<<"wrong and $words")" \
	Approver "!$T/look" '' '!sleep 2.1' '' "$(rev <<<alice)" 'Passphrase of alice' "$drow" \
	cool-down "!$T/look" '' '!kill -INT $(pgrep -x mode-set)')
ok "an approver types, three times" is "$(wc -l <"$T/looks")" 3
ok "a wrong one is told" like "$out" "not the name and passphrase of an approver"
ok "the right one is taken" like "$out" "cool-down"
ok "and stopping it changes nothing" is "$status $(mode-set --get)" "13 RESTRICTED"
ok "none of them is shown" unlike "$out" "$words"
ok "nor found anywhere meanwhile" is "$(cat "$T/looked")" ''
ok "nor afterwards" is "$(found)" ''
log=$(cat /var/lib/bnd/log/*.jsonl)
ok "the log has a miss" is "$(grep -c '"ev":"ceremony.miss"' <<<"$log")" 1
ok "and an approval" is "$(grep -c '"ev":"ceremony.approve"' <<<"$log")" 1
ok "the wrong one is counted, the good one is not" is "$(count)" 1
run chain-verify
ok "and it verifies" status 0
run mode-set airgap
ok "no wait holds a tightening up" status 0

fresh
run enroll < <(say "New passphrase of alice" "$drow" again "$drow")
mode-set restricted >/dev/null
cat >"$T/abort" <<-'EOF'
	#!/bin/bash
	for p in mode-set pam-helper; do
		awk -v p=$p '/^Max core/ { print p, $5, $6 }' "/proc/$(pgrep -x $p)/limits"
	done
	kill -ABRT $(pgrep -x mode-set) $(pgrep -x pam-helper)
EOF
chmod +x "$T/abort"
run cores "$type" mode-set open < <(say 'Type "' = \
	Approver "$(rev <<<alice)" 'Passphrase of alice' "$(rev <<<"wrong and $words")" \
	Approver "!$T/abort >$T/limits")
ok "mode-set and pam-helper may leave no core" is "$(cat "$T/limits")" $'mode-set 0 0\npam-helper 0 0'
ok "killed in the conversation, they leave none" is "$(ls "$T/cores")" ''
ok "and nothing is found" is "$(found)" ''

# ---- while it is there -------------------------------------------------------

fresh
mkfifo "$T/fifo"
# It has read the passphrase, and waits for the end of the line.
cores setsid -w mode-set --init --enroll alice --kind passphrase --passphrase-fd 9 9<"$T/fifo" 2>/dev/null &
exec 8>"$T/fifo"
tr -d '\n' <"$T/marker" >&8
for ((i = 0; i < 200; i++)); do
	pid=$(pgrep -f '^mode-set --init' -n) && grep -q '^VmLck:.* [1-9]' "/proc/$pid/status" && break
	sleep 0.02
done
sleep 0.1
holds() {
	local from to rest
	while IFS='- ' read -r from to rest; do
		# Not the shadow of a sanitizer.
		[[ $rest == rw* ]] && ((16#$to - 16#$from < 1 << 26)) || continue
		dd if="/proc/$pid/mem" bs=4096 skip=$((16#$from / 4096)) count=$(((16#$to - 16#$from) / 4096)) 2>/dev/null
	done <"/proc/$pid/maps" | grep -qaF -f "$T/words"
}
ok "control: a process has it in memory" holds
ok "which is locked" like "$(grep ^VmLck "/proc/$pid/status")" ' [1-9]'
ok "and whose owner may not look" is "$(stat -c %U "/proc/$pid/environ")" root
ok "core limit 0, hard" like "$(grep '^Max core' "/proc/$pid/limits")" ' 0 +0 '
ok "it is in no argument, environment, log or file" is "$(found)" ''
kill -ABRT "$pid"
wait %?mode-set 2>/dev/null || wait
exec 8>&-
if [[ $can_core ]]; then
	ok "killed, it leaves no core" is "$(ls "$T/cores")" ''
else
	skip_kernel "killed, it leaves no core" "cores are not written here"
fi
ok "and nothing of it" is "$(found)" ''
tap_done
