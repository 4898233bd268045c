#!/bin/bash
# usb-dry.t: what only looks writes nothing; and says what would die
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"
command -v strace >/dev/null || skip_all "no strace"

usb_ready OPEN
usb 1-1 keyboard name=Keys on
usb 1-2 hub on
usb 1-2.1 keyboard name=Second on
usb 1-3 storage name=Stick on
guard apply -q || bail "cannot settle"
guard baseline --save -q || bail "no baseline"
guard baseline --remove "$(guard status -v | grep -A2 'device     1-2 ' | sed -n 's/.*identity *//p')" -q || bail "cannot remove the hub"
usb 1-4 mouse
printf 'block name "Mous" # none\n' >"$U/etc/bnd/usb.d/10-none.rules"
chmod 0600 "$U/etc/bnd/usb.d/10-none.rules"
rm "$U/run/bnd/usb/policy"

# ---- UE-16 ----
# Who is traced cannot look for leaks.
export ASAN_OPTIONS=detect_leaks=0
# All that is below U: names, times of change, owners, modes, contents.
picture() {
	(cd "$U" && find . -printf '%p %y %m %s %C@ %l\n' | sort && find etc run var sys -type f -exec sha256sum {} + | sort)
}
# Calls that write something but to the output: opened for writing, made, moved,
# removed, or written to another descriptor than a pipe of its own.
writes() {
	grep -E '^[0-9]+ +(open|openat|openat2|creat|mkdir|mkdirat|unlink|unlinkat|rename[a-z0-9]*|link[a-z]*|symlink[a-z]*|chmod|fchmod[a-z]*|chown|fchown[a-z]*|truncate|ftruncate|mount|umount2|utimensat|setxattr|fsetxattr|write|pwrite64|writev|ioctl|sendto|sendmsg|connect|bind)\(' "$T/trace" |
	    grep -vE '\) += -1 ENOENT' |
	    grep -E '(^[0-9]+ +open[a-z0-9]*\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE))|^[0-9]+ +(creat|mk|unlink|rename|link|symlink|chmod|fchmod|chown|fchown|truncate|ftruncate|mount|umount|utimens|setx|fsetx|sendto|sendmsg|connect|bind)|^[0-9]+ +p?write(64|v)?\([0-9]+<[^p]' |
	    grep -vE '^[0-9]+ +write\((1|2)<|O_RDWR.*/dev/null|"/dev/null", O_RDWR'
}
looks() {
	local before
	before=$(picture)
	strace -f -yy -qq -s 200 -o "$T/trace" usb-guard -R "$U" "$@" >"$T/out" 2>"$T/err"
	seen=$?
	ok "UE-16 $* writes nowhere" is "$(writes)" ""
	ok "UE-16 $* leaves everything as it was" is "$(diff <(echo "$before") <(picture))" ""
	ok "UE-16 $* has looked, all the same" like "$seen" '^(0|1|19)$'
}
for mode in open trusted lockdown; do
	looks apply -n $mode
	ok "UE-16 apply -n $mode exits 0" is "$seen" 0
done
looks apply --dry-run --json
looks apply -n -v
looks check
looks check lockdown --json
looks status -v
looks diff -v
looks baseline
looks baseline --save -n
looks explain 1-1
looks lint
strace -f -yy -qq -s 200 -o "$T/trace" usb-guard -R "$U" apply -q
ok "UE-16 control: apply without -n is seen to write" like "$(writes)" 'authorized'
guard apply -q

# ---- what would change ----
rows() { # the kinds of rows, and what they are about
	sed -n 's/^  \(deny\|admit\|lost\) *\([^ ]*\)  *\(.*\)$/\1 \2 \3/p' <<<"$out" | tr -s ' '
}
usb_knob usb1/authorized_default 1
run guard apply -n
ok "a bus that would be shut is told" like "$(rows)" '^deny usb1 controller - .*default'
usb_knob usb1/authorized_default 0
run guard apply -n
ok "nothing to do: nothing is told" is "$status $(rows) $(head -n 1 <<<"$out")" \
    "0  OPEN, and nothing is written: 0 devices would change"
usb 1-5 mouse name=New
run guard apply -n
ok "what would be let in" is "$(rows)" "admit 1-5 mouse New no rule against it"
usb_unplug 1-5

mkdir -p "$U/proc/self"
disk=$(find "$U/sys$(usb_path 1-3)" -name 'sd*' | head -n 1)
mkdir -p "$U/sys/dev/block"
ln -s "../../${disk#"$U"/sys/}" "$U/sys/dev/block/8:16"
cat >"$U/proc/self/mountinfo" <<'EOM'
1 0 8:1 / / rw - ext4 /dev/sda1 rw
2 1 8:16 / /media/my\040stick rw - vfat /dev/sdb rw
EOM
run guard apply -n trusted
ok "what would be lost with what, and why" is "$(rows | sort)" "$(sort <<'EOR'
deny 1-2 hub - RESTRICTED: no allow rule, and not in the baseline
deny 1-3 block Stick TRUSTED: ceiling: storage, interface 0 is 08:06:50
lost 1-3 /media/my stick
deny 1-4 pointer - RESTRICTED: no allow rule, and not in the baseline
EOR
)"
ok "a keyboard behind a hub goes with it" like "$out" 'keyboards +2 now, 1 left; LOCKDOWN would leave 1'
run guard apply -n trusted --json
ok "in JSON" is "$(python3 -c '
import json, sys
d = json.load(sys.stdin)
print(d["mode"], d["dry"], d["keyboards"]["now"], d["keyboards"]["left"], d["keyboards"]["lockdown"],
    *sorted(c["would"] + c["port"] + ",".join(c["mounts"]) for c in d["changes"]))' <<<"$out")" \
    "TRUSTED True 2 1 1 deny1-2 deny1-3/media/my stick deny1-4"
run guard apply -n lockdown
ok "LOCKDOWN" like "$out" 'keyboards +2 now, 1 left; LOCKDOWN would leave 1'

# ---- UP-12: all findings, not the first ----
guard apply trusted -q
for p in 1-2 1-3 1-4; do echo 1 >"$U/sys$(usb_path $p)/authorized"; done
usb_mode TRUSTED
run guard check
ok "UP-12 three bad devices are three findings" is "$status $(grep -c '^  finding    device: 1-[234]: ' <<<"$out")" "19 3"
ok "UP-12 and three rows" is "$(grep -c '^  device     1-[234] *NOT ENFORCED' <<<"$out")" 3
run guard check --json
ok "UP-12 in JSON" like "$out" '"sealed":false,"exit":19,.*"failed":3,.*"found":3,'
before=$(wc -l <"$U/var/lib/bnd/log/000001.jsonl")
run guard apply
ok "UP-12 put right" is "$status" 0
ok "UP-12 and three are recorded" is "$(tail -n +$((before + 1)) "$U/var/lib/bnd/log/000001.jsonl" | grep -c '"ev":"usb.result"')" 3
run guard check
ok "UP-12 after that none is left" is "$status $(grep -c finding <<<"$out")" "0 0"
tap_done
