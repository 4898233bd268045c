#!/bin/bash
# hardening.t: the built files carry what the makefile promises
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
[[ $BND_BUILD == */release ]] || skip_kernel_all "only the release build is hardened"
command -v readelf >/dev/null || skip_all "no readelf (binutils)"

mapfile -t files < <(built_tools | sed "s|^|$BND_BUILD/|")
((${#files[@]})) || skip_kernel_all "nothing is built"

# judge FILE: what is said of each
judge() {
	local f=$1 n=${1##*/}
	run readelf -W -h -l -d -s "$f"
	ok "$n is position independent" like "$out" 'Type: +DYN'
	[[ $n == *.so ]] || ok "$n says so to the loader" like "$out" 'FLAGS_1.*PIE'
	ok "$n binds everything at start" like "$out" 'FLAGS_1.*NOW'
	ok "$n has its relocations read-only" like "$out" 'GNU_RELRO'
	ok "$n has no executable stack" like "$out" 'GNU_STACK [ x0-9a-f]*RW '
	ok "$n was fortified" like "$out" '__[a-z]+_chk'
	ok "$n guards its stack" like "$out" '__stack_chk_fail'
	ok "$n looks for libraries nowhere special" unlike "$out" 'R(UN)?PATH'
}
files+=("$BND_BUILD/libexec/pam-helper" "$BND_BUILD/pam_bnd.so")
for f in "${files[@]}"; do
	judge "$f"
done
# Nothing is run by way of a shell: what is run is named by a path, with the
# arguments as they are. sbx-run is static, and gives its payload a passwd file.
shells() {
	nm -D -u "$1" 2>/dev/null | awk '{ print $2 }' | sed 's/@.*//' |
	    grep -xE 'system|popen|wordexp|glob|exec[lv]p?e?|execlp|posix_spawnp?' | grep -vx execve
	nm "$1" 2>/dev/null | awk '{ print $NF }' | sed 's/@.*//' | grep -xE '(__libc_)?system|do_system|_?popen|wordexp'
	strings -a "$1" | grep -vx ':*sandbox:/tmp:/bin/sh' | grep -E '/bin/[a-z]*sh( |$)|(^|[ /])sh -c'
}
for f in "${files[@]}" "$BND_BUILD/libexec/sbx-probe"; do
	ok "${f##*/} has no shell" is "$(shells "$f")" ''
done
printf '%s\n' '#include <stdio.h>' '#include <stdlib.h>' \
    'int main(int c, char **v) { return popen(v[c - 1], "r") != NULL && system("sh -c true"); }' >"$T/shell.c"
for static in '' -static; do
	# shellcheck disable=SC2086
	${CC:-cc} $static -o "$T/shell" "$T/shell.c" || bail "no compiler"
	ok "control: one that has is seen $static" like "$(shells "$T/shell" | xargs)" 'popen.*sh -c true'
done

# What a program gets into itself that loads the module.
run nm -D --defined-only "$BND_BUILD/pam_bnd.so"
ok "pam_bnd.so exports its six entry points" is "$(awk '{ print $3 }' <<<"$out" | sort | xargs)" \
    "pam_sm_acct_mgmt pam_sm_authenticate pam_sm_chauthtok pam_sm_close_session pam_sm_open_session pam_sm_setcred"
run nm -D --undefined-only "$BND_BUILD/pam_bnd.so"
ok "it neither prints, exits, nor touches what is the program's" unlike "$out" \
    ' (exit|abort|atexit|printf|puts|perror|setenv|putenv|umask|setlocale|chroot|setrlimit|signal|pthread_create|openlog|syslog|dlopen|sodium_.*)(@|$)'
run readelf -W -d "$BND_BUILD/pam_bnd.so"
ok "it may be loaded while a program runs" unlike "$out" 'NOOPEN'
run readelf -W -S "$BND_BUILD/pam_bnd.so"
ok "it keeps no variables" like "$(awk '$2 == ".bss" || $3 == ".bss" { print $0 }' <<<"$out")" '^$|NOBITS +[0-9a-f]+ [0-9a-f]+ 00000[0-9a-f] '

# The control: a program built without is seen to be.
echo 'int main(void) { return 0; }' >"$T/soft.c"
if ${CC:-cc} -O0 -no-pie -z norelro -z execstack -o "$T/soft" "$T/soft.c" 2>/dev/null; then
	run readelf -W -h -l -d -s "$T/soft"
	ok "control: a soft program is not position independent" unlike "$out" 'Type: +DYN'
	ok "control: nor is its stack" unlike "$out" 'GNU_STACK [ x0-9a-f]*RW '
	ok "control: nor is it fortified" unlike "$out" '__[a-z]+_chk'
	ok "control: nor relocated once" unlike "$out" 'GNU_RELRO'
fi
run make -s -C "$BND_TREE" install-built DESTDIR="$T/root"
ok "what is built installs below DESTDIR" status 0
ok "nothing is set-user-id" is "$(find "$T/root" -perm /6000)" ""
ok "nothing is writable by others" is "$(find "$T/root" ! -type l -perm /022)" ""
# Profiles of another guard: none is shipped that was not read by its parser.
unread() {
	find "$T/root" -type f \( -path '*/apparmor*' -o -path '*/selinux*' -o -name '*.te' -o -name '*.cil' -o -name '*.pp' \) |
	    while read -r f; do
		[[ $f == */apparmor.d/* ]] && apparmor_parser -QK "$f" >/dev/null 2>&1 || echo "$f"
	done
}
ok "no profile for AppArmor or SELinux is shipped that does not load" is "$(unread)" ''
mkdir -p "$T/root/etc/apparmor.d" && echo 'profile broken {' >"$T/root/etc/apparmor.d/broken"
ok "control: one is seen" is "$(unread)" "$T/root/etc/apparmor.d/broken"
rm -r "$T/root/etc/apparmor.d"
run make -s -C "$BND_TREE" uninstall DESTDIR="$T/root"
ok "uninstall takes all of it away" is "$(find "$T/root" -type f)" ""
tap_done
