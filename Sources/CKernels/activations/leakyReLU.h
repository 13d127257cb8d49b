/* y = z where z > 0, else p0·z (Maas et al., 2013) */
LC_ACTIVATION(leakyReLU, "leakyReLU", choose(z > 0, z, p[0] * z), choose(z > 0, splat(1), splat(p[0])))
