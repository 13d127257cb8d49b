/* Rosenblatt's rule: y − t with y and t in {0, 1}; as a loss, half the number of mistakes */
LC_LOSS(rosenblatt, "rule.rosenblatt", 0.5f * (y - t) * (y - t), y - t)
