"""Samplers: how log importance weights are drawn."""
