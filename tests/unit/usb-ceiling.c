/* usb-ceiling.c: what drivers bind by a class alone, the ceilings know */
/* SPDX-License-Identifier: ISC */
/*
 * All patterns of Linux 6.1's modules.alias, as Debian builds it, that ask for
 * neither a vendor nor a product ("usb:v*p*d*dc*..."), and mctp-usb of 6.15.
 * The rest of the table is left to what the drivers make of a device.
 */
#include "usb-ceiling.h"

#include <string.h>

#include "tap.h"

static const struct {
	uint8_t class, subclass;
	const char *group, *driver;
} rows[] = {
	{ 0x01, 0x01, "other", "snd_usb_audio" },
	{ 0x01, 0x03, "other", "snd_usb_audio" },
	{ 0x02, 0x02, "network", "cdc_acm, rndis_host, rndis_wlan" },
	{ 0x02, 0x06, "network", "cdc_ether" },
	{ 0x02, 0x09, "network", "cdc_wdm" },
	{ 0x02, 0x0a, "network", "cdc_ether" },
	{ 0x02, 0x0c, "network", "cdc_eem" },
	{ 0x02, 0x0d, "network", "cdc_ncm, cdc_mbim" },
	{ 0x02, 0x0e, "network", "cdc_mbim" },
	{ 0x03, 0x00, "hid", "usbhid" },
	{ 0x03, 0x01, "hid", "usbhid" },
	{ 0x07, 0x01, "other", "usblp" }, /* the device's class, too */
	{ 0x08, 0x01, "storage", "usb_storage" },
	{ 0x08, 0x02, "storage", "usb_storage" },
	{ 0x08, 0x03, "storage", "usb_storage" },
	{ 0x08, 0x04, "storage", "usb_storage" },
	{ 0x08, 0x05, "storage", "usb_storage" },
	{ 0x08, 0x06, "storage", "usb_storage, uas" },
	{ 0x09, 0x00, "hub", "hub" }, /* the device's class, too */
	{ 0x0e, 0x01, "other", "uvcvideo" },
	{ 0x14, 0x00, "network", "mctp_usb" },
	{ 0x58, 0x42, "other", "xpad" },
	{ 0xe0, 0x01, "network", "btusb, rndis_host" }, /* the device's, too */
	{ 0xef, 0x01, "network", "rndis_host, rndis_wlan" },
	{ 0xef, 0x04, "network", "rndis_host" },
	{ 0xfe, 0x02, "network", "ir_usb" },
	{ 0xfe, 0x03, "other", "usbtmc" },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_str(bnd_usb_group_name(
			   bnd_usb_group(rows[i].class, rows[i].subclass)),
		    rows[i].group, "%02x:%02x, %s", rows[i].class,
		    rows[i].subclass, rows[i].driver);
	return tap_done();
}
