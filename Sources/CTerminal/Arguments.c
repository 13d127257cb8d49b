#include "CTerminal.h"

static char **words;
static int count;

#ifdef __GLIBC__
/* glibc hands a program's words to the functions that run before it. */
__attribute__((constructor)) static void keep_arguments(int argc, char **argv) {
    words = argv;
    count = argc;
}
#endif

int program_argument_count(void) { return count; }

const char *program_argument(int index) { return words[index]; }
