#!/bin/bash
# log.t: the log on disks that are full, read-only, sealed, or full of traps
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
log=$BND_BUILD/tests/helper/log
dir=/var/lib/bnd/log file=$dir/000001.jsonl

# The bytes of everything that must not change when an append is refused.
bytes() {
	cat "$file" "$dir/head" "$dir/lock" 2>/dev/null | sha256sum
}
last_ev() {
	tail -n 1 "$file" | sed -E 's/.*,"ev":"([a-z.]*)".*/\1/'
}
records() {
	wc -l <"$file"
}
refused() {
	local what=$1 want=$2 before
	before=$(bytes)
	run "$log" append ceremony.open '{"n":1}'
	ok "$what: what must be durable is refused" status "$want"
	run "$log" append usb.deny '{"n":2}' spool
	ok "$what: a tightening goes to the spool" status 15
	ok "$what: the log is untouched" is "$(bytes)" "$before"
}
goes_on() {
	local n
	n=$(records)
	run "$log" append usb.test '{"n":3}'
	ok "$1: afterwards it goes on" status 0
	ok "$1: the spooled record came first" is "$(($(records) - n))" 2
	ok "$1: chain-verify agrees" chain-verify --quiet
}

# ---- made with its final mode (S0-24), whatever the umask

umask 000
run strace -f -qq -e trace=openat,openat2 -o "$T/trace" "$log" init
umask 022
ok "a log begins" status 0
for f in 000001.jsonl head; do
	ok "$f is made 0600 and new" grep -qE "\"$f\", .*O_CREAT\|O_EXCL.*, 0600\) = " "$T/trace"
done
ok "the lock is made 0600" grep -qE 'log/lock".*O_CREAT.*mode=0600' "$T/trace"
ok "the first record" is "$(last_ev)" log.genesis
run "$log" init
ok "it begins once" status 1
run "$log" append usb.test '{"n":0}'
ok "it grows" status 0
ok "chain-verify agrees" chain-verify --quiet

# ---- the append-only attribute (L72)

attr() {
	[[ $(lsattr "$file" 2>/dev/null) == -----a* ]]
}
if attr; then
	ok "the genesis says so" grep -q '"attr":true' "$file"
	ok "root cannot cut it" not truncate -s -1 "$file"
	ok "nor write into it" not dd if=/dev/zero of="$file" bs=1 count=1 conv=notrunc
	ok "nor remove it" not rm -f "$file"
	chattr -a "$file"
	refused "attribute off" 8
	chattr +a "$file"
	goes_on "attribute on"
else
	ok "the genesis does not claim it" grep -q '"attr":false' "$file"
	skip_kernel "the append-only attribute" "this file system has none"
fi

# ---- a log that cannot be written (S0-57)

if chattr +i "$dir/head" 2>/dev/null; then
	refused "chattr +i" 2
	chattr -i "$dir/head"
	goes_on "chattr +i"
else
	skip_kernel "an immutable head" "this file system has no such attribute"
fi

mount --bind /var/lib/bnd /var/lib/bnd
mount -o remount,bind,ro /var/lib/bnd
refused "read-only" 2
mount -o remount,bind,rw /var/lib/bnd
umount /var/lib/bnd
goes_on "read-only"

# ---- traps that need root (L70, L71)

chown 65534 "$dir/head"
refused "a head of another owner" 8
chown 0 "$dir/head"
goes_on "a head of another owner"
mv "$dir/head" "$dir/aside"
mknod "$dir/head" c 1 3
run "$log" append ceremony.open '{"n":1}'
ok "a device in place of the head" status 8
rm "$dir/head"
mv "$dir/aside" "$dir/head"
chown 65534 "$dir"
refused "a directory of another owner" 8
chown 0 "$dir"
goes_on "a directory of another owner"

# ---- a full disk (L63, S0-37, S0-57), on a log of its own

mount -t tmpfs -o size=64k,mode=0755 none /var/lib/bnd
rm /etc/bnd/log.pin
: >/run/bnd/spool
run "$log" init
ok "another log begins on a small disk" status 0
status=0
for ((i = 0; i < 400; i++)); do
	"$log" append usb.test '{"n":7}' 2>"$T/full" || break
done
ok "it fills up" grep -q 'No space left' "$T/full"
before=$(head -c -4096 "$file" | sha256sum)
for ((i = 0; i < 3; i++)); do
	run "$log" append ceremony.open '{"n":1}'
	ok "full: what must be durable is refused" status 2
done
run "$log" append usb.deny '{"n":2}' spool
ok "full: a tightening goes to the spool" status 15
ok "full: nothing before was touched" is "$(head -c -4096 "$file" | sha256sum)" "$before"
ok "full: nobody else is told that it failed" not test -e /run/bnd/degraded
run chain-verify --quiet
ok "full: chain-verify says torn or clean" like "$status" '^[06]$'
mount -o remount,size=256k /var/lib/bnd
run "$log" append usb.test '{"n":3}'
ok "full: with room again it goes on" status 0
ok "full: the refused record is not there" not grep -q ceremony.open "$file"
ok "full: the spooled one is, once" is "$(grep -c usb.deny "$file")" 1
ok "full: chain-verify agrees" chain-verify --quiet
umount /var/lib/bnd

tap_done
