/* y = z·Φ(z), the exact form; dy/dz = Φ(z) + z·φ(z) (Hendrycks and Gimpel, 2016) */
LC_LONG_ACTIVATION(gelu, "gelu", timesNormalCumulative(z), timesNormalCumulativeSlope(z))
