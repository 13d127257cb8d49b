/*
 * The lanes that the processor's arithmetic is written over (CKernels/vector.h), in OpenCL C: `lanes` is one float on a graphics
 * card, whose work-items are lanes themselves, and sixteen on a processor (LC_LANES).
 */
#ifndef LC_NO_DOUBLE
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
/* The elementary functions count on the rounding of each operation; the products allow contraction again. */
#pragma OPENCL FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))
#define LC_THIS_LEVEL 0
#define _Alignas(bytes) __attribute__((aligned(bytes)))

typedef int int32_t;
typedef uint uint32_t;
typedef long int64_t;
typedef ulong uint64_t;

#if LC_LANES == 16
typedef float16 lanes;
typedef int16 ints;
typedef uint16 words;
#define TO_lanes(x) convert_float16(x)
#define TO_ints(x) convert_int16(x)
#define TO_words(x) convert_uint16(x)
#define bitsOf(x) as_int16(x)
#define fromBits(x) as_float16(x)
#define LANE_INDEX ((int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#define ANY(mask) any(mask)
#ifndef LC_NO_DOUBLE
typedef long16 longs;
typedef double16 doubles;
#define TO_doubles(x) convert_double16(x)
#define AS_longs(x) as_long16(x)
#define AS_doubles(x) as_double16(x)
#endif
#else
typedef float lanes;
typedef int ints;
typedef uint words;
#define TO_lanes(x) ((float)(x))
#define TO_ints(x) ((int)(x))
#define TO_words(x) ((uint)(x))
#define bitsOf(x) as_int(x)
#define fromBits(x) as_float(x)
#define LANE_INDEX 0
#define ANY(mask) ((mask) != 0)
#ifndef LC_NO_DOUBLE
typedef long longs;
typedef double doubles;
#define TO_doubles(x) ((double)(x))
#define AS_longs(x) as_long(x)
#define AS_doubles(x) as_double(x)
#endif
#endif

#define __builtin_convertvector(x, type) TO_##type(x)
#define __builtin_bit_cast(type, x) AS_##type(x)
#define __builtin_expect(condition, likely) (condition)
#define __builtin_reduce_or(mask) ANY(mask)

/* Runs the statement that follows for each i in 0 …< count, shared by all work-items, however many there are: a processor's take
   what lies together, a card's take turns. */
#if LC_LANES == 16
#define FOR_EACH(i, count)                                                                                          \
    for (int i = (int64_t)(count) * get_global_id(0) / get_global_size(0),                                          \
             end##i = (int64_t)(count) * (get_global_id(0) + 1) / get_global_size(0);                               \
         i < end##i; i++)
#else
#define FOR_EACH(i, count) for (int i = get_global_id(0); i < (count); i += get_global_size(0))
#endif

INLINE lanes splat(float x) { return (lanes)(x); }
INLINE lanes choose(ints mask, lanes a, lanes b) { return mask ? a : b; }

/* A NaN in x stays NaN, as in the processor's. */
INLINE lanes atLeast(lanes x, float bound) { return choose(splat(bound) > x, splat(bound), x); }
INLINE lanes atMost(lanes x, float bound) { return choose(splat(bound) < x, splat(bound), x); }
INLINE lanes greater(lanes x, lanes bound) { return choose(bound > x, bound, x); }
INLINE lanes lesser(lanes x, lanes bound) { return choose(bound < x, bound, x); }

INLINE lanes magnitude(lanes x) { return fabs(x); }
INLINE lanes withSign(lanes size, lanes sign) { return copysign(size, sign); }
INLINE lanes squareRoot(lanes x) { return sqrt(x); }

INLINE lanes load(const float *x) {
#if LC_LANES == 16
    return vload16(0, x);
#else
    return *x;
#endif
}

INLINE void store(float *x, lanes v) {
#if LC_LANES == 16
    vstore16(v, 0, x);
#else
    *x = v;
#endif
}

INLINE float sumOfLanes(lanes v) {
#if LC_LANES == 16
    const float8 eight = v.lo + v.hi;
    const float4 four = eight.lo + eight.hi;
    const float2 two = four.lo + four.hi;
    return two.x + two.y;
#else
    return v;
#endif
}

#ifdef LC_NO_DOUBLE
INLINE lanes sine(lanes x) { return sin(x); }
INLINE lanes cosine(lanes x) { return cos(x); }
INLINE lanes timesNormalCumulative(lanes x) { return 0.5f * x * erfc(x * -0.707106781f); }
INLINE lanes timesNormalCumulativeSlope(lanes x) {
    const lanes near = choose(fabs(x) > 14.6f, copysign(splat(14.6f), x), x);
    return 0.5f * erfc(x * -0.707106781f) + near * exp(-0.5f * near * near) * 0.398942280f;
}
#endif
