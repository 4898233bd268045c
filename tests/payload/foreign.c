/* foreign.c: calls by another architecture's door and numbers */
/* SPDX-License-Identifier: ISC */
/*
 *	foreign int80 DIR	i386's mkdir(DIR) by int $0x80
 *	foreign elf FILE	executes FILE, a 32-bit program
 *	foreign write FILE	writes such a program, which exits with 7
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include "payload.h"

/* An i386 ELF: exit(7). */
static const unsigned char program[] = {
	0x7f,
	'E',
	'L',
	'F',
	1,
	1,
	1,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	2,
	0,
	3,
	0,
	1,
	0,
	0,
	0, /* EXEC, 386 */
	0x54,
	0x80,
	0x04,
	0x08,
	0x34,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0x34,
	0,
	0x20,
	0,
	1,
	0,
	0,
	0,
	0,
	0,
	0,
	0, /* one header */
	1,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0x80,
	0x04,
	0x08,
	0,
	0x80,
	0x04,
	0x08,
	0x60,
	0,
	0,
	0,
	0x60,
	0,
	0,
	0,
	5,
	0,
	0,
	0,
	0,
	0x10,
	0,
	0,
	0xb8,
	1,
	0,
	0,
	0,
	0xbb,
	7,
	0,
	0,
	0,
	0xcd,
	0x80,
};

static long
int80(const char *dir)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long rc = 39; /* mkdir */

	if (low == MAP_FAILED)
		return -1;
	snprintf(low, 4096, "%s", dir);
#ifdef __x86_64__
	__asm__ volatile("int $0x80"
			 : "+a"(rc)
			 : "b"((long)low), "c"(0755L)
			 : "memory", "r8", "r9", "r10", "r11");
#endif
	if (rc < 0 && rc > -4096) {
		errno = (int)-rc;
		return -1;
	}
	return rc;
}

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv);
	char *empty[] = { NULL };
	int fd;

	if (args[0] == NULL || args[1] == NULL)
		return 2;
	if (!strcmp(args[0], "int80"))
		told("int80", int80(args[1]));
	if (!strcmp(args[0], "elf"))
		told("elf", execve(args[1], &args[1], empty));
	if (!strcmp(args[0], "write")) {
		fd = open(args[1], O_WRONLY | O_CREAT | O_EXCL, 0755);
		told("write", write(fd, program, sizeof(program)));
	}
	return 0;
}
