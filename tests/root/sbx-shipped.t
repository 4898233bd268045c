#!/bin/bash
# sbx-shipped.t: the shipped profiles do their jobs, and what a profile says holds in a run
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
mkdir -p /etc/bnd/sbx/floor
install -m 0644 "$BND_TREE"/etc/sbx/*.sbx /etc/bnd/sbx/
mkdir "$T/w" && chown 1234:1234 "$T/w"

# as NAME ARG...: a run with this shipped profile
as() {
	rm -f "$T/result"
	run sbx-run --result "$T/result" -p "$@"
}
# stopped WHAT LIKE [ARG...]: refused before anything ran, stage profile
stopped() {
	local what=$1 like=$2
	shift 2
	rm -f "$T/result"
	run sbx-run --result "$T/result" "$@" -- touch /job/ran
	ok "$what: 125" status 125
	ok "$what: says why" like "$err" "$like"
	ok "$what: by its stage" is "$(result .stage)" profile
	ok "$what: nothing ran" not test -e "$T/w/ran"
}

# ---- what they are for ----
as judge --work "$T/w" -- true
ok "judge runs $err" status 0
printf '#!/bin/sh\nread -r a b && echo $((a + b))\n' >"$T/w/answer"
chmod 755 "$T/w/answer" && chown 1234:1234 "$T/w/answer"
rm -f "$T/result"
run sbx-run --result "$T/result" -p judge --work "$T/w" -- /job/answer <<<"2 3"
ok "judge runs what was handed in, on its input" is "$status $out" "0 5"
as judge --work "$T/w" -- sh -c 'echo x >/job/answer'
ok "which is not written" is "$(tail -1 "$T/w/answer")" 'read -r a b && echo $((a + b))'
as judge --work "$T/w" -- sh -c 'yes | head -c 20M'
ok "and too much output ends it" is "$status $(result .reason)" "124 output-limit"

run sbx-run -p convert -- tr a-z A-Z <<<"text"
ok "convert: from its input to its output" is "$status $out" "0 TEXT"
as convert --work "$T/w" -- touch /job/new
ok "and writes no file of the host" not test -e "$T/w/new"

as build --work "$T/w" -- sh -c 'cp /bin/true /job/made && /job/made'
ok "build runs what it made $err" status 0
as agent --work "$T/w" -- sh -c 'cp /bin/true /job/made2; /job/made2'
ok "control: agent writes in its directory" test -f "$T/w/made2"
ok "and does not run what is there" status 126

# ---- X36's nested bind, as the agent's page tells it ----
mkdir "$T/w/.git" && chown 1234:1234 "$T/w/.git"
as agent --work "$T/w" -- touch /job/.git/hook
ok "a directory with .git is refused" is "$status $(result .reason)" "125 refused"
as agent --work "$T/w" -k "bind=r \$WORK/.git /job/.git" -- sh -c 'touch /job/new; touch /job/.git/hook; ls -d /job/.git'
ok "a read-only bind over it lifts that $err" is "$out" /job/.git
ok "the rest is written" test -e "$T/w/new"
ok "and that is not" not test -e "$T/w/.git/hook"
rmdir "$T/w/.git"

# ---- X1 to X6 where they count: nothing ran ----
ok "control: it would have" is "$(sbx-run -p agent --work "$T/w" -- touch /job/ran; rm "$T/w/ran" && echo ran)" ran
stopped "no such profile" 'no profile nosuch' -p nosuch --work "$T/w"
stopped "no name at all" 'not the name of a profile' -p '' --work "$T/w"
mkfifo /etc/bnd/sbx/fifo.sbx
stopped "a FIFO" 'not a regular file' -p fifo --work "$T/w"
printf 'mem 1G\nfoo\n' >/etc/bnd/sbx/odd.sbx
stopped "a bad line" 'odd.sbx:2: no such key: foo' -p odd --work "$T/w"
stopped "a looser option" '-k: mem 4G is looser than 2G of agent.sbx:' -p agent -m 4G --work "$T/w"
printf 'base a\n' >/etc/bnd/sbx/a.sbx
stopped "a circle" 'bases in a circle' -p a --work "$T/w"

# ---- X124: a floor counts at the next run ----
printf 'mem 256M\n' >/etc/bnd/sbx/floor/OPEN.sbx
as agent --work "$T/w" -- true
ok "a floor's file narrows a run" is "$status $(result '.narrowed | index("mem") != null')" "0 true"
printf 'mem 256M' >/etc/bnd/sbx/floor/OPEN.sbx
stopped "a broken one" 'floor/OPEN.sbx:1: the last line does not end with LF' -p agent --work "$T/w"
printf 'pids 9000\n' >/etc/bnd/sbx/floor/OPEN.sbx
stopped "a looser one" 'floor/OPEN.sbx:1: pids 9000 is looser than 8192' -p agent --work "$T/w"
rm /etc/bnd/sbx/floor/OPEN.sbx

# ---- what --explain says is what runs ----
for p in agent build convert judge; do
	as $p --work "$T/w" -- true
	explained=$(sbx-run --explain --json -p $p --work "$T/w" | jq -r .policy)
	ok "$p: the policy explained is the one that ran" is "$(result .policy)" "$explained"
done
rm -rf "$T/w"

# ---- each key is seen in a run: another value, another end -------------------
mkdir "$T/own" "$T/own/.git" "$T/x" && chown -R 1234:1234 "$T/own" && echo seen >"$T/x/file" && chmod 711 "$T"
had=() more=() opt=()
# key NAME VALUE WANT VALUE WANT HOW WHAT...; more: other lines of both profiles, opt: options
key() {
	local name=$1 seen=$6 i got
	local -a what=("${@:7}") pair=("$2" "$3" "$4" "$5")
	had+=("$name")
	for i in 0 2; do
		profile key "${more[@]}" "$name ${pair[i]}"
		sbx=(-p key "${opt[@]}")
		"by_$seen" "${what[@]}"
		ok "$name ${pair[i]}: ${pair[i + 1]:-nothing}" like "$got" "^(${pair[i + 1]})$"
	done
	more=() opt=() sbx=()
}
# How it is seen. A field of the result; a line of the payload's; what a shell says.
by_result() {
	inside "${@:2}" </dev/null
	got=$(result "$1")
}
by_line() {
	inside "${@:2}" </dev/null
	got=$(sed -n "s|^$1: ||p" <<<"$out" | head -n 1)
	[[ $(result .reason) == exited ]] || got="125 $(result .stage)"
}
by_shell() {
	run sbx-run "${sbx[@]}" --result "$T/result" -- sh -c "$1" <"${2:-/dev/null}"
	got=$out
	[[ $(result .reason) == exited ]] || got="125 $(result .stage)"
}
# A file of its leaf: CONTROLLER, v2's name, v1's.
by_leaf() {
	local n d
	begin stay
	[[ $P ]] || { finish; got=$err; return; }
	n=$(sed -n 's|^0::.*/bnd-sbx/||p' "/proc/$P/cgroup")
	d=$(v2)/bnd-sbx/$n/$2
	[[ -e $d ]] || d=$(find "$(v1 "$1")" -type d -name "bnd-sbx-$n")/$3
	got=$(cat "$d")
	finish
}
by_records() {
	local was
	was=$(records sbx.end)
	inside "$@"
	got=$(($(records sbx.end) - was))
}
# What is done to it by a mode that is too strict for it.
by_sweep() {
	local d
	begin stay
	d=$(v2)$(sed -n 's/^0:://p' "/proc/$P/cgroup")
	sbx-run --enforce --mode trusted >/dev/null
	got=$(xargs <"$d/cgroup.events" 2>/dev/null)
	[[ $got == *"populated 1"* ]] || got=dead
	[[ $got == dead ]] || echo 0 >"$d/cgroup.freeze"
	finish
}
why='.reason + (if .stage then " " + .stage else "" end)'

