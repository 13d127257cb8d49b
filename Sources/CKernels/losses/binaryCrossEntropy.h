/* −t ln σ(y) − (1 − t) ln(1 − σ(y)) of the pre-activation y, t in {0, 1}: ln(1 + e^y) − t·y, whose derivative is σ(y) − t */
LC_LOSS(
    binaryCrossEntropy, "binaryCrossEntropy",
    (atLeast(y, 0) - y * t) + log1p01(exponential(-magnitude(y))), logistic(y) - t)
