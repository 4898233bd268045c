#!/bin/bash
# pam-login.t: who may log in or become another, by mode: every cell of bnd(7)
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../pam.sh"
spine_up 2
pam_up
ctty=/run/.bnd-test-ctty
mknod /dev/tty1 c 4 1 && mknod /dev/console c 5 1 && mknod /dev/ttyS0 c 4 64 && mknod /dev/hvc0 c 229 0 ||
    bail "no devices"
echo 'bnd-rescue:x:4100:rita' >>/etc/group
printf '%s\n' 'alice:x:4001:4001::/:/bin/sh' 'rita:x:4002:4002::/:/bin/sh' >>/etc/passwd
services='login sshd su su-l sudo sudo-i polkit-1 cron lightdm'
for s in $services; do
	cat >"/etc/pam.d/$s" <<-END
		auth required pam_permit.so
		account required pam_bnd.so login
		session required pam_bnd.so login
	END
done

# ask SERVICE WHO WHERE: as that service would for that person; SUCCESS or not
ask() {
	local service=$1 who=$2 user=$2 items=()
	case $service in su*) items=(-i "ruser=$who") ;; esac
	case $service in su | su-l) user=root ;; esac
	case $3 in
	console) items+=(-i tty=tty1); echo 4 1 >$ctty ;;
	blank) items+=(-i tty=tty1 -i rhost=); echo 4 1 >$ctty ;;
	pts) items+=(-i tty=/dev/pts/0); echo 136 0 >$ctty ;;
	remote) items+=(-i tty=ssh -i rhost=192.0.2.1); echo 0 0 >$ctty ;;
	none) echo 0 0 >$ctty ;;
	esac
	run "${prefix[@]}" "$BND_BUILD/tests/helper/pamtalk" "${items[@]}" "$service" "$user" account </dev/null
	ended account
}
prefix=()
yesno() {
	if [[ $1 == SUCCESS ]]; then echo y; elif [[ $1 == PERM_DENIED ]]; then echo n; else echo "$1"; fi
}

# ---- the matrix: y for all, a for root and bnd-rescue, n for nobody ----
# SERVICE WHERE: O R T A C L
matrix() {
	cat <<-'END'
		login console y y y y y a
		login blank y y y y y a
		login pts y y y n n n
		login remote y y y n n n
		lightdm console y y y y y a
		sshd remote y y y n n n
		su pts y y y a a n
		su console y y y a a a
		su-l remote y y y a a n
		sudo pts y y y a a n
		sudo console y y y a a a
		sudo-i remote y y y a a n
		polkit-1 none y y y a a n
		cron none y y y y y a
	END
}
cells() {
	local mode=$1 col=$2 service where row who got want
	while read -r service where row; do
		got='' want=''
		for who in root rita alice; do
			got+=$(yesno "$(ask "$service" "$who" "$where")")
		done
		case $(cut -d' ' -f"$col" <<<"$row") in
		y) want=yyy ;;
		a) want=yyn ;;
		n) want=nnn ;;
		esac
		ok "$mode: $service, $where: root, rescue, others" is "$got" $want
	done < <(matrix)
}
records() {
	grep -c "\"ev\":\"$1\"" $log_file
}
col=0
for m in "${modes[@]}"; do
	col=$((col + 1))
	# A LOCKDOWN would never be left again without people.
	[[ $m == OPEN ]] || mode-set "$m" >/dev/null || bail "no $m"
	before=$(records login.allow)
	cells "$m" $col
	n=$(($(records login.allow) - before))
	case $m in
	OPEN) ok "OPEN: nothing is recorded" is $n 0 ;;
	RESTRICTED | TRUSTED) ok "$m: 7 services x 3 people are recorded" is $n 21 ;;
	AIRGAP | COLDROOM) ok "$m: those who passed are" is $n 14 ;;
	LOCKDOWN) ok "$m: those who passed are" is $n 4 ;;
	esac
done
ok "refusals are recorded" test "$(records login.deny)" -gt 50
ok "a record says who, where and the mode" like "$(grep '"login.allow"' $log_file | tail -1)" \
    '"service":"sudo","user":"rita","ruser":"rita","ruid":0,"rhost":"-","tty":"tty1","console":true,"mode":"LOCKDOWN"'
ok "the log verifies" verifies

