/*
 * The losses, one line each, in the order of their indices, and after them the perceptron's learning
 * rules, which are losses as far as the arithmetic goes. A file states its entry as
 *   LC_LOSS(symbol, "id", value, gradient)
 * with expressions in y (what the loss is given: the output or its pre-activation), t (target) and
 * p (knobs), for one output; the loss is the sum over the outputs. One whose terms need all the
 * outputs of a sample is
 *   LC_COLUMN_LOSS(symbol, "id", value, gradient)
 * with the sample's `column` (see softmax.h) beside these. Whoever includes this list defines the two macros first.
 */
#ifndef LC_COLUMN_LOSS
#define LC_COLUMN_LOSS(symbol, id, value, gradient) LC_LOSS(symbol, id, value, gradient)
#endif
#include "squaredError.h"
#include "absoluteError.h"
#include "huber.h"
#include "binaryCrossEntropy.h"
#include "softmaxCrossEntropy.h"
#include "hinge.h"
#include "rosenblatt.h"
#include "delta.h"
#include "hebb.h"
#undef LC_LOSS
#undef LC_COLUMN_LOSS
