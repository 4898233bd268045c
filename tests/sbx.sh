# sbx.sh: a host for hostile programs, and what must be true of it afterwards
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
#	. "${0%/*}/../tap.sh"
#	need_host --cgroups
#	. "${0%/*}/../sbx.sh"
#	sbx_up [APPROVERS]		# OPEN, a log, the payloads, two canaries
#
#	bare opens -w /etc/shadow		# C1: the attack works
#	ok "control: ..." payload_got 'w /etc/shadow' 'ok 1'
#	inside opens -w /etc/shadow		# the same payload, in a sandbox
#	ok "it ran" payload_ran
#	ok "..." is "$(sha256sum </etc/shadow)" "$before"	# look at the host
#	ok "nothing is left" unharmed
#	tap_done
#
# Payloads are tests/payload/NAME.c, static, told a nonce first (tests/payload.h).
#
#	inside NAME ARG...	sbx-run "${sbx[@]}" --result ... -- NAME ARG...; set
#				sbx=(-k mem=64M --work "$T/w") before
#	bare NAME ARG...	the same without any sandbox, as root, below the
#				harness's own limits (control C1)
#	bare_as UID NAME ...	as that user
#	skipping STAGE STEP NAME ...	inside, by the test build that leaves out this
#				step (C2; lib/box-stage.h says which there are)
#	faulty "STAGE STEP WHAT" NAME ...	the same: skip, fail, stall or die there
#	profile NAME LINE...	makes one: `default`, but these lines instead of its own of
#				the same key; then sbx=(-p NAME)
#	by_bwrap NAME ARG...	by bubblewrap as root, all namespaces (C3); "${bwrap[@]}"
#				are more options; need_bwrap first
#	Each is a run: $status $out $err; 30 s at most.
#
#	begin NAME ARG...	inside, in the background, until it says "ready"; with
#				how=bare, how=by_bwrap another way. $P is its process
#				id on the host, $S that of sbx-run. One at a time, or
#				with sbx_result=FILE for the one that is to wait:
#	finish			ends its standard input, waits: $status $out $err
#	host_status NAME	a field of /proc/$P/status, as the host sees it
#	said			what it has printed so far
#
#	payload_ran		judge: the nonce was seen, so it really started
#	payload_did_not		judge: it was not
#	payload_got WHAT RESULT	judge: it said so ("ok", "EPERM", "EACCES|EPERM")
#	result .reason		a field of the last --result, by jq
#	ended REASON [STAGE]	judge: the result says so
#	refused STAGE		judge: 125, the payload never ran, setup-error or refused
#
#	correct			judge: an ordinary program runs and can all it needs
#	left_nothing		judge: no mounts, cgroups, namespaces, descriptors, leases,
#				processes and files of leased ids, keys, firewall rules
#				but what sbx_up (or sbx_again) saw, and no mount, cgroup
#				or rule of the host less; waits up to 5 s
#	canaries		judge: root's process and another sandbox's are alive
#	unharmed		judge: all three; after each attack
#	sbx_again		look anew (a test that starts something itself)
#	sanitized		judge: this build is one with AddressSanitizer
#	bounded CMD...		below a limit of 400 processes and 512 MiB
#	is_leased UID		judge: from bnd-sbx's range
#	v2, v1 CONTROLLER	the directory of a hierarchy, empty if there is none
. "${BASH_SOURCE[0]%/*}/spine.sh"

payloads=/usr/local/lib/payload
faulty_sbx=$BND_BUILD/tests/helper/faulty-sbx-run
sbx=() bwrap=() how=inside
# All of a throw-away host that can be written.
sbx_dirs=(/run /tmp /var/tmp /var/lib /etc /dev/shm)
nonce='' P='' S='' begun='' sbx_in=''

# ---- the host --------------------------------------------------------------

v2() {
	local d
	for d in /sys/fs/cgroup /sys/fs/cgroup/unified; do
		[[ ! -e $d/cgroup.procs || -e $d/tasks ]] || { echo $d; return; }
	done
}
v1() {
	local d
	for d in "/sys/fs/cgroup/$1" /sys/fs/cgroup/*,"$1" /sys/fs/cgroup/"$1",*; do
		[[ ! -e $d/tasks ]] || { echo "$d"; return; }
	done
}

sbx_up() {
	spine_up "${1:-1}"
	mkdir -p $payloads
	install -m 0755 "$BND_BUILD"/tests/payload/* $payloads/ || bail "no payloads"
	sbx_first=$(sed -n 's/^bnd-sbx:\([0-9]*\):.*/\1/p' /etc/subuid | head -n 1)
	[[ $sbx_first ]] || bail "no ids for bnd-sbx on this host"
	sbx_bound
	sleep 1000 >/dev/null 2>&1 &
	canary_root=$!
	at_exit kill_quietly $canary_root
	sbx_time=1000 begin stay
	canary_S=$S canary_P=$P
	# Its standard input stays open as long as the test runs.
	sbx_in=''
	at_exit kill_quietly "$canary_S"
	correct >/dev/null
	sbx_again
}
kill_quietly() {
	kill -KILL "$@" 2>/dev/null
	wait "$@" 2>/dev/null
	return 0
}

