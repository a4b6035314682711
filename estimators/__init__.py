"""How log p(x) is estimated: samplers draw importance weights, reducers turn them into a number."""
