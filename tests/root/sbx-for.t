#!/bin/bash
# sbx-for.t: --for: files are opened with a user's rights, and nothing is said beyond them
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

printf '%s\n' alice:x:4001:4001::/:/bin/sh bob:x:4002:4002::/:/bin/sh \
    zero:x:0:0::/:/bin/sh 4003:x:4002:4002::/:/bin/sh >>/etc/passwd
printf '%s\n' alice:x:4001: bob:x:4002: team:x:4010:carol,alice odd:x:4011:alice2 >>/etc/group
chmod 0755 "$T"
s=$T/s
mkdir -p $s/closed $s/closed/inner $s/teams $s/roots $s/open $s/bobs $s/alices $s/foreign $s/out
chmod 0700 $s/closed
chown root:team $s/teams && chmod 0750 $s/teams
chmod 0750 $s/roots
chown bob:bob $s/bobs && chmod 0777 $s/bobs
chown alice:alice $s/alices
chown alice:odd $s/foreign
echo shut >$s/open/shut && chmod 0600 $s/open/shut
echo free >$s/open/free
(umask 077 && echo secret >$s/bobs/private && chown bob:bob $s/bobs/private)
ln -s $s/open $s/alices/link && chown -h alice:alice $s/alices/link

shown() {
	profile shown "bind $1"
}
for_() {
	rm -f "$T/result"
	run sbx-run --for "$1" --result "fd:5" "${@:2}" 5>"$T/result"
}
plain() {
	rm -f "$T/result"
	run sbx-run --result "$T/result" "$@"
}
# What a run is told about a name, but for the name and what no two runs share.
answer() {
	jq -c 'del(.id, .argv0, .setup_ms, .policy)' "$T/result" | sed "s|$1|NAME|g"
	sed "s|$1|NAME|g" <<<"$err"
	echo "$status"
}
opens() {
	shown "$2 $1 /x" && plain -p shown -- true
	ok "control: root's caller may have $1 $2" status 0
}

# ---- sources (X24) ----

absent=$s/none
shown "r $absent /x" && for_ alice -p shown -- true
ok "what is not there is said to be not there, or not his" is "$status $(result '.stage, .errno' | xargs)" "125 source 2"
none=$(answer $absent)
while read -r rights name; do
	opens "$name" "$rights"
	shown "$rights $name /x" && for_ alice -p shown -- echo ran
	ok "$name: refused" is "$status $out" "125 "
	ok "with the answer for what is not there" is "$(answer "$name")" "$none"
done <<EOT
r $s/closed
r $s/closed/inner
r $s/roots
r $s/open/shut
rx $s/open/free
EOT
for name in $s/closed/none $s/alices/link $s/open/free/none; do
	shown "r $name /x" && for_ alice -p shown -- echo ran
	ok "$name: the same answer" is "$(answer $name)" "$none"
done
shown "r? $absent /x" && for_ alice -p shown -- echo ran
none="$status $out $(result '.missing, .enforced.mounts' | xargs)"
ok "what is optional and not there is absent, and named" like "$none" "^0 ran $absent "
shown "r? $s/closed /x" && for_ alice -p shown -- echo ran
ok "and so is what is not for her" is "$status $out $(result '.missing, .enforced.mounts' | xargs)" "${none/$absent/$s/closed}"
shown "r? $s/closed /x" && plain -p shown -- ls -d /x
ok "control: root's is not absent" is "$out" /x

shown "r $s/open /x" && for_ alice -p shown -- cat /x/free
ok "what everybody may read is there" is "$out" free
shown "r $s/teams /x" && for_ alice -p shown -- echo ran
ok "and what a group of hers may" is "$status $out" "0 ran"
shown "r $s/teams /x" && for_ bob -p shown -- echo ran
ok "which is none of his" is "$status $out" "125 "

# ---- as whose ----

