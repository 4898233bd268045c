#!/bin/bash
# sbx-creds.t: who a payload is, seen from the host, and that it stays so
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
none=0000000000000000

# ---- as the host sees them ----

begin who stay
I=$(pgrep -o -P "$S")
ids() { awk -v f="$1:" '$1 == f { print $2, $3, $4, $5 }' "/proc/$2/status"; }
field() { sed -n "s/^$1:[[:blank:]]*//p" "/proc/$2/status"; }
uid=$(ids Uid "$P") init=$(ids Uid "$I")
ok "control: this shell is root, with capabilities" isnt "$(field CapEff $$)" $none
ok "the payload has a leased id" is_leased "${uid%% *}"
one=${uid%% *}
ok "real, effective, saved and the file system's" is "$uid" "$one $one $one $one"
ok "its group is leased as well" is_leased "$(ids Gid "$P" | cut -d' ' -f1)"
ok "it has no other group" is "$(field Groups "$P")" ''
ok "its init has another leased id" is_leased "${init%% *}"
ok "another, indeed" isnt "$init" "$uid"
for set in Inh Prm Eff Bnd Amb; do
	ok "no capability: $set of the payload" is "$(field Cap$set "$P")" $none
	ok "$set of the init" is "$(field Cap$set "$I")" $none
done
for p in $P $I; do
	ok "no_new_privs" is "$(field NoNewPrivs "$p")" 1
	ok "a filter" is "$(field Seccomp "$p")" 2
	ok "one more than the caller's" is "$(field Seccomp_filters "$p")" $(($(field Seccomp_filters $$) + 1))
done
# A filter is the payload's, and its init's: not of whoever starts them.
for p in $S $$; do
	ok "no filter of ours is on process $p" is "$(field Seccomp "$p") $(field Seccomp_filters "$p")" "$(field Seccomp $PPID) $(field Seccomp_filters $PPID)"
done
ok "the supervisor has CAP_KILL left, and no other" is "$(field CapEff "$S") $(field CapPrm "$S")" '0000000000000020 0000000000000020'
# What reads the payload's output is that, too: a program it started had no more.
ok "and starts nobody who has more" is "$(field NoNewPrivs "$S")" 1
ok "control: this shell does" is "$(field NoNewPrivs $$)" 0
ok "neither payload nor init is root, to anybody" is \
    "$(awk '/^(Uid|Gid):/ && ($2 == 0 || $3 == 0 || $4 == 0 || $5 == 0)' "/proc/$P/status" "/proc/$I/status")" ''
ok "it has a session of its own" is "$(field NSsid "$P" | awk '{ print $NF }')" "$(field NSpid "$P" | awk '{ print $NF }')"
ok "and no terminal" is "$(awk '{ print $7 }' "/proc/$P/stat")" 0

# ---- no id 0 ----

maps() { awk '{ print $1, $3 }' "/proc/$P/$1" | sort -n; }
ok "id 0 is in neither map" is "$(awk '$1 == 0 || $2 == 0' "/proc/$P/uid_map" "/proc/$P/gid_map")" ''
ok "two ids are mapped, one each" is "$(maps uid_map | wc -l) $(maps uid_map | cut -d' ' -f2 | sort -u)" '2 1'
ok "and two groups" is "$(maps gid_map | wc -l) $(maps gid_map | cut -d' ' -f2 | sort -u)" '2 1'
finish
ok "it is 1000 to itself" like "$out" $'Uid:\t1000\t1000\t1000\t1000'
inside opens -s /usr/bin/env
ok "root's files are nobody's there" payload_got 's /usr/bin/env' 'ok 65534'
ok "no file of the host belongs to a leased id" left_nothing

# ---- to become somebody ----

bare who become
ok "control: root becomes whom it likes" payload_got 'setuid 0' ok
ok "control: and gives away what it likes" payload_got 'give away' ok
inside who become
for what in 'setuid 0' 'setreuid 0' 'setgid 0' setgroups capset ambient securebits chown 'give away'; do
	ok "refused: $what" payload_got "$what" 'EPERM|EINVAL|ENOSYS'
done
ok "it is who it was" payload_got euid 1000
ok "and the file system's id too" payload_got fsuid '1000|-1'

cp $payloads/who $payloads/capable
setcap cap_net_admin,cap_sys_admin+ep $payloads/capable || bail "no file with capabilities"
bare_as 65534 capable
ok "control: a file's capabilities make a user capable" unlike "$out" "CapEff:[[:space:]]$none"
inside capable
ok "not in a sandbox: it runs" payload_ran
ok "with none" like "$out" "CapEff:[[:space:]]$none"
cp $payloads/who $payloads/setuid
chmod 4755 $payloads/setuid
bare_as 65534 setuid
ok "control: a set-user-id file makes a user root" like "$out" $'Uid:\t65534\t0'
inside setuid
ok "not in a sandbox" like "$out" $'Uid:\t1000\t1000\t1000\t1000'
rm -f $payloads/capable $payloads/setuid

