/* −Σ t ln softmax(y) of the pre-activations y, t one-hot; the derivative is softmax(y) − t */
LC_COLUMN_LOSS(
    softmaxCrossEntropy, "softmaxCrossEntropy",
    t * ((column.largest - y) + logarithm(column.sum)), exponential(y - column.largest) / column.sum - t)
