#!/bin/bash
# sbx-cgroup.t: limits as the kernel has them, and no run without one that is asked for
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
tree=$(v2)/bnd-sbx

# Our own path of a hierarchy, as the sandbox's leaf must be below it.
own() {
	sed -n "s|^[0-9]*:\([^:]*,\)*$1\(,[^:]*\)*:||p" /proc/self/cgroup
}
lease_of() {
	sed -n 's|^0::.*/bnd-sbx/||p' "/proc/$1/cgroup"
}
# A file of the leaf of lease $1: the v2 one $2 if there is one, else v1's $3/$4.
limit() {
	if [[ -e $tree/$1/$2 ]]; then
		cat "$tree/$1/$2"
	else
		cat "$(v1 "$3")$(own "$3" | sed 's|^/$||')/bnd-sbx-$1/$4"
	fi
}
leaf_count() {
	find /sys/fs/cgroup -type d \( -name "bnd-sbx-$1" -o -path "*/bnd-sbx/$1" \) | wc -l
}

# ---- two at once (X12, S0-80, S1-05) ---------------------------------------
sbx=(-k cpu=50% -k mem=64M -n 9)
begin stay
n=$(lease_of "$P")
ok "it is in a leaf of its own" test -d "$tree/${n:-none}"
ok "another in another" isnt "$n" "$(lease_of "$canary_P")"
for c in memory pids cpu; do
	[[ $(v1 $c) ]] || continue
	o=$(own $c)
	ok "in that of $c below our own path" grep -q "$c.*:${o%/}/bnd-sbx-$n\$" "/proc/$P/cgroup"
done
ok "all of it is: init and payload, and not the supervisor" is "$(wc -l <"$tree/$n/cgroup.procs")" 2
ok "two ids of the range" is_leased "$(host_status Uid | cut -f1)"
ok "that the other has not" isnt "$(host_status Uid)" "$(sed -n 's/^Uid:[[:blank:]]*//p' "/proc/$canary_P/status")"
same=0
for f in /proc/"$P"/ns/*; do
	[[ $f == *_for_children || $(readlink "$f") != $(readlink "/proc/$canary_P/ns/${f##*/}") ]] || same=$((same + 1))
done
ok "and no namespace of the other's" is $same 0

ok "memory is what was asked for" is "$(limit "$n" memory.max memory memory.limit_in_bytes)" $((64 << 20))
ok "the default's is its own" is "$(limit "$(lease_of "$canary_P")" memory.max memory memory.limit_in_bytes)" $((512 << 20))
ok "pids, and the init" is "$(limit "$n" pids.max pids pids.max)" 10
ok "half a CPU" like "$(limit "$n" cpu.max cpu cpu.cfs_quota_us)" '^50000( 100000)?$'
if [[ -e $tree/$n/memory.max ]]; then
	ok "no swap" is "$(cat "$tree/$n/memory.swap.max" 2>/dev/null || echo 0)" 0
	ok "all die, not one" is "$(cat "$tree/$n/memory.oom.group")" 1
else
	ok "no swap beside it" is "$(limit "$n" none memory memory.memsw.limit_in_bytes)" $((64 << 20))
fi
other=0
[[ ! $(v1 cpu) ]] || other=1
ok "a limit that is max has no leaf" is "$(leaf_count "$(lease_of "$canary_P")")" $(($(leaf_count "$n") - other))
finish
sbx=()
ok "it ends" status 0

# ---- from inside (X87) -----------------------------------------------------
how_many='find / -name cgroup.procs 2>/dev/null | wc -l
	mkdir -p /sys/fs/cgroup/mine 2>/dev/null && echo made
	cut -d: -f3 /proc/self/cgroup | sort -u'
run sh -c "$how_many"
ok "control: outside there are cgroups, and more can be made" like "$out" $'^[1-9][0-9]*\nmade'
find /sys/fs/cgroup -name mine -type d -exec rmdir {} +
run sbx-run -- /bin/sh -c "$how_many"
ok "inside there is no cgroup file, none is made, and each path is /" is "$out" $'0\n/'

# ---- a facility that is not there (X111, X127, S0-81) ----------------------
hidden() {
	local d=$1
	shift
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -t tmpfs t "$1" && shift && exec "$@"' sh "$d" "$@"
}
refused_for() {
	like "$(result '[.reason, .stage, .detail] | join(" ")')" "^setup-error cgroup no cgroup of this host limits $1 "
}
mkdir -p /etc/bnd/sbx
# What is told of the host is what it is at that moment.
told() {
	jq -r ".facility[] | select(.name == \"$1\") | .how + \"|\" + (.present | tostring)" <<<"$out"
}
host_told() {
	run "$@" sbx-run --check-host --json
}
host_told env
for c in memory pids cpu; do
	want='cgroup v1|true'
	[[ $(v1 $c) ]] || want='cgroup v2|true'
	ok "the check says where $c is limited" is "$(told $c)" "$want"
