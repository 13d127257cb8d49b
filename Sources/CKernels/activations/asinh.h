/* y = ln(z + √(z² + 1)), dy/dz = 1/√(z² + 1) */
LC_LONG_ACTIVATION(asinh, "asinh", inverseHyperbolicSine(z), inverseHyperbolicSineSlope(z))