shown "rw $s/bobs /x" && plain -p shown -- cat /x/private
ok "control: bob's directory is shown as the payload's own, with his files" is "$out" secret
shown "rw $s/bobs /x" && for_ bob -p shown -- cat /x/private
ok "to bob, too" is "$out" secret
shown "rw $s/bobs /x" && for_ alice -p shown -- cat /x/private
ok "not to alice, who may write there" is "$status $out" "125 "
ok "as it is not hers" like "$err" 'belongs to 4002:4002, not to user 4001'
shown "ro $s/bobs /x" && for_ alice -p shown -- cat /x/private
ok "nor read-only" is "$status $out" "125 "
shown "rw $s/foreign /x" && plain -p shown -- true
ok "control: a directory of hers with a group that she is not in" status 0
shown "rw $s/foreign /x" && for_ alice -p shown -- true
ok "is not shown as hers" like "$err" 'belongs to 4001:4011'

# ---- the work directory ----

for_ alice --work $s/alices -- touch /job/made
ok "a work directory of hers" is "$status $(stat -c %U $s/alices/made)" "0 alice"
for_ alice --work $absent -- true
none=$(answer $absent)
for d in $s/closed $s/closed/inner $s/roots $s/open/free; do
	for_ alice --work $d -- true
	ok "--work $d: the answer for what is not there" is "$(answer $d)" "$none"
done
for_ alice --work $s/bobs -- true
ok "and one that is bob's is not written" is "$status" 125

# ---- results ----

