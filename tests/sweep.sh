# sweep.sh: a transition disturbed at the Kth of each system call
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2154 # log_file is spine.sh's, from and to the test's
#
# Sourced after tap.sh, need_host and spine.sh. mode-set, which finishes a ceremony
# when it loosens, is run under strace: at the Kth call of each system call that
# changes something it is killed, gets a signal, or the call fails.
# Afterwards, and after the next call or a boot, the kernel is never laxer than
# what is published, and the log verifies.

command -v strace >/dev/null || skip_all "no strace"
strace -o /dev/null true 2>/dev/null || skip_kernel_all "ptrace is not allowed here"
# The leak checker cannot do its work under ptrace.
export ASAN_OPTIONS=detect_leaks=0
spine_up

# What changes files, descriptors' fates, processes.
calls=(openat2 mkdirat write pwrite64 fsync fdatasync renameat unlinkat fchmod fcntl clone wait4 poll pipe2)
runs=0 bad=0 fresh=

note() {
	bad=$((bad + 1))
	((bad > 20)) || diag "$*"
}
# The mode that readers act on, requests included.
acted_on() {
	mode-set --get 2>/dev/null
}
# What must hold once somebody has come by again.
check_settled() {
	local what=$1 k p
	k=$(kernel) p=$(acted_on)
	at_least "$k" "$p" >/dev/null || note "$what: kernel $k, published $p"
	grep -q '^phase stable' /run/bnd/state || note "$what: not settled"
	chain-verify >/dev/null 2>&1 || note "$what: $(chain-verify 2>&1 | tail -n 1)"
}
to_open() {
	for _ in 1 2 3; do
		[[ $(acted_on) != OPEN ]] || return 0
		loosen to "$T" 2 OPEN >/dev/null 2>&1 && return 0
		# A ceremony that the interrupted one left open.
		spine_again
	done
}

# What is interrupted.
tighten_prepare() {
	to_open
	rm -f /run/fake/log
}
tighten_run() {
	"$@" mode-set airgap
}
# A ceremony for leaving $1 for $2, held and cooled down.
hold_ceremony() {
	local id text=$T/text
	if ! id=$(loosen open "$2" 2>&1 >"$text"); then
		spine_again
		mode-set "$1" >/dev/null 2>&1
		id=$(loosen open "$2" 2>&1 >"$text")
	fi
	ceremony=$id
	loosen approve "$id" 1 "$(loosen sign "$T" 1 <"$text")"
	loosen approve "$id" 2 "$(loosen sign "$T" 2 <"$text")"
	echo $(($(cat /run/.bnd-test-clock 2>/dev/null || echo 0) + 91)) >/run/.bnd-test-clock
}
loosen_prepare() {
	[[ $(acted_on) == COLDROOM && $(kernel) == COLDROOM ]] || { to_open; mode-set coldroom >/dev/null 2>&1; }
	hold_ceremony COLDROOM AIRGAP
}
loosen_run() {
	"$@" mode-set --ceremony "$ceremony" AIRGAP
}

# Any pair.
pair_prepare() {
	to_open
	[[ $from == OPEN ]] || mode-set "$from" >/dev/null 2>&1
	at_least "$to" "$from" >/dev/null || hold_ceremony "$from" "$to"
}
pair_run() {
	if at_least "$to" "$from" >/dev/null; then
		"$@" mode-set "$to"
	else
		"$@" mode-set --ceremony "$ceremony" "$to"
	fi
}

# Every other time the machine goes down instead of somebody coming by.
settle() {
	if ((runs % 4 == 3)); then
		rm -rf /run/bnd
		echo OPEN >/run/fake/net
		mode-set --boot >/dev/null 2>&1
	else
		mode-set --at-least OPEN >/dev/null 2>&1
	fi
}

# sweep WHAT INJECTION STRIDE: at every STRIDE-th of each call, until none is left;
# where it begins differs from run to run.  BND_SWEEP=1 leaves none out.
sweep() {
	local what=$1 injection=$2 stride=$3 call k hits
	runs=0 bad=0
	[[ ${BND_SWEEP:-} != 1 ]] || stride=1
	for call in "${calls[@]}"; do
		for ((k = 1 + RANDOM % stride; k < 400; k += stride)); do
			"${what}_prepare"
			"${what}_run" strace -o "$T/trace" -e "trace=$call" \
			    -e "inject=$call:$injection:when=$k" >/dev/null 2>&1
			hits=$(grep -cE '^[a-z0-9_]+\(' "$T/trace")
			((hits >= k)) || break
			runs=$((runs + 1))
			# A long log takes its time to verify, again and again.
			(($(wc -l <$log_file) < 60)) || fresh=yes
			"after_${injection%%=*}" "$what $injection $call $k"
			settle
			check_settled "$what $injection $call $k"
			[[ ! $fresh ]] || spine_again
			fresh=
		done
	done
}
# A killed process settles nothing; whoever is interrupted has settled before.
after_signal() {
	[[ $1 != *KILL* ]] || return 0
	local k p
	k=$(kernel) p=$(acted_on)
	[[ $k == "$p" ]] || note "$1: kernel $k, published $p at once"
}
# Whatever failed, nobody is told of more than there is.
after_error() {
	return 0
}
