/* y = z where z > 0, else a·z with a learned slope a; dy/da = min(z, 0) (He et al., 2015) */
LC_LEARNED_ACTIVATION(prelu, "prelu", choose(z > 0, z, learned * z), choose(z > 0, splat(1), learned), atMost(z, 0))
