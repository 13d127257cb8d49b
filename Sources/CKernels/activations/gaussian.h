/* y = e^(−z²/2), dy/dz = −z·y; the limit keeps 0·∞ out of it */
LC_LONG_ACTIVATION(gaussian, "gaussian", gaussianBell(z), -limited(z, BELL_WIDTH) * y)
