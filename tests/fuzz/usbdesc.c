/* usbdesc.c: whatever a device says, no interface of the kernel's goes unseen */
/* SPDX-License-Identifier: ISC */
#include "usb-desc.h"

#include "fuzz/fuzz.h"
#include "usb-id.h"
#include "usbenum.h"

static struct bnd_usb_desc d;

static bool
has(const struct kernel_iface *want)
{
	for (size_t i = 0; i < d.ifaces; i++) {
		const struct bnd_usb_iface *f = &d.iface[i];

		if (f->config == want->config && f->number == want->number &&
		    f->alt == want->alt && f->class == want->class &&
		    f->subclass == want->subclass &&
		    f->protocol == want->protocol)
			return true;
	}
	return false;
}

/* Bytes of any origin: nothing is read behind them (the sanitizer's to say). */
static void
any_bytes(const uint8_t *data, size_t size)
{
	struct bnd_usb_device dev = { .desc = &d };
	char hash[BND_USB_HASH_LEN + 1], id[BND_USB_ID_LEN + 1];

	bnd_usb_desc_parse(data, size, &d);
	must(d.ifaces <= BND_USB_IFACES_MAX);
	must(d.bad != NULL ||
	    (d.ifaces > 0 && d.configs == d.said && size < BND_USB_DESC_MAX));
	must(!bnd_usb_desc_is_hub(&d) || bnd_usb_desc_is_pure(&d, 0x09));
	must(!bnd_usb_desc_is_pure(&d, 0x03) || !bnd_usb_desc_is_hub(&d));
	bnd_usb_hash(&dev, data, size, hash);
	bnd_usb_identity(&dev, data, size, id);
	must(strlen(hash) == BND_USB_HASH_LEN && strlen(id) == BND_USB_ID_LEN);
}

/* Bytes that a kernel shows: it is all there, or unfit for a reason it gave. */
static void
kernels_bytes(const uint8_t *data, size_t size)
{
	static struct kernel_view k;

	kernel_enumerate(&k, data, size);
	if (!k.appears)
		return;
	bnd_usb_desc_parse(k.sysfs, k.shown, &d);
	for (size_t i = 0; d.bad == NULL && i < k.found; i++)
		must(has(&k.iface[i]));
	must(d.bad == NULL || k.shown == KERNEL_SHOWS || k.nested ||
	    k.found == 0 || d.ifaces == BND_USB_IFACES_MAX || k.sysfs[1] != 1);
	must(!k.nested || d.bad != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	any_bytes(data, size);
	kernels_bytes(data, size);
	return 0;
}
