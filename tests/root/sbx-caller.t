#!/bin/bash
# sbx-caller.t: a caller's environment, signals, limits and place change nothing inside
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

# ---- the environment ----

odd=(LD_PRELOAD=/nowhere.so LD_LIBRARY_PATH=/nowhere GCONV_PATH=/nowhere MALLOC_CHECK_=3
    GLIBC_TUNABLES=glibc.malloc.check=3 IFS=x BASH_ENV=/nowhere BND_TEST=1 TERM=dumb LANG=C TZ=:/nowhere
    SECRET=hush)
run env "${odd[@]}" env
ok "control: a command has its caller's environment" like "$out" 'SECRET=hush'
run env -i "${odd[@]}" "$BND_BUILD/sbx-run" -- /usr/bin/env
ok "a payload has what its profile lists, and nothing else" is "$(sort <<<"$out")" \
    $'HOME=/tmp\nLANG=C\nPATH=/usr/local/bin:/usr/bin:/bin\nTERM=dumb\nTZ=:/nowhere'
sanitized || ok "and sbx-run says nothing about it" is "$err" ''
run env -i "$BND_BUILD/sbx-run" -- /usr/bin/env
ok "what the caller has not, the payload has not" is "$(sort <<<"$out")" $'HOME=/tmp\nPATH=/usr/local/bin:/usr/bin:/bin'

mkfifo "$T/zone"
run env "TZ=:$T/zone" timeout 0.3 date
ok "control: a variable makes a command wait for a file" status 124
run env "TZ=:$T/zone" timeout 10 "$BND_BUILD/sbx-run" -- /usr/bin/true
ok "sbx-run is not made to" status 0

# Where its files are is no caller's business: TMPDIR is another's, with the
# names that are to be used planted.
mkdir "$T/theirs" && chown 65534:65534 "$T/theirs"
for name in bnd-sbx sbx sbx-run 0 1 2 next; do
	ln -s /etc "$T/theirs/$name"
done
run env TMPDIR="$T/theirs" mktemp
ok "control: a command makes its files in TMPDIR" like "$out" "^$T/theirs/"
rm -f "$out"
theirs=$(find "$T/theirs" -printf '%p %u %l %T@\n')
sbx_nonce
run env TMPDIR="$T/theirs" TMP="$T/theirs" TEMP="$T/theirs" XDG_RUNTIME_DIR="$T/theirs" \
    strace -qq -e trace=%file,mount,move_mount,fsconfig -o "$T/trace" \
    "$BND_BUILD/sbx-run" -- $payloads/stay "$nonce" exit 0
ok "sbx-run with another's TMPDIR runs" payload_ran
ok "control: what it opens is seen" grep -q '"run/bnd/sbx/' "$T/trace"
ok "it looks at nothing there" not grep -q theirs <(grep -v execve "$T/trace")
ok "nor in any place where all may write" not grep -qE '"/?(var/)?tmp/' <(grep -v execve "$T/trace")
ok "and all there is as it was" is "$(find "$T/theirs" -printf '%p %u %l %T@\n')" "$theirs"
ok "its own is root's alone" is "$(stat -c '%a %U' /run/bnd/sbx)" "700 root"

# ---- signals ----

signals=('--ignore-signal=CHLD,TERM,PIPE,HUP,USR1' '--block-signal=CHLD,ALRM,USR2')
sbx_nonce
run env "${signals[@]}" $payloads/who "$nonce"
ok "control: ignored and blocked signals are inherited" unlike "$out" 'SigIgn:[[:space:]]0000000000000000'
sbx_nonce
run env "${signals[@]}" "$BND_BUILD/sbx-run" --result "$T/result" -- $payloads/who "$nonce"
ok "it runs" payload_ran
ok "none is blocked inside" like "$out" 'SigBlk:[[:space:]]0000000000000000'
ok "none is ignored" like "$out" 'SigIgn:[[:space:]]0000000000000000'

# ---- where its memory lies ----

run setarch -R cat /proc/self/personality
ok "control: who asks for fixed addresses hands that on" is "$out" 00040000
run setarch -R "$BND_BUILD/sbx-run" -- cat /proc/self/personality
ok "not to a payload" is "$out" 00000000

# ---- limits and place: it works, or says at which stage it does not ----

works_or_says() {
	[[ $status == 0 && $out == *"$nonce"* ]] && return
	[[ $status == 125 && $out != *"$nonce"* && $err == sbx-run:* ]] || { echo "status $status: $err"; return 1; }
}
odd_caller() {
	local what=$1
	shift
	sbx_nonce
	# shellcheck disable=SC2016
	run bash -c "$1"'; exec "$@"' bash "$BND_BUILD/sbx-run" -- $payloads/correct "$nonce"
	ok "$what" works_or_says
}
odd_caller "eight descriptors" 'ulimit -n 8'
odd_caller "no file may grow" 'ulimit -f 1'
odd_caller "one second of processor" 'ulimit -t 1'
odd_caller "a small stack" 'ulimit -s 256'
odd_caller "no core" 'ulimit -c 0'
odd_caller "umask 0777" 'umask 0777'
ok "which works" status 0
odd_caller "the lowest priority" 'renice -n 19 $$ >/dev/null'
ok "which works, too" status 0
# shellcheck disable=SC2016
odd_caller "a directory that is gone" 'mkdir "$T/gone" 2>/dev/null || cd /; d=$(mktemp -d); cd "$d"; rmdir "$d"'
ok "and that does" status 0

