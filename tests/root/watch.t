#!/bin/bash
# watch.t: every shipped unit, cron line and rule runs the real tool, with options it has
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
"$BND_TREE/tests/guard" || bail "not on a throw-away host"
run "$BND_TREE/tests/host-init" "$T/keys"
ok "a host is set up" status 0
ip link add wire0 type veth peer name wire1 && ip link set wire0 up
index=$(cat /sys/class/net/wire0/ifindex)

units=/usr/lib/systemd/system
exec_start() {
	sed -n 's/^ExecStart=//p' "$1"
}
# Exit statuses a unit takes for success.
fine() {
	echo "0 $(sed -n 's/^SuccessExitStatus=//p' "$1")"
}
# What CMD leaves behind when it ends: orphans come to whoever asked for them.
case $(uname -m) in x86_64) prctl=157 ;; *) prctl=167 ;; esac
alone() {
	perl -e 'my $nr = shift; syscall($nr, 36, 1, 0, 0, 0) == 0 or die "no subreaper: $!";
		my $rc = system(@ARGV); my $n = 0; $n++ while waitpid(-1, 0) > 0;
		open(my $f, ">", $ENV{LEFT}); print $f $n; exit($rc >> 8)' $prctl "$@"
}
runs() {
	local what=$1 fine=$2
	shift 2
	run env LEFT="$T/left" timeout 60 bash -c 'alone "$@"' bash "$@"
	ok "$what: $* runs" like " $fine " " $status "
	ok "$what: and leaves no process" is "$(cat "$T/left")" 0
	rm -f "$T/left"
}
export -f alone
export prctl
run env LEFT="$T/left" bash -c 'alone "$@"' bash sh -c '(sleep 0.1) &'
ok "control: one that is left is seen" is "$status $(cat "$T/left")" "0 1"

