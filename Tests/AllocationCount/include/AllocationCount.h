#pragma once
/* The calls of this thread so far that reserved memory; −1 where they cannot be counted. */
long allocationCount(void);
/* The bytes that they asked for. */
long allocatedBytes(void);
/* The calls of this thread so far that compared bytes, as equality of texts of more than 15 bytes does. */
long comparisonCount(void);
