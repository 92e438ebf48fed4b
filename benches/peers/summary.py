"""Prints the summary of `benches/record/races.csv` that PEERS.md shows: a Markdown row a race.

    python benches/peers/summary.py
"""

import csv
import pathlib
import statistics

RACES = pathlib.Path(__file__).parents[1] / "record" / "races.csv"
RACE = ["networks", "processor", "level", "threads"]


def row(race, entrants):
    ratios = {entrant["network"]: float(entrant["ours_over_fastest"]) for entrant in entrants}
    unoptimised = [float(entrant["ours_over_ort_none"]) for entrant in entrants]
    best, worst = min(ratios, key=ratios.get), max(ratios, key=ratios.get)
    slower = sum(ratio > 1 for ratio in ratios.values())
    means = [statistics.geometric_mean(values) for values in (ratios.values(), unoptimised)]
    cells = [*race, *(f"**{mean:.2f}**" for mean in means)]
    cells += [f"{ratios[name]:.2f} ({name})" for name in (best, worst)]
    print("| " + " | ".join(cells) + f" | {slower} of {len(ratios)} |")


def main():
    races = {}
    with RACES.open(newline="") as file:
        for entrant in csv.DictReader(file):
            races.setdefault(tuple(entrant[key] for key in RACE), []).append(entrant)
    print("| networks | processor | level | threads | ours / fastest | ours / ORT, no optimisation | best | worst | slower |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for race, entrants in races.items():
        row(race, entrants)


main()
