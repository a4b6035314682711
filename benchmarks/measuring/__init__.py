"""What is measured: draws of log weights, and what they come to."""
