/* |y − t|; the derivative at 0 is 0 */
LC_LOSS(absoluteError, "absoluteError", magnitude(y - t), signOf(y - t))
