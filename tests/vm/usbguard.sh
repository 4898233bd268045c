# usbguard.sh: USBGuard's own daemon, in a test machine
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2154
#
#	usbguard_unpack
#	usbguard_up RULE...	a line each, the first that matches; else block
#	usbguard list-devices
#	usbguard_down

usbguard_parts=(usbguard libusbguard1 libqb100 libprotobuf32 libumockdev0 libpcap0.8)
usbguard_unpack() {
	local p dir
	for p in "${usbguard_parts[@]}"; do
		dir=$(package "$p") && [[ $dir ]] || { skip "$p" "no $p (tests/vm/fetch)"; return 1; }
		tar -C "$dir" -c . | tar -C / -x --keep-directory-symlink
	done
	ldconfig
	mkdir -p /run/g
	(umask 077 && cat >/run/g/conf) <<-END
	RuleFile=/run/g/rules
	ImplicitPolicyTarget=block
	PresentDevicePolicy=apply-policy
	PresentControllerPolicy=keep
	InsertedDevicePolicy=apply-policy
	AuthorizedDefault=keep
	RestoreControllerDeviceState=false
	DeviceManagerBackend=uevent
	IPCAllowedUsers=root
	IPCAllowedGroups=root
	DeviceRulesWithPort=false
	AuditBackend=FileAudit
	AuditFilePath=/run/g/audit
	END
}
usbguard_up() {
	local n
	n=$(find $devices/ -mindepth 1 ! -name '*:*' | wc -l)
	rm -f /run/g/audit
	(umask 077 && printf '%s\n' "$@" >/run/g/rules && : >/run/g/audit)
	usbguard-daemon -P -k -c /run/g/conf >/run/g/out 2>&1 &
	usbguard_pid=$!
	until_true 20 usbguard_decided "$n" || { diag "$(tail -n 5 /run/g/out)"; return 1; }
}
# All that are present: a line for each, and one for what became of it.
usbguard_decided() {
	(($(grep -c Policy.Device.Update /run/g/audit) >= $1))
}
usbguard_down() {
	kill "$usbguard_pid" && wait "$usbguard_pid" 2>/dev/null
}
