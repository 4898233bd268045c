#!/bin/bash
# sbx-net.t: what a sandbox reaches of the network, seen from the far side
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
command -v python3 >/dev/null || skip_all "no python3"
sbx_up

# ---- who is around this host: F, by a wire; and a service of its own -------

ip link set lo up
ip netns add F && ip link add h0 type veth peer name f0 netns F || bail "no far side"
ip -n F link set lo up
ip addr add 192.0.2.1/24 dev h0 && ip addr add 2001:db8::1/64 dev h0 nodad && ip link set h0 up &&
    ip -n F addr add 192.0.2.2/24 dev f0 && ip -n F addr add 192.0.2.3/24 dev f0 &&
    ip -n F addr add 2001:db8::2/64 dev f0 nodad && ip -n F link set f0 up || bail "no addresses"
# Where a cloud answers who asks for its keys; and what a carrier shares.
ip addr add 169.254.1.1/16 dev h0 && ip -n F addr add 169.254.169.254/16 dev f0 &&
    ip addr add 100.64.0.1/24 dev h0 && ip -n F addr add 100.64.0.2/24 dev f0 || bail "no odd addresses"
# A host with rules of its own.
nft add table inet own '{ chain out { type filter hook output priority 0; tcp dport 7009 reject; }; }' 2>/dev/null

cat >"$T/far.py" <<'EOT'
# far.py LOG ADDRESS PORT...: what arrives is a line of the log
import socket, sys, threading
log = open(sys.argv[1], "a", buffering=1)
def serve(c, at):
    log.write(f"open {at}\n")
    try:
        while True:
            d = c.recv(4096)
            if not d:
                break
            log.write(f"data {at} {d!r}\n")
            if d == b"ping":
                c.sendall(b"pong")
        log.write(f"end {at}\n")
    except OSError:
        log.write(f"cut {at}\n")
    c.close()
def tcp(a, p):
    s = socket.create_server((a, p), family=socket.AF_INET6 if ":" in a else socket.AF_INET, backlog=128)
    while True:
        c, _ = s.accept()
        threading.Thread(target=serve, args=(c, f"{a} {p}"), daemon=True).start()
