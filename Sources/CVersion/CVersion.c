#include "CVersion.h"

#define TEXT_OF(word) #word
#define TEXT(word) TEXT_OF(word)

const char *lc_commit(void) { return TEXT(LC_COMMIT); }
