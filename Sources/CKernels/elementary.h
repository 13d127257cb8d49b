/*
 * exp, logarithms, tanh, σ, Φ, sin for sixteen values, without calls (but for sines of huge angles).
 * The coefficients are minimax fits of the relative error, given at each one; NaN goes through.
 * OpenCL programs contain this text too, with their own vector types; on devices without Double (LC_NO_DOUBLE)
 * they have other functions for what needs it.
 */
#pragma once

/* y · 2^n for whole n in [−151, 129], rounded once, into the subnormal numbers too. */
INLINE lanes scaled(lanes y, lanes n) {
#if LC_THIS_LEVEL == 4
    return (lanes)_mm512_scalef_ps((__m512)y, (__m512)n);
#else
    const ints whole = __builtin_convertvector(n, ints), part = whole >> 1;
    return y * fromBits((part + 127) << 23) * fromBits((whole - part + 127) << 23);
#endif
}

/* The nearest whole number for |x| < 2^22: adding 1.5·2^23 leaves no bits for the fraction. */
INLINE lanes nearestWhole(lanes x) { return (x + 0x1.8p23f) - 0x1.8p23f; }

/* e^r − 1 for |r| ≤ ½ ln 2 (error 7e-9); its terms are paired, so that they need not wait for each other. */
INLINE lanes expMinus1Near0(lanes r) {
    const lanes q = r * r;
    const lanes low = 0.166665771f * r + 0.499999996f, middle = 0.0083631702f * r + 0.0416668538f;
    return ((0.00139012892f * q + middle) * q + low) * q + r;
}

/* x with its size limited: an infinite factor beside one that has vanished. */
INLINE lanes limited(lanes x, float size) { return atMost(atLeast(x, -size), size); }

/* Where e^x is 0 and where it is infinite in Float. */
#define EXP_LOWEST -104.5f
#define EXP_HIGHEST 89.0f

/* x = n·ln 2 + r with whole n. The first part of ln 2 has nine bits, so that n times it is exact. */
INLINE lanes reduceByLog2(lanes x, lanes *n) {
    *n = nearestWhole(x * 1.44269504f);
    return (x - *n * 0.693359375f) - *n * -2.12194440e-4f;
}

INLINE lanes exponential(lanes x) {
    lanes n;
    const lanes r = reduceByLog2(atMost(atLeast(x, EXP_LOWEST), EXP_HIGHEST), &n);
    return scaled(expMinus1Near0(r) + 1, n);
}

/* e^x − 1 for x ≤ 0, without cancellation near 0. */
INLINE lanes expMinus1OfNegative(lanes x) {
    lanes n;
    const lanes r = reduceByLog2(atLeast(x, EXP_LOWEST), &n);
    const lanes power = scaled(splat(1), n);
    return power * expMinus1Near0(r) + (power - 1);
}

/* 2 artanh s for |s| ≤ 1/3 (error 2e-9): the logarithm of (1 + s)/(1 − s). */
INLINE lanes twiceArtanh(lanes s) {
    const lanes q = s * s;
    lanes p = 0.116167742f * q + 0.108522678f;
    p = p * q + 0.142962494f;
    p = p * q + 0.199998516f;
    p = p * q + 0.333333337f;
    s = s + s;
    return s * q * p + s;
}

/* ln(1 + x) for 0 ≤ x ≤ 1. */
INLINE lanes log1p01(lanes x) { return twiceArtanh(x / (x + 2)); }

/* ln x for normal positive x: x = m·2^e with m in [√½, √2). */
INLINE lanes logarithm(lanes x) {
    const ints exponent = (bitsOf(x) - 0x3F3504F3) >> 23;
    const lanes m = fromBits(bitsOf(x) - (exponent << 23)), e = __builtin_convertvector(exponent, lanes);
    return e * 0.693359375f + (e * -2.12194440e-4f + twiceArtanh((m - 1) / (m + 1)));
}

/*
 * tanh x = −e/(2 + e) with e = e^(−2|x|) − 1, and the sign of x; from |x| = 10 on e is −1. Small numbers of whole
 * powers of two, 2^n with n in [−29, 0], are made of the bits that the rounding to n leaves in its sum.
 */
