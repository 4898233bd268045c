#!/bin/bash
# sbx-odd.t: what an odd caller is, holds or is led to gives the payload nothing
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
chmod 0711 "$T"

# ---- descriptors that lead out --------------------------------------------------

printf '%s\n' 'version 1' 'bind rx /usr' 'stdin any' >"$T/any.sbx"
at_zero() { run sbx-run -p "$T/any.sbx" -- readlink /proc/self/fd/0; }
run setpriv --reuid 65534 --regid 65534 --clear-groups stat -Lc %s /proc/self/fd/0/../etc/shadow </usr
ok "control: from a directory as its input anybody looks at the host" like "$out" '^[0-9]+$'
at_zero </dev/zero
ok "control: any input passes" is "$out" /dev/zero
at_zero </usr
ok "but a directory, for /dev/null" is "$out" /dev/null
for n in 21 22 27; do
	printf '%s\n' 'version 1' 'bind rx /usr' "fds $n" >"$T/fds.sbx"
	run "$BND_BUILD/tests/helper/heirloom" "$BND_BUILD/sbx-run" -p "$T/fds.sbx" -- true
	ok "descriptor $n, which is no file, is refused" like "$status $err" '^125 .*refused: source: fds'
done
printf '%s\n' 'version 1' 'bind rx /usr' "fds 23" >"$T/fds.sbx"
run "$BND_BUILD/tests/helper/heirloom" "$BND_BUILD/sbx-run" -p "$T/fds.sbx" -- true
ok "control: a memfd is one" status 0

# What a payload sets at its input it does not set for others that read there.
flags() { sed -n 's/^flags:[[:blank:]]*//p' "/proc/$$/fdinfo/$1"; }
# shellcheck disable=SC2016
set_nonblock='use Fcntl; fcntl(STDIN, F_SETFL, O_NONBLOCK) or die; print "set\n"; print scalar <STDIN>;'
exec 8< <(echo first; sleep 100)
was=$(flags 8)
run perl -e "$set_nonblock" <&8
ok "control: outside it does" isnt "$(flags 8)" "$was"
exec 8<&- 8< <(echo first; sleep 100)
run sbx-run -- perl -e "$set_nonblock" <&8
ok "inside it can, and reads" is "$status $out" $'0 set\nfirst'
ok "the caller's own are as they were" is "$(flags 8)" "$was"
exec 8<&-
mkfifo "$T/both"
exec 8<>"$T/both"
run sbx-run -- readlink /proc/self/fd/0 <&8
ok "one that could be written is not its input" is "$out" /dev/null
exec 8<&-
# The end of a pipe is told by poll(), also where it came before the start.
wait_end='use IO::Poll; my $p = IO::Poll->new; $p->mask(*STDIN => POLLIN); while ($p->poll(5)) { last unless sysread(STDIN, $b, 1); $n++ } print "$n\n";'
mkfifo "$T/fifo"
(echo abc >"$T/fifo") &
exec 8<"$T/fifo"
wait $!
run in_time sbx-run -- perl -e "$wait_end" <&8
ok "whose writers are gone: that is seen" is "$out" 4
exec 8<&-
run in_time sbx-run -- perl -e "$wait_end" < <(echo ab; sleep 0.3; echo c)
ok "nor does it wait for one that goes" is "$out" 5

# ---- names that a user turns about ----------------------------------------------

mkdir "$T/u" "$T/u/mine" "$T/victim" "$T/roots"
echo secret >"$T/victim/diary"
chown -R 1234:1234 "$T/u"
chown -R 4321:4321 "$T/victim"
chmod 0700 "$T/victim"
printf '%s\n' 'version 1' 'bind rx /usr' 'bind rw $WORK /job' >"$T/work.sbx"
work() { run sbx-run -p "$T/work.sbx" --work "$@" -- cat /job/diary; }
work "$T/victim"
ok "control: whoever is lent a directory reads there, whoever's it is" is "$out" secret
setpriv --reuid 1234 --regid 1234 --clear-groups ln -s "$T/victim" "$T/u/job"
work "$T/u/job"
ok "a user's link to it is not followed" like "$status $out $err" "^125  .*not root's alone"
work "$T/u/job/."
ok "nor in the middle" like "$status $out" '^125 $'
ln -s "$T/victim" "$T/roots/job"
work "$T/roots/job"
ok "root's is" is "$status $out" "0 secret"
cd "$T/u/mine" || bail "no directory"
work ../../victim
ok "nor is a step up in what is typed one too many" is "$status $out" "0 secret"
cd / || bail "no root"
work "$T/victim/diary"
ok "a file is no directory" like "$status $err" '^125 .*is no directory'