def udp(a, p):
    s = socket.socket(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((a, p))
    while True:
        s.recv(4096)
        log.write(f"udp {a} {p}\n")
jobs = []
for pair in sys.argv[2:]:
    a, p = pair.rsplit("/", 1)
    for f in (tcp, udp):
        jobs.append(threading.Thread(target=f, args=(a, int(p)), daemon=True))
        jobs[-1].start()
import time
while True:
    time.sleep(1000)
EOT
far=$T/far host=$T/host
forget() {
	: >"$far"
	: >"$host"
}
forget
ip netns exec F python3 "$T/far.py" "$far" 192.0.2.2/7000 192.0.2.2/7001 192.0.2.2/7008 192.0.2.2/7009 192.0.2.3/7000 2001:db8::2/7000 \
    169.254.169.254/7000 100.64.0.2/7000 &
at_exit kill_quietly $!
python3 "$T/far.py" "$host" 127.0.0.1/7000 ::1/7000 &
at_exit kill_quietly $!
until ip netns exec F python3 -c 'import socket; socket.create_connection(("100.64.0.2", 7000))' 2>/dev/null &&
    python3 -c 'import socket; socket.create_connection(("::1", 7000))' 2>/dev/null; do sleep 0.05; done

# What F has the word of comes behind all that arrived before.
marks=0
settle() {
	marks=$((marks + 1))
	echo "mark $marks" >/dev/tcp/192.0.2.2/7008
	until_far "mark $marks\\\\n"
}
until_far() {
	local i
	for ((i = 0; i < 500; i++)); do
		! grep -q "$1" "$far" || return 0
		sleep 0.01
	done
	echo "not heard: $1"; cat "$far"
	return 1
}
# Connections and datagrams, or all, since it was asked last; sorted.
heard() {
	settle
	grep -hv ' 7008' "$far" "$host" | sort | tr '\n' ';'
	forget
}
arrived() {
	heard | tr ';' '\n' | grep -E '^(open|udp)' | tr '\n' ';'
}
relay_of() {
	pgrep -P "$S" -u "$(host_status Uid | awk '{ print $1 - 1 }')" | while read -r p; do
		! grep -q '/bnd-sbx/[0-9]*r$' "/proc/$p/cgroup" || echo "$p"
	done
}
gone() {
	local i
	for ((i = 0; i < 100; i++)); do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.02
	done
	return 1
}
leaf_of() {
	echo "$(v2)$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
}
rules() {
	nft list ruleset 2>/dev/null
	iptables-save 2>/dev/null | grep -v '^#'
	cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null
}
# A busy host, and a resolver on it, take their time.
net=$'syscalls @base @file @proc @thread @net\nsetup 20s'
profile none 'net none' "$net" 'allow 192.0.2.2:7000'
profile loop 'net loop' "$net" 'allow 192.0.2.2:7000'
profile empty 'net allow' "$net"
profile allow 'net allow' "$net" 'allow 192.0.2.2:7000'
sbx_again
rules_before=$(rules)
heard >/dev/null

# ---- each kind of network, and all there is to reach ------------------------

places=(127.0.0.1 ::1 192.0.2.2 192.0.2.3 2001:db8::2 169.254.169.254 100.64.0.2)
pairs=()
for place in "${places[@]}"; do pairs+=("$place" 7000); done
bare sockets tcp "${pairs[@]}"
bare sockets udp "${pairs[@]}"
ok "control: this host reaches all of them" is "$(arrived | tr ';' '\n' | wc -l)" 14
for kind in none loop empty allow; do
	sbx=(-p "$kind")
	want=ENETUNREACH own=ECONNREFUSED
	[[ $kind != none ]] || want=ENOSYS own=ENOSYS
	inside sockets tcp "${pairs[@]}"
	for place in "${places[@]}"; do
		case $place in 127.*|::1) ok "$kind: the host's service on $place is not its own" payload_got "tcp $place 7000" $own ;;
		*) ok "$kind: no way to $place" payload_got "tcp $place 7000" $want ;; esac
	done
	inside sockets udp 192.0.2.2 7000
	ok "$kind: nor by UDP" payload_got 'udp 192.0.2.2 7000' $want
	inside sockets http "CONNECT 192.0.2.2:7000"
	case $kind in
	allow) ok "allow: by its relay" payload_got "CONNECT 192.0.2.2:7000" 'ok 200' ;;
	*) ok "$kind: it has no relay" payload_got "CONNECT 192.0.2.2:7000" 'E[A-Z]*' ;;
	esac
	ok "$kind: what arrived" is "$(arrived)" "$([[ $kind != allow ]] || echo 'open 192.0.2.2 7000;')"
	inside sockets echo
	[[ $kind == none ]] || own=ok
	ok "$kind: among themselves" payload_got echo "${own/ECONNREFUSED/ENOSYS}"
	ok "$kind: and by IPv6" payload_got echo6 "${own/ECONNREFUSED/ENOSYS}"
	ok "$kind: its proxy variables" is "$(sbx-run -p $kind -- /usr/bin/env | grep -ci proxy)" \
	    "$([[ $kind == allow ]] && echo 7 || echo 0)"
done

run sbx-run --explain -p allow
ok "what is reached is explained" like "$out" 'reaches +192.0.2.2:7000'
run sbx-run --explain -p empty
ok "and an empty list" like "$out" 'reaches +a loopback of its own, nothing outside'
run sbx-run --compare empty allow
ok "which is tighter" status 0
run sbx-run --compare allow empty
ok "and not the other way" status 1
run sbx-run --selftest -p allow
sanitized || ok "the shipped probes find no hole in one with a relay" status 0
forget

# ---- none -------------------------------------------------------------------

sbx=(-p none)
bare sockets family 2 10 16
ok "control: a program of this host has sockets" payload_got 'raw 16' ok
inside sockets family 2 10 16 17
ok "none: no socket of any family" unlike "$out" '(stream|raw) [0-9]+: ok'
begin stay
ok "none: one interface, down" is "$(nsenter -t "$P" -n ip -br link | awk '{ print $1, $2 }')" "lo DOWN"
finish
ok "nothing is left" unharmed

# ---- the relay and its list -------------------------------------------------

