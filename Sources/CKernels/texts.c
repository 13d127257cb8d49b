/* The arithmetic as text, and what of it another device leaves to the processor. */
#include "CKernels.h"
#include <math.h>
#include <string.h>

#define LC_THIS_LEVEL 0
#include "vector.h"
#include "elementary.h"
#define LC_OPTIMIZER_ARITHMETIC
#define LC_OPTIMIZER(symbol, id, slots)
#define CONSTANTS(symbol, ...)                                  \
    typedef struct symbol { float __VA_ARGS__; } symbol;        \
    typedef struct symbol##Lanes { lanes __VA_ARGS__; } symbol##Lanes;
#include "optimizers/list.h"
#undef LC_OPTIMIZER_ARITHMETIC

static const lc_formula activations[] = {
#define LC_ACTIVATION(symbol, id, value, derivative) {#symbol, #value, #derivative, NULL, false},
#define LC_LEARNED_ACTIVATION(symbol, id, value, derivative, byParameter) \
    {#symbol, #value, #derivative, #byParameter, false},
#include "activations/list.h"
};

static const lc_formula losses[] = {
#define LC_LOSS(symbol, id, value, gradient) {#symbol, #value, #gradient, NULL, false},
#define LC_COLUMN_LOSS(symbol, id, value, gradient) {#symbol, #value, #gradient, NULL, true},
#include "losses/list.h"
};

lc_formula lc_activation_formula(int32_t kind) { return activations[kind]; }
lc_formula lc_loss_formula(int32_t kind) { return losses[kind]; }

#pragma clang diagnostic ignored "-Wc23-extensions"
static const char elementary[] = {
#embed "elementary.h"
    , 0};
static const char generator[] = {
#embed "generator.h"
    , 0};
static const char cells[] = {
#embed "cells.h"
    , 0};
static const char sgdText[] = {
#embed "optimizers/sgd.h"
    , 0};
static const char momentumText[] = {
#embed "optimizers/momentum.h"
    , 0};
static const char nesterovText[] = {
#embed "optimizers/nesterov.h"
    , 0};
static const char rpropText[] = {
#embed "optimizers/rprop.h"
    , 0};
static const char adagradText[] = {
#embed "optimizers/adagrad.h"
    , 0};
static const char rmspropText[] = {
#embed "optimizers/rmsprop.h"
    , 0};
static const char adamText[] = {
#embed "optimizers/adam.h"
    , 0};
static const char adamwText[] = {
#embed "optimizers/adamw.h"
    , 0};

const char *lc_elementary_text(void) { return elementary; }
const char *lc_generator_text(void) { return generator; }
const char *lc_cells_text(void) { return cells; }

/* An optimizer without a text above does not build. */
static const char *const optimizerTexts[] = {
#define LC_OPTIMIZER(symbol, id, slots) symbol##Text,
#include "optimizers/list.h"
};

static const char *const optimizerSymbols[] = {
#define LC_OPTIMIZER(symbol, id, slots) #symbol,
#include "optimizers/list.h"
};

const char *lc_optimizer_text(int32_t kind) {
    return kind >= 0 && kind < (int32_t)(sizeof optimizerTexts / sizeof *optimizerTexts) ? optimizerTexts[kind] : NULL;
}

const char *lc_optimizer_symbol(int32_t kind) { return optimizerSymbols[kind]; }

#define LC_OPTIMIZER(symbol, id, slots)                                                                    \
    static int32_t symbol##Numbers(const lc_update *u, float *constants) {                                 \
        const symbol computed = symbol##Constants(u);                                                      \
        _Static_assert(sizeof computed <= LC_MOST_CONSTANTS * sizeof(float), "an optimizer's constants");  \
        memcpy(constants, &computed, sizeof computed);                                                     \
        return sizeof computed / sizeof(float);                                                            \
    }
#include "optimizers/list.h"

int32_t lc_optimizer_constants(const lc_update *u, float constants[LC_MOST_CONSTANTS]) {
    static int32_t (*const table[])(const lc_update *, float *) = {
#define LC_OPTIMIZER(symbol, id, slots) symbol##Numbers,
#include "optimizers/list.h"
    };
    memset(constants, 0, LC_MOST_CONSTANTS * sizeof(float));
    return table[u->kind](u, constants);
}