chmod 0755 $s/out
mkdir -m 1777 $s/drop
mkdir $s/hers && chown alice:alice $s/hers
for o in --result --meta; do
	run sbx-run --for alice $o $s/hers/f$o -- true
	ok "$o: made by her" is "$status $(stat -c '%U:%G %a' $s/hers/f$o)" "0 alice:alice 600"
	ok "and holds it" test -s $s/hers/f$o
	run sbx-run $o $s/out/f$o -- true
	ok "control: root's caller puts it anywhere" test -s $s/out/f$o
	was=$(sha256sum <$s/out/f$o)
	run sbx-run --for alice $o $s/out/f$o -- echo ran
	ok "$o: what is root's is not written for her" is "$status $out $(sha256sum <$s/out/f$o)" "125  $was"
	run sbx-run --for alice $o $s/out/new$o -- echo ran
	ok "and nothing is made where she may not" is "$status $out $(ls $s/out/new$o 2>/dev/null)" "125  "
	run sbx-run --for alice $o $s/closed/inner -- true
	one=${err//inner/X}
	run sbx-run --for alice $o $s/closed/nowhere -- true
	ok "$o: behind a closed door all is alike" is "${err//nowhere/X}" "$one"
done

# ---- profiles of her own ----

printf '%s\n' 'version 1' 'base default' 'pids 9' >$s/hers/own.sbx
chown alice $s/hers/own.sbx
cp $s/hers/own.sbx $s/out/roots.sbx
cp $s/hers/own.sbx $s/out/mine.sbx && chmod 0600 $s/out/mine.sbx
for_ alice -p $s/hers/own.sbx -- true
ok "a profile of hers" is "$status $(result .enforced.nproc)" "0 10"
plain -p $s/out/mine.sbx -- true
ok "control: root's own" status 0
for_ alice -p $s/out/mine.sbx -- true
ok "is not read for her" like "$status $err" '125 .*Permission denied'
for_ alice -p $s/out/roots.sbx -- true
ok "nor is one that she may read, and that is not hers" like "$status $err" '125 .*roots.sbx'

# ---- who ----

for name in '' nobody-here 0 root zero 4294967295 18446744073709551616 4001: 4001:x '4001:4001,' :4001 -1 ' alice' alice: \
    $'alice\n' 0:0 4002x; do
	rm -f $s/hers/r
	run sbx-run --for "$name" --result $s/hers/r -- echo ran
	ok "--for '${name//[^[:print:]]/?}': refused before anything is opened" is "$status $out $(ls $s/hers/r 2>/dev/null)" "125  "
	ok "and that is said" like "$err" '^sbx-run: setup-error: args: '
done
shown "r $s/teams /x" && for_ 4001 -p shown -- true
ok "by number she has her groups" is "$status $(result '.for | .uid, .gid, (.groups | sort | tostring)' | xargs)" \
    "0 4001 4001 [4001,4010]"
shown "r $s/teams /x" && for_ 4001:4001 -p shown -- true
ok "with a list of groups those alone" is "$status $(result '.for.groups | tostring')" "125 [4001]"
shown "r $s/teams /x" && for_ 4001:4001,4010 -p shown -- true
ok "and all of them" status 0
for_ 4003 -- true
ok "what is a number is no name" status 125
shown "r $s/open /x" && for_ 60000:60000 -p shown -- true
ok "who is in no file can be told by numbers" is "$status $(result .for.uid)" "0 60000"
run setpriv --reuid 4001 --regid 4001 --clear-groups "$BND_BUILD/sbx-run" --for bob --result $s/drop/r -- echo ran
ok "who is not root runs nothing for anybody" is "$status $out $(jq -r '.reason, .stage' $s/drop/r | xargs)" \
    "125  refused privilege"
ok "and was nobody else" is "$(stat -c %U $s/drop/r) $(jq -c .for $s/drop/r)" "alice null"

# ---- on record ----

last() {
	cat /var/lib/bnd/log/*.jsonl | jq -c "select(.ev == \"$1\") | .d" | tail -n 1
}
for_ alice -- true
ok "whose rights is on record" is "$(last sbx.start | jq -c '[.id, .for]')" "[\"$(result .id)\",4001]"
for_ alice -k mem=1G -- true
ok "of a refusal, too" is "$(last sbx.refuse | jq -c '[.id, .for]')" "[\"$(result .id)\",4001]"
plain -- true
ok "and else nobody's" is "$(last sbx.start | jq -c .for) $(result .for)" "null null"
run sbx-run --explain --for alice -p $s/out/mine.sbx
ok "--explain shows no more" like "$status $err" '^2 .*Permission denied'

# ---- ids and groups change together, or nothing is opened ----

# The leak checker cannot do its work under ptrace.
export ASAN_OPTIONS=detect_leaks=0
shown "r $s/open /x"
for call in setgroups setfsgid setfsuid; do
	run strace -qqf -o "$T/calls" -e trace=$call -e inject=$call:retval=0:when=1 \
	    sbx-run --for alice -p shown -- cat /x/free
	ok "$call does nothing, and says it did: seen" like "$status $out $err" \
	    '^125 .*cannot take the rights of user 4001: Operation not permitted'
done

# Whatever fails instead, what is not for her is not shown; each third of the calls.
disturb=$BND_BUILD/tests/helper/disturb
if [[ $(uname -m) == x86_64 ]] && "$disturb" -o "$T/d" true; then
	shown "r $s/open/shut /x"
	chmod 0644 $s/open/shut && chmod 0700 $s/open
	plain -p shown -- cat /x
	ok "control: root's caller has it shown" is "$out" shut
	seen=0 asked=0
	for ((n = 30 + RANDOM % 3; n < 110; n += 3)); do
		run in_time "$disturb" -o "$T/d" -n $n -e $((n % 2 ? 5 : 38)) \
		    "$BND_BUILD/sbx-run" --for alice -p shown -- cat /x
		[[ $out != *shut* ]] || { seen=$((seen + 1)); diag "call $n: $(xargs <"$T/d")"; }
		[[ $err != *'not for user'* ]] || asked=$((asked + 1))
		[[ $err != *'(mode-set --check ends that)'* ]] || mode-set --check >/dev/null 2>&1
	done
	ok "whichever call fails she is not shown it" is $seen 0
	ok "and some were as hers ($asked)" test $asked -ge 3
else
	skip_kernel "calls that fail" "none can be disturbed here"
fi

# ---- without it nothing of it is done ----

calls() {
	run strace -qqf -o "$T/calls" -e trace=setfsgid,openat,openat2 sbx-run "$@" -- true
	grep -cE "setfsgid\(|etc/(passwd|group)" "$T/calls"
}
ok "control: --for makes such calls" test "$(calls --for alice)" -ge 3
ok "without it there are none" is "$(calls)" 0
ok "nothing is left" unharmed
tap_done
