# lib.sh: a test that needs a machine of its own, with its own kernel
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
#	. "${0%/*}/lib.sh"
#	vm_needs some-command		# of the host; more than vm_can asks for
#	vm_disk 64			# MiB that outlive a boot: /etc/bnd, /var/lib/bnd
#	vm_newer			# the phases from here on have a kernel 6.12,
#					# and a disk that is new again
#	first() { ok ...; }		# in the guest
#	second() { ok ...; }
#	phase first			# boots, runs first there, powers off
#	on_host ok ...
#	phase second			# boots again
#	tap_done
#
# The same file runs on the host, as prove starts it, and in each guest as its
# first process: there only the function of this boot is run. The guest has the
# host's tree with the built bnd installed over it, a stock Debian 12 kernel and
# no services; what it writes is gone with it, but for the disk. Its TAP comes on
# a serial port, is numbered anew here, and must end as the function does: a guest
# that hangs, panics or is too late is a failure and its console is shown.
#
# vm_console gives the guest a third serial port, a console to log in at, whose
# other end it holds itself: type_ and see.
#
# In the guest: ok and its like; qmp JSON speaks to the machine's own monitor; power_cut
# has the power cut at this point (the phase ends well by that only); until_true
# SECONDS CMD; scratch space is T.
. "${BASH_SOURCE[0]%/*}/../tap.sh"

vm_word() {
	sed -n "s/.* $1=\([^ ]*\).*/\1/p" /proc/cmdline
}

until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# ---- on the host -----------------------------------------------------------

vm_dir=${BASH_SOURCE[0]%/*}
vm_time=${VM_TIME:-600}		# seconds a boot may take, under load, emulated
vm_args=()
vm_append=''
vm_log=console=ttyS0		# where the kernel's console is
vm_disk_mib=''

vm_needs() {
	local c
	for c; do
		command -v "$c" >/dev/null || skip_all "no $c here"
	done
}

vm_can() {
	((EUID == 0)) || skip_all "a test machine lends out all of the host's files: only for root"
	[[ $BND_TREE$BND_BUILD != *[[:space:]]* ]] || skip_all "no blanks in the tree's name, please"
	vm_needs qemu-system-x86_64 busybox depmod modprobe cpio mkfs.ext4
	local dirs
	dirs=$("$vm_dir/fetch" --have) || skip_all "$dirs"
	read -r vm_kernel vm_sshd vm_wg <<<"$dirs"
	vm_pick
}
vm_pick() {
	vm_version=$(ls "$vm_kernel/lib/modules")
	vm_image=$vm_kernel/vmlinux
	[[ -e $vm_image ]] || vm_image=$vm_kernel/boot/vmlinuz-$vm_version
}
vm_newer() {
	[[ ! $vm_phase ]] || return 0
	[[ ${vm_kernel:-} ]] || vm_can
	vm_kernel=$("$vm_dir/fetch" --newer) || skip_all "$vm_kernel"
	vm_pick && rm -rf "$T/initrd" "$T/initrd.gz"
	[[ ! -e $T/disk ]] || mkfs.ext4 -q -F -d "$T/seed" "$T/disk" || bail "no disk"
}

# Busybox, the modules that find the root, in their order, and init.
vm_initrd() {
	local d=$T/initrd m
	mkdir -p "$d"/{bin,dev,mods,newroot,proc,sys} || return
	cp "$(command -v busybox)" "$d/bin/busybox" && cp "$vm_dir/init" "$d/init" || return
	[[ -e $vm_kernel/lib/modules/$vm_version/modules.dep ]] ||
	    depmod -b "$vm_kernel" "$vm_version" || return
	for m in virtio_pci 9pnet_virtio 9p overlay virtio_blk; do
		modprobe -d "$vm_kernel" -S "$vm_version" --show-depends "$m" || return
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
	    while read -r m; do
		# Busybox loads no compressed ones.
		case $m in
		*.xz) xz -dc "$m" >"$d/mods/$(basename "$m" .xz)" ;;
		*) cp "$m" "$d/mods/" ;;
		esac && basename "$m" .xz >>"$d/mods/order"
	    done || return
	(cd "$d" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$T/initrd.gz"
}

# What is laid over the host's tree: bnd as installed, sshd and wg, which the host
# need not have. Their /lib and the like are the host's.
vm_root() {
	local d=$T/root l
	mkdir -p "$d/usr" "$d/etc/pam.d"
	for l in bin sbin lib lib64; do
		[[ ! -L /$l ]] || { mkdir -p "$d/usr/$l" && ln -s "usr/$l" "$d/$l"; } || return
	done
	make -s --no-print-directory -C "$BND_TREE" "CONFIG=${BND_BUILD##*/build/}" \
	    "DESTDIR=$d" install-built >"$T/install.log" 2>&1 || return
	mkdir -p "$d/usr/sbin" "$d/usr/share"
	cp "$vm_sshd/usr/sbin/sshd" "$vm_wg/usr/bin/wg" "$d/usr/sbin/" && cp "$vm_sshd/etc/pam.d/sshd" "$d/etc/pam.d/"
}

