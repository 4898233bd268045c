#!/bin/bash
# sbx-gc.t: what a dead supervisor leaves is ended once, and nothing else is
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
tree=$(v2)/bnd-sbx

# Of the sandbox that was begun: its lease, its leaf, its v1 leaves.
lease_of() {
	sed -n 's|^0::.*/bnd-sbx/||p' "/proc/$1/cgroup"
}
leaves() {
	find /sys/fs/cgroup -type d \( -name "bnd-sbx-$1" -o -path "*/bnd-sbx/$1" \)
}
begin_one() {
	begin stay
	n=$(lease_of "$P")
	id=$(sed -n 's/^id //p' "/run/bnd/sbx/$n")
	[[ $n && $id ]] || bail "no sandbox: $(cat "$T/begun.err")"
}
event_is() {
	local i
	for ((i = 0; i < 100; i++)); do
		! grep -qx "$2" "$tree/$1/cgroup.events" || return 0
		sleep 0.02
	done
	cat "$tree/$1/cgroup.events"
	return 1
}
dies() {
	local i
	for ((i = 0; i < 100; i++)); do
		[[ -e /proc/$1 ]] || return 0
		sleep 0.02
	done
	return 1
}
slay() {
	kill -KILL "$S"
	dies "$S"
	exec {sbx_in}>&-
	sbx_in=''
	wait "$begun" 2>/dev/null
}
is_clean() {
	[[ ! -s /run/bnd/sbx/$1 && ! $(leaves "$1") ]] || { cat "/run/bnd/sbx/$1"; leaves "$1"; return 1; }
}
until_none() {
	local i
	for ((i = 0; i < 100; i++)); do
		pgrep -P 1 -x sbx-run >/dev/null || return 0
		sleep 0.02
	done
	return 1
}
ends_of() {
	grep '"ev":"sbx.end"' "${log_file:?}" | grep -c "$1"
}
state_of() {
	sbx-run --list --json | jq -r ".sandboxes[] | select(.lease == $1) | .state"
}

# The host's own rules, and files that a sandbox was lent: byte for byte.
nft -f - <<'EOT' || bail "no rules of our own"
table inet theirs {
	set some { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.7 } }
	chain in { type filter hook input priority filter; policy drop; iifname "lo" accept; ip saddr @some accept; }
	chain out { type filter hook output priority filter; policy accept; tcp dport 7 drop comment "theirs"; }
}
table ip6 more {
	chain nat { type nat hook postrouting priority srcnat; }
}
EOT
mkdir -p "$T/w/deep/er" && echo canary >"$T/w/deep/er/file" && ln -s /etc "$T/w/out" && mkfifo "$T/w/fifo"
chown -Rh 1234:1234 "$T/w"
lent() {
	find "$T/w" -printf '%p %y %m %U %G %s %l %T@\n' | sort
	cat "$T/w/deep/er/file"
}
rules() {
	nft -a list ruleset
}
rules_were=$(rules) lent_was=$(lent)
sbx_again
ok "control: the host has rules, and files to lend" test "$(wc -l <<<"$rules_were$lent_was")" -gt 20

# ---- one that lives --------------------------------------------------------
begin_one
ok "two have leases of their own" isnt "$n" "$(lease_of "$canary_P")"
ok "one that runs is listed" is "$(state_of "$n")" running
run sbx-run --list --json
ok "with what the kernel counted" is \
    "$(jq -c ".sandboxes[] | select(.lease == $n) | [.id == \"$id\", .init > 0, .mem_peak > 0, .pids_peak > 0, .oom_kill, .argv0]" <<<"$out")" \
    "[true,true,true,true,0,\"$payloads/stay\"]"
run sbx-run --list
ok "for people, too" like "$out" "$n +running +OPEN .*$payloads/stay"
run sbx-run --gc --json
ok "a sweep touches no living one" is "$(jq -c '[.live, .cleaned, .orphans, .failed]' <<<"$out")" '[2,0,0,0]'
ok "really" test -e "/proc/$P"
mkdir "$T/root"
run sbx-run -R "$T/root" --gc
ok "a sweep with the leases of another root is refused" is "$status" 2
ok "and ends nobody for want of one" test -e "/proc/$P"
kill -STOP "$S"
run sbx-run --gc
ok "nor one whose supervisor is stopped" test -e "/proc/$P"
kill -CONT "$S"
finish
ok "it ends as it wants to" status 0
ok "and leaves nothing" is_clean "$n"

# ---- X123: frozen, and its supervisor dead ---------------------------------
begin_one
echo 1 >"$tree/$n/cgroup.freeze"
event_is "$n" 'frozen 1'
ok "frozen, it is listed so" is "$(state_of "$n")" frozen
slay
ok "control: a frozen orphan sees nothing of that" test -e "/proc/$P"
ok "and its tree stays" event_is "$n" 'populated 1'
ok "listed as dead" is "$(state_of "$n")" dead
ok "its lease still says who it was" grep -q "^id $id" "/run/bnd/sbx/$n"
run sbx-run --gc
ok "the sweep ends it" is "$status $out" "0 1 running, 1 cleaned up, 0 without a lease"
ok "its process" dies "$P"
ok "its cgroups, its lease" is_clean "$n"
ok "and says so in the log" is "$(ends_of "\"id\":\"$id\",\"reason\":\"aborted\"")" 1
run sbx-run --gc
ok "once" is "$(ends_of "$id") $out" "1 1 running, 0 cleaned up, 0 without a lease"
ok "nothing else is harmed" unharmed

