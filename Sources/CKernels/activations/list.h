/*
 * The activations, one line each, in the order of their indices. A file states its entry as
 *   LC_ACTIVATION(symbol, "id", value, derivative)
 * with expressions in z (pre-activation), y (value), p (knobs), and — for a learned one,
 *   LC_LEARNED_ACTIVATION(symbol, "id", value, derivative, derivativeByParameter)
 * — the parameter `learned`; LC_LONG_ACTIVATION is an LC_ACTIVATION of many instructions. Whoever includes this list
 * defines the macros first, the last two where they differ from the first.
 */
#ifndef LC_LONG_ACTIVATION
#define LC_LONG_ACTIVATION(symbol, id, value, derivative) LC_ACTIVATION(symbol, id, value, derivative)
#endif
#ifndef LC_LEARNED_ACTIVATION
#define LC_LEARNED_ACTIVATION(symbol, id, value, derivative, byParameter) LC_ACTIVATION(symbol, id, value, derivative)
#endif
#include "linear.h"
#include "sigmoid.h"
#include "tanh.h"
#include "relu.h"
#include "leakyReLU.h"
#include "prelu.h"
#include "elu.h"
#include "gelu.h"
#include "softplus.h"
#include "sin.h"
#include "gaussian.h"
#include "asinh.h"
#include "threshold.h"
#undef LC_ACTIVATION
#undef LC_LEARNED_ACTIVATION
#undef LC_LONG_ACTIVATION
