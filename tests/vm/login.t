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

# in_mode MODE CONSOLE REMOTE PRIVILEGE: yes or no for alice
verdict() {
	if [[ $1 == yes ]]; then "${@:2}"; else not "${@:2}"; fi
}
in_mode() {
	local m=$1 console=$2 remote=$3 privilege=$4
	mode-set "$m" >/dev/null 2>&1
	ok "$m: is in force" is "$(mode-set --get)" "$m"
	ok "$m: alice at the console: $console" verdict "$console" login_as alice
	if [[ $console == yes ]]; then
		ok "$m: she is told the mode" like "$seen" "bnd: the mode is $m"
		ok "$m: her sudo: $privilege" verdict "$privilege" here 'sudo -n id -un'
		ok "$m: her su: $privilege" verdict "$privilege" su_here rescuer
		log_out
	else
		ok "$m: she is told why" like "$seen" "bnd: refused, the mode is $m"
	fi
	ok "$m: alice by ssh: $remote" verdict "$remote" like "$(ssh_as alice)" 'in as alice'
}
# Whoever may always come in at the console; elsewhere: his sudo without one.
rescue() {
	ok "$1: rescuer at the console gets in" login_as rescuer
	ok "$1: he is told the mode" like "$seen" "bnd: the mode is $1"
	ok "$1: his sudo there" here 'sudo -n id -un'
	ok "$1: his sudo on no console: $2" verdict "$2" here 'setsid -w sudo -n id -un </dev/null'
	log_out
}
records() {
	cat /var/lib/bnd/log/*.jsonl | grep -c "\"ev\":\"$1\".*\"service\":\"$2\".*\"mode\":\"$3\""
}

all() {
	local helper=/usr/libexec/bnd/pam-helper
	vm_seal_modules
	users
	"$BND_TREE/tests/host-init" "$T" 1 || bail "cannot initialise"
	DEBIAN_FRONTEND=noninteractive run pam-auth-update --enable bnd --force
	ok "Debian's stacks have pam_bnd" grep -q 'required.*pam_bnd.so login' /etc/pam.d/common-account
	ok "sshd runs" sshd_up
	ok "a getty runs" getty_up

	in_mode OPEN yes yes yes
	ok "OPEN: sudo is not recorded" is "$(records login.allow sudo OPEN)" 0
	in_mode TRUSTED yes yes yes
	ok "TRUSTED: sudo is recorded" is "$(records login.allow sudo TRUSTED)" 1
	in_mode AIRGAP yes no no
	ok "AIRGAP: ssh is recorded" is "$(records login.deny sshd AIRGAP)" 1
	ok "AIRGAP: root by ssh is refused" not like "$(ssh_as root)" 'in as root'
	rescue AIRGAP yes
	in_mode LOCKDOWN no no no
	ok "LOCKDOWN: nor where the seal is not in the way" not like "$(ssh_as rescuer "$pipe")" 'in as'
	ok "LOCKDOWN: by pam_bnd, that is" is "$(records login.deny sshd LOCKDOWN)" 1
	rescue LOCKDOWN no

	rm /run/bnd/state
	ok "no state: alice stays out" not login_as alice
	ok "no state: rescuer gets in" login_as rescuer
	log_out
	mv $helper /run/helper
	ok "no helper: alice stays out" not login_as alice
	ok "no helper: by ssh, too" not like "$(ssh_as alice "$pipe")" 'in as'
	mv /run/helper $helper
	sed -i '/pam_bnd/d' /etc/pam.d/common-*
	ok "control: without pam_bnd she gets in" login_as alice
	log_out
	ok "control: by ssh, too" like "$(ssh_as alice "$pipe")" 'in as alice'
}

phase all
tap_done