sbx=(-p allow)
inside sockets http "CONNECT 192.0.2.2:7000" "CONNECT 192.0.2.2:7001" "CONNECT 192.0.2.3:7000" "CONNECT [2001:db8::2]:7000" \
    "CONNECT [::ffff:192.0.2.2]:7000" "CONNECT [64:ff9b::192.0.2.2]:7000" "CONNECT 0.0.0.0:7000" "CONNECT 3221225986:7000" \
    "CONNECT 0300.0.2.2:7000" "CONNECT 0xc0000202:7000" "CONNECT 192.0.2.2:07000" "CONNECT 127.0.0.1:7000" "CONNECT [::1]:7000" \
    "CONNECT 169.254.169.254:7000" "CONNECT localhost:7000" "CONNECT 192.0.2.2.nip.io:7000" "CONNECT 192.0.2.2:7000@192.0.2.3:7000" \
    "GET http://192.0.2.2:7000/" "GET http://192.0.2.3:7000/" "connect 192.0.2.2:7000" "CONNECT  192.0.2.2:7000" "CONNECT 192.0.2.2:7000
X: y"
ok "the listed pair" payload_got "CONNECT 192.0.2.2:7000" 'ok 200'
ok "of all these it is the only one that is carried" is "$(grep -c ': ok 200$' <<<"$out")" 1
ok "others are told why" is "$(sed -n 's/.*: ok \([0-9]*\)$/\1/p' <<<"$out" | sort | uniq -c | awk '{ print $1 "x" $2 }' | tr '\n' ' ')" \
    "1x200 2x400 16x403 3x405 "
ok "the result counts them" is "$(result '.net | [.connections, .refused, .failed, .bytes_out, .bytes_in] | join(" ")')" "1 21 0 22 0"
ok "and says what was pinned" is "$(result '.net.pinned | join(",")')" "192.0.2.2:7000 192.0.2.2"
ok "the far side saw one, and its bytes" is "$(heard)" \
    "data 192.0.2.2 7000 b'CONNECT 192.0.2.2:7000';end 192.0.2.2 7000;open 192.0.2.2 7000;"
inside sockets socks 192.0.2.2 7000 192.0.2.2 7001 192.0.2.3 7000 2001:db8::2 7000 ::ffff:192.0.2.2 7000 3221225986 7000 127.0.0.1 7000
ok "by SOCKS5, too" payload_got "socks 192.0.2.2 7000" ok
ok "and none of the others" is "$(grep -c '^socks.*: ok 2$' <<<"$out")" 6
inside sockets command 2 192.0.2.2 7000
ok "nothing is listened for" payload_got "socks 192.0.2.2 7000" 'ok 7'
inside sockets command 3 192.0.2.2 7000
ok "no datagrams" payload_got "socks 192.0.2.2 7000" 'ok 7'
ok "the far side saw one" is "$(arrived)" 'open 192.0.2.2 7000;'
inside sockets odd
ok "no privileged port" payload_got 'privileged port' EACCES
ok "all addresses are the sandbox's own" payload_got 'all addresses' ok
for odd in mark transparent; do ok "no $odd" payload_got $odd EPERM; done
ok "the host's device is not there" payload_got "host's device" 'ENODEV|EPERM'
ok "nor ping" payload_got ping 'EACCES|EPERM|EPROTONOSUPPORT'

# A proxy that is listed can be asked for more; that is its own affair. But whoever
# is asked once is not asked again: what comes behind goes to the far side.
bare sockets tcp 192.0.2.3 7000
ok "control: the other place answers" is "$(arrived)" 'open 192.0.2.3 7000;'
inside sockets http "CONNECT 192.0.2.2:7000 HTTP/1.1

CONNECT 192.0.2.3:7000"
ok "bare line feeds end no request" unlike "$out" ': ok 200'
run sbx-run -p allow -- /usr/bin/python3 -c 'import socket
s = socket.create_connection(("127.0.0.1", 3128))
s.sendall(b"CONNECT 192.0.2.2:7000 HTTP/1.1\r\n\r\nCONNECT 192.0.2.3:7000 HTTP/1.1\r\n\r\n")
s.shutdown(socket.SHUT_WR)
d = b""
while True:
    b = s.recv(4096)
    if not b: break
    d += b
print(d.count(b"200"))'
ok "a second request is for the far side" is "$out" 1
ok "which is still the first's" like "$(heard)" "^data 192.0.2.2 7000 b'CONNECT 192.0.2.3:7000.*open 192.0.2.2 7000;$"