# A disk of $1 MiB, the same at each boot, with what the installation put below
# /etc/bnd.
vm_disk() {
	[[ $vm_phase ]] || vm_disk_mib=$1
}
vm_make_disk() {
	local d=$T/seed
	[[ $vm_disk_mib ]] || return 0
	mkdir -p "$d/var" && cp -a "$T/root/etc/bnd" "$d/etc" && truncate -s "${vm_disk_mib}M" "$T/disk" &&
	    mkfs.ext4 -q -F -d "$d" "$T/disk" || return
	vm_args+=(-drive "if=virtio,format=raw,cache=writethrough,file=$T/disk")
}

# A second serial port, ttyS2, whose other end the guest holds as well.
vm_console() {
	vm_args+=(
		-chardev "socket,id=con,path=$T/console.sock,server=on,wait=off" -serial chardev:con
		-chardev "socket,id=conself,path=$T/console.sock"
		-device "virtserialport,chardev=conself,name=console"
	)
}

# Emulated time is dear: one processor costs a fifth less than two; programs at
# the same addresses each time are not translated anew for each exec, which
# halves its time; no test is of the processor's flaws or of the kernel's ciphers,
# nor of its timer, which is late where the host is busy.
vm_start() {
	local append="$vm_log quiet panic=-1 loglevel=4 usbcore.authorized_default=0"
	append+=" norandmaps mitigations=off cryptomgr.notests no_timer_check"
	append+=" vm.test=$tap_me vm.phase=$1 vm.tree=$BND_TREE vm.build=$BND_BUILD"
	append+=" vm.kernel=$vm_kernel $vm_append "
	exec setpriv --pdeathsig KILL qemu-system-x86_64 -accel tcg \
	    -m 1024 -nodefaults -no-user-config -display none -no-reboot \
	    -kernel "$vm_image" -initrd "$T/initrd.gz" \
	    -append "$append" \
	    -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
	    -virtfs local,path="$T/root",mount_tag=bnd,security_model=none,readonly=on,multidevs=remap \
	    -serial file:"$T/console" -serial stdio -device virtio-serial-pci \
	    -chardev socket,id=mon,path="$T/qmp",server=on,wait=off -mon chardev=mon,mode=control \
	    -chardev socket,id=self,path="$T/qmp" \
	    -device virtserialport,chardev=self,name=qmp "${vm_args[@]}" </dev/null 2>"$T/qemu.err"
}

# One line of the guest's TAP as ours; sets $vm_end to how it ended.
vm_line() {
	local verdict rest
	case $1 in
	'ok '* | 'not ok '*)
		verdict=${1%%ok *}ok rest=${1#*ok * }
		tap_count=$((tap_count + 1)) vm_heard=$((vm_heard + 1))
		[[ $verdict == ok ]] || tap_failed=$((tap_failed + 1))
		[[ $rest != *' # SKIP '* ]] || tap_skipped=$((tap_skipped + 1))
		echo "$verdict $tap_count $rest"
		;;
	'cut '* | 'end '* | 'Bail out! '*) vm_end=$1 ;;
	*) echo "$1" ;;
	esac
}

vm_boot() {
	local line end=$((SECONDS + vm_time)) fd pid
	vm_end='' vm_heard=0
	rm -f "$T/qmp" "$T/console.sock"
	exec {fd}< <(vm_start "$1")
	pid=$!
	while [[ ! $vm_end ]] && ((SECONDS < end)) &&
	    IFS= read -r -t $((end - SECONDS)) line <&"$fd"; do
		vm_line "${line%$'\r'}"
	done
	# A machine that ends by itself has all its writes on the disk.
	[[ $vm_end != end* ]] || timeout 30 tail --pid="$pid" -f /dev/null
	kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	exec {fd}<&-
}

