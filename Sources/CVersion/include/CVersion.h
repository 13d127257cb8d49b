#pragma once

/* The commit that the program was built from, with a "+" where the sources differ from it; empty outside of a repository. */
const char *lc_commit(void);
