"""Laws of the reducers."""
