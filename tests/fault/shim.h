/* shim.h: every call that reaches a file passes here (-Wl,--wrap, links.mk) */
/* SPDX-License-Identifier: ISC */
/*
 * A test includes this once and is linked with the list of tests/links.mk.
 * While shim.armed is set, calls are counted; shim.act sees each before it is
 * made and may let another result stand for it.
 */
#ifndef TEST_SHIM_H
#define TEST_SHIM_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>

enum shim_call {
	SHIM_OPEN,
	SHIM_STAT,
	SHIM_FCNTL,
	SHIM_READ,
	SHIM_WRITE,  /* size counts */
	SHIM_PWRITE, /* size counts */
	SHIM_SYNC,
	SHIM_TRUNCATE,
	SHIM_NAME, /* mkdirat, unlinkat, renameat, fchmod */
};

struct shim_op {
	enum shim_call call;
	int fd;
	const void *buf;
	size_t len;
	off_t at;
};

/* What happens to a call: as it is, an errno, or a write of part bytes. */
struct shim_fate {
	int err;
	bool is_short;
	size_t part;
};

static struct {
	bool armed;
	unsigned count;
	struct shim_fate (*act)(const struct shim_op *op);
	void (*after)(const struct shim_op *op, ssize_t rc);
} shim;

static inline struct shim_fate
shim_before(const struct shim_op *op)
{
	if (!shim.armed)
		return (struct shim_fate){ 0 };
	shim.count++;
	return shim.act != NULL ? shim.act(op) : (struct shim_fate){ 0 };
}

static inline void
shim_after(const struct shim_op *op, ssize_t rc)
{
	int saved = errno;

	if (shim.armed && shim.after != NULL)
		shim.after(op, rc);
	errno = saved;
}

/* The call itself, between its fate and its record. */
#define SHIM_DO(type, op, call)                            \
	do {                                               \
		struct shim_fate shim_f = shim_before(op); \
		type shim_rc = -1;                         \
                                                           \
		if (shim_f.err != 0)                       \
			errno = shim_f.err;                \
		else                                       \
			shim_rc = (call);                  \
		shim_after(op, shim_rc);                   \
		return shim_rc;                            \
	} while (0)

long __real_syscall(long nr, ...);
long __wrap_syscall(long nr, ...);
int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
int __real_fcntl(int fd, int cmd, ...);
int __wrap_fcntl(int fd, int cmd, ...);
ssize_t __real_read(int fd, void *buf, size_t n);
ssize_t __wrap_read(int fd, void *buf, size_t n);
ssize_t __wrap___read_chk(int fd, void *buf, size_t n, size_t size);
ssize_t __real_pread(int fd, void *buf, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *buf, size_t n, off_t at);
ssize_t __wrap___pread_chk(int fd, void *buf, size_t n, off_t at, size_t size);
ssize_t __real_preadv(int fd, const struct iovec *iov, int n, off_t at);
ssize_t __wrap_preadv(int fd, const struct iovec *iov, int n, off_t at);
ssize_t __real_write(int fd, const void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
ssize_t __real_pwrite(int fd, const void *buf, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *buf, size_t n, off_t at);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __real_mkdirat(int dir, const char *path, mode_t mode);
int __wrap_mkdirat(int dir, const char *path, mode_t mode);
int __real_unlinkat(int dir, const char *path, int flags);
int __wrap_unlinkat(int dir, const char *path, int flags);
int __real_renameat(int a, const char *from, int b, const char *to);
int __wrap_renameat(int a, const char *from, int b, const char *to);
int __real_fchmod(int fd, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);

long
__wrap_syscall(long nr, ...)
{
	struct shim_op op = { .call = SHIM_OPEN };
	va_list ap;
	long a[6];

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr != SYS_openat2)
		return __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	SHIM_DO(
	    long, &op, __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]));
}

int
__wrap_openat(int dir, const char *path, int flags, ...)
{
	struct shim_op op = { .call = SHIM_OPEN };
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	SHIM_DO(int, &op, __real_openat(dir, path, flags, mode));
}

