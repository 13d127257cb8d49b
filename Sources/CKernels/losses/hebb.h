/* Hebb's rule on mistakes: −t where y·t ≤ 0, else 0, of the pre-activation y, t in {−1, 1}; the derivative of max(0, −y·t) */
LC_LOSS(hebb, "rule.hebb", atLeast(-y * t, 0), choose(y * t <= 0, -t, splat(0)))