setpriv --reuid 1234 --regid 1234 --clear-groups ln -s "$T/victim" "$T/u/out"
run sbx-run --result "$T/u/out/result" -- true
ok "a result is not written by way of a user's link" like "$status $err" "^125 .*not root's alone"
ok "nothing was made there" is "$(ls "$T/victim")" diary
run sbx-run --result "$T/u/mine/result" -- true
ok "control: elsewhere of his it is" is "$status $(jq -r .reason "$T/u/mine/result")" '0 exited'
run sbx-run --result "$T/one" --meta "$T/one" -- true
ok "result and meta do not share a file" like "$status $err" '^125 .*result and meta'
for f in "$T/" "$T/." "$T/none/x" "$T/.." ''; do
	run sbx-run --result "$f" -- true
	ok "nor is a directory one: '$f'" like "$status $err" '^125 sbx-run: (setup-error|refused): args'
done

# ---- arguments ------------------------------------------------------------------

refuses() {
	local what=$1
	shift
	run in_time sbx-run "$@" -- true
	ok "$what" like "$status $err" '^125 sbx-run: '
}
refuses "a key with a line feed is one key" -k $'mem=64M\nbind rw /srv /x'
refuses "so is one in a limit" -m $'64M\npids max'
refuses "no number, no limit" -n ''
refuses "no key, no value" -k =
for src in /proc/self /proc/self/root /dev/fd /dev/fd/0 /proc/1/root /sys/fs/cgroup /dev /run; do
	printf '%s\n' 'version 1' 'bind rx /usr' "bind r $src /x" >"$T/src.sbx"
	refuses "nothing is shown of $src" -p "$T/src.sbx"
done
(echo version 1; echo bind rx /usr; for i in {1..4096}; do echo "bind r? /usr/$i /x/$i"; done) >"$T/many.sbx"
refuses "4096 binds are too many" -p "$T/many.sbx"
refuses "a work directory behind a descriptor of another's is not followed" --work "/proc/$canary_P/root"
mapfile -t big < <(seq -f 'V%g=x' 3000)
run env "${big[@]}" "LANG=$(head -c 100000 /dev/zero | tr '\0' x)" "$BND_BUILD/sbx-run" -- sh -c 'echo ${#LANG}'
ok "a huge environment passes no more than it may" is "$status $out" '0 100000'
run unshare --time --boottime 100000 --fork sbx-run -- true
ok "in a clock of one's own nothing runs" like "$status $err" '^125 sbx-run: (setup-error|refused): '

# What wx none does not hold back, and says so: what a program's own file asks for.
cp /bin/busybox "$T/roots/busybox"
# shellcheck disable=SC2016
perl -e 'open F, "+<", shift or die; binmode F; read F, $h, 64; $o = unpack "x32 Q", $h; $n = unpack "x56 S", $h;
    for (1 .. $n) { seek F, $o, 0; read F, $p, 56; ($t, $f) = unpack "LL", $p;
	if ($t == 0x6474e551) { seek F, $o + 4, 0; print F pack "L", 7; print "patched\n" } $o += 56 }' "$T/roots/busybox" >"$T/patched"
printf '%s\n' 'version 1' 'bind rx /usr' "bind rx $T/roots /x" 'wx none' >"$T/wx.sbx"
run sbx-run -p "$T/wx.sbx" -- /bin/busybox grep -c rwx /proc/self/maps
ok "under wx none nothing is writable and executable" is "$(cat "$T/patched") $out" 'patched 0'
run sbx-run -p "$T/wx.sbx" -- /x/busybox grep -c rwx /proc/self/maps
ok "but the stack of a program whose file says so" is "$out" 1

# ---- bad moments ------------------------------------------------------------------

bad='' ended=0
for i in {1..30}; do
	rm -f "$T/result"
	run timeout --preserve-status --kill-after=20 "0.00$((i % 10))$i" sbx-run --result "$T/result" -- sleep 30
	case "$status $(result .reason 2>/dev/null)" in
	"143 ") ;;	# before its own first step
	"143 cancelled") ended=$((ended + 1)) ;;
	*) bad+=" [$status $(result .reason): $err]" ;;
	esac
done
ok "a signal at any moment of a start cancels it ($ended were on their way)" is "$bad" ''
while [[ -d $T && ! -e $T/enough ]]; do sbx-run --gc >/dev/null 2>&1; done &
janitor=$!
bad=''
for i in {1..10}; do
	sbx-run -- true & one=$!
	sbx-run -- true & two=$!
	wait $one || bad+=" $?"
	wait $two || bad+=" $?"
done
touch "$T/enough"
wait $janitor
ok "janitors do nothing to what starts beside them" is "$bad" ''
next=$(($(<"/run/bnd/sbx/next") % 1024))
mkdir "$(v2)/bnd-sbx/$next"
sleep 1000 &
squatter=$!
echo $squatter >"$(v2)/bnd-sbx/$next/cgroup.procs"
run sbx-run -- true
ok "a leaf where somebody is already is nobody's start" like "$status $err" '^125 .*setup-error: cgroup'
ok "and he is left alone" kill -0 $squatter
run sbx-run -- true
ok "the next one has another" status 0
run sbx-run --gc
ok "a janitor ends what nobody has a lease of" not kill -0 $squatter
ok "nothing is harmed" unharmed
tap_done