key mem 24M memory-limit 128M exited result "$why" eat malloc 40
more=('mem 64M')
key swap 32M '33554432|100663296' 0 '0|67108864' leaf memory memory.swap.max memory.memsw.limit_in_bytes
key pids 3 2 5 4 line forked tree bomb
key cpu 30% '30000( 100000)?' 50% '50000( 100000)?' leaf cpu cpu.max cpu.cfs_quota_us
key time 50ms cpu-limit 20s exited result "$why" eat spin 0.15
more=('grace 1ms')
key wall 60ms wall-limit 20s exited result "$why" eat spin 0.15
more=('wall 400ms' 'grace 1ms')
key idle 60ms idle-limit 20s wall-limit result "$why" tree deaf
more=('wall 10ms')
key grace 1ms false 300ms true result '.wall_ms >= 300' tree deaf
key setup 1ms 'setup-timeout [a-z]+' 20s exited result "$why" stay exit 0
key out 9 output-limit 9K exited result "$why" eat output 20
more=('out 9')
key out-over kill null truncate 0 result .exit_code eat output 20000000
key tmp '1M 16' '[01]' '8M 16' 3 line eaten eat file /tmp/big 3
key fsize 1M signaled 8M exited result "$why" eat file /tmp/big 3
key nofile 9 9 12 12 shell 'ulimit -n'
key landlock 99 'setup-error profile' 1 exited result "$why" stay exit 0
key mode-min AIRGAP 'refused profile' OPEN exited result "$why" stay exit 0
more=('syscalls @base @file @proc @net')
key net none 'EPERM|EACCES|ENOSYS' loop ok line echo sockets echo
key proc none ENOENT pid 'ok [0-9]+' line 'd /proc' opens -d /proc
key stdin null /dev/null any "$T/x/file" shell 'readlink /proc/self/fd/0' "$T/x/file"
key wx none EPERM mem ok line both args wx
more=('nofile 5000')
key on-tighten kill dead freeze 'populated 1 frozen 1' sweep
key log none 0 all 1 records stay exit 0
key syscalls '@base @file' ENOSYS '@base @file @proc' ok line clone args clone
key dev null ENOENT 'null zero' 'ok 1' line 'r /dev/zero' opens -r /dev/zero
exec 7<"$T/x/file"
key fds none EBADF 7 'ok 1' line read fds read 7
exec 7<&-
export CALLERS=seen
key pass-env none '' CALLERS seen shell 'echo $CALLERS'
more=('net allow' 'syscalls @base @file @proc @net')
key allow none '' 192.0.2.1:7 '[a-z]+://.*' shell 'echo $https_proxy'
key deny uname '' none Linux shell 'uname 2>/dev/null; :'
more=("bind r $T/x /x")
key hide "$T/x" 'refused [a-z]+' none exited result "$why" stay exit 0
more=('bind rw $WORK /job') opt=(--work "$T/own")
key protect .git 'refused source' none exited result "$why" stay exit 0
key bind "r $T/x /x" seen "r $T/own /x" '' shell 'cat /x/file 2>/dev/null; :'
key env A=1 1 A=2 2 shell 'echo $A'
key cwd /usr /usr /usr/lib /usr/lib shell pwd
for word in 1:ran 2:; do
	printf '%s\n' "version ${word%:*}" 'bind rx /usr' >/etc/bnd/sbx/key.sbx
	run sbx-run -p key -- echo ran
	ok "version ${word%:*}: ${word#*:}" is "$out" "${word#*:}"
