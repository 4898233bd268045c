#!/bin/bash
# mode-metrics.t: what --check found, for a collector
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

page=/var/lib/textfile/bnd.prom
mkdir -p ${page%/*}
value() {
	awk -v name="$1" '$1 == name { print $2 }' $page
}
mode-set airgap >/dev/null
run mode-set --check --metrics $page
ok "a check that finds nothing" status 0
ok "the mode as a number" is "$(value bnd_mode)" 4
ok "and by name" is "$(value 'bnd_mode_info{mode="AIRGAP"}')" 1
ok "nothing found" is "$(value bnd_deviations) $(value bnd_state_valid) $(value bnd_frozen)" "0 1 0"
ok "each domain" is "$(value 'bnd_in_force{domain="net"}') $(value 'bnd_in_force{domain="usb"}') $(value 'bnd_in_force{domain="sbx"}') $(value 'bnd_in_force{domain="knobs"}')" "1 1 1 1"
ok "USB devices, of which there are none" is "$(value bnd_usb_present) $(value bnd_usb_denied) $(value bnd_usb_failed)" "0 0 0"
ok "and sandboxes, of which there are none" is "$(value bnd_sbx_running) $(value bnd_sbx_frozen)" "0 0"
ok "the log" is "$(value bnd_log_exit) $(value bnd_log_records)" "0 $(wc -l <$log_file)"
ok "its last record is of just now" test $(($(date +%s) - $(value bnd_log_last_seconds))) -lt 60
ok "every metric is described" is "$(grep -c '^# HELP' $page)" "$(grep -vc '^#' $page | awk '{ print $1 - 3 }')"
ok "in the collector's grammar" is "$(grep -vcE '^(# (HELP|TYPE) bnd_[a-z_]+ .+|bnd_[a-z_]+(\{[a-z]+="[^"]+"\})? -?[0-9]+)$' $page)" 0
ok "for everybody to read" is "$(stat -c %a $page)" 644

cat >/usr/sbin/usb-guard <<'EOS'
#!/bin/sh
echo '{"mode":"AIRGAP","sealed":true,"exit":0,"present":5,"admitted":3,"denied":2,"failed":0}'
EOS
mode-set --check --metrics $page >/dev/null
ok "as many as usb-guard says" is "$(value bnd_usb_present) $(value bnd_usb_denied)" "5 2"
printf '#!/bin/sh\necho "{\\"mode\\":\\"AIRGAP\\",\\"sealed\\":true}"\n' >/usr/sbin/usb-guard
mode-set --check --metrics $page >/dev/null
ok "and no number if it says none" is "$(value bnd_usb_present)$(value bnd_usb_denied) $(value bnd_deviations)" " 0"
install -m 0755 "$BND_BUILD/tests/helper/timed-usb-guard" /usr/sbin/usb-guard

echo OPEN >/run/fake/net
run mode-set --check --metrics $page
ok "a seal that was taken away" status 1
ok "is counted" test "$(value bnd_deviations)" -ge 1
ok "as it was found" is "$(value 'bnd_in_force{domain="net"}')" 0
ok "with the mode that came of it" is "$(value 'bnd_mode_info{mode="LOCKDOWN"}') $(value bnd_mode)" "1 6"
run mode-set --check --metrics /nowhere/bnd.prom
ok "a file that cannot be written is trouble" status 2
run mode-set --check --metrics bnd.prom
ok "so is one below nobody knows where" status 2
run mode-set --metrics $page
ok "and a check is what it is about" status 2
tap_done
