#pragma once
/* Nothing to call: the library works by being loaded before the program's own (LD_PRELOAD). */