done
had+=(version)
printf '%s\n' 'nofile 11' >/etc/bnd/sbx/eleven.sbx
printf '%s\n' 'nofile 13' >/etc/bnd/sbx/thirteen.sbx
based() {
	echo "base $1" >/etc/bnd/sbx/key.sbx
	run sbx-run -p key -- sh -c 'ulimit -n'
}
for word in eleven:11 thirteen:13; do
	based ${word%:*}
	ok "base ${word%:*}: ${word#*:}" is "$out" "${word#*:}"
done
had+=(base)
# Of floors alone.
printf '%s\n' 'bind rx /usr' >"$T/own.sbx"
for word in system: any:ran; do
	echo "profiles ${word%:*}" >/etc/bnd/sbx/floor/OPEN.sbx
	run sbx-run -p "$T/own.sbx" -- echo ran
	ok "profiles ${word%:*}: a profile of one's own" is "$out" "${word#*:}"
done
rm /etc/bnd/sbx/floor/OPEN.sbx
had+=(profiles)
every() {
	sed -n '/^\.Sh KEYS/,/^\.Sh SYSTEM CALLS/s/^\.It Ic \([a-z-]*\).*/\1/p' "$BND_TREE/man/sbx-profile.5"
	sbx-run --explain --json | jq -r '.keys | keys[]'
}
ok "there is no key that was not seen to work" is "$(printf '%s\n' "${had[@]}" | sort | xargs)" "$(every | sort -u | xargs)"
ok "nothing is left" unharmed
tap_done
