#!/bin/bash
# sbx-filter.t: what a sandbox may ask of the kernel, and how it is told no
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

chmod 711 "$T"
mkdir "$T/w" "$T/bare" "$T/x" && chown 1234:1234 "$T/w" "$T/x" "$T/bare"
sbx=(--work "$T/w")
each() {
	local want=$1 w
	shift
	for w; do
		payload_got "$w" "$want" || return
	done
}
# until_true CMD...: waits for it, 5 s at most
until_true() {
	local i
	for ((i = 0; i < 100; i++)); do
		! "$@" || return 0
		sleep 0.05
	done
	return 1
}
# The payload's own, so without the line of its nonce.
tries() {
	sed '1d' <<<"$out"
}

# ---- programs of all kinds (X51, X45) ------------------------------------------

hello() {
	run sbx-run --result "$T/result" -- "${@:2}"
	ok "$1 runs" is "$status $out" '0 hello'
}
# shellcheck disable=SC2016
hello "a shell and its children" sh -c 'x=$(printf "hel\nlo\n" | sort -r | tr -d "\n"); [ "$x" = lohel ] && (exec echo hello)'
hello "Python, with a thread and a child" python3 -c 'import subprocess, threading
t = threading.Thread(target=lambda: print(subprocess.run(["echo", "hello"], capture_output=True, text=True).stdout, end=""))
t.start(); t.join()'
hello "Perl" perl -e 'print `echo hello`'
# It resets the ids of its children, to what they are.
printf 'all:\n\t@echo hello\n' >"$T/w/Makefile"
run sbx-run --work "$T/w" -- make -s -C /job
ok "make runs" is "$status $out" '0 hello'
g++ -o "$T/x/hello" -x c++ - -pthread <<'EOT' || bail "no C++"
#include <thread>
#include <cstdio>
#include <string>
int main() { std::string s; std::thread t([&] { s = "hello"; }); t.join(); std::puts(s.c_str()); }
EOT
printf '%s\n' 'version 1' 'bind rx /usr' "bind rx $T/x /x" 'syscalls @base @file @proc @thread' >"$T/rx.sbx"
run sbx-run -p "$T/rx.sbx" --result "$T/result" -- /x/hello
ok "C++, with a thread" is "$status $out" '0 hello'
run sbx-run -k wx=none -p "$T/rx.sbx" -- /x/hello
ok "also where nothing written is executed" is "$status $out" '0 hello'

# ---- another architecture's door (X43, X50) ------------------------------------

bare foreign int80 "$T/bare/made"
if payload_got int80 'ENOSYS' >/dev/null || [[ $status == 139 ]]; then
	skip_kernel "int 0x80" "this kernel has no 32-bit calls"
else
	ok "control: int 0x80 makes a directory" test -d "$T/bare/made"
	inside foreign int80 /job/made
	ok "int 0x80: it ran" payload_ran
	ok "int 0x80: and was killed at it" ended seccomp-kill
	# Which call it was only the kernel can tell: mkdir of that architecture, by who.
	named=$(dmesg 2>/dev/null | grep -a 'type=1326.*comm="foreign"' | awk -v a="$sbx_first" '{
		for (i = 1; i <= NF; i++) if ($i ~ /^uid=/) { u = substr($i, 5); if (u >= a && u < a + 2048) print } }' | tail -n 1)
	if [[ $named ]]; then
		ok "int 0x80: the kernel's log names the call" like "$named" ' sig=31 arch=40000003 syscall=39 '
	else
		skip_kernel "the kernel's log names the call" "no audit in it, or no room"
	fi
	ok "int 0x80: exit 159" status 159
	ok "int 0x80: the call had no effect" test ! -e "$T/w/made"
	ok "int 0x80: nothing is left" unharmed

	bare foreign write "$T/x/elf32"
	chmod 755 "$T/x/elf32"
	run "$T/x/elf32"
	ok "control: a 32-bit program runs" status 7
	run sbx-run -p "$T/rx.sbx" --result "$T/result" -- /x/elf32
	ok "a 32-bit program is killed at its first call" is "$status $(result .reason)" "159 seccomp-kill"
	ok "a 32-bit program: nothing is left" unharmed
fi