# The host's rules are the relay's.
profile ruled 'net allow' "$net" 'allow 192.0.2.2:7009 192.0.2.2:7010'
sbx=(-p ruled)
inside sockets http "CONNECT 192.0.2.2:7009" "CONNECT 192.0.2.2:7010"
ok "what the host's rules refuse, a list does not open" is "$(grep -c ': ok 502' <<<"$out") $(arrived)" "2 "
ok "and it is counted" is "$(result .net.failed)" 2

# Both ways, many at once, and more than there may be.
sbx=(-p allow)
run sbx-run -p allow -- /usr/bin/python3 -c 'import socket
s = socket.create_connection(("127.0.0.1", 3128))
s.sendall(b"CONNECT 192.0.2.2:7000 HTTP/1.1\r\n\r\n")
s.recv(4096); s.sendall(b"ping"); print(s.recv(4))'
ok "answers come back" is "$out" "b'pong'"
heard >/dev/null
inside sockets many 70 "CONNECT 192.0.2.2:7000"
ok "64 at once, and no more" payload_got answered 'ok 64'
heard >/dev/null

# ---- names ------------------------------------------------------------------

cp /etc/hosts "$T/hosts"
{
	echo "192.0.2.2 far.test"
	echo "127.0.0.1 inward.test"
	echo "192.0.2.2 mixed.test"
	echo "169.254.169.254 mixed.test"
} >>/etc/hosts
profile named 'net allow' "$net" 'allow far.test:7000'
sbx=(-p named)
begin sockets hold "CONNECT far.test:7000"
ok "a name of the list: $(cat "$T/begun.err")" like "$(said)" 'CONNECT far.test:7000: ok 200'
sed -i 's/^192.0.2.2 far.test/192.0.2.3 far.test/' /etc/hosts
finish
ok "control: it leads elsewhere now" is "$(getent ahosts far.test | awk 'NR == 1 { print $1 }')" 192.0.2.3
ok "it was what it led to before" like "$(arrived)" '^open 192.0.2.2 7000;$'
sed -i 's/^192.0.2.3 far.test/192.0.2.2 far.test/' /etc/hosts
# It is changed in the middle, while the payload waits.
cat >"$T/twice.py" <<'EOT'
import socket, sys
def ask():
    s = socket.create_connection(("127.0.0.1", 3128))
    s.sendall(b"CONNECT Far.Test:7000 HTTP/1.1\r\n\r\n")
    return s.recv(4096)[9:12].decode()
print(ask(), flush=True)
sys.stdin.readline()
print(ask())
EOT
install -m 0644 "$T/twice.py" $payloads/
coproc sbx-run -p named -- /usr/bin/python3 $payloads/twice.py 2>&1
read -r first <&"${COPROC[0]}"
sed -i 's/^192.0.2.2 far.test/192.0.2.3 far.test/' /etc/hosts
echo >&"${COPROC[1]}"
read -r second <&"${COPROC[0]}"
wait 2>/dev/null $!
ok "and stays that" is "$first $second $(arrived)" "200 200 open 192.0.2.2 7000;open 192.0.2.2 7000;"
inside sockets http "CONNECT 192.0.2.3:7000" "CONNECT 192.0.2.2:7000"
ok "an address that a name leads to is not listed by that" is "$(grep -c ': ok 403' <<<"$out")" 2
for name in inward mixed; do
	profile "$name" 'net allow' "$net" "allow $name.test:7000"
	sbx=(-p "$name")
	inside sockets http "CONNECT $name.test:7000"
	ok "a name that leads to what is never dialled: $name" refused relay
	ok "and it is said" like "$(result .detail)" 'never dialled'
done
profile nowhere 'net allow' "$net" 'allow nowhere.test:7000'
sbx=(-p nowhere)
inside sockets http "CONNECT nowhere.test:7000"
ok "a name that leads nowhere" refused relay
cp "$T/hosts" /etc/hosts
for pair in 127.0.0.1:7000 169.254.169.254:7000 100.64.0.2:7000 '[::1]:7000' 0.0.0.0:7000 '[::ffff:127.0.0.1]:7000' 1:7000; do
	sbx=(-k net=allow -k "allow=$pair")
	inside sockets http "CONNECT $pair"
	ok "a list with $pair is none" refused profile
done
ok "nothing of that reached anybody" is "$(arrived)" ''

# ---- what the kernel says of the relay --------------------------------------