# ---- what is a console, and what only looks like one (LOCKDOWN) ----
console_root() {
	rm -f $ctty
	say "$@" login root account </dev/null
	yesno "$(ended account)"
}
echo x >/dev/file && ln -s tty1 /dev/link && mkdir -p /run/d && mknod /run/d/tty1 c 4 1
ok "tty1" is "$(console_root -n -i tty=tty1)" y
ok "/dev/tty1" is "$(console_root -n -i tty=/dev/tty1)" y
ok "a serial line" is "$(console_root -n -i tty=ttyS0)" y
ok "/dev/console" is "$(console_root -n -i tty=console)" y
ok "another driver's device is none" is "$(console_root -n -i tty=hvc0)" n
ok "a link to one is none" is "$(console_root -n -i tty=link)" n
ok "a file is none" is "$(console_root -n -i tty=file)" n
ok "a device that is not there is none" is "$(console_root -n -i tty=tty2)" n
ok "one outside /dev is none" is "$(console_root -n -i tty=/run/d/tty1)" n
ok "nor by way of .." is "$(console_root -n -i tty=/dev/../run/d/tty1)" n
ok "nor by a long name" is "$(console_root -n -i "tty=/dev/$(printf '%0200d' 0)")" n
ok "no terminal is none" is "$(console_root -n)" n
ok "an empty one is none" is "$(console_root -n -i tty=)" n
ok "with a peer it is none" is "$(console_root -n -i tty=tty1 -i rhost=h)" n
ok "an empty peer is none: so login of Debian 12" is "$(console_root -n -i tty=tty1 -i rhost=)" y
ok "with a terminal of another kind it is none" is "$(console_root -t -i tty=tty1)" n
echo 0 0 >$ctty
say -i tty=tty1 su root account </dev/null
ok "su without a controlling terminal is on no console" is "$(ended account)" PERM_DENIED

# ---- who asks ----
echo 4 1 >$ctty
say -i tty=tty1 -i ruser=alice su root account </dev/null
ok "whom alice wants to become says nothing about her" is "$(ended account)" PERM_DENIED
run setpriv --ruid 4001 "$BND_BUILD/tests/helper/pamtalk" -i tty=tty1 su root account </dev/null
ok "nor does silence: the kernel knows who started su" is "$(ended account)" PERM_DENIED
run setpriv --ruid 4002 "$BND_BUILD/tests/helper/pamtalk" -i tty=tty1 su root account </dev/null
ok "control: rita may" is "$(ended account)" SUCCESS
say -i tty=tty1 -i ruser= sudo root account </dev/null
ok "an empty name is nobody's" is "$(ended account)" PERM_DENIED
say -i tty=tty1 -i ruser=nobody-there sudo root account </dev/null
ok "nor is one that nobody has" is "$(ended account)" PERM_DENIED
say -i tty=tty1 sudo alice account </dev/null
ok "sudo names who asks" is "$(ended account)" PERM_DENIED
say -i tty=tty1 login $'alice\nroot' account </dev/null
ok "a name with a newline is nobody's" is "$(ended account)" PERM_DENIED

# ---- auth is not for login ----
echo 'auth required pam_bnd.so login' >/etc/pam.d/wrong
say wrong root auth </dev/null
ok "in an auth stack it denies" is "$(ended auth)" AUTH_ERR

# ---- trouble denies, but for root and bnd-rescue on a console ----
spine_again 2
ok "OPEN again: alice from anywhere" is "$(ask sshd alice remote) $(ask su alice pts)" "SUCCESS SUCCESS"
for harm in 'rm /run/bnd/state' 'echo x >>/run/bnd/state' 'chmod 666 /run/bnd/state'; do
	cp -p /run/bnd/state "$T/state"
	eval "$harm"
	ok "$harm: it is LOCKDOWN" is "$(ask sshd root remote) $(ask login alice console) $(ask su rita pts)" \
	    "PERM_DENIED PERM_DENIED PERM_DENIED"
	ok "$harm: root and bnd-rescue on a console" is "$(ask login root console) $(ask login rita console) $(ask su rita console)" \
	    "SUCCESS SUCCESS SUCCESS"
	rm -f /run/bnd/state
	cp -p "$T/state" /run/bnd/state
done

# ---- a log daemon that hangs holds nobody up ----
cat >"$T/mute.py" <<-'END'
	import os, socket, time
	s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	s.bind("/dev/log")
	c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	c.setblocking(False)
	c.connect("/dev/log")
	try:
	    while True:
	        c.send(b"x")
	except BlockingIOError:
	    open("/run/mute", "w").close()
	time.sleep(60)
END
mv /run/bnd/state "$T/state"
python3 "$T/mute.py" &
mute=$!
for ((i = 0; i < 100; i++)); do [[ -e /run/mute ]] || sleep 0.05; done
run timeout 3 logger -s -u /dev/log x
ok "control: who waits for it waits" is "$status" 124
ok "root on a console does not" is "$(console_root -n -i tty=tty1)" y
kill $mute
rm /dev/log
mv "$T/state" /run/bnd/state
ok "control: OPEN" is "$(ask sshd alice remote)" SUCCESS
mode-set RESTRICTED >/dev/null
rm -rf /run/bnd/spool && mkdir /run/bnd/spool && mount -t tmpfs -o ro none /var/lib/bnd/log || bail "cannot break the log"
prefix=(setpriv --bounding-set -audit_write)
ok "what cannot be recorded does not happen" is "$(ask su alice pts) $(ask sudo rita pts) $(ask sudo root remote)" \
    "PERM_DENIED PERM_DENIED PERM_DENIED"
