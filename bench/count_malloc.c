/* SPDX-License-Identifier: MIT */
/*
 * count_malloc.c - counts heap allocations of a process from outside (LD_PRELOAD).
 *
 * The number lies in the file that $COUNT_MALLOC names, mapped, so that it can be read
 * while the server runs and includes its children: 8 bytes in the machine's order.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* glibc's own names: to find them by dlsym() would allocate. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *ptr, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

static _Atomic uint64_t *counter;

__attribute__((constructor)) static void map_counter(void)
{
	const char *path = getenv("COUNT_MALLOC");
	int fd = path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	void *map;

	if (fd < 0)
		return;
	if (ftruncate(fd, sizeof(*counter)) == 0) {
		map = mmap(
			NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (map != MAP_FAILED)
			counter = map;
	}
	close(fd);
}

static void count(void)
{
	if (counter != NULL)
		atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	count();
	return __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size)
{
	count();
	return __libc_calloc(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *ptr, size_t size)
{
	count();
	return __libc_realloc(ptr, size);
}

__attribute__((visibility("default"))) void *aligned_alloc(size_t align, size_t size)
{
	count();
	return __libc_memalign(align, size);
}

__attribute__((visibility("default"))) int posix_memalign(
	void **ptr, size_t align, size_t size)
{
	count();
	*ptr = __libc_memalign(align, size);
	return *ptr != NULL ? 0 : ENOMEM;
}
