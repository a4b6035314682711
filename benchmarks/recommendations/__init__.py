"""Which estimator to take at a budget. Without torch."""