sbx_nonce
run sbx-run -- /bin/sh -c 'umask; ulimit -c; pwd'
ok "the payload's umask, core limit and directory are its own" is "$out" $'0022\n0\n/tmp' || true

# ---- defaults: of the page, explained, and the kernel's, in a container as well ----

page() {
	sed -n '/^\.Sh THE BUILT-IN/,/^\.Sh FLOORS/{/^[a-z-]* /p}' "$BND_TREE/man/sbx-profile.5" |
	    sed 's/^dev .*/dev full null random urandom zero/' | grep -vE '^(version|bind|env|landlock|hide|protect) '
}
explained() {
	sbx-run --explain --json | jq -r '.keys | to_entries[] | .key + " " + (.value.value | tostring)' | grep -vE '^(version|bind|env|profiles|base|cwd|landlock|hide|protect) '
}
ok "what is explained is what the page has" is "$(explained | sort)" "$(page | sort)"
leaf() {
	local n d
	n=$(sed -n 's|^0::.*/bnd-sbx/||p' "/proc/$P/cgroup")
	d=$(v2)/bnd-sbx/$n/$2
	[[ -e $d ]] || d=$(find "$(v1 "$1")" -type d -name "bnd-sbx-$n")/$3
	cat "$d"
}
hard() {
	sed -n "s/^$1 *\([0-9]*\) .*/\1/p" "/proc/$P/limits"
}
# What the kernel has of it; one process is the init's.
in_force() {
	local size blocks
	read -r size blocks < <(stat -f -c '%S %b' "/proc/$P/root/tmp")
	echo "mem $(leaf memory memory.max memory.limit_in_bytes) pids $(($(leaf pids pids.max pids.max) - 1))" \
	    "nofile $(hard 'Max open files') fsize $(hard 'Max file size') tmp $((size * blocks))"
}
documented() {
	local k
	for k in mem pids nofile fsize tmp; do
		echo "$k $(page | sed -n "s/^$k \([^ ]*\).*/\1/p" | numfmt --from=iec)"
	done
}
begin stay
ok "which is what a payload is held by" is "$(in_force)" "$(documented | xargs)"
finish
# Nothing is believed because of where it seems to run.
mkdir -p /run/systemd
echo lxc >/run/systemd/container
echo 'engine="podman"' >/run/.containerenv
contained_() {
	container=lxc KUBERNETES_SERVICE_HOST=::1 unshare --pid --fork --mount-proc --kill-child \
	    "$BND_BUILD/sbx-run" --result "$T/result" -- "$payloads/$1" "$nonce" "${@:2}"
}
how=contained
begin stay
ok "also where everything says that it is in a container" is "$(in_force)" "$(documented | xargs)"
ok "with a filter, and no capability" is "$(host_status Seccomp) $(host_status CapBnd)" "2 0000000000000000"
finish
how=inside
ok "and all is read back there as well" is "$(result '.enforced | [.complete, .seccomp, .landlock_probe] | join(" ")')" "true 2 EPERM"
rm /run/systemd/container /run/.containerenv

# ---- elsewhere ----

mkdir "$T/elsewhere"
mount --rbind / "$T/elsewhere"
run chroot "$T/elsewhere" /usr/bin/env true
ok "control: a command runs in a chroot" status 0
sbx_nonce
run chroot "$T/elsewhere" "$BND_BUILD/sbx-run" -- $payloads/correct "$nonce"
ok "a sandbox does not: the kernel gives no user namespace there" status 125
ok "and the call is named" like "$err" 'clone3'
umount -l "$T/elsewhere"

# ---- older kernels ----

lacking() {
	sbx_nonce
	rm -f "$T/result"
	run "$BND_BUILD/tests/helper/without" "$1" "$BND_BUILD/sbx-run" --result "$T/result" -- $payloads/correct "$nonce"
	ok "without $1: refused, at $2" refused "$2"
	ok "and it is named" like "$err" "$3"
}
run "$BND_BUILD/tests/helper/without" close_range "$payloads/correct" x
ok "control: a command runs without close_range" status 0
lacking clone3 clone 'clone3.*Function not implemented'
lacking close_range join 'close_range.*Function not implemented'
lacking pidfd_open payload 'pidfd_open.*Function not implemented'
lacking timens join 'time.* namespace.*Invalid argument'
lacking landlock '(landlock|profile|filter)' 'Landlock|landlock'
ok "nothing is left" unharmed
tap_done
