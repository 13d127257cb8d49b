/* max(0, 1 − t·y), t in {−1, 1} (Cortes and Vapnik, 1995) */
LC_LOSS(hinge, "hinge", atLeast(1 - t * y, 0), choose(t * y < 1, -t, splat(0)))
