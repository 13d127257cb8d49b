/* ½ (y − t)² */
LC_LOSS(squaredError, "squaredError", 0.5f * (y - t) * (y - t), y - t)
