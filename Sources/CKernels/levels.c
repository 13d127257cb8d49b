/* The choice of a level, and the lists by name. */
#include "levels.h"
#include "joins.h"
#include <string.h>

const lc_kernels *lc_kernels_at(lc_level level) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (level == LC_LEVEL_V4) return __builtin_cpu_supports("x86-64-v4") ? &lc_table_v4 : NULL;
    if (level == LC_LEVEL_V3) return __builtin_cpu_supports("x86-64-v3") ? &lc_table_v3 : NULL;
#endif
    return level == LC_LEVEL_BASELINE ? &lc_table_baseline : NULL;
}

lc_level lc_best_level(void) {
    if (lc_kernels_at(LC_LEVEL_V4)) return LC_LEVEL_V4;
    return lc_kernels_at(LC_LEVEL_V3) ? LC_LEVEL_V3 : LC_LEVEL_BASELINE;
}

const char *lc_level_name(lc_level level) {
    switch (level) {
    case LC_LEVEL_V4: return "v4";
    case LC_LEVEL_V3: return "v3";
    case LC_LEVEL_BASELINE: return "baseline";
    }
    return "unknown";
}

const char *lc_blas_name(void) { return openblas_get_config(); }

/* OpenBLAS takes every core unless it is told otherwise; the engine divides its work itself. */
__attribute__((constructor)) static void startWithOneThread(void) { openblas_set_num_threads(1); }

static int32_t indexOf(const char *id, const char *const *ids, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(id, ids[i]) == 0) return (int32_t)i;
    return -1;
}

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

int32_t lc_activation_index(const char *id) {
    static const char *const ids[] = {
#define LC_ACTIVATION(symbol, id, value, derivative) id,
#include "activations/list.h"
    };
    return indexOf(id, ids, COUNT(ids));
}

int32_t lc_loss_index(const char *id) {
    static const char *const ids[] = {
#define LC_LOSS(symbol, id, value, gradient) id,
#include "losses/list.h"
    };
    return indexOf(id, ids, COUNT(ids));
}

int32_t lc_optimizer_index(const char *id) {
    static const char *const ids[] = {
#define LC_OPTIMIZER(symbol, id, slots) id,
#include "optimizers/list.h"
    };
    return indexOf(id, ids, COUNT(ids));
}

int32_t lc_optimizer_slots(int32_t kind) {
    static const int32_t slots[] = {
#define LC_OPTIMIZER(symbol, id, slots) slots,
#include "optimizers/list.h"
    };
    return slots[kind];
}

void lc_find_joins(lc_op *ops, int32_t count) {
    for (lc_op *op = ops; op < ops + count; op++) {
        op->flags &= ~(LC_TAKEN_BY_NEXT | LC_BEGINS_CHAIN);
        if (op + 1 < ops + count) op->flags |= joinsOf(op, op + 1);
    }
}

int64_t lc_places(const lc_op *op) { return placesOf(op); }

lc_op lc_place_rows(const lc_op *op, int64_t first, int64_t count, int64_t stride) {
    return rowsFrom(op, first, count, stride);
}