done
ok "and by which tree" is "$(told v2)" "${tree%/bnd-sbx}|true"
printf '%s\n' 'version 1' 'mem max' 'swap max' 'pids max' 'cpu max' 'bind rx /usr' \
    'syscalls @base @file @proc @thread' >/etc/bnd/sbx/free.sbx
free=(-p free --result "$T/result")
run sbx-run "${free[@]}" -- $payloads/correct x
ok "control: where nothing is hidden all run" status 0
for c in memory pids cpu; do
	d=$(v1 $c) limited=()
	[[ $d ]] || { skip_kernel "$c hidden" "it is v2's here"; continue; }
	[[ $c != cpu ]] || limited=(-k cpu=100%)
	run hidden "$d" sbx-run "${limited[@]}" --result "$T/result" -- $payloads/stay x </dev/null
	ok "$c hidden, its limit asked for: refused" is "$status" 125
	ok "and named" refused_for $c
	ok "nothing ran" unlike "$out" nonce
	host_told hidden "$d"
	ok "so says the check" is "$(told $c)" "no controller|false"
	# No mode leaves pids at max.
	if [[ $c != pids ]]; then
		run hidden "$d" sbx-run "${free[@]}" -- $payloads/correct x
		ok "it runs where that limit is max" status 0
	fi
	mkdir -p "$T/elsewhere" && mount --bind "$d" "$T/elsewhere"
	run hidden "$d" sbx-run "${limited[@]}" -- $payloads/correct x
	ok "or if the hierarchy is mounted elsewhere" status 0
	umount "$T/elsewhere"
done
run hidden /sys/fs/cgroup sbx-run --result "$T/result" -- $payloads/stay x </dev/null
ok "all of them hidden: refused" is "$status" 125
ok "for the first that it needs" refused_for memory
host_told hidden /sys/fs/cgroup
ok "as the check says of each, and that default cannot run" is \
    "$status $(told memory) $(told pids) $(told cpu)" "1 no controller|false no controller|false no controller|false"
host_told env
ok "with all of them back it says so, too" is "$status $(told v2)" "0 ${tree%/bnd-sbx}|true"
run hidden "$(v2)" sbx-run -- $payloads/correct x
ok "v2 that is mounted nowhere is mounted" status 0
rm -f /etc/bnd/sbx/free.sbx
ok "nothing is harmed" unharmed

# ---- no room (X108) --------------------------------------------------------
refusal() {
	sbx_nonce
	run "$@" sbx-run --result "$T/result" -- $payloads/stay "$nonce"
}
held() {
	perl -e '
		use Fcntl qw(:flock);
		umask 077;
		for (0 .. 1023) {
			open($f[$_], "+>>", "/run/bnd/sbx/$_") or die;
			flock($f[$_], LOCK_EX | LOCK_NB);
		}
		exit system(@ARGV) >> 8;' "$@"
}
few() {
	# shellcheck disable=SC2016
	sh -c 'ulimit -n 9; exec "$@"' sh "$@"
}
ulimit -n 4096
refusal held
ok "no lease is free: refused" refused lease
ok "it says so" like "$err" 'no lease is free'
refusal few
ok "no descriptor is free: refused" refused '[a-z]*'
mv /etc/subgid /etc/subgid.was
refusal
mv /etc/subgid.was /etc/subgid
ok "no group ids: refused" refused lease
echo "mallory:$((sbx_first + 2000)):1" >>/etc/subuid
refusal
sed -i /^mallory/d /etc/subuid
ok "ids that somebody else has, too: refused" refused lease
ok "and he is named" like "$err" mallory
ok "the next one runs" correct

# What the lease is to say has no room.
used=$(df -k --output=used /run | tail -n 1)
mount -o remount,size=$((used + 4))k /run || bail "/run is no file system of its own"
dd if=/dev/zero of=/run/filler bs=4k count=64 2>/dev/null
refusal
rm -f /run/filler
mount -o remount,size=64m /run
ok "/run is full: refused" is "$status" 125
ok "nothing ran" payload_did_not
# The remount shows.
ok "nothing is harmed" correct
ok "really" canaries

# ---- how a host gets its ids -----------------------------------------------
sed -n '/^useradd /,/bnd-sbx$/p' "$BND_TREE/man/sbx-run.1" | sed 's/\\e$/\\/' >"$T/useradd"
ok "the page says how" grep -q bnd-sbx "$T/useradd"
sed -i /^bnd-sbx:/d /etc/subuid /etc/subgid /etc/passwd /etc/group
run sh "$T/useradd"
ok "and that does it" status 0
ok "a sandbox runs with these" correct
tap_done
