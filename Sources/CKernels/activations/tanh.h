/* y = tanh z, dy/dz = 1 − y² */
LC_ACTIVATION(tanh, "tanh", hyperbolicTangent(z), 1 - y * y)
