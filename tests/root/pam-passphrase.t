#!/bin/bash
# pam-passphrase.t: passphrases typed through PAM: lockout, and no trace of them
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../pam.sh"
spine_up 1
pam_up
chattr -a $log_file
rm -rf /etc/bnd/log.pin /etc/bnd/approvers /run/bnd /var/lib/bnd
pass='correct horse battery marker4711 staple'
mode-set --init --enroll alice --kind passphrase --passphrase-fd 3 3<<<"$pass" >/dev/null 2>"$T/init" ||
    { cat "$T/init"; bail "cannot enrol a passphrase"; }
mode-set TRUSTED >/dev/null || bail "no TRUSTED"
open_ceremony OPEN || bail "cannot open"
misses() {
	grep -c '"ceremony.miss"' $log_file
}

# ---- a name that nobody has is asked the same ----
say -t mode-set root auth <<'END'
phrase
=nobody
=a passphrase that is long enough
=alice
=a passphrase that is long enough
null
END
ok "no yes" is "$(ended auth)" AUTHINFO_UNAVAIL
ok "both are asked for a passphrase" is "$(grep -c '^SECRET Passphrase of' <<<"$out")" 2
ok "and counted" is "$(misses)" 2

# ---- wrong ones wait, and none of that is forgotten ----
clock=/run/.bnd-test-clock
say -t mode-set root auth <<END
phrase
run echo 10 >$clock
=alice
=wrong wrong wrong wrong
run echo 20 >$clock
=alice
=wrong wrong wrong wrong
run echo 40 >$clock
=alice
=wrong wrong wrong wrong
null
END
ok "each is counted" is "$(misses)" 5
say -t mode-set root auth <<END
phrase
=alice
=$pass
=alice
=$pass
=alice
=$pass
=alice
=$pass
=alice
=$pass
END
ok "the right one, too early, five times: locked out" is "$(ended auth)" MAXTRIES
ok "the wait is told" like "$out" 'ERROR too many wrong passphrases: wait [0-9]+ s'
ok "nothing was tried meanwhile" is "$(misses)" 5
forward 100
say -t mode-set root auth account <<END
phrase
=alice
=
=alice
=$pass
END
ok "after the wait: success" is "$(ended auth) $(ended account)" "SUCCESS SUCCESS"
ok "an empty one is no attempt" is "$(misses)" 5
ok "one approval stands" is "$(grep -c '"ceremony.approve"' $log_file)" 1
loosen end "$id" cancelled || bail "cannot cancel"

# ---- success clears nothing (S0-51) ----
open_ceremony OPEN || bail "cannot open"
say -t mode-set root auth <<END
phrase
=alice
=wrong wrong wrong wrong
=alice
=$pass
null
END
ok "one more wrong one: locked again" like "$out" 'wait [0-9]+ s'
ok "for longer than before the success" test "$(sed -n 's/.*wait \([0-9]*\) s/\1/p' <<<"$out" | head -1)" -gt 16

# ---- secrets: what was typed stands nowhere ----
forward 2000
loosen end "$id" expired 2>/dev/null
open_ceremony OPEN || bail "cannot open"
# shellcheck disable=SC2016 # for the shell that runs it
looker='for p in $(pgrep pam-helper; pgrep pamtalk); do for f in cmdline environ; do tr "\0" "\n" </proc/$p/$f; done; done >>'$T/looked
ulimit -c unlimited
say -t mode-set root auth <<END
phrase
=alice
=$pass
run $looker
END
ok "control: it was typed" is "$(ended auth)" SUCCESS
say -t mode-set root auth <<END
run $looker
null
END
ok "control: the helper was looked at" grep -q 'pam-helper' "$T/looked"
ok "not in an argument or variable" not grep -q marker4711 "$T/looked"
ok "not in the log, the state, the lockout, the salt" not grep -rqs marker4711 /var/lib/bnd /run/bnd /etc/bnd
ok "not on the screen" unlike "$out" marker4711
say -t mode-set root auth <<END
run cat /proc/\$(pgrep pam-helper)/stat >$T/stat
null
END
read -r pid _ _ _ pgrp session tty _ <"$T/stat"
ok "the stop key of a terminal does not reach the helper" is "$pgrp" "$pid"
ok "although the terminal is its own" test "$tty" -ne 0 -a "$session" -ne "$pid"
say -t mode-set root auth <<'END'
run kill -SEGV $(pgrep pam-helper); cp /proc/$(pgrep pam-helper)/status /tmp/st; :
null
END
ok "a helper that dies gives no yes" isnt "$(ended auth)" SUCCESS
ok "and leaves no core" is "$(find / -xdev -maxdepth 2 -name 'core*' -type f -newer "$T/looked" 2>/dev/null)" ""
ok "the log verifies" verifies
tap_done
