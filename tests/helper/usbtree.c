/* usbtree.c: usbtree.h for tests in shell */
/* SPDX-License-Identifier: ISC */
/*
 *	usbtree DIR host
 *	usbtree DIR bus N WHERE		usbtree DIR other WHERE
 *	usbtree DIR device PORT WORD...	usbtree DIR tty WHERE NAME
 *	usbtree DIR unplug PORT		usbtree DIR write FILE BYTE
 *	usbtree DIR walk		what bnd_usb_walk() finds; of / by libudev
 */
#include "usbtree.h"

#include "usb-walk.h"

static int
walk(const char *dir)
{
	struct bnd_root root = { .fd = -1 };
	SCOPED_USB_PATHS struct bnd_usb_paths p = { 0 };
	struct bnd_err err = { 0 };

	if (bnd_root_open(&root, strcmp(dir, "/") != 0 ? dir : NULL, &err) ||
	    bnd_usb_walk(&root, &p, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (size_t i = 0; i < p.n; i++)
		puts(p.path[i]);
	return 0;
}

static int
write_byte(const char *file, char byte)
{
	int r = uk_before(file, byte);
	int fd = r == 0 ? open(file, O_WRONLY | O_CLOEXEC) : -1;

	if (r > 0 || (r == 0 && (fd < 0 || pwrite(fd, &byte, 1, 0) != 1)))
		return 1;
	if (r == 0) {
		close(fd);
		uk_after(file, &byte, 1);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	const char *dir = argv[1], *verb = argc > 2 ? argv[2] : "";

	if (argc == 3 && strcmp(verb, "host") == 0)
		usbtree_host(dir);
	else if (argc == 5 && strcmp(verb, "bus") == 0)
		usbtree_bus(dir, (unsigned)atoi(argv[3]), argv[4]);
	else if (argc == 4 && strcmp(verb, "other") == 0)
		usbtree_other(dir, argv[3]);
	else if (argc == 5 && strcmp(verb, "tty") == 0)
		usbtree_tty(dir, argv[3], argv[4]);
	else if (argc >= 4 && strcmp(verb, "device") == 0)
		usbtree_device(dir, argv[3], (const char *const *)argv + 4);
	else if (argc == 4 && strcmp(verb, "unplug") == 0)
		usbtree_unplug(dir, argv[3]);
	else if (argc == 3 && strcmp(verb, "walk") == 0)
		return walk(dir);
	else if (argc == 5 && strcmp(verb, "write") == 0)
		return write_byte(argv[3], argv[4][0]);
	else
		return 2;
	return 0;
}
