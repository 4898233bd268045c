#!/bin/bash
# sbx-run.t: to a shell a sandboxed command is the command itself
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

box() {
	rm -f "$T/result"
	sbx-run --result "$T/result" "${sbx[@]}" "$@"
}
field() {
	jq -r "$1" "$T/result"
}

# ---- exit status ---------------------------------------------------------------

for n in 0 1 77 124 125 126 127 255; do
	run box -- sh -c "exit $n"
	ok "exit $n is passed on" status $n
	ok "and told apart by its result" is "$(field '.reason, .exit_code' | xargs)" "exited $n"
done
for sig in TERM KILL SEGV PIPE; do
	run box -- sh -c "kill -$sig \$\$"
	ok "death by SIG$sig is 128 and its number" status $((128 + $(kill -l $sig)))
	ok "and is told" is "$(field '.reason, .signal' | xargs)" "signaled $(kill -l $sig)"
done
run box true
ok "no -- is needed" status 0
run box sh -c 'exit 9' -q --help
ok "what follows the command is its own" status 9

# ---- cannot run (X77) ----------------------------------------------------------

mkdir "$T/w" && chown 1234:1234 "$T/w"
printf '#!/no/such/interpreter\n' >"$T/w/script"
printf 'text\n' >"$T/w/plain"
printf '\177ELFnonsense' >"$T/w/broken"
printf '#!/bin/sh\n' >"$T/w/noexec"
chmod 755 "$T/w/script" "$T/w/plain" "$T/w/broken"
cp /bin/true "$T/w/right"
chown 1234:1234 "$T/w"/*
cannot() {
	local want=$1 errno=$2 what=$3
	shift 3
	run box "${bind[@]}" -- "$@"
	ok "$what: $want" status "$want"
	ok "$what: by errno $errno" is "$(field '.reason, .errno' | xargs)" "exec-error $errno"
	ok "$what: nothing ran" is "$(field .exit_code)" null
	ok "$what: and that is said" like "$err" '^sbx-run: cannot run '
}
printf '%s\n' 'version 1' 'bind rx /usr' "bind rx $T/w /x" >"$T/rx.sbx"
printf '%s\n' 'version 1' 'bind rx /usr' "bind r $T/w /x" >"$T/r.sbx"
bind=(-p "$T/rx.sbx")
cannot 127 2 "no such command" no-such-command
cannot 127 2 "no such file" /x/none
cannot 126 2 "no interpreter" /x/script
ok "which is what is said" like "$err" 'interpreter: No such file'
cannot 126 8 "no program" /x/plain
cannot 126 8 "a broken one" /x/broken
cannot 126 13 "not executable" /x/noexec
cannot 126 13 "a directory" /x
run box "${bind[@]}" -- /x/right
ok "control: a program there runs" status 0
ln "$T/w/right" "$T/w/-q"
run box "${bind[@]}" -k env=PATH=/x -- -q --help
ok "after -- a command may look like an option" is "$status $(field '.reason, .argv0' | xargs)" "0 exited -q"
bind=(-p "$T/r.sbx")
cannot 126 13 "on a mount without execution" /x/right
# By whatever name, and behind whatever: it is the file that may not.
cp /bin/true "$T/w/other"
ln "$T/w/right" "$T/w/hard"
ln -s right "$T/w/soft"
ln -s /usr/bin/true "$T/w/away"
mv "$T/w/other" "$T/w/sh"
chown -h 1234:1234 "$T/w"/*
for name in hard soft sh; do
	cannot 126 13 "the same as $name" /x/$name
done
run box "${bind[@]}" -- /x/away
ok "control: a link to what may be run is that" status 0
for by in 'exec -a /usr/bin/true /x/right' '/lib64/ld-linux-x86-64.so.2 /x/right' \
    'exec /proc/self/fd/9 9</x/right' 'cp /x/right /tmp/r; /tmp/r' 'cp /x/right /dev/shm/r; /dev/shm/r' \
    'ln -s /x/right /tmp/s; /tmp/s' 'exec -a sh /x/sh' \
    'python3 -c "import os; os.execve(os.open(\"/x/right\", os.O_RDONLY), [\"true\"], {})"' \
    'python3 -c "import os; f = os.memfd_create(\"m\"); os.write(f, open(\"/x/right\", \"rb\").read()); os.execve(f, [\"true\"], {})"'; do
	[[ $by != *ld-linux* || -e /lib64/ld-linux-x86-64.so.2 ]] || continue
	run bash -c "${by//\/x\//$T/w/}"
	ok "control: outside: $by" status 0
	run box "${bind[@]}" -k wx=none -- bash -c "$by"
	ok "it is the file that may not be run: $by" isnt "$status" 0
	ok "and that is why" like "$err" '([Pp]ermission denied|Operation not permitted|failed to map segment|not implemented)'
done
# Between a check and the use there is nothing: what was opened is what is judged.
cp /bin/uname "$T/w/loud" && chown 1234:1234 "$T/w/loud"
ln -s /usr/bin/true "$T/w/swap"
(while [[ ! -e $T/enough ]]; do
	ln -s /usr/bin/true "$T/w/new" && mv "$T/w/new" "$T/w/swap"
	ln "$T/w/loud" "$T/w/new" && mv "$T/w/new" "$T/w/swap"
done) &
swapping=$!
# Each at least once, however the two are scheduled.
run box "${bind[@]}" -- sh -c 'i=0; while [ $i -lt 300 ] || { [ $i -lt 6000 ] && [ "$no $ran" != "no ran" ]; }; do
    /x/swap 2>/dev/null && ran=ran || no=no; i=$((i+1)); done; echo "$no $ran"'
touch "$T/enough"
wait $swapping
ok "swapped all the while: only the one that may ever ran" is "$out" "no ran"
run sh -c '/no/such/command; echo $?; sh -c "exit 126"; echo $?'
ok "as a shell has it" is "$out" $'127\n126'

# ---- arguments, byte for byte (X7) -------------------------------------------

args=($'a\nb' "quote\"'\`\$x" '' '-h' $'\xff\xfe' ' blank ' '*' $'\e[31m')
printf '%s\0' "${args[@]}" >"$T/want"
sbx-run -- printf '%s\0' "${args[@]}" >"$T/got"
ok "hostile arguments arrive as they are" cmp "$T/want" "$T/got"
run box -- $'no\nsuch "command"\xff'
ok "a hostile command is JSON in the result" is "$(field .reason)" exec-error
ok "and its name harmless on a terminal" unlike "$err" $'\xff'
mapfile -t many < <(seq 10000)
printf '%s\n' "${many[@]}" >"$T/want"
sbx-run -- printf '%s\n' "${many[@]}" >"$T/got"
ok "10 000 of them" cmp "$T/want" "$T/got"
long=$(head -c 131071 /dev/zero | tr '\0' x)
printf '%s' "$long" >"$T/want"
sbx-run -- printf '%s' "$long" >"$T/got"
ok "one of 128 KiB" cmp "$T/want" "$T/got"

# ---- standard input, output, error -----------------------------------------------

head -c 3000000 /dev/urandom >"$T/data"
# shellcheck disable=SC2094
sbx-run -- cat <"$T/data" >"$T/got"
ok "3 MB through files" cmp "$T/data" "$T/got"
cat "$T/data" | sbx-run -- cat | cat >"$T/got"
ok "through pipes" cmp "$T/data" "$T/got"
cat "$T/data" | sbx-run -- cat | { sleep 0.3; cat; } >"$T/got"
ok "to a reader that comes late" cmp "$T/data" "$T/got"
run box -- sh -c 'echo out; echo err >&2'
ok "both streams" is "$out $err" "out err"
run box -- sh -c 'echo again >/dev/stdout; echo twice >/dev/stderr'
ok "which can be opened by their names" is "$out $err" "again twice"
loop='i=0; while [ $i -lt 300 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done'
sh -c "$loop" >"$T/want" 2>&1
sbx-run -- sh -c "$loop" >"$T/got" 2>&1
ok "2>&1 keeps their order" cmp "$T/want" "$T/got"
(echo one; sbx-run -- echo two; echo three) >"$T/got"
ok "a file that others write, too" is "$(xargs <"$T/got")" "one two three"
sbx-run -- echo four >>"$T/got"
ok "and one that is appended to" is "$(tail -1 "$T/got")" four
(read -r first; sbx-run -- sh -c 'read -r x; echo $x'; read -r last; echo "$first $last") >"$T/got" < <(printf 'a\nb\nc\n')
ok "it reads its own line of an input that is shared" is "$(xargs <"$T/got")" "b a c"

# A reader that has enough: as without us.
(sh -c 'yes; echo $? >&3' 3>"$T/bare" | head -1) >/dev/null
(sbx-run -- yes; echo $? >"$T/boxed") | head -1 >/dev/null
ok "a reader that has enough ends it" is "$(cat "$T/boxed")" "$(cat "$T/bare")"
run bash -c 'sbx-run -- echo lost >/dev/full'
ok "a full disk is no success" status 125
ok "and is said" like "$err" 'output is lost: No space left'
run bash -c 'sbx-run -- sh -c "cat; echo \$?; readlink /proc/self/fd/0" <&-'
ok "closed input is an empty one" is "$out" $'0\n/dev/null'
run bash -c 'sbx-run -- sh -c "exit 4" <&- >&- 2>&-'
ok "all three closed" status 4

# What it may get as its input (X20).
input() {
	run bash -c 'sbx-run "${@:2}" -- readlink /proc/self/fd/0 '"$1" bash "$@"
}
printf '%s\n' 'version 1' 'bind rx /usr' 'stdin any' >"$T/any.sbx"
printf '%s\n' 'version 1' 'bind rx /usr' 'stdin null' >"$T/null.sbx"
input "<$T/data"
ok "a file that is read passes" is "$out" "$T/data"
input "<>$T/data"
ok "one that could be written does not" is "$out" /dev/null
input '</dev/zero'
ok "nor does a device" is "$out" /dev/null
input '</dev/zero' -p "$T/any.sbx"
ok "but under any" is "$out" /dev/zero
input "<$T/data" -p "$T/null.sbx"
ok "and nothing does under null" is "$out" /dev/null

printf '%s\n' 'version 1' 'bind rx /usr' 'fds 7' >"$T/fds.sbx"
run bash -c 'sbx-run -p "$1" -- readlink /proc/self/fd/7 7<"$2"' bash "$T/fds.sbx" "$T/data"
ok "a descriptor that is listed passes" is "$status $out" "0 $T/data"
run bash -c 'sbx-run -p "$1" -- true 7</etc' bash "$T/fds.sbx"
ok "a directory never" like "$status $err" '125 .*refused: source: fds 7: a directory'
run sbx-run -p "$T/fds.sbx" -- true
ok "nor one that the caller has not, whatever we have there" like "$status $err" '125 .*setup-error: source: fds 7'

# ---- environment (X8), directory, priority -----------------------------------------

run env -i SECRET=x LD_PRELOAD=/x.so IFS=x BASH_ENV=/x GLIBC_TUNABLES=x GCONV_PATH=/x TZ=Mars LANG=C.UTF-8 \
    PATH="$PATH" MALLOC_CHECK_=3 sbx-run -- env
ok "the environment is the profile's" is "$(sort <<<"$out" | cut -d= -f1 | xargs)" "HOME LANG PATH TZ"
ok "with what it lets through" like "$out" 'LANG=C.UTF-8'
run env -i "$BND_BUILD/sbx-run" -- env
ok "and nothing of ours" is "$(cut -d= -f1 <<<"$out" | sort | xargs)" "HOME PATH"
mkdir "$T/gone" && cd "$T/gone" && rmdir "$T/gone"
run sbx-run -- pwd
ok "from a directory that is gone (X10)" is "$status $out" "0 /tmp"
cd / || bail "no root"
# The shell's own idea of where it is, and the kernel's.
where='pwd; readlink /proc/self/cwd'
run box -k cwd=/usr/lib -- sh -c "$where"
ok "cwd is where it begins" is "$status $out" $'0 /usr/lib\n/usr/lib'
run box --work "$T/w" -- sh -c "$where"
ok "/job is where it begins if there is one" is "$status $out" $'0 /job\n/job'
ok "which is the directory that was given" is "$(sbx-run --work "$T/w" -- ls)" "$(ls "$T/w")"
run box -k cwd=/tmp --work "$T/w" -- pwd
ok "unless it is told another" is "$out" /tmp
run box -k cwd=/none -- sh -c 'echo ran'
ok "one that is not there: nothing runs" is "$status $out" "125 "
ok "and that is said" is "$(field '.reason, .stage, .errno' | xargs)" "setup-error chdir 2"
run nice -n 19 sbx-run -- nice
ok "the priority is the caller's" is "$out" 19
run bash -c 'umask 0777; sbx-run -- sh -c umask'
ok "the umask is not" is "$out" 0022
run bash -c 'trap "" CHLD PIPE; sbx-run -- sh -c "grep -E \"^Sig(Ign|Blk)\" /proc/self/status"'
ok "signals are as in the beginning" is "$(tr -d '[:space:]' <<<"$out")" "SigBlk:0000000000000000SigIgn:0000000000000000"
run bash -c 'ulimit -n 8; sbx-run -- true'
ok "8 descriptors are too few, and that is said" like "$status $err" '^(0|125 sbx-run: setup-error: )'
run bash -o pipefail -c '(ulimit -f 0; sbx-run -- true) 2>&1 | cat'
ok "so is no file" like "$status $out" '^(0|125 sbx-run: setup-error: )'

# ---- signals (X104), the caller's end (X105) -----------------------------------------

# gone PID: how long until it is, in ms; 2000 at most
gone() {
	local i from=${EPOCHREALTIME/./}
	for ((i = 0; i < 200; i++)); do
		[[ -d /proc/$1 ]] || break
		sleep 0.01
	done
	echo $(((${EPOCHREALTIME/./} - from) / 1000))
}
# By itself it would never end, whatever its input does.
for sig in INT TERM HUP QUIT; do
	how=inside
	begin stay ever
	ok "control: it runs" test -d "/proc/${P:-none}"
	kill -"$sig" "$S"
	ms=$(gone "$P")
	ok "SIG$sig: its process is gone within a second ($ms ms)" test "$ms" -lt 1000
	finish
	ok "SIG$sig ends it" status $((128 + $(kill -l $sig)))
	ok "and is told" is "$(field '.reason, .signal' | xargs)" "cancelled $(kill -l $sig)"
	ok "nothing is left" left_nothing
done
# At any moment of a start, too: it ran or not, but ends, and has one result.
bad=''
for ((i = 0; i < 40; i++)); do
	rm -f "$T/result"
	timeout --preserve-status "0.0$((i / 10))$((i % 10 + 1))" "$BND_BUILD/sbx-run" -q --result "$T/result" -- \
	    $payloads/stay x ever >/dev/null 2>&1
	st=$?
	# Before it has a handler it dies as any command does.
	case "$st $(result .reason 2>/dev/null)" in
	"143 cancelled" | "143 " | "125 setup-"*) ;;
	*) bad+=" [$i: $st $(cat "$T/result")]" ;;
	esac
done
ok "TERM at $i moments of a start ends it, each time with one reason" is "$bad" ''
ok "and leaves nothing" left_nothing
run bash -c 'trap "" HUP; sbx-run -- sleep 1 & sleep 0.3; kill -HUP $!; wait $!; echo $?'
ok "nohup means it" is "$out" 0
begin tree deaf
kill -TERM "$S"
finish
ok "a deaf one is killed after its grace (X70)" status 143
ok "and that is told" is "$(field '.reason, .killed' | xargs)" "cancelled true"
printf '%s\n' 'version 1' 'bind rx /usr' 'grace 30s' >"$T/grace.sbx"
sbx=(-p "$T/grace.sbx")
begin tree deaf
kill -TERM "$S"
sleep 0.1
kill -TERM "$S"
finish
ok "at once by a second signal" status 143
sbx=()
mkfifo "$T/life"
sleep 1000 >"$T/life" &
owner=$!
exec 7<"$T/life"
run sbx-run --die-with 4 -- true
ok "a lifetime descriptor is the caller's" like "$status $err" '125 .*cannot use descriptor 4'
sbx=(--die-with 7)
begin stay
exec 7<&-
ok "control: it lives as long as the descriptor" test -d "/proc/$P"
kill_quietly $owner
wait "$begun"
ok "the lifetime descriptor closes: it ends" is $? 129
ok "and that is told" is "$(field '.reason, .signal' | xargs)" "cancelled 1"
ok "its process is gone" not test -d "/proc/$P"
finish
sbx=()
begin stay
ok "the supervisor itself has one capability left, to kill" is \
    "$(sed -n 's/^Cap[IPE][a-z]*:.//p' "/proc/$S/status" | xargs)" "0000000000000000 0000000000000020 0000000000000020"
finish
begin stay ever
ok "control: one that ends by nothing runs" test -d "/proc/$P"
from=${EPOCHREALTIME/./}
true "$(true)"
idle=$((${EPOCHREALTIME/./} - from)) from=${EPOCHREALTIME/./}
kill -KILL "$S"
while [[ -d /proc/$P ]] && ((${EPOCHREALTIME/./} - from < 5000000)); do sleep 0.005; done
took=$((${EPOCHREALTIME/./} - from))
ok "a supervisor that is killed takes it along" not test -d "/proc/$P"
# A fork costs a millisecond; where it costs more, everything does.
ok "within 200 ms ($((took / 1000)))" test $took -lt $((200000 + 20 * idle))
finish
run sbx-run --gc
ok "what is left is swept" left_nothing

# ---- who may ------------------------------------------------------------------------------

run setpriv --reuid 65534 --regid 65534 --clear-groups sbx-run -- true
ok "another user is refused" is "$status $err" "125 sbx-run: refused: privilege: needs root"
run sbx-run
ok "no command is 125" is "$status $err" "125 sbx-run: a command is missing (try --help)"
run sbx-run --gc --list
ok "two jobs are 125" status 125
run sbx-run -R "$T" -- true
ok "nothing runs below another root" like "$status $err" '125 .*another root'
ok "an ordinary program runs, and nothing is left" unharmed
tap_done
