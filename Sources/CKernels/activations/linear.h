/* y = z */
LC_ACTIVATION(linear, "linear", z, splat(1))
