"""What raw estimates say: pure functions of arrays, in numpy and scipy, that reports can import too.

Shapes: estimates are [R, B] (replicates, points), what belongs to a point is [B], a study over the number
of samples is [n_k, R, B]. Everything is in nats unless it is said to be a ratio.
"""
