"""Trained weights that are shipped: NAME.safetensors, and NAME.json which describes it."""
