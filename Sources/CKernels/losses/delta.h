/* The delta rule (Widrow and Hoff, 1960): y − t of the pre-activation y, t in {0, 1}; the derivative of ½ (y − t)² */
LC_LOSS(delta, "rule.delta", 0.5f * (y - t) * (y - t), y - t)
