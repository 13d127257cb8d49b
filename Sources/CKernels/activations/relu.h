/* y = max(0, z); the derivative at 0 is 0, as in PyTorch */
LC_ACTIVATION(relu, "relu", atLeast(z, 0), choose(z > 0, splat(1), splat(0)))
