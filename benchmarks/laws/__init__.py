"""Laws: what holds for every estimator and every model, and by how much it does not where it is broken.

The tests run them over the catalogue, and ``python -m benchmarks.check`` over anyone's plug-in. Laws with
chance in them have fixed keys, so an outcome is the same each time; each says how often it fails what is
right.
"""
