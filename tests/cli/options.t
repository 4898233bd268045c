#!/bin/bash
# options.t: every tool's command line, by the table it prints itself
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"

mapfile -t tools < <(built_tools)
((${#tools[@]})) || skip_kernel_all "nothing is built"

# The root the tools are pointed at is empty, and not this machine's.
mkdir "$T/root"

# Long options of TOOL that take an argument (yes) or none (no).
longs() {
	"$1" --dump-options | awk -F'\t' -v want="$2" \
	    '$1 != "verb" && (($3 == "-") == (want == "no")) { print $1 }'
}

# The status of a command line that cannot be understood: where all smaller
# ones are a command's own it is 125, as of env(1).
usage() {
	case $1 in sbx-run) echo 125 ;; *) echo 2 ;; esac
}

common() {
	local tool=$1 usage
	usage=$(usage "$1")
	run "$tool" --help
	ok "$tool --help exits 0" status 0
	ok "$tool --help says how it is used" like "$out" "^usage: $tool"
	run "$tool" --version
	ok "$tool --version exits 0" status 0
	ok "$tool --version names tool and version" like "$out" \
	    "^$tool [0-9]+\.[0-9]+"
	run "$tool" --no-such-option
	ok "$tool: an unknown option is usage, $usage" status "$usage"
	ok "$tool: and is named" like "$err" "^$tool: .*no-such-option"
	run "$tool" --hel
	ok "$tool: an abbreviation is $usage" status "$usage"
	run "$tool" -%
	ok "$tool: an unknown letter is $usage" status "$usage"
	run "$tool" $'--evil\e[31m\n'
	ok "$tool: hostile bytes are $usage" status "$usage"
	ok "$tool: and never reach the terminal" unlike "$err" $'\e'
	is "$(wc -l <"$T/.err")" 1 >/dev/null || diag "$err"
	ok "$tool: in one line" is "$(wc -l <"$T/.err")" 1
}

twice() {
	local tool=$1 o usage
	usage=$(usage "$1")
	for o in $(longs "$tool" no); do
		case $o in help | version) continue ;; esac
		run "$tool" "--$o" "--$o"
		ok "$tool --$o twice is refused" like "$err" "given twice"
		ok "$tool --$o twice is $usage" status "$usage"
	done
	for o in $(longs "$tool" yes); do
		run "$tool" "--$o"
		ok "$tool --$o without its argument is $usage" status "$usage"
		ok "$tool --$o without its argument is named" like "$err" \
		    "needs an argument"
	done
}

output() {
	local tool=$1
	run bash -c "exec $tool --help >/dev/full"
	ok "$tool: output that cannot be written is no success" isnt "$status" 0
	run bash -c "exec $tool --no-such-option <&- >&- 2>&-"
	ok "$tool: closed descriptors: still usage" status "$(usage "$tool")"
	run bash -c "exec $tool --help <&- 2>&-"
	ok "$tool: closed stdin and stderr do no harm" status 0
}

# Nothing in the environment and nothing lying about is taken for an option.
surroundings() {
	local tool=$1
	run "$tool" --help
	local plain=$out
	mkdir -p "$T/planted/api" && cd "$T/planted" || bail "no directory"
	echo 'mode OPEN' | tee bnd.conf state .bndrc >/dev/null
	run env HOME="$T/planted" XDG_CONFIG_HOME="$T/planted" BND_ROOT=/tmp \
	    BND_MODE=OPEN BND_SKIP=1 BND_NO_ENFORCE=1 POSIXLY_CORRECT=1 \
	    "$tool" --help
	ok "$tool: the same help with a flattering environment" is "$out" "$plain"
	run strace -f -qq -e trace=openat,openat2,open -o "$T/trace" \
	    env HOME="$T/planted" "$tool" --help
	ok "$tool opens nothing that lies about" not grep -q "$T/planted\|bndrc" \
	    "$T/trace"
	cd / || bail "no root"
}

# What sbx-run takes: jobs of their own, what tightens, and where a result goes. No
# control can be left out, asked for "if possible", or forced; who adds an
# option decides that here again.
no_weaker_way() {
	local words='allow|degrad|disabl|fallback|force|ignore|insecure|no-|optional|permissive|privileged|skip|try-|unconfined|unsafe|weak|without'
	local known='check check-host compare die-with enforce explain for gc help json list mem meta mode pids profile quiet
	    result root selftest set time verbose version wall work'
	local all
	all=$(sbx-run --dump-options | cut -f1 | sort | xargs)
	ok "sbx-run has the options that were looked at, and no other" is "$all" "$(xargs <<<"$known")"
	ok "none of them is to do less" unlike " $all" "[ -]($words)"
	ok "control: such a one would be seen" like " check no-seccomp" "[ -]($words)"
	ok "no profile has a key for it either" \
	    unlike " $(sbx-run -R "$T/root" --explain --mode OPEN --json | jq -r '.keys | keys | join(" ")')" \
	    " (seccomp|caps?|capabilit[a-z]*|privileg[a-z]*|namespaces?|user|no-new-privs|${words#allow|})( |\$)"
	for o in allow-degraded no-seccomp skip-integrity-check unconfined force; do
		run sbx-run --$o -- true
		ok "--$o is unknown, and nothing runs" is "$status $out" "125 "
	done
	# A sanitizer brings words of its own.
	[[ $BND_BUILD == */release ]] || return 0
	strings -a -n 3 <(objcopy -O binary -j .rodata "$BND_BUILD/sbx-run" /dev/stdout) >"$T/strings"
	ok "control: what it says is found in it" grep -q 'check-host' "$T/strings"
	ok "nor does the program know such a word that its table does not show" \
	    is "$(grep -E "^(--)?([a-z]+-)*($words)[a-z-]*$" "$T/strings" | xargs)" ''
	ok "or a variable of ours" is "$(grep -E '^(BND|SBX)_[A-Z_]+$' "$T/strings" | xargs)" ''
	ok "or an address that names are asked of" \
	    not grep -qE '8\.8\.[48]\.[48]|1\.[01]\.[01]\.1|9\.9\.9\.9|208\.67\.22|2001:4860|2606:4700|2620:fe|resolv\.conf' "$T/strings"
}

for tool in "${tools[@]}"; do
	common "$tool"
	twice "$tool"
	output "$tool"
	surroundings "$tool"
done
[[ " ${tools[*]} " != *" sbx-run "* ]] || no_weaker_way
tap_done