# Limits of the harness's own, so that a broken control hurts nobody.
sbx_bounds=()
sbx_bound() {
	local d
	d=$(v1 pids) && [[ $d ]] && sbx_limit "$d" pids.max=400
	d=$(v1 memory) && [[ $d ]] && sbx_limit "$d" memory.limit_in_bytes=512M
	d=$(v2) && [[ $d && -s $d/cgroup.controllers ]] && sbx_limit "$d" pids.max=400 memory.max=512M
	return 0
}
sbx_limit() {
	local d=$1/bnd-bound l
	shift
	mkdir -p "$d" || return
	for l; do
		[[ ! -e $d/${l%%=*} ]] || echo "${l#*=}" >"$d/${l%%=*}" || bail "no limit $l"
	done
	sbx_bounds+=("$d")
}
bounded() (
	for d in "${sbx_bounds[@]}"; do
		if [[ -e $d/tasks ]]; then echo 0 >"$d/tasks"; else echo 0 >"$d/cgroup.procs"; fi || exit 125
	done
	exec "$@"
)

# ---- runs ------------------------------------------------------------------

sbx_nonce() {
	printf -v nonce '%04x%04x%04x' $((RANDOM)) $((RANDOM)) $((RANDOM))
	rm -f "$T/result"
}
# What a hung one leaves is found by left_nothing.
in_time() {
	timeout --kill-after=5 --preserve-status ${sbx_time:-30} "$@"
}
inside_() {
	in_time sbx-run "${sbx[@]}" --result "${sbx_result:-$T/result}" -- "$payloads/$1" "$nonce" "${@:2}"
}
bare_() {
	bounded timeout --kill-after=5 --preserve-status 30 "$payloads/$1" "$nonce" "${@:2}"
}
bare_as_() {
	bounded timeout --kill-after=5 --preserve-status 30 \
	    setpriv --reuid "$1" --regid "$1" --clear-groups "$payloads/$2" "$nonce" "${@:3}"
}
faulty_() {
	echo "$1" >/run/.bnd-test-fault
	in_time "$faulty_sbx" "${sbx[@]}" --result "${sbx_result:-$T/result}" -- "$payloads/$2" "$nonce" "${@:3}"
	set -- $?
	rm -f /run/.bnd-test-fault
	return "$1"
}
by_bwrap_() {
	bounded timeout --kill-after=5 --preserve-status 30 "$sbx_bwrap" --unshare-all \
	    --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 \
	    --dev /dev --proc /proc --tmpfs /tmp "${bwrap[@]}" -- "$payloads/$1" "$nonce" "${@:2}"
}
inside() { sbx_nonce && run inside_ "$@"; }
bare() { sbx_nonce && run bare_ "$@"; }
bare_as() { sbx_nonce && run bare_as_ "$@"; }
faulty() { sbx_nonce && run faulty_ "$@"; }
skipping() { faulty "$1 $2 skip" "${@:3}"; }
by_bwrap() { sbx_nonce && run by_bwrap_ "$@"; }

sbx_bwrap=''
need_bwrap() {
	sbx_bwrap=$("$BND_TREE/tests/fetch" --have bubblewrap) || skip_all "$sbx_bwrap"
	sbx_bwrap+=/usr/bin/bwrap
}

sbx_default='mem 512M
swap 0
pids 64
time 1h
wall 1h
out 64M
tmp 64M 8K
fsize 1G
nofile 1024
net none
stdin pipe
wx mem
syscalls @base @file @proc @thread @tty
pass-env LANG TERM TZ
bind r? /etc/ld.so.cache
bind rx /usr
env PATH=/usr/local/bin:/usr/bin:/bin'
profile() {
	local name=$1 line said=' '
	shift
	for line; do said+="${line%% *} "; done
	mkdir -p /etc/bnd/sbx
	{
		echo version 1
		while read -r line; do
			[[ $line != bind* && $line != env* && $said == *" ${line%% *} "* ]] || echo "$line"
		done <<<"$sbx_default"
		printf '%s\n' "$@"
	} >"/etc/bnd/sbx/$name.sbx"
}

