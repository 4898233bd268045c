# tap.sh: shell that speaks TAP; every .t sources it first
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
#	#!/bin/bash
#	. "${0%/*}/../tap.sh"
#	need_host			# root tests: go on inside tests/host
#	run mode-set --get
#	ok "says the mode" is "$out" OPEN
#	ok "and exits 0" status 0
#	tap_done
#
# run CMD... keeps $status, $out and $err and judges nothing; ok WHAT CMD...
# judges by the exit status of CMD and keeps nothing, so that a judgement never
# overwrites what it looks at.  Judges: is GOT WANT, isnt, like TEXT REGEX,
# unlike, status N, or any command.
#
# What is missing is said with skip_all REASON or skip WHAT REASON; with
# BND_MUST_RUN set both bail out instead.  skip_kernel_all and skip_kernel are
# for what the kernel or the hardware lacks and stay skips.
#
# T is a scratch directory that is removed at the end; at_exit CMD... adds
# something to be done then.  The built commands are first in PATH.

set -u
export LC_ALL=C
tap_me=$(realpath -- "$0")
BND_TREE=${BND_TREE:-${tap_me%/tests/*}}
BND_BUILD=${BND_BUILD:-$BND_TREE/build/release}
export BND_TREE BND_BUILD
PATH=$BND_BUILD:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
tap_count=0 tap_failed=0 tap_skipped=0 tap_ended=
tap_args=("$@")
tap_at_exit=()
# What run leaves behind; set here so that set -u and shellcheck know them.
# shellcheck disable=SC2034
status=0 out='' err=''

bail() {
	echo "Bail out! $*"
	tap_ended=yes
	exit 255
}

# In the file of what ran: "cli/x.t", "cli/x.t # SKIP why" if none of it did,
# "cli/x.t # skip WHAT: why" for a line of it that did not.
tap_ran() {
	echo "${tap_me#"$BND_TREE"/tests/}$1" >>"$BND_BUILD/ran" ||
	    echo "# cannot write $BND_BUILD/ran"
}

skip_kernel_all() {
	echo "1..0 # SKIP $*"
	tap_ran " # SKIP $*"
	tap_ended=yes
	exit 0
}

skip_all() {
	[[ -z ${BND_MUST_RUN:-} ]] || bail "$*"
	echo "1..0 # SKIP $*"
	tap_ended=yes
	exit 0
}

skip_kernel() {
	local what=$1
	shift
	tap_count=$((tap_count + 1)) tap_skipped=$((tap_skipped + 1))
	echo "ok $tap_count - $what # SKIP $*"
	tap_ran " # skip $what: $*"
}

skip() {
	[[ -z ${BND_MUST_RUN:-} ]] || bail "$*"
	skip_kernel "$@"
}

diag() {
	# A comment at the start of every line, also of those inside.
	printf '%s\n' "$*" | sed 's/^/# /'
}

at_exit() {
	tap_at_exit+=("$(printf '%q ' "$@")")
}

tap_cleanup() {
	local st=$? i
	for ((i = ${#tap_at_exit[@]} - 1; i >= 0; i--)); do
		eval "${tap_at_exit[i]}"
	done
	rm -rf "$T"
	if [[ -z $tap_ended ]]; then
		echo "# died before tap_done, status $st"
		exit $((st ? st : 1))
	fi
}

# Everything below T is the test's own.
T=$(mktemp -d "${TMPDIR:-/tmp}/bnd-test.XXXXXX") || bail "no scratch directory"
trap tap_cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Go on inside a throw-away host (see tests/host for the options).
need_host() {
	[[ -e /run/.bnd-test-host ]] && [[ -z ${tap_outer:-} ]] && return
	local why
	why=$("$BND_TREE/tests/host" "$@" --can 2>&1) || skip_all "$why"
	rm -rf "$T"
	exec "$BND_TREE/tests/host" "$@" "$tap_me" "${tap_args[@]}"
}

# The commands that are built, a name a line.
built_tools() {
	local c
	for c in "$BND_TREE"/cmd/*.c; do
		c=${c##*/} c=${c%.c}
		[[ ! -f $BND_BUILD/$c ]] || echo "$c"
	done
}

run() {
	status=0
	"$@" >"$T/.out" 2>"$T/.err" || status=$?
	# shellcheck disable=SC2034
	out=$(tr -d '\0' <"$T/.out") err=$(tr -d '\0' <"$T/.err")
}

ok() {
	local what=$1 good=yes
	shift
	"$@" >"$T/.ok" 2>&1 || good=
	tap_count=$((tap_count + 1))
	if [[ $good ]]; then
		echo "ok $tap_count - $what"
		return 0
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $what"
	diag "${BASH_SOURCE[1]##*/}:${BASH_LINENO[0]}: $*"
	[[ ! -s $T/.ok ]] || sed 's/^/#   /' "$T/.ok"
	case $1 in
	status | is | isnt | like | unlike)
		diag "status $status"
		[[ ! -s $T/.out ]] || sed 's/^/# out: /' "$T/.out"
		[[ ! -s $T/.err ]] || sed 's/^/# err: /' "$T/.err"
		;;
	esac
	# tests/mutants asks for no more than red.
	[[ ! ${BND_TAP_STOP:-} ]] || exit 1
	return 1
}

is() {
	[[ $1 == "$2" ]] || { printf ' got %s\nwant %s\n' "$1" "$2"; return 1; }
}

isnt() {
	[[ $1 != "$2" ]] || { printf 'got %s\n' "$1"; return 1; }
}

like() {
	[[ $1 =~ $2 ]] || { printf ' got %s\nwant %s\n' "$1" "$2"; return 1; }
}

unlike() {
	[[ ! $1 =~ $2 ]] || { printf 'got %s\n not %s\n' "$1" "$2"; return 1; }
}

status() {
	[[ $status -eq $1 ]] || { printf ' got %s\nwant %s\n' "$status" "$1"; return 1; }
}

# The opposite of a judge: ok "no file" not test -e F
not() {
	! "$@"
}

tap_done() {
	tap_ended=yes
	echo "1..$tap_count"
	((tap_failed == 0)) || exit 1
	((tap_count > 0)) || { echo "# nothing was tested"; exit 1; }
	if ((tap_skipped < tap_count)); then
		tap_ran ''
	else
		tap_ran ' # SKIP all of it'
	fi
	exit 0
}
