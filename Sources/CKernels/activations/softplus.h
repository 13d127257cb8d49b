/* y = ln(1 + e^z), dy/dz = σ(z) */
LC_LONG_ACTIVATION(softplus, "softplus", softPlus(z), logistic(z))