sbx=(-p allow)
begin sockets hold "CONNECT 192.0.2.2:7000"
R=$(relay_of)
field() { sed -n "s/^$1:[[:blank:]]*//p" "/proc/$R/status"; }
ok "there is one relay" like "$R" '^[0-9]+$'
ok "its id is leased" is_leased "$(field Uid | cut -f1)"
ok "it has no capability" is "$(sed -n 's/^Cap...:\t//p' "/proc/$R/status" | sort -u)" 0000000000000000
ok "no group" is "$(field Groups)" ''
ok "no new privileges, a filter" is "$(field NoNewPrivs) $(field Seccomp)" "1 2"
ok "it is in the host's network" is "$(readlink "/proc/$R/ns/net")" "$(readlink /proc/self/ns/net)"
ok "it has its sockets and nothing else" unlike "$(find "/proc/$R/fd" -type l -printf '%l\n')" '^(/|pipe|anon)'
ok "a leaf of its own" like "$(leaf_of "$R")" '/bnd-sbx/[0-9]+r$'
ok "lo inside has its listener alone" is "$(nsenter -t "$P" -n ss -Hlntu | awk '{ print $1, $5 }')" "tcp 127.0.0.1:3128"
ok "the host listens nowhere for it" unlike "$(ss -Hlnt)" ':3128'
sbx-run --gc
ok "the janitor leaves the living alone" like "$(relay_of)" "^$R$"
ok "and the list counts sandboxes, not relays" is "$(sbx-run --list --json | jq length)" 2
finish
ok "the result has it" is "$(result '.enforced.relay | [.filters, .landlock_probe, .listener] | join(" ")')" "1 EACCES 127.0.0.1:3128"
ok "nothing is left of it" unharmed

heard >/dev/null

# Each of its steps left out is seen, or is needed by a later one.
i=10
for what in session join descriptors bound limits no_new_privs Landlock ids capabilities filter; do
	if [[ $what != session && $what != join && $what != limits && $what != bound ]]; then
		faulty "relay $i skip" sockets http "CONNECT 192.0.2.2:7000"
		ok "a relay without $what: $(result .detail)" refused '(relay|attest)'
	fi
	i=$((i + 1))
done
faulty "relay 13 skip" sockets http "CONNECT 192.0.2.2:7000"
ok "without an empty bounding set: $(result .detail)" refused attest
sbx=(-p allow -k cpu=50%)
inside sockets http "CONNECT 192.0.2.2:7000"
ok "control: with a share of the CPU it works" payload_got "CONNECT 192.0.2.2:7000" 'ok 200'
heard >/dev/null
if [[ $(v1 cpu) ]]; then
	faulty "relay 11 skip" sockets http "CONNECT 192.0.2.2:7000"
	ok "out of the payload's share of the CPU: $(result .detail)" refused attest
else
	begin sockets hold "CONNECT 192.0.2.2:7000"
	ok "its share of the CPU" is "$(cut -d' ' -f1 "$(leaf_of "$(relay_of)")/cpu.max")" 50000
	finish
	heard >/dev/null
fi
sbx=(-p allow)
faulty "relay 1 skip" sockets http "CONNECT 192.0.2.2:7000"
ok "without a leaf of its own: $(result .detail)" refused attest
for step in "net 1" "relay 0" "relay 2"; do
	faulty "$step skip" sockets http "CONNECT 192.0.2.2:7000"
	ok "$step skipped: $(result .detail)" refused '(relay|attest)'
done
for what in fail die stall; do
	sbx=(-p allow -k setup=1s)
	faulty "relay 16 $what" sockets http "CONNECT 192.0.2.2:7000"
	ok "a relay that is to $what in its set-up: $(result .detail)" refused relay
done
sbx=(-p allow)
ok "none of these reached anybody" is "$(arrived)" ''
ok "nothing is left of them" unharmed

# ---- sudden deaths ----------------------------------------------------------

ok "control: there are rules to change" like "$rules_before" 'table inet own'
begin sockets hold "CONNECT 192.0.2.2:7000"
R=$(relay_of)
until_far data
ok "the host's rules are what they were" is "$(rules)" "$rules_before"
leaf=$(leaf_of "$R")
kill -KILL "$S"
ok "the supervisor is killed: the connection ends" until_far '^\(end\|cut\)'
ok "the payload is gone" gone "$P"
ok "and the relay" gone "$R"
finish
ok "no process of a leased id" is "$(sbx_look | grep -c '^process of')" 2
ok "its leaf is left" test -d "$leaf"
run sbx-run --gc --json
ok "until the janitor comes, to whom it is the run's and no orphan" is "$(jq -r '"\(.cleaned) \(.orphans)"' <<<"$out")" "1 0"
ok "and is gone then" not test -e "$leaf"
ok "the host's rules are what they were, after it" is "$(rules)" "$rules_before"
ok "nothing is left" unharmed
heard >/dev/null