int
__wrap_fstat(int fd, struct stat *st)
{
	struct shim_op op = { .call = SHIM_STAT, .fd = fd };

	SHIM_DO(int, &op, __real_fstat(fd, st));
}

int
__wrap_fcntl(int fd, int cmd, ...)
{
	struct shim_op op = { .call = SHIM_FCNTL, .fd = fd };
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	SHIM_DO(int, &op, __real_fcntl(fd, cmd, arg));
}

ssize_t
__wrap_read(int fd, void *buf, size_t n)
{
	struct shim_op op = { .call = SHIM_READ, .fd = fd };

	SHIM_DO(ssize_t, &op, __real_read(fd, buf, n));
}

ssize_t
__wrap___read_chk(int fd, void *buf, size_t n, size_t size)
{
	(void)size;
	return __wrap_read(fd, buf, n);
}

ssize_t
__wrap_pread(int fd, void *buf, size_t n, off_t at)
{
	struct shim_op op = { .call = SHIM_READ, .fd = fd };

	SHIM_DO(ssize_t, &op, __real_pread(fd, buf, n, at));
}

ssize_t
__wrap___pread_chk(int fd, void *buf, size_t n, off_t at, size_t size)
{
	(void)size;
	return __wrap_pread(fd, buf, n, at);
}

ssize_t
__wrap_preadv(int fd, const struct iovec *iov, int n, off_t at)
{
	struct shim_op op = { .call = SHIM_READ, .fd = fd };

	SHIM_DO(ssize_t, &op, __real_preadv(fd, iov, n, at));
}

ssize_t
__wrap_write(int fd, const void *buf, size_t n)
{
	struct shim_op op = { SHIM_WRITE, fd, buf, n, -1 };
	struct shim_fate f = shim_before(&op);
	ssize_t rc = -1;

	if (f.err != 0)
		errno = f.err;
	else
		rc = __real_write(fd, buf, f.is_short ? f.part : n);
	shim_after(&op, rc);
	return rc;
}

ssize_t
__wrap_pwrite(int fd, const void *buf, size_t n, off_t at)
{
	struct shim_op op = { SHIM_PWRITE, fd, buf, n, at };
	struct shim_fate f = shim_before(&op);
	ssize_t rc = -1;

	if (f.err != 0)
		errno = f.err;
	else
		rc = __real_pwrite(fd, buf, f.is_short ? f.part : n, at);
	shim_after(&op, rc);
	return rc;
}

int
__wrap_fdatasync(int fd)
{
	struct shim_op op = { .call = SHIM_SYNC, .fd = fd };

	SHIM_DO(int, &op, __real_fdatasync(fd));
}

int
__wrap_fsync(int fd)
{
	struct shim_op op = { .call = SHIM_SYNC, .fd = fd };

	SHIM_DO(int, &op, __real_fsync(fd));
}

int
__wrap_ftruncate(int fd, off_t size)
{
	struct shim_op op = { .call = SHIM_TRUNCATE, .fd = fd, .at = size };

	SHIM_DO(int, &op, __real_ftruncate(fd, size));
}

int
__wrap_mkdirat(int dir, const char *path, mode_t mode)
{
	struct shim_op op = { .call = SHIM_NAME };

	SHIM_DO(int, &op, __real_mkdirat(dir, path, mode));
}

int
__wrap_unlinkat(int dir, const char *path, int flags)
{
	struct shim_op op = { .call = SHIM_NAME };

	SHIM_DO(int, &op, __real_unlinkat(dir, path, flags));
}

int
__wrap_renameat(int a, const char *from, int b, const char *to)
{
	struct shim_op op = { .call = SHIM_NAME };

	SHIM_DO(int, &op, __real_renameat(a, from, b, to));
}

int
__wrap_fchmod(int fd, mode_t mode)
{
	struct shim_op op = { .call = SHIM_NAME, .fd = fd };

	SHIM_DO(int, &op, __real_fchmod(fd, mode));
}

#endif
