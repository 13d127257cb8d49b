/* y = ln(1 + e^z), dy/dz = σ(z) */
LC_ACTIVATION(softplus, "softplus", softPlus(z), logistic(z))
