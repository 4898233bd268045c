# fetch.sh: Debian packages that are unpacked and never installed
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
#	. tests/fetch.sh
#	fetch NAME...		download and unpack what lacks
#	fetch_source NAME DIR	the same for a directory of its source
#	have NAME PATTERN	print the directory that NAME is unpacked in
#
# An installed daemon would start on the host, and an installed kernel would touch
# its /boot. Unpacked they lie in /var/cache/bnd-vm, which outlives a clean
# checkout and may be deleted at any time, or in BND_VM_CACHE. apt names the
# packages, so they move with each security update, and checks what it downloads;
# without a network the newest that is there serves.
export LC_ALL=C
umask 022
cache=${BND_VM_CACHE:-/var/cache/bnd-vm}

# One fetch at a time, until this shell ends.
fetch_alone() {
	mkdir -p "$cache" && exec 8<"$cache" && flock 8
}

# Once a run: a fresh machine has no lists, an old one lists what is gone.
lists_taken=''
fetch_lists() {
	[[ ! $lists_taken ]] || return 0
	lists_taken=yes
	apt-get update -qq >/dev/null 2>&1 </dev/null
}

# The directory of the cache for a package, NAME_VERSION, as apt names it now.
# wanted NAME...: asks apt for all of them at once; it is slow to answer.
declare -A dir_of=()
wanted() {
	local line name='' v
	while read -r line; do
		case $line in
		'Candidate: (none)') ;;
		'Candidate: '*) v=${line#* } dir_of[$name]=$cache/${name}_${v//:/%} ;;
		*:) name=${line%:} ;;
		esac
	done < <(apt-cache policy "$@" 2>/dev/null)
}
newest() {
	find "$cache" -mindepth 1 -maxdepth 1 -type d -name "$1" 2>/dev/null | sort -V | tail -n 1
}

# unpack NAME DIR
unpack() {
	local tmp
	tmp=$(mktemp -d "$cache/.new.XXXXXX") || return
	if (cd "$tmp" && apt-get download -qq -o APT::Sandbox::User=root "$1" &&
	    mkdir root && dpkg-deb -x ./*.deb root) >/dev/null 2>&1 &&
	    chmod 0755 "$tmp/root" && mv -T "$tmp/root" "$2"; then
		rm -rf "$tmp"
		return
	fi
	rm -rf "$tmp"
	return 1
}

# have NAME PATTERN: the newest that is there
have() {
	local dir
	dir=$(newest "$2")
	[[ $dir ]] || { echo "no $1 in $cache (make check fetches it)"; return 1; }
	echo "$dir"
}

# fetch NAME...: each, unless it is there; lists that are too old are taken anew
fetch() {
	local name
	wanted "$@"
	for name; do
		[[ ! -d ${dir_of[$name]:-} ]] || continue
		[[ ${dir_of[$name]:-} ]] && unpack "$name" "${dir_of[$name]}" && continue
		fetch_lists
		wanted "$@"
		[[ ${dir_of[$name]:-} ]] && unpack "$name" "${dir_of[$name]}"
	done
}

# fetch_source NAME DIR: what lies in DIR of its upstream source, as NAME-source_VERSION,
# unless there is any. A machine's own lists seldom have sources.
fetch_source() {
	local tmp apt tar
	[[ ! $(newest "$1-source_*") ]] || return 0
	tmp=$(mktemp -d "$cache/.new.XXXXXX") || return
	mkdir -p "$tmp/state/lists/partial" "$tmp/cache/archives/partial" "$tmp/root"
	(. /etc/os-release && echo "deb-src http://deb.debian.org/debian $VERSION_CODENAME main") >"$tmp/list"
	apt=(apt-get -qq -o "Dir::Etc::SourceList=$tmp/list" -o Dir::Etc::SourceParts=/dev/null
	    -o "Dir::State=$tmp/state" -o "Dir::Cache=$tmp/cache" -o Dir::State::status=/var/lib/dpkg/status
	    -o APT::Sandbox::User=root)
	if (cd "$tmp" && "${apt[@]}" update && "${apt[@]}" source --download-only "$1" &&
	    tar -C root -xf "$1"_*.orig.tar.* --wildcards --strip-components=1 "*/$2") >/dev/null 2>&1 </dev/null; then
		tar=$(basename "$tmp/$1"_*.orig.tar.*)
		chmod 0755 "$tmp/root" && mv -T "$tmp/root" "$cache/$1-source_$(sed 's/.*_\(.*\)\.orig.*/\1/' <<<"$tar")"
	fi
	rm -rf "$tmp"
}
