"""What a run folder holds besides the results: log p(x) of each point, and a page that names every array."""

import re

import numpy as np
import pandas as pd
import pytest

from evidence_bench.benchmarks.record.folder_readme import ARRAYS, FILES, readme
from evidence_bench.benchmarks.record.schema import POINT_COLUMNS
from tests.bench.reading import results


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run with an exact truth and one without."""
    from evidence_bench.benchmarks.run import main

    path = tmp_path_factory.mktemp("runs") / "run"
    asked = ["--estimators", "iwae,jvi", "--models", "linear-gaussian,untrained-vae", "--reference", "none"]
    assert (
        main([*asked, "--samples", "2,8", "--points", "3", "--replicates", "4", "--output", str(path)]) == 0
    )
    return path


def test_every_file_and_array_is_named(folder):
    text = (folder / "README.txt").read_text(encoding="utf-8")
    assert text == readme()
    named = " ".join(FILES)
    assert [p.name for p in folder.iterdir() if p.is_file() and p.name not in named] == ["README.txt"]
    for file in (folder / "cells").glob("*.npz"):
        with np.load(file) as arrays:
            sizes = {"R": 4, "B": 3, "2": 2}
            for name in arrays.files:
                shape, meaning = ARRAYS[name]
                assert arrays[name].shape == tuple(sizes[letter] for letter in shape.split(", ")), name
                assert f"{name} [{shape}]: " in text
                assert meaning
    assert max(map(len, text.splitlines())) <= 100


def test_the_table_of_points_is_what_the_arrays_say(folder):
    points, cells = pd.read_parquet(folder / "points.parquet"), results(folder)
    assert list(points.columns) == list(POINT_COLUMNS)
    assert len(points) == len(cells) * 3
    pd.testing.assert_frame_equal(points, pd.read_csv(folder / "points.csv"), check_dtype=False)
    (file,) = (folder / "cells").glob("untrained-vae-jvi-k8-*.npz")
    here = points[(points["model"] == "untrained-vae") & (points["estimator"] == "jvi") & (points["k"] == 8)]
    with np.load(file) as arrays:
        estimates = arrays["estimates"]
    np.testing.assert_array_equal(here["point"], range(3))
    np.testing.assert_allclose(here["log_evidence"], estimates.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(here["log_evidence_stderr"], estimates.std(axis=0, ddof=1) / 2, rtol=1e-14)
    assert here["reference"].isna().all()


def test_the_mean_log_evidence_has_both_errors_where_no_truth_is_known(folder):
    """NLL with its error over images, for a model without a reference."""
    table = results(folder).set_index(["model", "estimator", "k"])
    row = table.loc["untrained-vae", "iwae", 8]
    (file,) = (folder / "cells").glob("untrained-vae-iwae-k8-*.npz")
    with np.load(file) as arrays:
        estimates = arrays["estimates"]
    assert np.isnan(row["reference"])
    assert row["log_evidence"] == pytest.approx(estimates.mean())
    assert row["log_evidence_stderr"] == pytest.approx(estimates.mean(axis=1).std(ddof=1) / 2)
    assert row["log_evidence_stderr_points"] == pytest.approx(estimates.mean(axis=0).std(ddof=1) / 3**0.5)


def test_unknown_columns_of_the_readme_are_not_invented():
    """Every array that a cell may have is described once, and the text has no line for another."""
    lines = re.findall(r"^  (\w+) \[", readme(), flags=re.MULTILINE)
    assert lines == list(ARRAYS)