# ---- numbers (X44, X54) --------------------------------------------------------

inside calls nr 1000 1023 2147483647 -1
ok "numbers nobody has are absent" each 'ENOSYS|signal 31' 1000 1023 2147483647 -1
ok "a number newer than the build is ENOSYS" payload_got 1000 ENOSYS
inside calls nr 0x40000000 0x40000027 0x400001ff 0x80000000 0x4000020f
ok "x32's numbers kill, and so does 2^31" each 'signal 31|ENOSYS' 0x40000000 0x40000027 0x400001ff 0x80000000 0x4000020f
ok "x32's read is killed" payload_got 0x40000000 'signal 31'
ok "the payload told its children's fate itself" ended exited

# ---- clone (X45) ---------------------------------------------------------------

spaces=(newuser newns newnet newpid newipc newuts newcgroup)
bare args clone
ok "control: every namespace can be had" each ok "${spaces[@]}" 'clone3 newuser'
inside args clone
ok "no namespace by clone()" each EPERM "${spaces[@]}"
ok "nor with bits above the flags" each EPERM "${spaces[@]/#/above }"
ok "clone3() is absent, whatever it asks" each ENOSYS clone3 'clone3 newuser'
ok "children, threads and posix_spawn() work" each ok clone thread spawn
ok "clone: nothing is left" unharmed

# ---- calls in no group (X47, X48, X51) -----------------------------------------

none=(add_key bpf chroot fsopen io_uring_setup ioperm iopl kcmp keyctl memfd_secret modify_ldt mount
    mount_setattr move_mount name_to_handle_at open_by_handle_at open_tree perf_event_open pidfd_getfd
    process_vm_readv ptrace quotactl request_key setns swapoff syslog umount2 unshare unshare_user
    userfaultfd finit_module delete_module kexec_load clock_settime reboot acct fanotify_init pivot_root)
# One of them mounts something on /tmp.
sbx_nonce
run bounded unshare -m --propagation private $payloads/calls "$nonce"
ok "control: none of them is absent from this kernel but what it was built without" \
    test "$(tries | grep -c ': ENOSYS$')" -le 6
