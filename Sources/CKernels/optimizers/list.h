/*
 * The optimizers, one line each, in the order of their indices. A file states its entry as
 *   LC_OPTIMIZER(symbol, "id", slots)
 * and, where LC_OPTIMIZER_ARITHMETIC is defined, CONSTANTS(symbol, names …), which declares floats `symbol` and
 * the same with a value for each lane, `symbolLanes`, and two functions: `symbolConstants` makes from an lc_update
 * what is the same for all weights, and `symbolStep` updates sixteen weights w and the slots s0 and s1, given the
 * mean gradient g. Whoever includes this list defines the macro first.
 */
#include "sgd.h"
#include "momentum.h"
#include "nesterov.h"
#include "rprop.h"
#include "adagrad.h"
#include "rmsprop.h"
#include "adam.h"
#include "adamw.h"
#undef LC_OPTIMIZER
