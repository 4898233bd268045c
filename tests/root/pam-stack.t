#!/bin/bash
# pam-stack.t: whatever the PAM stack says, the chain decides
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../pam.sh"
spine_up 2
pam_up
mode-set AIRGAP >/dev/null 2>&1 || bail "no AIRGAP"
service=/etc/pam.d/mode-set
module=$(find /lib/*/security /usr/lib/*/security -name pam_bnd.so 2>/dev/null | head -1)
[[ $module ]] || bail "the module is not installed"
cp $service "$T/service" && cp "$module" "$T/module"

# What mode-set makes of a stack: NAME, and the module's own stack is asked too.
# Neither mode-set with the ceremony's id, nor the library called by a program of
# root's own, nor mode-set at a terminal gets anywhere.
stands() {
	local what=$1
	run mode-set OPEN --ceremony "$id"
	ok "$what: mode-set --ceremony wants approvals" status 12
	run loosen finish "$id" OPEN
	ok "$what: so does the library" isnt "$status" 0
	loosen end "$id" cancelled || bail "cannot cancel"
	run "$BND_BUILD/tests/helper/tty" mode-set OPEN <<<$'sleep 200\nkey D\nsleep 100\nkey D'
	ok "$what: and mode-set on a terminal" status 13
	open_ceremony OPEN || bail "cannot open"
	ok "$what: the kernel is as strict as before" is "$(kernel) $(published)" "AIRGAP AIRGAP"
	ok "$what: no approval stands" is "$(grep -c '"ceremony.approve"' $log_file)" 0
}
# passes: the stack says yes although nobody approved: the attack works
passes() {
	say -t mode-set root auth account </dev/null
	ok "control: $1: PAM says yes" is "$(ended auth) $(ended account)" "SUCCESS SUCCESS"
}
fails() {
	say -t mode-set root auth account </dev/null
	ok "$1: PAM says no" isnt "$(ended auth)" SUCCESS
}
again() {
	cp "$T/service" $service
	cp "$T/module" "$module"
	rm -f /usr/lib/pam.d/mode-set
}
open_ceremony OPEN || bail "cannot open"

fails "as shipped"
stands "as shipped"

printf '%s\n' 'auth sufficient pam_bnd.so ceremony' 'auth required pam_permit.so' \
    'account sufficient pam_bnd.so ceremony' 'account required pam_permit.so' >$service
passes "sufficient, then pam_permit"
stands "sufficient, then pam_permit"

printf '%s\n' 'auth [default=ignore] pam_bnd.so ceremony' 'auth required pam_permit.so' \
    'account [default=ignore] pam_bnd.so ceremony' 'account required pam_permit.so' >$service
passes "[default=ignore]"
stands "[default=ignore]"

printf '%s\n' 'auth required pam_permit.so' 'account required pam_permit.so' >$service
passes "without the module"
stands "without the module"

rm $service
cp /etc/pam.d/other "$T/other"
printf '%s\n' 'auth required pam_permit.so' 'account required pam_permit.so' >/etc/pam.d/other
passes "no service, a permissive other"
stands "no service, a permissive other"
cp "$T/other" /etc/pam.d/other

mkdir -p /usr/lib/pam.d
printf '%s\n' 'auth required pam_permit.so' 'account required pam_permit.so' >/usr/lib/pam.d/mode-set
passes "a service in /usr/lib/pam.d"
stands "a service in /usr/lib/pam.d"
again

rm "$module"
fails "the module is gone"
stands "the module is gone"
again
mv /usr/libexec/bnd/pam-helper "$T/helper"
fails "the helper is gone"
stands "the helper is gone"
mv "$T/helper" /usr/libexec/bnd/pam-helper
chown 65534 /usr/libexec/bnd/pam-helper
fails "the helper is another's"
chown 0 /usr/libexec/bnd/pam-helper
chmod 0775 /usr/libexec/bnd/pam-helper
fails "the helper can be written by a group"
chmod 0755 /usr/libexec/bnd/pam-helper
echo 'auth required pam_bnd.so ceremony nullok' >$service
fails "an argument that nobody knows"
again

# Who the user claims to be says nothing.
for u in root alice '' $'x\ny' ../../etc/passwd; do
	say -t mode-set "$u" auth account </dev/null
	ok "PAM_USER is \"${u//$'\n'/ }\": no" isnt "$(ended auth)" SUCCESS
done

# A helper that lies: PAM believes it, the chain does not.
cat >"$T/liar.c" <<'END'
#include <sys/socket.h>
int main(void) { return send(0, "verdict ok", 10, 0) != 10; }
END
${CC:-cc} -o "$T/liar" "$T/liar.c" || bail "no compiler"
cp /usr/libexec/bnd/pam-helper "$T/helper"
install -m 0755 "$T/liar" /usr/libexec/bnd/pam-helper
passes "a helper that says yes"
stands "a helper that says yes"
install -m 0755 "$T/helper" /usr/libexec/bnd/pam-helper

# The whole way through the real stack, as the control of all of them.
say -t mode-set root auth account <<END
phrase
=approver1
sig $T 1
END
ok "control: with an approval PAM says yes" is "$(ended auth) $(ended account)" "SUCCESS SUCCESS"
forward 61
run mode-set OPEN --ceremony "$id"
ok "and mode-set goes down" is "$status $(kernel)" "0 OPEN"
ok "the log verifies" verifies

# The profile of pam-auth-update: off unless asked for.
if command -v pam-auth-update >/dev/null; then
	export DEBIAN_FRONTEND=noninteractive
	pam-auth-update --package
	ok "the profile is off by default" not grep -q pam_bnd /etc/pam.d/common-account
	pam-auth-update --package --enable bnd
	ok "asked for, it is in account" grep -qE '^account\s+required\s+pam_bnd.so login' /etc/pam.d/common-account
	ok "and in session" grep -qE '^session\s+optional\s+pam_bnd.so login' /etc/pam.d/common-session
	ok "and nowhere else" not grep -q pam_bnd /etc/pam.d/common-auth /etc/pam.d/common-password
else
	skip_kernel "the profile" "no pam-auth-update here"
fi
tap_done
