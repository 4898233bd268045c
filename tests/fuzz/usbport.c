/* usbport.c: a port's file has one spelling; its beginnings are nobody's */
/* SPDX-License-Identifier: ISC */
#include "usb-port.h"

#include "fuzz/fuzz.h"

static bool
is_nobodys(const struct bnd_usb_port *p)
{
	return p->phase == BND_USB_INTENT && p->boot[0] == '\0' &&
	    p->devnum == 0 && p->inode == 0 && p->identity[0] == '\0' &&
	    p->hash[0] == '\0' && p->word == BND_USB_NOTHING && !p->console &&
	    !p->in_baseline;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[BND_USB_PORT_FILE_MAX];
	struct bnd_err err = { 0 };
	struct bnd_usb_port p, cut;
	size_t len;

	if (bnd_usb_port_unpack(fuzz_str(data, size), &p, &err) != 0) {
		must(err.kind == BND_E_CORRUPT && is_nobodys(&p));
		return 0;
	}
	if (is_nobodys(&p))
		return 0;
	must(bnd_usb_port_pack(&p, text, &len, NULL) == 0);
	must(len <= size && memcmp(text, data, len) == 0);
	/* What a longer one before it has left is written over with LFs. */
	for (size_t i = len; i < size; i++)
		must(data[i] == '\n');
	if (len < 2)
		return 0;
	must(bnd_usb_port_unpack(fuzz_str(data, len / 2), &cut, NULL) == 0);
	must(is_nobodys(&cut));
	return 0;
}
