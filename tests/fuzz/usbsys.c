/* usbsys.c: a hook's argument, report descriptors, key maps, boot settings */
/* SPDX-License-Identifier: ISC */
/* The first byte says which; the rest is what it reads. */
#include <errno.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "usb-boot.h"
#include "usb-console.h"
#include "usb-dir.h"
#include "usb-seen.h"

/* A path that leads to a device is spelled in one way, and is below /devices. */
static void
try_path(const char *path)
{
	SCOPED_USB_DIR struct bnd_usb_dir d = { .dir = -1, .authorized = -1 };
	static struct bnd_root root = { .fd = -1 };
	struct bnd_err err = { 0 };

	if (root.fd < 0 && bnd_root_open(&root, "/proc/self", &err) == -1)
		abort();
	/* There is no device anywhere below it, so nothing may be opened. */
	must(bnd_usb_dir_open(&root, path, true, &d, &err) == -1);
	must(d.dir == -1 && d.authorized == -1);
	must(err.kind == BND_E_INPUT || err.errnum == ENOENT);
	for (const char *p = err.text; *p != '\0'; p++)
		must((unsigned char)*p >= ' ');
	if (strstr(path, "//") != NULL || strstr(path, "/../") != NULL ||
	    strncmp(path, "/devices/", 9) != 0)
		must(err.kind == BND_E_INPUT);
}

/* Of a text in which nothing names the parameter, nothing is said. */
static void
try_boot(struct bnd_str s)
{
	bool named = memmem(s.p, s.len, "authorized", 10) != NULL;

	must(named || bnd_usb_boot_cmdline(s) == BND_USB_BOOT_NONE);
	must(named || bnd_usb_boot_modprobe(s) == BND_USB_BOOT_NONE);
	(void)bnd_usb_boot_cmdline(s);
	(void)bnd_usb_boot_modprobe(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	if (text == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] == 'p')
		try_path(text);
	else if (data[0] == 'k')
		(void)bnd_usb_keys_type(text);
	else if (data[0] == 'b')
		try_boot(fuzz_str(data + 1, size - 1));
	else if (data[0] == 'r')
		(void)bnd_usb_report_is_fido(data + 1, size - 1);
	free(text);
	return 0;
}