INLINE lanes hyperbolicTangent(lanes x) {
    const lanes a = atMost(magnitude(x), 10), shifted = a * -2.88539008f + 0x1.8p23f;
    const lanes r = (shifted - 0x1.8p23f) * -0.693147181f - (a + a);
    const lanes power = fromBits((bitsOf(shifted) << 23) + 0x3F800000);
    const lanes p = expMinus1Near0(r);
    return withSign((power * p + (power - 1)) / (power * p + (power + 1)), x);
}

/* σ(x) = 1/(1 + e^−x), from e^−|x| so that small values keep their precision. */
INLINE lanes logistic(lanes x) {
    const lanes e = exponential(-magnitude(x));
    return choose(x < 0, e, splat(1)) / (e + 1);
}

/* ln(1 + e^x) */
INLINE lanes softPlus(lanes x) { return atLeast(x, 0) + log1p01(exponential(-magnitude(x))); }

/* Where e^(−x²/2) is 0 in Float. */
#define BELL_WIDTH 14.6f

/* e^(−x²/2): x² to more than Float's precision, for its error becomes a relative one. */
INLINE lanes gaussianBell(lanes x) {
    const lanes a = atMost(magnitude(x), BELL_WIDTH);
    const lanes high = fromBits(bitsOf(a) & (int32_t)0xFFFFF000), low = a - high;
    lanes n;
    const lanes r = reduceByLog2(-0.5f * (high * high), &n);
    return scaled(expMinus1Near0(r - 0.5f * low * (a + high)) + 1, n);
}

#ifndef LC_NO_DOUBLE
/*
 * The normal distribution's bell e^(−a²/2), and its tail Φ(−a) = bell·N(a)/D(a) (error 6e-9), for 0 ≤ a ≤ BELL_WIDTH:
 * in Double, for the errors of some ten operations would add up to more than Float's last three bits.
 */
typedef struct normal {
    doubles bell, tail;
} normal;

INLINE normal normalAt(lanes size) {
    const doubles a = __builtin_convertvector(size, doubles), x = -0.5 * a * a;
    const doubles shifted = x * 0x1.71547652b82fep0 + 0x1.8p52, r = x - (shifted - 0x1.8p52) * 0x1.62e42fefa39efp-1;
    doubles p = 0.00139012892 * r + 0.0083631702;
    p = p * r + 0.0416668538;
    p = p * r + 0.166665771;
    p = p * r + 0.499999996;
    p = r * r * p + r + 1;
    /* The whole number's bits, added to the exponent's: the bell is at least 2^−154, a normal Double. */
    const doubles bell = __builtin_bit_cast(
        doubles, __builtin_bit_cast(longs, p) + (__builtin_bit_cast(longs, shifted) << 52));
    doubles n = 0.00409268336 * a + 0.0404898106, d = 0.010258715 * a + 0.101499414;
    n = n * a + 0.182832972;
    d = d * a + 0.4684019;
    n = n * a + 0.437788481;
    d = d * a + 1.20089132;
    n = n * a + 0.5;
    d = d * a + 1.67346181;
    d = d * a + 1;
    return (normal){bell, bell * n / d};
}

/* x·Φ(x) = max(0, x) − |x|·Φ(−|x|), for both signs without cancellation. */
INLINE lanes timesNormalCumulative(lanes x) {
    const lanes a = atMost(magnitude(x), BELL_WIDTH);
    const normal at = normalAt(a);
    const doubles less = __builtin_convertvector(a, doubles) * at.tail;
    return __builtin_convertvector(__builtin_convertvector(atLeast(x, 0), doubles) - less, lanes);
}