# ---- the namespace's network ----

run unshare -n bash -c "ip link set lo up && $payloads/netadmin n"
ok "control: who has made a network namespace rules it" like "$out" 'address: ok'
profile net 'net loop' 'syscalls @base @file @proc @thread @net'
sbx=(-p net)
inside netadmin
sbx=()
ok "a payload has sockets" payload_got socket ok
for what in address route mark down; do
	ok "it rules nothing: $what" payload_got "$what" EPERM
done
for what in raw packet netlink nftables; do
	ok "and has no $what socket" payload_got "$what" 'EPERM|EACCES|EAFNOSUPPORT|ENOSYS'
done
ok "a low port is not its own either" payload_got 'port 7' 'EACCES|EPERM'

# ---- sbx-run inside ----

if ! sanitized; then
	run sbx-run --result "$T/result" -- /usr/bin/sbx-run -- true
	ok "sbx-run inside says that it needs root" like "$out$err" 'root'
	ok "its status is passed on" is "$(result '.reason + " " + (.exit_code | tostring)')" 'exited 125'
fi

# ---- limits ----

begin who stay
# Of process $1: those that are not.
soft_only() {
	awk 'NR > 1 && substr($0, 1, 25) ~ /file size|stack|processes|open files|locked|pending|msgqueue|nice|realtime priority/ {
	    split(substr($0, 27), v, " "); if (v[1] != v[2]) print }' "/proc/$1/limits"
}
(ulimit -S -s 4096; sleep 100) &
ok "control: a limit that is only soft is seen" like "$(sleep 0.2; soft_only $!)" 'stack'
kill_quietly $!
ok "every limit of the payload is hard as well" is "$(soft_only "$P")" ''
ok "a core is one byte: no helper is started" like "$(grep 'core file' "/proc/$P/limits")" ' 1 +1 '
finish

# ---- a hundred at once ----

many=()
sbx_nonce
for ((i = 0; i < 100; i++)); do
	sbx-run -- $payloads/stay "$nonce" ever >/dev/null 2>&1 &
	many+=($!)
done
leased() {
	awk -v a="$sbx_first" '/^Uid:/ && $2 >= a && $2 < a + 2048 { print $2 }' /proc/[0-9]*/status 2>/dev/null | sort -u | wc -l
}
for ((i = 0; i < 200; i++)); do
	# The other sandbox's two beside them.
	(($(leased) < 202)) || (($(pgrep -c -f "^$payloads/stay $nonce") < 100)) || break
	sleep 0.1
done
ok "a hundred at once have two hundred ids, none shared" is "$(leased)" 202
A=$(pgrep -o -f "^$payloads/stay $nonce")
uid=$(ids Uid "$A" | cut -d' ' -f1)
mapfile -t others < <(pgrep -f "^$payloads/stay $nonce" | grep -vx "$A")
mapfile -t inits < <(pgrep -f '[s]bx-run .*'"$nonce")
ok "control: root can signal them all" kill -0 "${others[@]}"
signalled() {
	setpriv --reuid "$uid" --regid "$uid" --clear-groups bash -c \
	    'for p; do ! kill -0 "$p" 2>/dev/null || echo "$p"; done' bash "$@"
}
ok "control: whoever has one's id can signal that one" is "$(signalled "$A")" "$A"
ok "but none of the others, nor an init, even by host pid" \
    is "$(signalled "${others[@]}" "${inits[@]}")" ''
kill -TERM "${many[@]}"
wait "${many[@]}"
ok "and all of them end" left_nothing

# ---- what the kernel counts by user ----

had() { sed -n 's/^had: //p' <<<"$1"; }
bare quota inotify </dev/null
root=$(had "$out")
how=bare_as
begin 65534 quota inotify
how=inside
taken=$(had "$(said)")
ok "control: a user takes all inotify instances there are" like "$taken" '^[1-9]'
bare_as 65534 quota inotify </dev/null
ok "control: and has no other" is "$(had "$out")" 0
finish
for kind in inotify watches epoll pipes signals processes; do
	host=''
	[[ $kind == processes ]] || { bare_as 65533 quota "$kind" </dev/null; host=$(had "$out"); }
	begin quota "$kind"
	taken=$(had "$(said)")
	ok "a sandbox takes all it can have: $kind" like "$taken" '^[1-9]'
	inside quota "$kind" </dev/null
	ok "another has as many" is "$(had "$out")" "$taken"
	[[ ! $host ]] || bare_as 65533 quota "$kind" </dev/null
	[[ ! $host ]] || ok "and a user of the host as many as before" is "$(had "$out")" "$host"
	[[ $kind != inotify ]] || bare quota "$kind" </dev/null
	[[ $kind != inotify ]] || ok "and root, who owns no namespace of theirs" is "$(had "$out")" "$root"
	finish
done
ok "nothing is left" unharmed
tap_done
