/*
 * Counts allocations and comparisons of bytes in the tests' program: its malloc and relatives, and its memcmp, go before
 * the library's, the former of which they call. Only glibc offers those under other names.
 */
#include "AllocationCount.h"
#include <stddef.h>
#include <stdlib.h>

#if defined(__GLIBC__)
#include <errno.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Thread_local long count, bytes, comparisons;

long allocationCount(void) { return count; }
long allocatedBytes(void) { return bytes; }
long comparisonCount(void) { return comparisons; }

static void note(size_t size) {
    count++;
    bytes += (long)size;
}

__attribute__((no_builtin)) int memcmp(const void *a, const void *b, size_t size) {
    const unsigned char *left = a, *right = b;
    comparisons++;
    for (size_t i = 0; i < size; i++) {
        if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
    }
    return 0;
}

__attribute__((no_builtin)) int bcmp(const void *a, const void *b, size_t size) { return memcmp(a, b, size); }

void *malloc(size_t size) {
    note(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    note(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    note(size);
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    note(size);
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : ENOMEM;
}
#else
long allocationCount(void) { return -1; }
long allocatedBytes(void) { return -1; }
long comparisonCount(void) { return -1; }
#endif