/* The derivative of x·Φ(x): Φ(x) + x·φ(x). */
INLINE lanes timesNormalCumulativeSlope(lanes x) {
    const lanes a = atMost(magnitude(x), BELL_WIDTH);
    const normal at = normalAt(a);
    /* Of |x|; the derivative at −|x| is 1 less this. */
    const doubles slope = 1 - at.tail + __builtin_convertvector(a, doubles) * at.bell * 0.3989422804014327;
    const lanes rising = __builtin_convertvector(slope, lanes), falling = __builtin_convertvector(1 - slope, lanes);
    return choose(x < 0, falling, rising);
}

#endif

/* ln(x + √(x² + 1)): x·N(x²)/D(x²) up to 1 (error 5e-10), from there on the logarithm; past 4096 it is ln 2|x|. */
INLINE lanes inverseHyperbolicSine(lanes x) {
    const lanes a = magnitude(x), q = x * x;
    lanes n = 0.0103858253f * q + 0.291143345f, d = 0.0300034656f * q + 0.431577425f;
    n = n * q + 1.12593124f;
    d = d * q + 1.29259786f;
    n = n * q + 1;
    d = d * q + 1;
    const lanes nearby = x * n / d;
    const ints huge = a > 4096.0f;
    lanes far = logarithm(choose(huge, atMost(a, 0x1.fffffep127f), a + squareRoot(q + 1)));
    far = far + choose(huge, splat(0.693147181f), splat(0));
    far = choose(a > 0x1.fffffep127f, a, far);
    return choose(a > 1, withSign(far, x), nearby);
}

/* 1/√(x² + 1), where x² would overflow too. */
INLINE lanes inverseHyperbolicSineSlope(lanes x) {
    const lanes a = magnitude(x);
    return 1 / choose(a > 4096.0f, a, squareRoot(x * x + 1));
}

#ifndef LC_NO_DOUBLE
/* Beyond this angle the reduction in Double loses bits that a Float shows. */
#define SINE_LIMIT 0x1p28f

/* sin(x + quarters·π/2) for quarters 0 or 1; the angle is reduced in Double, in three parts of π. */
INLINE lanes sineFrom(lanes x, int quarters) {
    const doubles angle = __builtin_convertvector(limited(x, SINE_LIMIT), doubles);
    const doubles turns = (angle * 0x1.45f306dc9c883p-2 + quarters * 0.5 + 0x1.8p52) - 0x1.8p52;
    const doubles n = turns - quarters * 0.5;
    const doubles reduced = ((angle - n * 0x1.921fb4p1) - n * 0x1.4442dp-23) - n * 0x1.8469898cc5170p-47;
    const lanes r = __builtin_convertvector(reduced, lanes), q = r * r;
    lanes p = 2.63395559e-6f * q - 1.98224416e-4f;
    p = p * q + 0.00833323936f;
    p = p * q - 0.166666659f;
    const lanes sine = r * q * p + r;
    /* An odd number of half turns changes the sign: the lowest bit of the whole number, as its Float's sign. */
    const ints odd = __builtin_convertvector(turns, ints) << 31;
    return fromBits(bitsOf(sine) ^ odd);
}

/* For angles past SINE_LIMIT, rare and seldom meant: the library's function, lane by lane. */
static __attribute__((noinline)) void sineOfHuge(float *x, int quarters) {
    for (int i = 0; i < LC_LANES; i++) x[i] = (float)(quarters ? cos((double)x[i]) : sin((double)x[i]));
}

INLINE lanes sineShifted(lanes x, int quarters) {
    if (__builtin_expect(__builtin_reduce_or(magnitude(x) > SINE_LIMIT) == 0, 1)) return sineFrom(x, quarters);
    _Alignas(64) float values[LC_LANES];
    store(values, x);
    sineOfHuge(values, quarters);
    return load(values);
}

INLINE lanes sine(lanes x) { return sineShifted(x, 0); }
INLINE lanes cosine(lanes x) { return sineShifted(x, 1); }
#endif

/* −1, 0 or 1. */
INLINE lanes signOf(lanes x) { return choose(x > 0, splat(1), choose(x < 0, splat(-1), x)); }

/* The larger of two values; NaN where either is. */
INLINE lanes larger(lanes a, lanes b) { return choose(a != a, a, choose(b > a, b, choose(b != b, b, a))); }
