/* y = 1/(1 + e^−z), dy/dz = y(1 − y) */
LC_ACTIVATION(sigmoid, "sigmoid", logistic(z), y * (1 - y))
