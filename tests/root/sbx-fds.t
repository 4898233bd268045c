#!/bin/bash
# sbx-fds.t: what a caller leaves open, closes or has odd never reaches the payload
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
helper=$BND_BUILD/tests/helper

listed() {
	grep '^fd ' <<<"$out"
}
three=$'fd 0: r\nfd 1: w\nfd 2: w'
# From the host: what process $1 has open, kinds only.
host_fds() {
	find "/proc/$1/fd" -type l -printf '%f %l\n' | sed 's/:\[.*//' | sort -n
}

# ---- left open ----

exec 7</etc/shadow
bare fds read 7
ok "control: what a caller leaves open, a bare program reads" payload_got read 'ok 1'
inside fds read 7
ok "in a sandbox it is not there" payload_got read EBADF
begin who stay
ok "a payload has 0, the caller's, and two pipes, as the host sees it" \
    is "$(host_fds "$P")" "0 $(readlink "/proc/$S/fd/0")"$'\n1 pipe\n2 pipe'
ok "and the init with nothing but its own socket" \
    is "$(host_fds "$(pgrep -o -P "$S")" | cut -d' ' -f2)" socket
finish
exec 7<&-

sbx_kinds() { sbx_nonce && run "$helper/heirloom" "$@"; }
sbx_kinds $payloads/fds $nonce
ok "control: descriptors of eight kinds are inherited" like "$out" 'fd 27: rw'
sbx_nonce
run "$helper/heirloom" "$BND_BUILD/sbx-run" --result "$T/result" -- $payloads/fds "$nonce"
ok "pidfd, epoll, inotify, memfd, sockets, a directory, eventfd: none goes in" is "$(listed)" "$three"

exec 900</etc/shadow
limit=$(ulimit -S -n)
ulimit -S -n 64
bare fds
ok "control: a number above the limit stays open" payload_got 'fd 900' r
inside fds
ok "it is closed all the same" is "$(listed)" "$three"
ulimit -S -n "$limit"
exec 900<&-

# ---- opened again ----

echo original >"$T/file"
chmod 0666 "$T/file"
chmod 0711 "$T"
exec 5<"$T/file"
bare_as 65534 fds reopen 5
ok "control: a read-only descriptor is opened again for writing" payload_got /proc/self/fd/5 'ok 11'
ok "control: which wrote to the file" is "$(<"$T/file")" overwritten
echo original >"$T/file"
profile five 'fds 5'
sbx=(-p five)
inside fds reopen 5
ok "inside, /proc/self/fd does not do that" payload_got /proc/self/fd/5 'EACCES|EROFS|EPERM|ENOENT'
ok "nor does /dev/fd" payload_got /dev/fd/5 'EACCES|EROFS|EPERM|ENOENT'
ok "the file is as it was" is "$(<"$T/file")" original

# ---- wanted ----

inside fds
ok "fds 5: that one, at 5, for reading; no other" is "$(listed)" "$three"$'\nfd 5: r'
inside fds read 5
ok "and it can be read" payload_got read 'ok 1'
exec 5<&- 5>>"$T/file"
inside fds
ok "one for writing is for writing" is "$(listed)" "$three"$'\nfd 5: w'
exec 5>&-
inside fds
ok "one that is not open is refused, whatever sbx-run has there itself" refused source
exec 5</root
inside fds
ok "so is a directory" refused source
exec 5<&-
sbx=()

# ---- standard input ----

inside fds <"$T/file"
ok "a file to be read is standard input" payload_got 'fd 0' r
exec 8<>"$T/file"
at_zero() {
	local p i
	sbx_nonce
	sbx-run "${sbx[@]}" -- $payloads/stay "$nonce" ever <&0 >/dev/null 2>&1 &
	for ((i = 0; i < 200; i++)); do
		p=$(pgrep -o -f "^$payloads/stay $nonce") && break
		sleep 0.02
	done
	readlink "/proc/$p/fd/0"
	kill -TERM $!
	wait $!
}
ok "one that can be written is not: /dev/null" is "$(at_zero <&8)" /dev/null
exec 8<&-
ok "nor is a device" is "$(at_zero </dev/zero)" /dev/null
exec 8<>/dev/ptmx
ok "nor a terminal" is "$(at_zero <&8)" /dev/null
exec 8<&-
sbx=(-k stdin=null)
exec 8< <(sleep 100)
ok "control: a pipe is standard input" like "$(sbx=() && at_zero <&8)" '^pipe:'
ok "with stdin null not even a pipe" is "$(at_zero <&8)" /dev/null
exec 8<&-
sbx=()

# ---- closed ----

at_closed() {
	local p i s
	sbx_nonce
	"$BND_BUILD/sbx-run" --result "$T/result" -- $payloads/stay "$nonce" ever <&- >&- 2>&- &
	s=$!
	for ((i = 0; i < 200; i++)); do
		p=$(pgrep -o -f "^$payloads/stay $nonce") && break
		sleep 0.02
	done
	for i in 0 1 2; do
		readlink "/proc/$s/fd/$i" "/proc/$p/fd/$i" | sed 's/:\[.*//'
	done
	kill -TERM $s
	wait $s
}
ok "closed 0, 1 and 2 are /dev/null, the payload's never the setup's" is "$(at_closed | tr '\n' ' ')" \
    '/dev/null /dev/null /dev/null pipe /dev/null pipe '

# ---- the binary ----

before=$(sha256sum <"$BND_BUILD/sbx-run")
installed=/usr/bin/sbx-run
begin stay
ok "control: root reads the binary through /proc" cmp -s "/proc/$S/exe" "$BND_BUILD/sbx-run"
finish
inside opens -r /proc/1/exe /proc/1/map_files -w "$installed" /proc/1/exe
ok "it ran" payload_ran
ok "/proc/1/exe is not there" payload_got 'r /proc/1/exe' 'ENOENT|EACCES|EPERM'
ok "nor to be written" payload_got 'w /proc/1/exe' 'ENOENT|EACCES|EPERM|EROFS'
ok "the binary bound inside is not written" payload_got "w $installed" 'EROFS|EACCES|EPERM|ENOENT'
ok "it is the same as before" is "$(sha256sum <"$BND_BUILD/sbx-run")" "$before"
ok "nothing is left" unharmed
tap_done
