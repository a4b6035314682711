"""The networks of VAEs, and their likelihood close to the speed of its matrix products."""