ok "control: most can be had" test "$(tries | grep -c ': ok')" -ge 12
inside calls
ok "each is absent" each ENOSYS "${none[@]}"
ok "and there is no other" is "$(tries | wc -l)" ${#none[@]}
inside calls nr 425 426 427 212 172 173
ok "io_uring and lookup_dcookie are absent" each ENOSYS 425 426 427 212
inside race openat2 1000
ok "openat2() is absent while another thread rewrites what it would read" payload_got openat2 'ENOSYS 1000'
inside race clone3 1000
ok "so is clone3()" payload_got clone3 'ENOSYS 1000'
ok "calls: nothing is left" unharmed

# ---- arguments (X46, X52) ------------------------------------------------------

bare args ioctl </dev/null
ok "control: TIOCSTI and its like reach the driver" each ENOTTY TIOCSTI 'TIOCSTI above' TIOCLINUX TIOCSETD
inside args ioctl < <(printf xyz)
ok "TIOCSTI, TIOCLINUX and TIOCSETD do not" each EPERM TIOCSTI 'TIOCSTI above' TIOCLINUX 'TIOCLINUX above' TIOCSETD
ok "FIONREAD does" payload_got FIONREAD ok

bare args core
ok "control: RLIMIT_CORE can be set" each ok prlimit64 setrlimit
inside args core
ok "RLIMIT_CORE can be read" payload_got read ok
ok "but not set by either call" each EPERM prlimit64 setrlimit
ok "nor while the value is being rewritten" payload_got raced 0
ok "it is 1 to the end" payload_got core 1

# ---- a filter over ours (X49) --------------------------------------------------

bare args refilter
ok "control: filters can be put on top" each ok prctl seccomp
inside args refilter
ok "a filter of its own is refused" each 'EPERM|ENOSYS' prctl seccomp notify
ok "and the call it was for stays absent" payload_got unshare ENOSYS
ok "refilter: nothing is left" unharmed

# ---- set-id bits and devices (X118) --------------------------------------------

ways=(chmod fchmod fchmodat open openat creat tmpfile mknod mknodat mkdir mkdirat 'chmod directory')
bare_as 1234 args setid "$T/bare"
ok "control: as the owner every way works" each 'ok.*' "${ways[@]}"
ok "control: and leaves set-id files of user 1234" test "$(find "$T/bare" -perm /6000 -user 1234 | wc -l)" -ge 6
inside args setid /job
ok "every way is refused" each EPERM "${ways[@]}"
ok "fchmodat2() too, where there is one" payload_got fchmodat2 'EPERM|ENOSYS'
ok "what makes nothing set-id works" each 'ok.*' plain sticky reopen
ok "no set-id bit is below the source" is "$(find "$T/w" -perm /6000)" ''
ok "but what was made is the owner's" is "$(stat -c '%u %a' "$T/w/plain")" '1234 755'

bare_as 1234 args device "$T/bare"
ok "control: anybody can make what an overlay takes for a hole" payload_got whiteout ok
inside args device /job
ok "no device, not even that one" each EPERM char block whiteout rename
ok "a FIFO is none" payload_got fifo ok
ok "and none is below the source" is "$(find "$T/w" -type c -o -type b)" ''
ok "setid: nothing is left" unharmed

# ---- what is written is not executed -------------------------------------------

bare args wx
ok "control: memory of every kind" each ok both mprotect pkey_mprotect memfd personality file shm
sbx=(-k wx=none)
inside args wx
ok "wx none: none of them" each 'EPERM|ENOSYS|EACCES' both mprotect pkey_mprotect memfd personality file shm
ok "wx none: memory as such" payload_got plain ok
sbx=()
inside args wx
ok "wx mem: what a compiler at run time needs" each ok both mprotect
ok "wx mem: files that can be written stay data" payload_got file 'EPERM|EACCES'
ok "huge pages are the host's: EPERM, not ENOMEM" payload_got huge EPERM

# ---- pairs of sockets (X120) ---------------------------------------------------

mkdir "$T/s" && chown 1234:1234 "$T/s"
perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un($ARGV[0])) or die; chmod 0777, $ARGV[0];
	open(R, ">", "$ARGV[0].up"); close R;
	while (defined recv(S, $b, 99, 0)) { open(R, ">>", "$ARGV[0].got"); print R "$b\n"; close R }' "$T/s/sock" &
at_exit kill_quietly $!
until_true test -e "$T/s/sock.up"
bare sockets dgram "$T/s/sock"
ok "control: a datagram pair connected anew reaches a daemon" payload_got "dgram $T/s/sock" 'ok 7'
until_true test -s "$T/s/sock.got"
ok "control: delivered" is "$(cat "$T/s/sock.got")" reached
rm -f "$T/s/sock.got"
bare args pair "$T/s/none"
ok "control: anybody attaches a program of BPF" payload_got attach ok
sbx=(--work "$T/s")
inside sockets dgram /job/sock
ok "there is no such pair" payload_got 'dgram /job/sock' EPERM
inside args pair /job/sock
ok "nor another datagram socket" each 'EPERM|ENOSYS' dgram socket
ok "a stream pair works" each 'ok.*' stream send seqpacket
ok "but takes no program of BPF" payload_got attach EPERM
ok "and goes nowhere else" each 'ENOSYS' connect 'seqpacket connect'
ok "nor does an address take it there" payload_got sendto EISCONN
ok "nothing was delivered" test ! -e "$T/s/sock.got"
ok "pair: nothing is left" unharmed
sbx=()

# ---- sets ----------------------------------------------------------------------

run sbx-run -k 'deny=execve' --result "$T/result" -- true
ok "a set that lets nothing start is refused" status 125
ok "and that is said" like "$err" 'without read and execve nothing can start'
run sbx-run -k 'deny=ptrcae' -- true
ok "deny names calls there are" status 125
ok "and the slip of the pen is named" like "$err" ptrcae
run sbx-run -k 'syscalls=@base @file' -- sh -c '(:) || :; echo none'
ok "without @proc there are no children" like "$err" '[Cc]annot fork'
# A filter that were kept on disk could be replaced there: none is.
ok "no program is read from a file" not grep -q run/bnd/sbx/bpf "$(command -v sbx-run)"
ok "at the end nothing is left" unharmed
tap_done
