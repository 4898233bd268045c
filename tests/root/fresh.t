#!/bin/bash
# fresh.t: before anybody is enrolled nothing loosens, and enrolling is once
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
"$BND_TREE/tests/guard" || bail "not on a throw-away host"
modes=(OPEN RESTRICTED TRUSTED AIRGAP COLDROOM LOCKDOWN)

fresh() {
	chattr -R -a /var/lib/bnd 2>/dev/null
	rm -rf /run/bnd /etc/bnd /var/lib/bnd
}
nobody_there() {
	ls /etc/bnd/log.pin /etc/bnd/approvers 2>/dev/null
}

# ---- no credential is built in ----------------------------------------------

ok "no approver, no key, no pin is installed" is "$(nobody_there)" ''
run mode-set --trip "a test of the fresh host"
ok "control: it can be shut" net-seal check
for to in "${modes[@]}"; do
	[[ $to != LOCKDOWN ]] || break
	for how in "mode-set $to" "mode-set --ceremony 0000000000000000 $to" "$BND_BUILD/tests/helper/loosen bare $to"; do
		read -ra words <<<"$how"
		run "${words[@]}" </dev/null
		ok "${how##*/} is refused" isnt "$status" 0
	done
done
run mode-set --get
ok "it is LOCKDOWN" is "$out" LOCKDOWN
ok "in the kernel, too" net-seal check
run mode-set --init --enroll alice --kind passphrase --passphrase-fd 9 9<<<'correct horse battery staple'
ok "nor is it opened by enrolling somebody" status 1
ok "of whom nothing is kept" is "$(nobody_there)" ''

# ---- the first approver's right to be let in --------------------------------

fresh
ceremony keygen "$T/alice.key" >/dev/null 2>&1
ceremony keygen "$T/mallory.key" >/dev/null 2>&1
enroll() {
	mode-set --init --enroll "$1" --kind raw --key "$T/$1.pub" "${@:2}"
}
asked() {
	enroll "$1" >"$T/$1.text" 2>/dev/null && ceremony sign --key "$T/$1.key" <"$T/$1.text" >"$T/$1.sig" 2>/dev/null
}
ok "alice is asked" asked alice
ok "whom only root can read about" is "$(stat -c %a /var/lib/bnd/init)" 600
boot=/proc/sys/kernel/random/boot_id
before=$(cat $boot)
echo 01234567-89ab-cdef-0123-456789abcdef >$boot
run enroll alice --sig "$T/alice.sig"
ok "after a reboot her signature lets nobody in" status 1
ok "and there is no log" test ! -e /etc/bnd/log.pin
old=$(sed -n 's/^log //p' "$T/alice.text")
ok "asked again" asked alice
ok "it is for another log" isnt "$(sed -n 's/^log //p' "$T/alice.text")" "$old"
run enroll alice --sig "$T/alice.sig"
ok "control: in the same boot it does" status 0
echo "$before" >$boot
ok "what was asked is gone" test ! -e /var/lib/bnd/init
run enroll mallory
ok "nobody is asked after that" status 1
run enroll alice --sig "$T/alice.sig"
ok "nor let in again" status 1

# ---- keys that are anybody's ------------------------------------------------

key_of() {
	python3 - "$1" <<-'EOF'
		import base64, sys
		print(base64.urlsafe_b64encode(bytes.fromhex(sys.argv[1])).decode().rstrip("="))
	EOF
}
fresh
zero=$(printf '0%.0s' {1..64})
rfc=9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60
rfc_pub=d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
for k in "$zero 3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29" "$rfc $rfc_pub"; do
	read -r seed pub <<<"$k"
	printf 'bnd-secret/1\nseed %s\npublic %s\n' "$(key_of "$seed")" "$(key_of "$pub")" >"$T/known.key"
	chmod 600 "$T/known.key"
	key_of "$pub" >"$T/known.pub"
	ok "control: a known key signs" asked known
	run enroll known --sig "$T/known.sig"
	ok "and is refused" status 2
	ok "by what it is" like "$err" "everybody has the secret half"
done
key_of "$zero" >"$T/known.pub"
run enroll known
base64 -w0 </dev/zero 2>/dev/null | head -c 88 >"$T/known.sig"
run enroll known --sig "$T/known.sig"
ok "the key of zeros is none" isnt "$status" 0
ok "and there is no log" test ! -e /etc/bnd/log.pin
tap_done
