#!/bin/bash
# sbx-files.t: files of the host: what a sandbox sees of them, and can do to them
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
for d in /srv /mnt; do mount -t tmpfs -o mode=755 own $d || bail "no $d of our own"; done
sbx_up

# A file system that can be idmapped: tmpfs can from 6.3 on.
W=$T
case $(uname -r) in
[1-5].* | 6.[012].*)
	W=$(mktemp -d "$BND_BUILD/bnd-test.XXXXXX")
	at_exit rm -rf "$W"
	;;
esac
chmod 755 "$T" "$W"

# A profile of this test's: PROFILE LINE..., then inside runs by it.
profile() {
	printf '%s\n' 'version 1' 'mem 256M' 'swap 0' 'pids 64' 'wall 20s' 'tmp 64M 8K' 'syscalls @base @file @proc @thread' \
	    'bind rx /usr' "$@" >"$T/p.sbx"
	chmod 644 "$T/p.sbx"
	sbx=(-p "$T/p.sbx")
}
# What could not be there, or was made, would be seen in this.
snapshot() {
	find /etc /srv "$W" -mindepth 1 ! -name before ! -name after ! -name result ! -name p.sbx ! -name '.o*' ! -name '.err' -xdev -printf '%p %U %G %m %l %s\n' 2>/dev/null | sort >"$T/$1"
}
mkdir "$W/work" "$W/other" "$W/rooted" "$W/shared"
mkdir "$W/work/sub" "$W/work/.git"
echo '[core]' >"$W/work/.git/config"
echo secret >"$W/rooted/secret"
chown -R 1234:1235 "$W/work"
chown 4321:4321 "$W/other"
mkdir /srv/seen && echo seen >/srv/seen/file && chmod 666 /srv/seen/file

# ---- links in the way of a bind (X21) -----------------------------------------

ln -s / "$W/work/abs"
ln -s ../../etc "$W/work/rel"
snapshot before
profile 'bind rw $WORK /job' 'bind r /srv/seen /job/sub'
sbx+=(--work "$W/work")
inside opens -r /job/sub/file
ok "control: a bind below a writable one" payload_got 'r /job/sub/file' 'ok 1'
for dst in /job/abs/etc /job/abs/new /job/rel/new /job/rel; do
	profile 'bind rw $WORK /job' "bind r /srv/seen $dst"
	sbx+=(--work "$W/work")
	inside nothing
	ok "X21: a link on the way to $dst" refused root
	ok "X21: and which bind it was" like "$(result .detail)" "$dst"
done
profile 'bind rw $WORK /job' 'bind r /srv/seen /job/none/here'
sbx+=(--work "$W/work")
inside nothing
ok "XP-10: a place below a source that is not there" refused root
snapshot after
ok "X21: nothing was made anywhere" diff "$T/before" "$T/after"
rm "$W/work/abs" "$W/work/rel"

# ---- who owns (X117, X119, X126) ----------------------------------------------

profile 'bind rw $WORK /job'
sbx+=(--work "$W/rooted")
inside nothing
ok "X117: a writable source of root's" refused source
ok "X117: is told so" like "$(result .detail)" 'user 0'
profile "bind rw $W/work /job" "bind rw $W/other /other"
inside nothing
ok "X117: writable ones of two owners" refused source
mkdir "$W/ramfs" && mount -t ramfs r "$W/ramfs" && chown 1234:1235 "$W/ramfs"
profile "bind rw $W/ramfs /job"
inside nothing
ok "X117: a file system that cannot be idmapped" refused map
ok "X117: is told so" like "$(result .detail)" 'idmap'
umount -l "$W/ramfs"
profile 'bind rw $WORK /job'
sbx+=(--work "$W/work")
inside opens -c /job/new -s /job/new /usr /job
ok "X119: a file is written" payload_got 'c /job/new' 'ok 1'
ok "X126: its owner is the payload itself" payload_got 's /job/new' 'ok 1234'
ok "X126: root's files are nobody's" payload_got 's /usr' 'ok 65534'
ok "X119: on the host it is the owner's" is "$(stat -c %u:%g "$W/work/new")" 1234:1235
ok "X119: and no inode is a leased id's" left_nothing
begin who stay
ok "X126: id 0 is in no map" is "$(awk '$1 == 0 || $2 == 0' "/proc/$P/uid_map" "/proc/$P/gid_map")" ''
ok "X126: nor is it who it is" unlike "$(said)" 'Uid:.*[[:blank:]]0[[:blank:]]'
finish
rm "$W/work/new"

