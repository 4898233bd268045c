#!/bin/bash
# ceremony-voice.t: who hears of a ceremony, who may call, and that nobody is asked behind a pipe
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../ceremony.sh"
people alice bob
mode-set airgap >/dev/null

# A log daemon that keeps what it hears, and a wall that does too.
cat >"$T/listen.py" <<'END'
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
open(sys.argv[1], "w").close()
while True:
    with open(sys.argv[1], "ab") as f:
        f.write(s.recv(65536) + b"\n")
END
python3 "$T/listen.py" "$T/syslog" &
at_exit kill $!
for _ in {1..100}; do [[ -e $T/syslog ]] && break; sleep 0.02; done
printf '#!/bin/sh\ncat >>%s/wall\n' "$T" >/usr/bin/wall
chmod 0755 /usr/bin/wall
heard() {
	grep -qE "$1" "$T/wall" || { echo "not by wall: $1"; cat "$T/wall"; return 1; }
	grep -qE "^<85>$1" "$T/syslog" || { echo "not by syslog: $1"; cat "$T/syslog"; return 1; }
}

asked request trusted --reason 'usb backup'
ok "asked for: everybody is told, and how to stop it" heard \
    "bnd: ceremony $id: loosen AIRGAP to TRUSTED, asked for by uid [0-9]+ on .*, reason: usb backup \('ceremony cancel $id' stops it\)"
signed alice | ceremony approve -n alice -s - "$id" >/dev/null
ok "approved by as many as it takes: told, and when it can happen" heard \
    "bnd: ceremony $id: loosen AIRGAP to TRUSTED is approved, and possible in 60 s"
forward 61
mode-set --ceremony "$id" trusted >/dev/null
ok "used: told" heard "bnd: ceremony $id: loosen AIRGAP to TRUSTED is done"
asked request restricted
ceremony cancel "$id"
ok "cancelled: told" heard "bnd: ceremony $id: loosen TRUSTED to RESTRICTED is over"
run ceremony request restricted --reason $'evil\e[2J'
ok "hostile bytes in a reason: 2" status 2
ok "reach nobody" not grep -q $'\e' "$T/wall" "$T/syslog"
run ceremony request restricted --reason "$(printf 'x%.0s' {1..201})"
ok "a reason that is too long is no reason cut short: 2" status 2

# Never a reason to fail, nor to wait for long.
printf '#!/bin/sh\nexec sleep 30\n' >/usr/bin/wall
SECONDS=0
run ceremony request restricted
ok "wall hangs: the ceremony is open" status 0
ok "and nobody waited for it" test "$SECONDS" -lt 6
ceremony cancel "$out"
rm -f /usr/bin/wall /dev/log
run ceremony request restricted
ok "no wall, no log daemon: the ceremony is open" status 0
id=$out

# The requester is the kernel's word.
ceremony show --text >"$T/text"
ok "without a terminal, none is named" like "$(cat "$T/text")" 'requester auid=[-0-9]+ uid=0 tty=(-|pts/[0-9]+) ses='
ceremony cancel "$id"
cat >"$T/onpty.py" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
out = b""
try:
    while True:
        b = os.read(fd, 4096)
        if not b: break
        out += b
except OSError:
    pass
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
run env SUDO_USER=mallory TTY=pts/99 python3 "$T/onpty.py" ceremony request restricted
id=$(ceremony show --json | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
ceremony show --text >"$T/text"
ok "on a terminal it is the controlling one" like "$(cat "$T/text")" 'uid=0 tty=pts/[0-9]+ '
ok "whatever the environment says" not grep -qE 'pts/99|mallory' "$T/text"

# Nobody is asked behind a pipe.
before=$(grep -c . $log_file)
for how in '</dev/null' '< <(echo alice; echo yes)' '<&-' '<&- >&- 2>&-'; do
	start=$(date +%s%N)
	run setsid -w bash -c "TERM=dumb exec ceremony approve $id $how"
	ok "approve $how: refused" isnt "$status" 0
	ok "at once" test $((($(date +%s%N) - start) / 1000000)) -lt 1000
done
run setsid -w bash -c "exec ceremony approve -n alice $id </dev/null"
ok "with a name alone, too" is "$status" 1
ok "and says what to do" like "$err" "no terminal to ask on.*--sig"
run setsid -w bash -c "exec ceremony enroll dora --kind passphrase </dev/null"
ok "a new passphrase is not asked for there" isnt "$status" 0
ok "nothing of it reached the log" is "$(grep -c . $log_file)" "$before"
run bash -c "ceremony sign -k $K/alice.key $T/text 2>/dev/null | setsid -w ceremony approve -n alice --sig - $id"
ok "control: a signature from a pipe is no question" status 0
ceremony cancel "$id"

# On a terminal: the text is shown, a signature is typed.
asked request restricted
cat >"$T/type.py" <<'END'
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp("ceremony", ["ceremony", "approve", sys.argv[1]])
out, lines = b"", sys.argv[2:]
prompts = [b"Approver: ", b"one line): "]
try:
    while True:
        b = os.read(fd, 4096)
        if not b: break
        out += b
        if lines and prompts and out.rstrip(b" ").endswith(prompts[0].rstrip(b" ")):
            prompts.pop(0)
            os.write(fd, lines.pop(0).encode() + b"\n")
except OSError:
    pass
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
run timeout 20 python3 "$T/type.py" "$id" bob "$(signed bob)"
ok "typed on a terminal: approved" is "$status $(ceremony show --json | grep -o '"have":.')" '0 "have":1'
ok "and the text was shown before" like "$out" "to RESTRICTED"
run timeout 20 python3 "$T/type.py" "$id" alice "$(signed bob)"
ok "another's signature typed: 13" status 13
ceremony cancel "$id"

# Root asks; who is not is told so.
for verb in "request restricted" show list "approve $id" "cancel $id" "drill" "revoke alice" \
    "enroll x --kind raw --key $K/alice.pub" "revoke --finish $id"; do
	# shellcheck disable=SC2086
	run setpriv --reuid 65534 --regid 65534 --clear-groups ceremony $verb
	ok "nobody, ceremony $verb: 10" status 10
done
ok "control: root may" ceremony list

# What belongs to another verb is a mistake, not ignored.
for line in "show --sig x" "approve --finish $id $id" "list x" "request" "request --unfreeze open" "request nowhere" \
    "request open --for 0s" "request open --for 30x" "revoke" "revoke nobody" "revoke alice --finish $id" \
    "enroll" "enroll x" "enroll x --kind tin" "enroll X --kind raw --key $K/alice.pub" "cancel" "cancel 12" \
    "approve 0123456789ABCDEF" "enroll x --kind passphrase --key y" "drill 1" "keygen" "sign --kind raw"; do
	# shellcheck disable=SC2086
	run ceremony $line
	ok "ceremony $line: 2" status 2
done
run ceremony request --unfreeze
ok "the end of a freeze that is not there: 1" status 1
ok "all of it verifies" verifies
tap_done
