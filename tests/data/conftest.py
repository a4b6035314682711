"""No test of data touches the network, the cache of whoever runs it, or data it was not given."""

from __future__ import annotations

import os
import urllib.error
from pathlib import Path

import pytest

from evidence_bench.models.data import catalogue, download, place

NAMED = os.environ.get(place.ENVIRONMENT)


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    def refused(*_args, **_options):
        raise urllib.error.URLError("a test must not touch the network")

    monkeypatch.setattr(download.urllib.request, "urlopen", refused)
    monkeypatch.setattr(download, "cache_folder", lambda _otherwise: tmp_path / "cache")
    monkeypatch.delenv(place.ENVIRONMENT, raising=False)


@pytest.fixture
def real():
    """``models.data.load`` from the folder with real data; skips, with the reason, where it is not there."""
    if not NAMED:
        pytest.skip(f"{place.ENVIRONMENT} names no folder with real data")

    def load(name: str, binarisation: str | None = None):
        source = catalogue.SOURCES[name]
        for part in source.parts:
            if place.find(part, Path(NAMED), source.folders) is None:
                pytest.skip(f"the folder in {place.ENVIRONMENT} has no {name}")
        return catalogue.load(name, NAMED, binarisation)

    return load