# ---- what no mount may be (X25, X129) -----------------------------------------

mkfifo "$W/fifo"
ln -s /etc/ssh "$W/link"
mkdir "$W/alias" && mount --bind /etc "$W/alias"
mkdir -p /etc/ssh
for src in "$W/fifo" /dev/null; do
	profile "bind r $src /x"
	inside nothing
	ok "X25: no source: $src" refused '(source|profile)'
done
for src in / /etc /root /etc/shadow "$W/link" "$W/alias" "$W/alias/ssh" /var /run/bnd /proc/self /dev; do
	profile "bind r $src /x"
	inside nothing
	ok "X129: hidden: $src" refused '(source|profile)'
	ok "X129: by policy" is "$(result .reason)" refused
done
profile 'bind r /srv/../etc /x'
inside nothing
ok "X129: .. is no path" refused profile
umount -l "$W/alias"
profile 'bind r /srv/seen /x'
inside opens -r /x/file
ok "control: what is not hidden is seen" payload_got 'r /x/file' 'ok 1'
profile 'bind r? /srv/none /x' 'bind r /srv/seen /y'
inside opens -s /x /y/file
ok "X130: ? on what is missing: absent" payload_got 's /x' ENOENT
ok "X130: the rest is there" payload_got 's /y/file' 'ok [0-9]+|ok'
ok "X130: named in the result" like "$(result .missing)" /srv/none

# ---- a link of another's (X23) -------------------------------------------------

mkdir /srv/theirs && chown 4321:4321 /srv/theirs
ln -s /srv/seen /srv/theirs/to && chown -h 4321:4321 /srv/theirs/to
profile 'bind r /srv/theirs/to /x'
inside nothing
ok "X23: a link that its owner can point anywhere" refused source
ln -s /srv/seen /srv/mine
profile 'bind r /srv/mine /x'
inside opens -r /x/file
ok "control: one of root's is followed" payload_got 'r /x/file' 'ok 1'

# ---- protected (X36) -------------------------------------------------------------

for dir in /etc /usr /var/lib /var/spool/cron; do
	mkdir -p "$dir/bnd-test" && chown 1234:1235 "$dir/bnd-test"
	profile "bind rw $dir/bnd-test /job"
	inside nothing
	ok "X36: writable below $dir" refused '(source|profile)'
	rmdir "$dir/bnd-test"
done
profile 'protect .git .bashrc' 'bind rw $WORK /job'
sbx+=(--work "$W/work")
inside nothing
ok "X36: a writable bind that has .git" refused source
ok "X36: is told so" like "$(result .detail)" '\.git'
profile 'protect .git .bashrc' 'bind rw $WORK /job' 'bind ro $WORK/.git /job/.git'
sbx+=(--work "$W/work")
inside opens -r /job/.git/config -a /job/.git/config -c /job/.git/hook /job/free
ok "X36: with one over it that cannot be written" payload_got 'r /job/.git/config' 'ok 1'
ok "X36: a write there" payload_got 'a /job/.git/config' 'EROFS|EACCES'
ok "X36: a new file there" payload_got 'c /job/.git/hook' 'EROFS|EACCES'
ok "X36: beside it, it is written" payload_got 'c /job/free' 'ok 1'
ok "X36: the host's is as it was" is "$(cat "$W/work/.git/config")" '[core]'
ok "X36: and has no more" test ! -e "$W/work/.git/hook"
rm "$W/work/free"

# ---- submounts (X26) ---------------------------------------------------------------