vm_judge() {
	local start=$SECONDS
	[[ ${vm_kernel:-} ]] || vm_can
	[[ -e $T/initrd.gz ]] || vm_initrd || bail "no initramfs"
	if [[ ! -d $T/root ]]; then
		vm_root || bail "cannot install bnd: $(cat "$T/install.log")"
		vm_make_disk || bail "no disk"
	fi
	vm_boot "$1"
	diag "$1: $((SECONDS - start)) s"
	[[ $vm_end != "$2 $vm_heard" ]] || return 0
	ok "$1 runs to its $2" is "$vm_end" "$2 $vm_heard"
	cat -v "$T/qemu.err" "$T/console" 2>/dev/null | tail -n 40 | sed 's/^/# /'
	[[ $vm_end != Bail* ]] || bail "in the guest: ${vm_end#* out! }"
}

# ---- in the guest ----------------------------------------------------------

qmp() {
	local l
	echo "$1" >&"$vm_qmp"
	while read -r -t 10 l <&"$vm_qmp"; do
		case $l in *'"return"'* | *'"error"'*) echo "$l"; return ;; esac
	done
	return 1
}

port() {
	local d
	for d in /sys/class/virtio-ports/*; do
		[[ $(cat "$d/name" 2>/dev/null) != "$1" ]] || { echo "/dev/${d##*/}"; return; }
	done
	return 1
}

vm_mount_disk() {
	[[ -b /dev/vda ]] || return 0
	mkdir -p /disk && mount -t ext4 /dev/vda /disk &&
	    mount --bind /disk/etc /etc/bnd && mount --bind /disk/var /var/lib/bnd
}

vm_guest() {
	local v
	exec </dev/null >/dev/ttyS1 2>/dev/console
	stty -F /dev/ttyS1 raw -echo
	v=$(uname -r)
	mkdir -p "/lib/modules/$v" /dev/pts /dev/shm /run/lock
	ln -s /proc/self/fd /dev/fd
	trap vm_halt EXIT
	mount --bind "$(vm_word vm.kernel)/lib/modules/$v" "/lib/modules/$v" || bail "no modules"
	mount -t devpts -o ptmxmode=0666,mode=0620,gid=5 devpts /dev/pts
	mount -t tmpfs -o mode=1777 shm /dev/shm
	ip link set lo up
	modprobe -a virtio_console ext4 && until_true 30 port qmp || bail "no monitor"
	exec {vm_qmp}<>"$(port qmp)"
	qmp '{"execute":"qmp_capabilities"}' >/dev/null || bail "the monitor is silent"
	mkdir -p /etc/bnd /var/lib/bnd
	vm_mount_disk || bail "no disk"
	# For tests/guard: this namespace is nobody else's.
	echo 'net 0' >/run/.bnd-test-host
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
}

# The first process must not exit.
vm_halt() {
	cd / && sync
	echo u >/proc/sysrq-trigger
	echo o >/proc/sysrq-trigger
	while :; do sleep 60; done
}

power_cut() {
	echo "cut $tap_count"
	while :; do sleep 60; done
}

# What the seal is made of, so that no load of a module eats its deadline here.
vm_seal_modules() {
	modprobe -a nf_tables nf_conntrack nft_ct nft_limit nft_log nf_log_syslog \
	    nft_reject_inet nf_conntrack_netlink bridge nf_conntrack_bridge nft_meta_bridge \
	    inet_diag tcp_diag udp_diag raw_diag veth || bail "no modules"
}

# vm_console's other end: type TEXT, and see REGEX come within SECONDS; $seen is
# what came since the last typing.
type_() {
	seen=''
	[[ ${vm_con:-} ]] || exec {vm_con}<>"$(port console)"
	printf '%s' "$1" >&"$vm_con"
}
see() {
	local end=$((SECONDS + ${2:-60})) some
	until [[ $seen =~ $1 ]]; do
		((SECONDS < end)) || { echo "not seen: $1"; echo "$seen"; return 1; }
		IFS= read -r -d '' -t 0.1 -n 4096 some <&"$vm_con"
		seen+=${some//$'\r'/}
	done
}

# ---- both ------------------------------------------------------------------

vm_phase=''
if (($$ == 1)); then
	vm_phase=$(vm_word vm.phase)
	vm_guest
fi

phase() {
	if [[ ! $vm_phase ]]; then
		vm_judge "$1" "${2:-end}"
	elif [[ $vm_phase == "$1" ]]; then
		"$1"
		echo "end $tap_count"
		vm_halt
	fi
}
# As phase, but its end is the cut.
phase_cut() {
	phase "$1" cut
}
on_host() {
	[[ $vm_phase ]] || "$@"
}
