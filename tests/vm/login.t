#!/bin/bash
# login.t: who gets in by login, sshd, su and sudo, mode by mode
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
vm_needs ssh su sudo agetty pam-auth-update nft
vm_console

prompt='[$#] $'
users() {
	local u hash
	hash=$(openssl passwd -1 open)
	echo 'bnd-rescue:x:3999:rescuer' >>/etc/group
	for u in alice:4001 rescuer:4002; do
		echo "${u%:*}:x:${u#*:}:${u#*:}::/home/${u%:*}:/bin/sh" >>/etc/passwd
		echo "${u%:*}:$hash:19000:0:99999:7:::" >>/etc/shadow
		echo "${u%:*}:x:${u#*:}:" >>/etc/group
		echo "${u%:*} ALL=(ALL) NOPASSWD: ALL" >>/etc/sudoers
		install -d -o "${u#*:}" -g "${u#*:}" "/home/${u%:*}" "/home/${u%:*}/.ssh"
	done
	sed -i "s|^root:[^:]*:|root:$hash:|" /etc/shadow
	: >/etc/motd
	rm -f /etc/update-motd.d/*
}
sshd_up() {
	ssh-keygen -q -t ed25519 -N '' -f /run/host_key && ssh-keygen -q -t ed25519 -N '' -f /run/key || return
	for d in /root /home/alice /home/rescuer; do
		mkdir -p $d/.ssh && cp /run/key.pub $d/.ssh/authorized_keys
	done
	mkdir -p /run/sshd
	getent passwd sshd >/dev/null || echo 'sshd:x:3998:65534::/run/sshd:/usr/sbin/nologin' >>/etc/passwd
	cat >/run/sshd_config <<-'CONF'
		ListenAddress 127.0.0.1
		HostKey /run/host_key
		UsePAM yes
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		PermitRootLogin prohibit-password
		UseDNS no
		StrictModes no
		PrintLastLog no
	CONF
	/usr/sbin/sshd -f /run/sshd_config -E /run/sshd.log
}
# ssh_as USER [PROXY]: by the network, or by a pipe where there is none
ssh_as() {
	ssh -F none -n -i /run/key -o BatchMode=yes -o StrictHostKeyChecking=no \
	    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=20 \
	    ${2:+-o "ProxyCommand=$2"} "$1@127.0.0.1" 'echo in as $(id -un)' 2>&1
}
pipe='/usr/sbin/sshd -i -f /run/sshd_config -E /run/sshd.log'

# A getty that comes again, as on a host.
getty_up() {
	(while :; do setsid agetty -8 -L --noissue --nohostname --nohints ttyS2 115200 dumb; done) &
	type_ ''
	see 'login: '
}
# Log in at the console; $seen has all that is shown, the shell awaits commands.
login_as() {
	type_ $'\n'
	see 'login: $' || return
	type_ "$1"$'\n'
	see 'Password: ' || return
	printf 'open\n' >&"$vm_con"
	see "$prompt|login: \$" || return
	[[ $seen =~ $prompt ]]
}
log_out() {
	type_ $'exit\n'
	see 'login: $'
}
# From the session at the console: its output, and how it ended.
here() {
	type_ "$1; echo ended=\$?"$'\n'
	see 'ended=[0-9]+'
	[[ $seen =~ ended=0 ]]
}
su_here() {
	type_ "su $1 -c 'id -un'; echo ended=\$?"$'\n'
	[[ ${2:-} ]] || { see 'Password: |ended=[0-9]' && printf 'open\n' >&"$vm_con"; }
	see 'ended=[0-9]+'
	[[ $seen =~ ended=0 ]]
}

# in_mode CONSOLE-ALICE SSH SU-ALICE: yes or no
verdict() {
	if [[ $1 == yes ]]; then "${@:2}"; else not "${@:2}"; fi
}
in_mode() {
	local m=$1 alice=$2 remote=$3 others=$4
	mode-set "$m" >/dev/null || diag "cannot enter $m"
	ok "$m: is in force" is "$(mode-set --get)" "$m"
	ok "$m: console: alice: $alice" verdict "$alice" login_as alice
	if [[ $alice == yes ]]; then
		ok "$m: and is told the mode" like "$seen" "bnd: the mode is $m"
		ok "$m: alice: sudo: $others" verdict "$others" here 'sudo -n id -un'
		ok "$m: alice: su to rescuer: $others" verdict "$others" su_here rescuer
		log_out
	fi
	ok "$m: console: rescuer gets in" login_as rescuer
	ok "$m: and is told the mode" like "$seen" "bnd: the mode is $m"
	ok "$m: rescuer: sudo" here 'sudo -n id -un'
	log_out
	ok "$m: ssh: alice: $remote" verdict "$remote" like "$(ssh_as alice)" 'in as alice'
	ok "$m: ssh: rescuer: $remote" verdict "$remote" like "$(ssh_as rescuer)" 'in as rescuer'
}

all() {
	vm_seal_modules
	users
	"$BND_TREE/tests/host-init" "$T" 1 || bail "cannot initialise"
	diag "up $(cut -d' ' -f1 /proc/uptime)"
	DEBIAN_FRONTEND=noninteractive run pam-auth-update --enable bnd --force
	ok "Debian's stacks have pam_bnd" grep -q 'required.*pam_bnd.so login' /etc/pam.d/common-account
	diag "up $(cut -d' ' -f1 /proc/uptime)"
	ok "sshd runs" sshd_up
	ok "a getty runs" getty_up
	diag "up $(cut -d' ' -f1 /proc/uptime)"
	in_mode OPEN yes yes yes
	diag "up $(cut -d' ' -f1 /proc/uptime)"
	in_mode TRUSTED yes yes yes
	diag "up $(cut -d' ' -f1 /proc/uptime)"
	in_mode AIRGAP yes no no
	in_mode LOCKDOWN no no no
	diag "up $(cut -d' ' -f1 /proc/uptime)"
	cat /run/sshd.log | while read -r l; do diag "$l"; done
	dmesg | grep audit | tail -5 | while read -r l; do diag "$l"; done
}

phase all
tap_done
