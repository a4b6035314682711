"""Planted mistakes, and whether the tests see them: ``make mutants``.

Each mutant is one small change of a file and the tests that should fail because of it. A list that has grown
by hand says more than random changes would: what stands here was once wrong, or would go unnoticed.
"""
