#define _GNU_SOURCE 1
#include "StandardError.h"
#include "CTerminal.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* More than this is not kept: a library that never stops writing must not take the memory. Nothing is reserved. */
enum { MOST_KEPT = 8 << 20 };

/* A file in memory in place of descriptor 2; both share its position, which is the count of bytes kept. */
static int kept = -1;
static int own = STDERR_FILENO;
static atomic_int is_aside;

void errors_keep_aside(void) {
#ifdef __linux__
    if (kept >= 0) return;
    kept = memfd_create("standard error", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (kept < 0) return;
    /* Beyond its end every write fails, and the writer goes on. */
    if (ftruncate(kept, MOST_KEPT) == 0) fcntl(kept, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK);
    /* −1 where the caller closed it: our messages go nowhere then, and never into a file of the user's. */
    own = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(kept, STDERR_FILENO);
    atomic_store(&is_aside, 1);
    /* A library may end the program by itself, and say why. */
    atexit(errors_give_back);
#endif
}

int errors_descriptor(void) { return own; }

int64_t errors_read(int64_t offset, void *bytes, size_t count) {
    int64_t end = kept < 0 ? 0 : lseek(kept, 0, SEEK_CUR);
    if (offset >= end) return 0;
    if ((int64_t)count > end - offset) count = (size_t)(end - offset);
    return pread(kept, bytes, count, offset);
}

void errors_drop(void) { atomic_store(&is_aside, 0); }

void errors_give_back(void) {
    if (!atomic_exchange(&is_aside, 0) || own < 0) return;
    char bytes[4096];
    int64_t offset = 0, count;
    while ((count = errors_read(offset, bytes, sizeof bytes)) > 0) {
        offset += count;
        for (char *at = bytes; count > 0;) {
            int64_t written = write(own, at, (size_t)count);
            if (written <= 0) break;
            at += written;
            count -= written;
        }
    }
    dup2(own, STDERR_FILENO);
}