# In the background, its standard input a pipe that the test holds.
begin() {
	local i
	sbx_nonce
	mkfifo "$T/in.$nonce"
	# Or the one before is taken for ready, until the job has opened it.
	: >"$T/begun.out"
	"${how}_" "$@" <"$T/in.$nonce" >"$T/begun.out" 2>"$T/begun.err" &
	begun=$! S=$!
	exec {sbx_in}>"$T/in.$nonce"
	for ((i = 0; i < 1500; i++)); do
		! grep -qx ready "$T/begun.out" || break
		jobs -rp | grep -qx "$begun" || break
		sleep 0.02
	done
	# Of it and its children the first.
	P=$(pgrep -o -f "^$payloads/$1 $nonce")
	[[ $how != inside ]] || S=$(pgrep -o -f "^[^ ]*sbx-run .*$nonce")
}
finish() {
	[[ ! $sbx_in ]] || exec {sbx_in}>&-
	sbx_in='' status=0
	wait "$begun" || status=$?
	# shellcheck disable=SC2034
	out=$(tr -d '\0' <"$T/begun.out") err=$(tr -d '\0' <"$T/begun.err")
}
said() {
	cat "$T/begun.out"
}
host_status() {
	sed -n "s/^$1:[[:blank:]]*//p" "/proc/$P/status"
}

# ---- judges ----------------------------------------------------------------

payload_ran() {
	[[ $out == *"nonce $nonce"* ]] || { echo "the payload did not run: $err"; return 1; }
}
payload_did_not() {
	[[ $out != *"$nonce"* ]] || { echo "the payload ran"; return 1; }
}
payload_got() {
	local got
	payload_ran || return
	got=$(awk -v w="$1: " 'index($0, w) == 1 { print substr($0, length(w) + 1); exit }' <<<"$out")
	[[ $got =~ ^($2)$ ]] || { printf '%s: got %s\nwant %s\n' "$1" "${got:-nothing}" "$2"; return 1; }
}
result() {
	jq -r "$1" "$T/result"
}
ended() {
	is "$(result '.reason + " " + (.stage // "")')" "$1 ${2:-}"
}
refused() {
	payload_did_not && [[ $status == 125 ]] || { echo "status $status"; return 1; }
	[[ -s $T/result ]] || { echo "no result: $err"; return 1; }
	like "$(result '.reason + " " + (.stage // "")')" "^(setup-error|setup-timeout|refused) $1$"
}
is_leased() {
	(($1 >= sbx_first && $1 < sbx_first + 2048)) || { echo "$1 is not from $sbx_first on"; return 1; }
}
correct() {
	local sbx=() nonce out got
	printf -v nonce 'c%04x%04x' $((RANDOM)) $((RANDOM))
	out=$(in_time sbx-run -- $payloads/correct "$nonce" 2>&1)
	got=$?
	[[ $got == 0 && $out == *"nonce $nonce"*correct ]] || { echo "status $got: $out"; return 1; }
}
canaries() {
	kill -0 "$canary_root" || return
	[[ $(pgrep -c -P "$canary_S") != 0 && -d /proc/$canary_P/fd ]] || { echo "the other sandbox is gone"; return 1; }
}

# A build with AddressSanitizer: loaded dynamically, large, and without a sandbox's
# leave to set the limits its runtime wants.
sanitized() {
	[[ ${BND_BUILD##*/} == asan ]]
}

# A line a thing, of all that a run might leave behind.
sbx_look() {
	cut -d' ' -f4- /proc/self/mountinfo | sed 's/^/mount /'
	find /sys/fs/cgroup -type d ! -name bnd-sbx -printf 'cgroup %p\n'
	find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/*' -printf 'namespace %l\n' 2>/dev/null
	find /proc/$$/fd -printf 'descriptor %l\n' 2>/dev/null | sed '/\.ok$/d; s/pipe:.*/a pipe/'
	find /run/bnd/sbx -type f -name '[0-9]*' -size +0 -printf 'lease %f\n' 2>/dev/null
	awk -v a="$sbx_first" '/^Uid:/ && $2 >= a && $2 < a + 2048 { print "process of", $2, FILENAME }' \
	    /proc/[0-9]*/status 2>/dev/null
	find "${sbx_dirs[@]}" -uid +$((sbx_first - 1)) -uid -$((sbx_first + 2048)) -printf 'inode of %U: %p\n' 2>/dev/null
	awk -v a="$sbx_first" '$6 >= a && $6 < a + 2048 { print "key", $0 }' /proc/keys 2>/dev/null
	nft list ruleset 2>/dev/null | sed 's/^/rule /'
	sed 's/^/rules of /' /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null
	return 0
}
sbx_again() {
	sbx_look 2>/dev/null | sort -u >"$T/was"
}
# What dies asynchronously (namespaces, cgroups) has some time. What nobody but a
# sandbox would take away (others come and go with the test itself) must be there.
left_nothing() {
	local i new gone
	for ((i = 0; i < 50; i++)); do
		sbx_look 2>/dev/null | sort -u >"$T/is"
		new=$(comm -13 "$T/was" "$T/is")
		gone=$(comm -23 "$T/was" "$T/is" | grep -E '^(mount|cgroup|rule|rules of) ' | grep -v 'cgroup.*bnd-sbx')
		[[ $new$gone ]] || return 0
		sleep 0.1
	done
	printf 'left: %s\ngone: %s\n' "$new" "$gone"
	return 1
}
unharmed() {
	correct && canaries && left_nothing
}
