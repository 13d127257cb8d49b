/* ½ (y − t)² up to |y − t| = δ = p0, from there on δ(|y − t| − ½ δ) (Huber, 1964) */
LC_LOSS(
    huber, "huber",
    choose(magnitude(y - t) > p[0], p[0] * (magnitude(y - t) - 0.5f * p[0]), 0.5f * (y - t) * (y - t)),
    limited(y - t, p[0]))