mkdir /srv/seen/mnt && mount -t tmpfs -o mode=777 s /srv/seen/mnt && echo x >/srv/seen/mnt/secret && chmod 666 /srv/seen/mnt/secret
profile 'bind r /srv/seen /x'
inside opens -r /x/mnt/secret
ok "X26: without R, what is mounted below is absent" payload_got 'r /x/mnt/secret' ENOENT
profile 'bind rR /srv/seen /x'
inside opens -r /x/mnt/secret -w /x/mnt/secret -c /x/mnt/new
ok "X26: with R it is there" payload_got 'r /x/mnt/secret' 'ok 1'
ok "X26: and not written" payload_got 'w /x/mnt/secret' 'EROFS|EACCES'
ok "X26: nor added to" payload_got 'c /x/mnt/new' 'EROFS|EACCES'
ok "X26: on the host it is as it was" is "$(cat /srv/seen/mnt/secret)" x
umount -l /srv/seen/mnt

# ---- mounts, from the inside and from the outside (X27, X28, X29, X30) -----------

profile 'bind rw $WORK /job' 'bind r /srv/seen /x'
sbx+=(--work "$W/work")
mkdir /mnt/bare
bare leave mounted /mnt/bare </dev/null
ok "control: root covers a directory" payload_got 'tmpfs over' ok
umount -l /mnt/bare
begin leave mounted / /usr /job /x /proc /tmp /dev/null
table=$(cat "/proc/$P/mountinfo")
host=$(cat /proc/self/mountinfo)
ok "X27: it tries" grep -q '^remount' "$T/begun.out"
ok "X27: and gets nothing" not grep -E ': ok' "$T/begun.out"
ok "X30: no mount but the planned" is "$(awk '{ print $5 }' <<<"$table" | sort | xargs)" \
    "/ /dev/full /dev/null /dev/random /dev/shm /dev/urandom /dev/zero /job /proc /tmp /usr /var/tmp /x"
ok "X27: what is not writable is read-only" is "$(awk '$6 !~ /^ro,/ { print $5 }' <<<"$table" | sort | xargs)" "/dev/shm /job /tmp /var/tmp"
ok "S0-86: each is nosuid" is "$(awk '$6 !~ /nosuid/' <<<"$table")" ''
ok "S0-86: each but a device is nodev" is "$(awk '$6 !~ /nodev/ && $5 !~ "^/dev/"' <<<"$table")" ''
ok "XP-12: none is shared or a slave" is "$(grep -E ' (shared|master|propagate_from):' <<<"$table")" ''
mount -t tmpfs later /srv/seen
ok "X28: a mount on the host is not seen inside" is "$(cat "/proc/$P/mountinfo")" "$table"
umount /srv/seen
ok "X28: nor any of the inside on the host" is "$(cat /proc/self/mountinfo)" "$host"
ok "X30: what it calls / is not the host's" isnt "$(stat -Lc %d:%i "/proc/$P/root/.")" "$(stat -c %d:%i /)"
ok "S1-29: there is no other root behind it" is "$(find "/proc/$P/root/" -mindepth 1 -maxdepth 1 ! -name "lib*" -printf "%f\n" | sort | xargs)" "bin dev etc job proc sbin tmp usr var x"
finish
ok "X27: it goes to its end" status 0
bare calls chroot pivot_root
ok "control: X29: chroot on a host" payload_got chroot ok
inside calls chroot pivot_root open_tree move_mount fsopen mount_setattr umount2
for call in chroot pivot_root open_tree move_mount fsopen mount_setattr umount2; do
	ok "X29: $call" payload_got $call 'ENOSYS|EPERM'
done
inside opens -d /proc/1/root /.oldroot /proc/1/cwd
ok "X30: the first process's root" payload_got 'd /proc/1/root' 'ENOENT|EACCES'
ok "X30: an old root" payload_got 'd /.oldroot' ENOENT
ok "X30: the first process's directory" payload_got 'd /proc/1/cwd' 'ENOENT|EACCES'

# ---- devices (X31, S1-02) ---------------------------------------------------------

mkdir "$T/nodes" && bare leave nodes "$T/nodes"
ok "control: root makes nodes" payload_got 'mknod b' ok
for dir in /tmp /job; do
	inside leave nodes $dir
	ok "X31: a block device in $dir" payload_got 'mknod b' 'EPERM|ENOSYS'
	ok "X31: a character device in $dir" payload_got 'mknod c' 'EPERM|ENOSYS'
