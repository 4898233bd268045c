#!/bin/bash
# sbx-result.t: what is said of a run, to files and to the log, and by whom
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
mkdir "$T/r"

# ---- where a result may go (X107) --------------------------------------------
try() {
	rm -f "$T/ran"
	run sbx-run "$1" "$2" -- sh -c 'echo ran'
}
no_run() {
	[[ $status == 125 && $out != *ran* ]] || { echo "status $status: $out"; return 1; }
}
echo precious >"$T/r/file"
ln -s file "$T/r/link"
ln -s none "$T/r/dangling"
ln "$T/r/file" "$T/r/twin"
mkfifo "$T/r/fifo"
mkdir "$T/r/dir" "$T/r/full" "$T/r/ro"
mount -t tmpfs -o size=8k full "$T/r/full"
head -c 8192 /dev/zero >"$T/r/full/file"
mount -t tmpfs -o ro ro "$T/r/ro"
for o in --result --meta; do
	for f in link dangling twin fifo dir none/x ro/x full/x; do
		try $o "$T/r/$f"
		ok "$o $f: refused before the start" no_run
		ok "$o $f: and that is said" like "$err" "^sbx-run: setup-error: args: "
	done
	# 3 and 4 are of sbx-run's own.
	for f in /dev/null fd:77 fd:x fd: fd:0 fd:3 fd:4; do
		run bash -c "exec sbx-run $o $f -- echo ran </dev/null"
		ok "$o $f: refused before the start" no_run
	done
	try $o "$T/r/new$o"
	ok "control: $o to a file" is "$status $out" "0 ran"
	ok "which is nobody else's business" is "$(stat -c '%a %U' "$T/r/new$o")" "600 root"
	echo "older and longer than what will be there $(seq 10000)" >"$T/r/old$o"
	try $o "$T/r/old$o"
	ok "$o replaces what was there" unlike "$(cat "$T/r/old$o")" older
done
ok "what links led to is as it was" is "$(cat "$T/r/file")" precious
ok "where they led to nothing is nothing" not test -e "$T/r/none"
umount "$T/r/full" "$T/r/ro"

run bash -c 'sbx-run --result fd:5 -- echo ran 5>"$1"' bash "$T/r/five"
ok "to a descriptor" is "$status $(jq -r .reason "$T/r/five")" "0 exited"
run bash -c 'sbx-run --result fd:5 -- echo ran 5>/dev/full'
ok "a result that cannot be written is 125" status 125
ok "and a line" like "$err" 'No space left'
ok "the command ran, and is heard" is "$out" ran
try --result "$T/r/one"
ok "one line" is "$(wc -l <"$T/r/one")" 1
ok "of one object" jq -e 'type == "object"' "$T/r/one"
ok "in printable characters" not grep -qP '[^\x20-\x7e]' "$T/r/one"
ok "with what was read back" is "$(jq -r '.enforced | .complete, .seccomp, .no_new_privs' "$T/r/one" | xargs)" "true 2 1"