ok "but for the way back" is "$(ask su rita console) $(ask sudo root console)" "SUCCESS SUCCESS"
ok "a login needs no record" is "$(ask sshd alice remote)" SUCCESS
umount /var/lib/bnd/log
rmdir /run/bnd/spool
ok "with the log back it happens" is "$(ask su alice pts)" SUCCESS
sed -i '/^require_audit/d' /etc/bnd/bnd.conf
echo 'require_audit yes' >>/etc/bnd/bnd.conf
ok "the audit trail is required and not to be had: no" is "$(ask login alice console) $(ask sshd root remote)" \
    "PERM_DENIED PERM_DENIED"
ok "but for the way back" is "$(ask login root console)" SUCCESS
sed -i '/^require_audit/d' /etc/bnd/bnd.conf
echo 'nonsense' >>/etc/bnd/bnd.conf
ok "a broken policy asks for it too" is "$(ask sshd alice remote)" PERM_DENIED
sed -i '/^nonsense/d' /etc/bnd/bnd.conf
ok "control: otherwise it is not asked for" is "$(ask sshd alice remote)" SUCCESS
prefix=()
mv /usr/libexec/bnd/pam-helper "$T/helper"
ok "without its helper the module says no to everybody" is "$(ask sshd alice remote) $(ask login root console)" \
    "SERVICE_ERR SERVICE_ERR"
mv "$T/helper" /usr/libexec/bnd/pam-helper

# ---- what the manual tells an administrator to try ----
if command -v pamtester >/dev/null; then
	rm -f $ctty
	run setsid -w pamtester -I tty=/dev/tty1 login alice acct_mgmt </dev/null
	ok "pamtester agrees: login on a console" status 0
	mode-set AIRGAP >/dev/null 2>&1
	run setsid -w pamtester -I rhost=192.0.2.1 sshd alice acct_mgmt </dev/null
	ok "pamtester agrees: from afar, in AIRGAP" isnt "$status" 0
	run setsid -w pamtester -I tty=/dev/tty1 login alice acct_mgmt </dev/null
	ok "control: on a console, in AIRGAP" status 0
	spine_again 2
	mode-set RESTRICTED >/dev/null
else
	skip "pamtester agrees" "no pamtester (pamtester)"
fi

# ---- sessions: shown, tightened, never loosened ----
session() {
	rm -f $ctty
	say "$@" open close </dev/null
}
session login alice
ok "a session opens" is "$(ended open) $(ended close)" "SUCCESS SUCCESS"
ok "and shows the mode" like "$out" 'INFO bnd: the mode is RESTRICTED'
session -s login alice
ok "but not to who wants no text" unlike "$out" 'INFO'
session sudo alice
ok "sudo shows nothing" unlike "$out" 'INFO'
session -f 0 login alice
ok "a mode that cannot be shown stops nobody" is "$(ended open)" SUCCESS
tighten() {
	echo "session required pam_bnd.so login $*" >/etc/pam.d/tight
}
tighten tighten=AIRGAP:rita tighten=COLDROOM:@bnd-rescue tighten=LOCKDOWN:bob
session tight alice
ok "tightening that concerns others" is "$(ended open) $(kernel)" "SUCCESS RESTRICTED"
tighten tighten=OPEN tighten=RESTRICTED:alice
session tight alice
ok "to what is laxer: nothing" is "$(ended open) $(kernel)" "SUCCESS RESTRICTED"
tighten tighten=TRUSTED:alice tighten=OPEN
session tight alice
ok "a session may tighten" is "$(ended open) $(kernel) $(published)" "SUCCESS TRUSTED TRUSTED"
ok "and shows what was read back" like "$out" 'INFO bnd: the mode is TRUSTED'
ok "its end loosens nothing" is "$(ended close) $(kernel)" "SUCCESS TRUSTED"
tighten tighten=AIRGAP:@bnd-rescue tighten=TRUSTED:rita
session tight rita
ok "the strictest that concerns wins, groups too" is "$(kernel)" AIRGAP
tighten tighten=COLDROOM
mv /usr/sbin/mode-set "$T/mode-set"
session tight alice
ok "a tightening that fails is no session" is "$(ended open) $(kernel)" "SERVICE_ERR AIRGAP"
ok "and says so" like "$out" 'ERROR bnd: cannot tighten to COLDROOM'
mv "$T/mode-set" /usr/sbin/mode-set
session tight alice
ok "control: it can" is "$(ended open) $(kernel)" "SUCCESS COLDROOM"
ok "the log verifies" verifies
tap_done
