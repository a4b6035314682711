"""Speed over the history of the project: ``asv machine --yes && asv run``.

Imports inside this folder are relative; ``estimators`` and ``models`` are those of the commit under test.
"""