# Suspended, it cannot see that its supervisor is dead.
sbx=(-p allow -k cpu=50%)
begin sockets hold "CONNECT 192.0.2.2:7000"
R=$(relay_of) leaf=$(leaf_of "$R")
echo 1 >"$leaf/cgroup.freeze"
echo 1 >"$(leaf_of "$P")/cgroup.freeze"
kill -KILL "$S"
gone "$S"
ok "control: a suspended relay outlives its supervisor" kill -0 "$R"
run sbx-run --gc
ok "the janitor ends it" status 0
ok "it is gone" gone "$R"
ok "with its leaf" not test -e "$leaf"
finish
ok "nothing is left of it" unharmed
sbx=(-p allow)
heard >/dev/null

# A leaf of a relay that nobody has leased.
mkdir "$(v2)/bnd-sbx/1000r"
sleep 1000 &
orphan=$!
echo $orphan >"$(v2)/bnd-sbx/1000r/cgroup.procs"
sbx-run --gc
ok "what is in a relay's leaf without a lease is killed" gone $orphan
ok "and the leaf removed" not test -e "$(v2)/bnd-sbx/1000r"

begin stay
kill -KILL "$(relay_of)"
gone "$S"
finish
ok "a relay that is killed ends the run" is "$status $(result '.reason + ": " + .detail')" \
    "125 internal-error: the relay was ended by somebody"
ok "nothing is left of that" unharmed
heard >/dev/null

# ---- changes of the mode ----------------------------------------------------

# The canary would not outlive AIRGAP.
ok "both canaries are alive" canaries
kill -TERM "$canary_S"
gone "$canary_S"
sbx_again
begin sockets hold "CONNECT 192.0.2.2:7000"
R=$(relay_of)
until_far data
sbx-run --enforce --mode TRUSTED
: >"$far"
ok "a mode that allows it: bytes go on" until_far "b'\.'"
leaf=$(leaf_of "$R")
from=${EPOCHREALTIME/./}
run sbx-run --enforce --mode AIRGAP
ok "AIRGAP: it obeys" status 0
ok "the established flow is cut: the far side is told" until_far '^\(end\|cut\)'
ok "soon" test $(((${EPOCHREALTIME/./} - from) / 1000)) -lt 2000
ok "the relay is gone" gone "$R"
finish
ok "and its leaf" not test -e "$leaf"
ok "nothing is left of it" left_nothing

profile frozen 'net allow' "$net" 'allow 192.0.2.2:7000' 'stdin any' 'fds none' 'on-tighten freeze' 'nofile 5000'
sbx=(-p frozen)
begin sockets hold "CONNECT 192.0.2.2:7000"
R=$(relay_of)
until_far data
sbx-run --enforce --mode TRUSTED
ok "one that is suspended has its relay suspended" is "$(grep -h frozen "$(leaf_of "$P")/cgroup.events" "$(leaf_of "$R")/cgroup.events")" $'frozen 1\nfrozen 1'
sleep 0.2
: >"$far"
sleep 0.3
ok "nothing is carried meanwhile" is "$(cat "$far")" ''
sbx-run --enforce --mode OPEN
ok "and goes on with it" until_far "b'\."
finish
heard >/dev/null

sbx=(-p allow)
begin sockets hold "CONNECT 192.0.2.2:7000"
R=$(relay_of)
run mode-set AIRGAP
ok "a tightening of the host" status 0
ok "ends the relay" gone "$R"
finish
ok "and the run, which says so" is "$status $(result '.reason + " " + .mode_then')" "124 mode-change AIRGAP"
inside sockets http "CONNECT 192.0.2.2:7000"
ok "in AIRGAP net allow is narrowed to loop: no relay" is "$(result '.narrowed | index("net") != null') $(result .net)" "true null"
ok "and nobody answers" payload_got "CONNECT 192.0.2.2:7000" ECONNREFUSED
tap_done