# To stop a unit is to do nothing: no command is for that, and one that is ended
# half-way, or started again, leaves the mode as it was. bnd-trip@ is for LOCKDOWN.
mode_now() {
	echo "$(mode-set --get) $(sed -n 's/^effective //p' /run/bnd/state)"
}
mode-set airgap >/dev/null
ok "control: a mode is in force" is "$(mode_now)" "AIRGAP AIRGAP"
for u in "$units"/bnd-*.service; do
	name=${u##*/}
	ok "$name does nothing when it is stopped" unlike "$(cat "$u")" 'Exec(Stop|StopPost|Reload)='
	ok "$name is not started again by itself, nor fed" unlike "$(cat "$u")" '(WatchdogSec|Restart)='
	[[ $name != bnd-trip@* ]] || continue
	read -ra cmd < <(exec_start "$u")
	for sig in TERM KILL; do
		for ms in 001 004 012 040; do
			timeout --signal=$sig 0.$ms "${cmd[@]}"
		done
	done >/dev/null 2>&1
	ok "$name stopped and killed: the mode is what it was" is "$(mode_now)" "AIRGAP AIRGAP"
	"${cmd[@]}" >/dev/null 2>&1
	ok "$name started again: and still is" is "$(mode_now)" "AIRGAP AIRGAP"
done
run mode-set --check
ok "and kernel, state and log agree" status 0
for line in 'mode-set --get' 'mode-set coldroom' 'mode-set --json' 'net-seal check' 'net-seal apply' 'usb-guard status' \
    'usb-guard apply' 'usb-guard check' 'sbx-run --list' 'sbx-run --enforce' 'sbx-run --check-host' 'chain-verify --json' 'ceremony list'; do
	read -ra cmd <<<"$line"
	runs "a command" ' 0 1 ' "${cmd[@]}"
done

n=0
for u in "$units"/bnd-*.service; do
	name=${u##*/}
	read -ra cmd < <(exec_start "$u")
	cmd=("${cmd[@]//%i/test}")
	ok "$name names a program that is installed" test -x "${cmd[0]}"
	ok "$name lets no failure pass for success" unlike " $(fine "$u") " ' (2|9|10|16|17|18|19) '
	runs "$name" "$(fine "$u")" "${cmd[@]}"
	n=$((n + 1))
done
ok "there are units" test $n -ge 4
run mode-set --get
ok "the unit for tripwires is LOCKDOWN" is "$out" LOCKDOWN
# A guard that cannot do its work says so, and its unit takes that for a failure.
for verb in --check '--trip test'; do
	read -ra words <<<"mode-set $verb"
	run setpriv --bounding-set=-net_admin --inh-caps=-net_admin "${words[@]}"
	ok "mode-set $verb without the right to act fails" isnt "$status" 0
	ok "and its unit fails" unlike " $(fine "$units/bnd-check.service") $(fine "$units/bnd-trip@.service") " " $status "
done
for t in "$units"/bnd-*.timer; do
	ok "${t##*/} has its service" test -e "${t%.timer}.service"
done
for u in "$units"/bnd-*.service; do
	other=$(sed -n 's/^OnFailure=//p' "$u")
	[[ ! $other ]] || ok "${u##*/}: $other is there" test -e "$units/${other%@*}@.service"
	ok "${u##*/} does not die with another" unlike "$(cat "$u")" '(BindsTo|PartOf|Requisite)='
	ok "${u##*/} is skipped before bnd is set up, not after it was broken" \
	    is "$(grep -c '^ConditionPathExists=|' "$u")" 2
done

while read -r line; do
	[[ $line == [@0-9*]* ]] || continue
	[[ $line == @* ]] && line=${line#* } || line=$(cut -d' ' -f6- <<<"$line")
	line=${line#"${line%%[![:space:]]*}"}
	ok "cron: as root" like "$line" '^root '
	line=${line#root }
	line=${line#"${line%%[![:space:]]*}"}
	ok "cron: the tools are installed" test -x "$(grep -oE '/[a-z/]*(mode-set|net-seal|chain-verify|sbx-run)' <<<"$line" | head -1)"
	runs cron 0 sh -c "$line"
	run sh -c "test() { false; }; $line"
	ok "cron: and without systemd: $line" status 0
done </etc/cron.d/bnd

# No shell, and of what a device says of itself nothing: only where the kernel put it.
words_of() {
	grep -v '^#' "$1" | grep -oE 'RUN(\{[a-z]*\})?\+?="[^"]*"|PROGRAM==?"[^"]*"|IMPORT\{program\}="[^"]*"' |
	    grep -E '(^|[/ ])(ba|da)?sh |[;|&`<>]|\$\(|%[^p]|\$[^e]|\$env\{([^I]|I[^F])'
}
printf '%s\n' 'RUN+="/bin/sh -c touch"' 'RUN+="/x %c"' 'RUN{program}+="/x $attr{product}"' 'RUN+="/x $env{ID_MODEL}"' >"$T/bad.rules"
ok "control: a rule that runs a shell, or says what a device says, is seen" is "$(words_of "$T/bad.rules" | wc -l)" 4
for r in /usr/lib/udev/rules.d/*bnd*.rules; do
	ok "${r##*/} runs no shell, with nothing that a device chose" is "$(words_of "$r")" ''
	while read -r cmd; do
		cmd=${cmd//%p//devices/none}
		read -ra words <<<"${cmd//\$env{IFINDEX\}/$index}"
		ok "${r##*/} names a program that is installed" test -x "${words[0]}"
		runs "${r##*/}" 0 "${words[@]}"
	done < <(grep -oE 'RUN\+="[^"]*"' "$r" | sed 's/^RUN+="//; s/"$//')
	ok "${r##*/} leaves a host alone that was never set up" \
	    is "$(grep -v '^#' "$r" | grep -c RUN)" "$(grep -v '^#' "$r" | grep RUN | grep -c 'TEST=="/etc/bnd/log.pin"')"
done

run mode-set --no-such-option
ok "control: an option that a tool lacks is seen" status 2
if command -v systemd-analyze >/dev/null; then
	run systemd-analyze verify --man=no "$units"/bnd-*.service "$units"/bnd-*.timer
	ok "systemd has nothing against the units" unlike "$out$err" 'bnd-'
else
	skip_kernel "systemd reads the units" "no systemd-analyze"
fi
for c in /usr/share/bash-completion/completions/{mode-set,net-seal,chain-verify}; do
	ok "completion of ${c##*/} is bash" bash -n "$c"
done
COMP_WORDS=(mode-set --re) COMP_CWORD=1
# shellcheck disable=SC1091
. /usr/share/bash-completion/completions/mode-set
_mode_set
ok "it completes options" is "${COMPREPLY[*]}" "--require --reason"
tap_done