done
ok "X31: none is on the host" is "$(find "$W/work" -type b -o -type c)" ''
rm -f "$W/work/p"
inside opens -d /dev -r /dev/mem /dev/kmsg /dev/sda /dev/vda /dev/fuse /dev/kvm /dev/tty /dev/ptmx /dev/zero /dev/urandom -w /dev/null /dev/full
ok "S1-02: /dev has what it should, no more" payload_got 'd /dev' 'ok 10'
for n in mem kmsg sda vda fuse kvm tty ptmx; do
	ok "X31: no /dev/$n" payload_got "r /dev/$n" ENOENT
done
ok "XP-11: zero is read" payload_got 'r /dev/zero' 'ok 1'
ok "XP-11: urandom is read" payload_got 'r /dev/urandom' 'ok 1'
ok "XP-11: null is written" payload_got 'w /dev/null' 'ok 1'
ok "XP-11: full is full" payload_got 'w /dev/full' ENOSPC

# ---- programs with more rights (X32) -----------------------------------------------

install -m 4755 $payloads/who $payloads/suidwho
bare_as 54321 suidwho
ok "control: a set-uid program of root's" like "$out" $'Uid:\t54321\t0\t0\t0'
inside suidwho
ok "X32: it runs inside" payload_ran
ok "X32: as who it was" like "$out" $'Uid:\t1234\t1234\t1234\t1234'
if setcap cap_sys_admin+ep $payloads/who 2>/dev/null; then
	inside who
	ok "X32: one with capabilities runs" payload_ran
	ok "X32: and has none" is "$(grep '^Cap' <<<"$out" | grep -v '0000000000000000')" ''
	setcap -r $payloads/who
else
	skip_kernel "X32: one with capabilities" "they cannot be set here"
fi
rm $payloads/suidwho

# ---- what it leaves (X33, X34, X35) -------------------------------------------------

target=$W/target
echo target >"$target" && chmod 600 "$target"
before=$(stat -c '%u %g %a %h %s %Y' "$target")
shadow=$(stat -c '%u %g %a %h %s %Y' /etc/shadow)
inside leave links /job "$target"
ok "X33: links in the work directory" payload_got symlink ok
ok "X33: no hard link out of it" payload_got link 'ENOENT|EXDEV|EPERM|EACCES'
ok "X33: the target is as it was" is "$(stat -c '%u %g %a %h %s %Y' "$target")" "$before"
ok "X33: and so is what the host has" is "$(stat -c '%u %g %a %h %s %Y' /etc/shadow)" "$shadow"
ok "X33: the links are the owner's" is "$(stat -c %u "$W/work/soft")" 1234
for dir in /job /tmp; do
	inside leave names $dir
	ok "X34: odd names in $dir" is "$(grep -c '^name: ok' <<<"$out")" 8
	ok "X34: the end is told" ended exited
	ok "X34: --list goes on" sbx-run --list
done
find "$W/work" -mindepth 1 -maxdepth 1 -type f -delete
profile 'tmp 512M 200K'
sed -i 's/^mem .*/mem 1G/; /^tmp 64M/d' "$T/p.sbx"
for what in 'deep /tmp 10000' 'many /tmp 100000'; do
	# shellcheck disable=SC2086
	begin leave $what
	over=$(date +%s%N)
	finish
	took=$((($(date +%s%N) - over) / 1000000))
	ok "X35: $what" payload_got "${what%% *}" "ok ${what##* }"
	# A second on a quiet host.
	ok "X35: it is over soon ($took ms)" test $took -lt 4000
done

# ---- an old kernel (X111) -----------------------------------------------------------

profile 'bind rw $WORK /job'
lacking() {
	sbx_nonce
	run "$BND_BUILD/tests/helper/without" "$1" "$BND_BUILD/sbx-run" "${sbx[@]}" --work "$W/work" --result "$T/result" \
	    -- "$payloads/correct" "$nonce"
}
lacking diag
ok "control: without what it does not need, it runs" payload_ran
for call in open_tree mount_setattr; do
	lacking $call
	ok "X111: without $call: refused" refused source
	ok "X111: and told what is missing" like "$(result .detail)" "$call.*Function not implemented"
done
lacking openat2
ok "X111: without openat2: it does not run" payload_did_not
ok "X111: and that is told" like "$err" 'openat2|Function not implemented'

ok "nothing is harmed" unharmed
tap_done
