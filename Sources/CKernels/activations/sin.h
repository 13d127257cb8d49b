/* y = sin z */
LC_LONG_ACTIVATION(sin, "sin", sine(z), cosine(z))
