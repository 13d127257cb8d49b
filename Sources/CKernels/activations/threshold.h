/* y = 1 where z ≥ 0, else 0; nothing is learned through it (Rosenblatt, 1958) */
LC_ACTIVATION(threshold, "threshold", choose(z >= 0, splat(1), choose(z < 0, splat(0), z)), splat(0))
