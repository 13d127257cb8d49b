/*
 * Stands in for a driver whose compiler writes to standard error, as PoCL's does on some processors: where a program asks
 * for OpenCL's compiler, it gets one that writes first. With COMPILER_FAILS set it does not
 * compile either, with COMPILER_CRASHES it ends the program.
 */
#define _GNU_SOURCE 1
#include "CompilerNoise.h"
#include <stdlib.h>

#if defined(__GLIBC__)
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

typedef int32_t build(void *, uint32_t, void *const *, const char *, void (*)(void *, void *), void *);

static build *real_build;

static int32_t noisy_build(
    void *program, uint32_t count, void *const *devices, const char *options, void (*notify)(void *, void *),
    void *data) {
    static const char words[] = "128 warnings generated.\n";
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0) return -6;
    if (getenv("COMPILER_FAILS")) return -11;
    if (getenv("COMPILER_CRASHES")) abort();
    return real_build(program, count, devices, options, notify, data);
}

void *dlsym(void *library, const char *name) {
    static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
    static void *(*real)(void *, const char *);
    for (size_t i = 0; !real && i < sizeof versions / sizeof *versions; i++) {
        *(void **)&real = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    }
    void *found = real(library, name);
    if (!found || strcmp(name, "clBuildProgram") != 0) return found;
    *(void **)&real_build = found;
    return (void *)noisy_build;
}
#endif
