"""Proposals as maps from noise; one distribution a file."""
