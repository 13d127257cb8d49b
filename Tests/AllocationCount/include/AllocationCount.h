#pragma once
/* The calls of this thread so far that reserved memory; −1 where they cannot be counted. */
long allocationCount(void);