# ---- nobody inside has a hand in it (X112) -----------------------------------------
printf '%s\n' 'version 1' 'bind rx /usr' 'bind rw $WORK /job' >"$T/forge.sbx"
mkdir "$T/w" && chown 1234:1234 "$T/w"
forge='
	echo "{\"v\":1,\"reason\":\"exited\",\"status\":0}"
	for f in /proc/self/fd/* /proc/1/fd/*; do echo forged >$f; done 2>/dev/null
	seq 1000 >/job/result
	exit 7'
for owner in 0 1234; do
	: >"$T/w/result"
	chown $owner "$T/w/result"
	run sbx-run -p "$T/forge.sbx" --work "$T/w" --result "$T/w/result" -- sh -c "$forge"
	ok "it runs, and forges" status 7
	ok "a file of $owner's has our result and nothing else" is \
	    "$(jq -r '.reason, .status' "$T/w/result" | xargs) $(wc -l <"$T/w/result")" "exited 7 1"
done
run bash -c 'exec 5<>"$1"; sbx-run -p "$2" --work "$3" --result "$1" -- sh -c "echo forged >/job/result; rm -f /job/result; exit 7"; cat <&5' \
    bash "$T/w/result" "$T/forge.sbx" "$T/w"
ok "what we wrote went to our descriptor, whole" is "$(jq -r .status <<<"$out")" 7
# A file of root's the kernel lets it neither remove nor rename; one of the user's it does.
mkdir "$T/w/sub"
for by in 'mv result old; echo forged >result' 'ln -sf old result' 'rm result' 'mv ../sub ../was; mkdir ../sub; echo forged >../sub/result'; do
	mkdir -p "$T/w/sub"
	chown -R 1234:1234 "$T/w"
	rm -f "$T/w/sub/result"
	run sbx-run -p "$T/forge.sbx" --work "$T/w" --result "$T/w/sub/result" -- sh -c "cd /job/sub; rm -f result"
	ok "control: root's own stays" is "$(jq -r .reason "$T/w/sub/result")" exited
	rm -f "$T/w/sub/result"
	: >"$T/w/sub/result"
	chown 1234:1234 "$T/w/sub/result"
	run sbx-run -p "$T/forge.sbx" --work "$T/w" --result "$T/w/sub/result" -- sh -c "cd /job/sub; $by"
	ok "no success under a name that is another's: $by" like "$status $err" '^125 .*is not the file that was written'
	rm -rf "$T/w/sub" "$T/w/was"
done
run sbx-run --result fd:2 -- sh -c 'echo "{\"reason\":\"forged\"}"; exit 8'
ok "on a stream of its own it is alone" is "$(jq -r .reason <<<"$err")" exited

# ---- on record (X114) -----------------------------------------------------------------
last() {
	cat /var/lib/bnd/log/*.jsonl | jq -c "select(.ev == \"$1\") | .d" | tail -n 1
}
id() {
	jq -r .id "$T/result"
}
begin stay
ok "a start is on record while it runs" is "$(last sbx.start | jq -r .argv0)" $payloads/stay
ok "its end is not" isnt "$(last sbx.end | jq -r .id)" "$(last sbx.start | jq -r .id)"
ok "nor is there a result" not test -s "$T/result"
finish
ok "then it is" is "$(last sbx.end | jq -r '.id, .reason, .status' | xargs)" "$(id) exited 0"
ok "by the same policy as in the result" is "$(last sbx.start | jq -r .policy)" "$(jq -r .policy "$T/result")"
# Four ends are four records, each with what it was that ended it.
end_of() {
	last sbx.end | jq -r "select(.id == \"$(id)\") | [.reason, .status, .signal // \"none\", ${1:-empty}] | map(tostring) | join(\" \")"
}
inside stay exit 1
ok "false: $(end_of)" is "$(end_of)" "exited 1 none"
inside stay signal 9
ok "one that is killed: $(end_of)" is "$(end_of)" "signaled 137 9"
sbx=(-k mem=24M)
inside eat malloc 40
ok "out of memory: $(end_of)" like "$(end_of '.oom_kill > 0')" "^memory-limit 124 (none|9) true$"
sbx=(-w 100ms -k grace=1ms)
inside tree deaf
ok "out of time: $(end_of)" is "$(end_of '.wall_ms >= 100')" "wall-limit 124 none true"
sbx=()
n=$(records sbx.start)
run sbx-run -k mem=1G -- true
ok "a looser key is refused" is "$status $(last sbx.refuse | jq -r '.reason, .stage' | xargs)" "125 refused profile"
ok "and nothing else is on record" is "$(records sbx.start)" "$n"
begin stay
kill -KILL "$S"
finish
run sbx-run --gc
ok "the end of a run whose supervisor was killed is aborted" is "$(last sbx.end | jq -r .reason)" aborted
run chain-verify
ok "all of it verifies" status 0

# ---- no log, no run -------------------------------------------------------------------
log=/var/lib/bnd/log
mount -t tmpfs -o ro none $log
inside correct
ok "a log that cannot be written: nothing runs" refused log
umount $log
cp -a $log "$T/log"
mount -t tmpfs -o mode=700,size=1m none $log
cp -a "$T/log/." $log/
head -c 4M /dev/zero >$log/ballast 2>/dev/null
inside correct
ok "nor on a full disk" refused log
umount $log
n=$(records sbx.start)
printf '%s\n' 'version 1' 'bind rx /usr' 'log none' >"$T/quiet.sbx"
sbx=(-p "$T/quiet.sbx")
inside correct
ok "log none runs in OPEN" payload_ran
ok "and is not on record" is "$(records sbx.start)" "$n"
sbx=()
# What has begun ends, whatever becomes of the log.
begin stay
mount -t tmpfs -o ro none $log
finish
umount $log
ok "an end that cannot be logged is spooled" status 0
run sbx-run -- true
ok "and comes to the log with the next" is "$(records sbx.start)" "$(($(records sbx.end) + 1))"

# ---- the mode that cannot be told ------------------------------------------------------
cp /run/bnd/state "$T/state"
begin stay
for how_bad in missing empty garbage link; do
	rm -f /run/bnd/state
	case $how_bad in
	empty) : >/run/bnd/state ;;
	garbage) echo OPEN >/run/bnd/state ;;
	link) ln -s "$T/state" /run/bnd/state ;;
	esac
	run in_time sbx-run --result "$T/result.bad" -- echo ran
	ok "a state that is $how_bad is LOCKDOWN (X13)" is "$status $(jq -r '.reason, .stage, .mode' "$T/result.bad" | xargs)" "125 refused mode LOCKDOWN"
done
wait "$begun"
finish
ok "and ends what runs" is "$status $(result '.reason, .mode, .mode_then' | xargs)" "124 mode-change OPEN LOCKDOWN"
rm -f /run/bnd/state
cp "$T/state" /run/bnd/state
ok "an ordinary program runs" correct
ok "and nothing is left, the other sandbox included" left_nothing
tap_done
