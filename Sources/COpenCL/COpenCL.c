#include "COpenCL.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>

#ifdef __APPLE__
static const char *const libraryNames[] = {"/System/Library/Frameworks/OpenCL.framework/OpenCL", NULL};
static const char *const blastNames[] = {"libclblast.1.dylib", "libclblast.dylib", NULL};
#else
static const char *const libraryNames[] = {"libOpenCL.so.1", "libOpenCL.so", NULL};
static const char *const blastNames[] = {"libclblast.so.1", "libclblast.so", NULL};
#endif

static void *openFirst(const char *const *names) {
    for (; *names; names++) {
        void *library = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
        if (library) return library;
    }
    return NULL;
}

const lcl_api *lcl_load(const char *name) {
    const char *const given[] = {name, NULL};
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static lcl_api api;
    pthread_mutex_lock(&lock);
    void *library = openFirst(name ? given : libraryNames);
    bool complete = library != NULL;
    if (complete) {
#define X(name, result, parameters)                      \
    api.name = (result(*) parameters)dlsym(library, #name); \
    complete = complete && api.name;
        LCL_FUNCTIONS(X)
#undef X
    }
    pthread_mutex_unlock(&lock);
    return complete ? &api : NULL;
}

static _Thread_local int64_t liveOfThread;

void lcl_count(int32_t change) { liveOfThread += change; }

int64_t lcl_live_of_thread(void) { return liveOfThread; }

static pthread_once_t blastOnce = PTHREAD_ONCE_INIT;
static lcl_sgemm *sgemm;

static void loadBlast(void) {
    void *library = openFirst(blastNames);
    if (!library) return;
    sgemm = (lcl_sgemm *)dlsym(library, "CLBlastSgemm");
}

lcl_sgemm *lcl_clblast_sgemm(void) {
    pthread_once(&blastOnce, loadBlast);
    return sgemm;
}