# ---- what was lent, and the host's rules ---------------------------------
sbx=(--work "$T/w")
begin_one
ok "control: what is lent is there, and writable" grep -q ' /job .*\brw\b' "/proc/$P/mountinfo"
ok "while it runs the host's rules are as they were" is "$(rules)" "$rules_were"
slay
ok "after its supervisor was killed, too" is "$(rules)" "$rules_were"
ok "and what was lent is as it was" is "$(lent)" "$lent_was"
run sbx-run --gc
ok "it is swept" is_clean "$n"
ok "after the sweep the host's rules are as they were" is "$(rules)" "$rules_were"
ok "and what was lent: no file of it is removed" is "$(lent)" "$lent_was"
inside stay exit 0
ok "a run that ends well" is "$status" 0
ok "changes no rule" is "$(rules)" "$rules_were"
ok "and nothing that was lent" is "$(lent)" "$lent_was"
sbx=()

# ---- the next start cleans as well -----------------------------------------
begin_one
slay
ok "killed, it takes its tree along" dies "$P"
ok "control: but leaves its cgroups" test "$(leaves "$n" | wc -l)" -gt 1
printf %s "$n" >/run/bnd/sbx/next
ok "who takes its ids" correct
ok "finds them clean" is_clean "$n"
ok "and the end on record" is "$(ends_of "$id")" 1

# ---- torn, forged ----------------------------------------------------------
begin_one
slay
file=/run/bnd/sbx/$n
head -c $(($(stat -c %s "$file") - 5)) "$file" >"$T/torn" && cat "$T/torn" >"$file"
ok "a torn lease is listed as garbage" is "$(state_of "$n")" garbage
run sbx-run --gc
ok "the leaves that it still names are taken" is_clean "$n"
ok "and something ended, says the log" is "$(ends_of "\"cgroup\":\"bnd-sbx/$n\"")" 1

begin_one
slay
mkdir "$(v1 pids)/bystander"
sed -i "s|^cgroup .*/bnd-sbx-$n\$|cgroup $(v1 pids)/bystander|" "/run/bnd/sbx/$n"
run sbx-run --gc
ok "a forged lease is cleaned" test ! -s "/run/bnd/sbx/$n"
ok "but what is not its own stays" rmdir "$(v1 pids)/bystander"
leaves "$n" | xargs -r rmdir

# ---- X109: another boot, a process number that is somebody's ---------------
text() {
	printf 'bnd-lease 1\nboot %s\nid %s\nsup %s 1\ninit %s 2\nmode OPEN\nlogged yes\n' \
	    00000000000000000000000000000000 "$1" "$canary_root" "$canary_P"
	printf 'argv0 /bin/old\npolicy 0\nend\n'
}
umask 077
for ((i = 900; i < 930; i++)); do
	text "00000000000000000000000000000$i" >/run/bnd/sbx/$i
done
umask 022
sbx-run --gc --json >"$T/one" &
sbx-run --gc --json >"$T/two"
wait $!
ok "two sweeps at once clean each once" is \
    "$(jq -s 'map(.cleaned) | add' "$T/one" "$T/two") $(ends_of '/bin/old')" '30 30'
ok "without a failure" is "$(jq -s 'map(.failed) | add' "$T/one" "$T/two")" 0
ok "whoever has these numbers now lives" canaries

# ---- X130: a leaf without a lease ------------------------------------------
mkdir "$tree/77" "$tree/odd name"
sleep 1000 &
orphan=$!
echo $orphan >"$tree/77/cgroup.procs"
run sbx-run --gc
ok "leaves that nobody leased are ended" is "$status $out" "0 1 running, 0 cleaned up, 2 without a lease"
ok "with what is in them" dies $orphan
ok "and removed" is "$(find "$tree" -mindepth 1 -type d | wc -l)" 1
ok "and on record" is "$(ends_of '"cgroup":"77"') $(ends_of '"cgroup":"odd name"')" '1 1'
mkdir -p "$tree/78/below"
run sbx-run --gc
ok "what cannot be removed is told" is "$status" 1
ok "by its name" like "$err" 'cannot remove cgroup 78'
rmdir "$tree/78/below" "$tree/78"

