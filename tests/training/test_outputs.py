"""What a run tells and writes: sentences with the time left, the curve as table and picture, the card."""

from __future__ import annotations

import csv
import re

import pytest

from evidence_bench.models.training import Point, outputs, state
from evidence_bench.models.training.progress import duration, sentence
from evidence_bench.models.vaes import checkpoint
from evidence_bench.models.vaes.digits import DigitsVAE
from tests.training.tiny import QUICK, trained

NAME = "digits-jvi2-3-2d"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (45.4, "45 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.7, "1 h 0 min"),
        (3900, "1 h 5 min"),
        (90_061, "25 h 1 min"),
    ],
)
def test_durations(seconds, told):
    assert duration(seconds) == told


def test_the_sentence_of_a_pass():
    told = sentence(Point(3, -105.12, -104.3, 30.0), 10, 10.0)
    assert told == "pass 3 of 10: training -105.120, validation -104.300 nats; 1 min 10 s left"
    assert sentence(Point(10, -1, -1, 30.0), 10, 10.0).endswith("; 0 s left")


def test_a_picture_of_one_pass_or_many_is_a_png(tmp_path):
    for passes in (1, 60):
        curve = [Point(n, -100 / n, -101 / n, float(n)) for n in range(1, passes + 1)]
        outputs.plot_curve(tmp_path / "curve.png", curve, "title \udcff")
        data = (tmp_path / "curve.png").read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        assert data.endswith(b"IEND\xaeB`\x82")


def test_a_run_tells_every_pass_and_writes_all_its_files(tmp_path, capsys):
    arguments = ("--objective", "jvi", "--order", "2", "--k", "3", "--passes", "3", "--save-every", "2")
    assert trained(tmp_path, *arguments, *QUICK) == 0
    printed = capsys.readouterr()
    path = tmp_path / f"{NAME}.safetensors"
    assert printed.out == f"{path}\n"
    passes = re.findall(
        r"^pass (\d) of 3: training -[\d.]+, validation -[\d.]+ nats; \d+ s left$", printed.err, re.M
    )
    assert passes == ["1", "2", "3"]
    files = {"curve.csv", "curve.png", state.FILE, path.name, f"{NAME}.json"}
    assert {file.name for file in tmp_path.iterdir()} == files
    _check_curve(tmp_path, state.load(tmp_path)[1])
    _check_card(checkpoint.load(path)[1])
    digits = DigitsVAE(str(path))
    assert digits.card["name"] == NAME
    assert digits.provenance["checkpoint_sha256"] == digits.card["sha256"]


def _check_curve(folder, curve):
    with (folder / "curve.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["pass", "training", "validation", "seconds"]
    assert [(int(row["pass"]), float(row["training"]), float(row["validation"])) for row in rows] == [
        (point.number, point.training, point.validation) for point in curve
    ]
    seconds = [float(row["seconds"]) for row in rows]
    assert seconds[0] > 0
    assert seconds == sorted(seconds)


def _check_card(card):
    assert set(card) == {"name", "architecture", "data", "training", "test", "sha256"}
    recipe = card["training"]["recipe"]
    assert (recipe["objective"], recipe["order"], recipe["k"], recipe["origin"]) == ("jvi", 2, 3, "")
    assert recipe["options"]["passes"] == card["training"]["passes"] == 3
    validation = {number: value for number, _, value in card["training"]["curve"]}
    chosen = card["training"]["chosen_pass"]
    assert validation[chosen] == max(validation.values())
    assert validation[chosen] == pytest.approx(card["training"]["validation_objective"], abs=5e-5)
    assert card["training"]["seconds"] > 0
    test = card["test"]
    assert (test["samples"], test["images"]) == (10, 400)
    assert test["negative_log_likelihood"] < -test["elbo"]
    assert 0 < test["negative_log_likelihood_stderr"] < 1
    assert len(test["active_units"]) == 1
    assert (card["data"]["name"], card["data"]["binarisation"]) == ("digits", "fixed")
