/* y = z where z > 0, else p0·(e^z − 1), whose derivative is y + p0 (Clevert et al., 2016) */
LC_ACTIVATION(elu, "elu", choose(z > 0, z, p[0] * expMinus1OfNegative(atMost(z, 0))), choose(z > 0, splat(1), y + p[0]))
