#!/bin/bash
# leaks-silent.t: an allowed flow whose peer is silent for a minute goes on
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up
leaks_up
foreign_ct || bail "no conntrack here"

# TRUSTED, the stricter of the two modes that let flows go on. A UDP flow has gone
# both ways for more than two seconds, or the tracker would forget it after half
# a minute.
leaks arm
sleep 2.2
leaks control
enter TRUSTED
sleep 61
leaks judge "TRUSTED, after a minute of silence"
tap_done