# ---- X75: one that cannot die ----------------------------------------------
freezer=$(v1 freezer)
if [[ $freezer ]]; then
	begin_one
	mkdir "$freezer/stuck"
	echo "$P" >"$freezer/stuck/tasks"
	echo FROZEN >"$freezer/stuck/freezer.state"
	start=$(date +%s%N)
	kill -TERM "$S"
	finish
	took=$((($(date +%s%N) - start) / 1000000))
	ok "a task that cannot die: kill-stuck" is "$status $(result .reason)" "125 kill-stuck"
	ok "after a while, not for ever ($took ms)" test $took -lt 6000
	ok "its lease stays" test -s "/run/bnd/sbx/$n"
	run sbx-run --gc
	ok "a sweep fails as well" is "$status" 1
	ok "and says at what" like "$err" 'populated'
	printf %s "$n" >/run/bnd/sbx/next
	ok "no other gets its ids meanwhile" correct
	ok "really" test -s "/run/bnd/sbx/$n"
	echo THAWED >"$freezer/stuck/freezer.state"
	ok "when it can die it does" dies "$P"
	run sbx-run --gc
	ok "and a later sweep finishes" is_clean "$n"
	rmdir "$freezer/stuck"
else
	skip_kernel "a task that cannot die" "no freezer of v1 here"
fi

# ---- a source on a file system whose server has read the question and is silent ----
locked() {
	local l
	for l in /run/bnd/sbx/[0-9]*; do
		flock -n "$l" true || echo "$l"
	done
}
waits() {
	local i
	for ((i = 0; i < 100; i++)); do
		[[ $(ps -o wchan= --ppid "$1" 2>/dev/null) != request_wait_answer ]] || return 0
		sleep 0.02
	done
	return 1
}
[[ -e /dev/fuse ]] || mknod /dev/fuse c 10 229
mkdir "$T/far"
chmod 0755 "$T"
: >"$T/up"
"$BND_BUILD/tests/helper/farfs" "$T/far" >"$T/up" 2>&1 &
far=$!
for ((i = 0; i < 100; i++)); do
	grep -qx up "$T/up" && break
	sleep 0.02
done
if grep -qx up "$T/up"; then
	at_exit kill_quietly $far
	locked=$(locked)
	profile far "bind r $T/far/d/d /x" 'setup 400ms'
	run sbx-run -p far -- ls -d /x
	ok "control: it answers" is "$status $out" "0 /x"
	kill -USR1 $far
	# Through a pipe: whoever reads it reads to its end.
	got=$(timeout 20 sbx-run -p far --result "$T/result" -- true 2>&1; echo $?)
	ok "a silent source: setup-timeout, and the caller is let go" like "$got" '125$'
	ok "it is said" ended setup-timeout source
	ok "and what waits is" like "$(result .cleanup)" 'waits until a file system answers'
	ok "control: really" pgrep -P 1 -x sbx-run
	ok "it holds no lease" is "$(locked)" "$locked"
	got=$(timeout 20 sbx-run --for 4001:4001 -p far -- true 2>&1; echo $?)
	ok "no more does one that is asked for a user" like "$got" 'setup-timeout: source: .*125$'
	profile far "bind r $T/far/d/d /x" 'setup 20s'
	sbx-run -p far -- true &
	S=$!
	ok "control: one that may wait longer waits" waits $S
	kill -KILL $S
	wait $S 2>/dev/null
	ok "killed meanwhile, it leaves no lease locked" is "$(locked)" "$locked"
	ok "and none to clean" is "$(find /run/bnd/sbx -name '[0-9]*' -size +0 | wc -l)" 1
	kill -KILL $far
	ok "with the server ends what waited" until_none
	umount "$T/far"
else
	skip_kernel "a silent source" "no fuse"
fi

# ---- what cannot be removed is no clean end --------------------------------
begin_one
mkdir "$tree/$n/left"
finish
ok "the result says what is left" isnt "$(result .cleanup)" ok
ok "and the lease, too" test -s "/run/bnd/sbx/$n"
rmdir "$tree/$n/left"
run sbx-run --gc
ok "it is cleaned up later" is_clean "$n"
ok "after all of this the host's rules are as they were" is "$(rules)" "$rules_were"
ok "and what was once lent" is "$(lent)" "$lent_was"
ok "nothing is harmed" unharmed
ok "and the log verifies" verifies
tap_done
