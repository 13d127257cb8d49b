/* y = sin z */
LC_ACTIVATION(sin, "sin", sine(z), cosine(z))
