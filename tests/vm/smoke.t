#!/bin/bash
# smoke.t: the test machine itself: kernel, modules, monitor, disk, installed tools
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
vm_disk 16

first() {
	ok "a kernel of Debian 12" like "$(uname -r)" '^6[.]1[.].*-amd64$'
	ok "modules load" modprobe nf_tables
	ok "the monitor answers" like "$(qmp '{"execute":"query-status"}')" '"status": "running"'
	ok "the built mode-set is installed" cmp /usr/sbin/mode-set "$BND_BUILD/mode-set"
	ok "sshd is there" /usr/sbin/sshd -V
	ok "the host's files can be read" test -r "$BND_TREE/GNUmakefile"
	ok "and only seem to be written" touch "$BND_TREE/of-the-guest"
	cp /proc/sys/kernel/random/boot_id /disk/boot
	echo synced >/disk/synced
	sync
	echo lost >/disk/lost
	ok "before the cut a file is there" test -s /disk/lost
	power_cut
}

after() {
	ok "another boot" isnt "$(cat /proc/sys/kernel/random/boot_id)" "$(cat /disk/boot)"
	ok "what was synced outlived the cut" is "$(cat /disk/synced)" synced
	ok "control: what was not is gone" not test -s /disk/lost
}

phase_cut first
on_host ok "nothing of it stays on the host" not test -e "$BND_TREE/of-the-guest"
phase after
tap_done
