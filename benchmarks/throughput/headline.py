"""What ``--json`` prints and what speed.csv holds, from the data of a speed run. Does not import torch."""

from __future__ import annotations

import csv
import io
from typing import Any

OWN, EAGER = "evidence-bench", "evidence-bench-eager"


def headline(data: dict[str, Any]) -> dict[str, Any]:
    """The figures that come first: rates, shares, ratios of time, nats, bytes, exponents; null where absent.

    Ratios say how many times as long the other takes. ``fastest_peer_ratio``: the faster of Pyro and pythae.
    """
    main, deep = data["settings"]
    own, k = _contender(main, OWN), data["growth"]["K"]
    deep_own = _contender(deep, OWN)
    last = k["sizes"][-1]
    peer, peer_ratio = _fastest(main, "peer", headline_only=True)
    return {
        "evaluations_per_second": own["evaluations_per_second"],
        "gemm_share": own["share"]["value"],
        "gemm_share_interval": _ends(own["share"]),
        "form": main["form"],
        "eager_gemm_share": _share(main, EAGER),
        "textbook_ratio": _ratio(main, "textbook"),
        "textbook_ratio_interval": _ends((_contender(main, "textbook") or {}).get("times_ours")),
        "textbook_parts_ratio": _ratio(main, "textbook-parts"),
        "fastest_peer": peer,
        "fastest_peer_ratio": peer_ratio,
        "fastest_peer_parts_ratio": _fastest(main, "peer", headline_only=False)[1],
        "two_layer_evaluations_per_second": deep_own["evaluations_per_second"],
        "two_layer_gemm_share": deep_own["share"]["value"],
        "two_layer_eager_gemm_share": _share(deep, EAGER),
        "two_layer_textbook_ratio": _ratio(deep, "textbook"),
        "accuracy_nats": main["accuracy_nats"],
        "two_layer_accuracy_nats": deep["accuracy_nats"],
        "time_exponent_K": _value(k["time_exponent"]),
        "time_exponent_K_stderr": (k["time_exponent"] or {}).get("stderr"),
        "time_exponent_B": _value(data["growth"]["B"]["time_exponent"]),
        "time_exponent_L": _value(data["growth"]["L"]["time_exponent"]),
        "largest_K": last["size"],
        "largest_K_seconds": last["seconds"]["value"],
        "largest_K_peak_bytes": last["peak_bytes"],
        "peak_bytes": {one["name"]: one["peak_bytes"] for one in main["contenders"]},
        "points": main["points"],
        "samples": main["samples"],
        "rounds": main["rounds"],
        "threads": data["threads"],
        "device": data["device"],
        "quick": data["quick"],
        "absent": main["absent"],
    }


def rounds_csv(data: dict[str, Any]) -> str:
    """Every timed round: part, contender, size of the axis, round, seconds by the clock and on the device."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["part", "contender", "points", "samples", "latents", "round", "seconds", "device_seconds"]
    )
    for one in data["settings"]:
        common = (one["points"], one["samples"], sum(one["latents"]))
        for contender in one["contenders"]:
            on_device = contender["device_rounds"] or [""] * one["rounds"]
            for i, (wall, device) in enumerate(zip(contender["wall_rounds"], on_device, strict=True)):
                writer.writerow([one["name"], contender["name"], *common, i, wall, device])
    for axis, grown in data["growth"].items():
        for row in grown["sizes"]:
            common = (row["points"], row["samples"], row["latents"])
            for i, wall in enumerate(row["wall_rounds"]):
                writer.writerow([f"growth with {axis}", EAGER, *common, i, wall, ""])
    return text.getvalue()


def lines(data: dict[str, Any]) -> list[str]:
    """The same for people: a line each contender, then what else was found."""
    shown = []
    for one in data["settings"]:
        shown.append(f"{one['name']}, B = {one['points']}, K = {one['samples']}, {one['rounds']} rounds:")
        for c in one["contenders"]:
            share, ratio, peak = c["share"], c["times_ours"], c["peak_bytes"]
            memory = "" if peak is None else f"{peak / 1e6:9,.0f} MB"
            shown.append(
                f"  {c['name']:<24}{1e6 / c['evaluations_per_second']:8.2f} us/evaluation"
                f"{share['value']:8.1%} of the limit [{share['low']:.1%}, {share['high']:.1%}]"
                f"{ratio['value']:8.2f} x our time{memory}"
            )
        shown += [f"  {name}: {why}" for name, why in one["absent"].items()]
        shown.append(f"  error of log p(x, z) against float64: {one['accuracy_nats']:.1e} nats")
    for axis, grown in data["growth"].items():
        fit = grown["time_exponent"]
        if fit:
            first, last = f"{fit['first']:,.0f}", f"{fit['last']:,.0f}"
            error = "unknown" if fit["stderr"] is None else f"{fit['stderr']:.3f}"
            shown.append(f"time grows as {axis}^{fit['value']:.3f} (s.e. {error}), {first} to {last}")
    last = data["growth"]["K"]["sizes"][-1]
    if last["peak_bytes"] is not None:
        shown.append(
            f"one data point with K = {last['size']:,}: {last['seconds']['value']:.2f} s, "
            f"{last['peak_bytes'] / 1e6:,.0f} MB above the imports"
        )
    return shown


def _contender(setting: dict[str, Any], name: str) -> Any:
    return next((one for one in setting["contenders"] if one["name"] == name), None)


def _ratio(setting: dict[str, Any], name: str) -> float | None:
    found = _contender(setting, name)
    return None if found is None else float(found["times_ours"]["value"])


def _share(setting: dict[str, Any], name: str) -> float | None:
    found = _contender(setting, name)
    return None if found is None else float(found["share"]["value"])


def _fastest(setting: dict[str, Any], role: str, *, headline_only: bool) -> tuple[str | None, float | None]:
    """(name, ratio) of the fastest of a role, (None, None) where none takes part."""
    found = [
        (one["times_ours"]["value"], one["name"])
        for one in setting["contenders"]
        if one["role"] == role and (one["headline"] or not headline_only)
    ]
    ratio, name = min(found, default=(None, None))
    return name, ratio


def _value(exponent: dict[str, float] | None) -> float | None:
    return None if exponent is None else exponent["value"]


def _ends(interval: dict[str, float] | None) -> list[float] | None:
    return None if interval is None else [interval["low"], interval["high"]]
