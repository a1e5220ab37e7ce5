#!/usr/bin/env python3
"""How far from the best known plans: our search, OR-tools at the same processor time, and insertion alone, in one table.

    python3 -m venv .venv && .venv/bin/pip install ortools==9.15.6755
    cargo build --release -p mukae-benches --bin darp
    .venv/bin/python benches/rivals/darp/table.py --darp target/release/darp --best best.csv --seconds 0 1 10 --seeds 5 \\
        --out DIR INSTANCE.txt ...

`best.csv` has the columns `instance` (`a2-16`) and `best_known`. Sets are what names begin with: a, b, pr. Every solution is judged by
`darp --judge`; what is done is kept in DIR and not done again. 0 seconds are insertion
alone. `--ours` and `--theirs` leave the other out. Prints a Markdown table:
mean gap over instances in per cent, each the mean of its seeds, and the worst of these means; who was left out is no plan.
"""
import argparse
import csv
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import process_time


def judged(args, path, solution):
    told = subprocess.run([args.darp, path, "--judge", solution], check=True, capture_output=True, text=True)
    return json.loads(told.stdout.splitlines()[-1])


def kept(file, make):
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(make()))
    return json.loads(file.read_text())


def ours(args, path, seconds, seed):
    folder = args.out / f"ours-{seconds:g}-{seed}"

    def run():
        command = [args.darp, path, "--seconds", str(seconds), "--seed", str(seed), "--out", str(folder)]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return judged(args, path, str(folder / f"{path.stem}.json")) | {"cpu_s": told["cpu_s"]}

    return kept(folder / "verdicts" / f"{path.stem}.json", run)


def theirs(args, path, seconds, _seed):
    import ortools_darp

    folder = args.out / f"ortools-{seconds:g}"
    solution = folder / f"{path.stem}.json"

    def run():
        begun = process_time()
        routes = ortools_darp.solve(ortools_darp.Instance(path), seconds)
        spent = process_time() - begun
        folder.mkdir(parents=True, exist_ok=True)
        solution.write_text(json.dumps({"instance": path.stem, "routes": routes}))
        return judged(args, path, str(solution)) | {"cpu_s": spent}

    return kept(folder / "verdicts" / f"{path.stem}.json", run)


def show(best, name, seconds, results):
    """A row for each set, of the verdicts by instance."""
    sets = {}
    for path, verdicts in results.items():
        assert all(verdict["feasible"] for verdict in verdicts), f"{path}: not feasible"
        whole = [verdict for verdict in verdicts if not verdict["unserved"]]
        gaps = [100 * (verdict["cost"] / best[path.stem] - 1) for verdict in whole]
        left = sum(len(verdict["unserved"]) for verdict in verdicts)
        of_set = sets.setdefault(re.match("[a-z]+", path.stem).group(), ([], [], []))
        of_set[1].append(left)
        of_set[2].append(max(verdict["cpu_s"] for verdict in verdicts))
        if gaps:
            of_set[0].append((sum(gaps) / len(gaps), path.stem))
    for key, (gaps, left, cpu) in sets.items():
        mean = sum(gap for gap, _ in gaps) / len(gaps)
        seeds = max(len(verdicts) for verdicts in results.values())
        worst = "%.2f (%s)" % max(gaps)
        print(f"| {key} | {seconds:g} | {name} | {mean:.2f} | {worst} | {sum(left)} | {seeds} | {max(cpu):.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--darp", required=True)
    parser.add_argument("--best", type=Path, required=True)
    parser.add_argument("--seconds", type=float, nargs="+", default=[1.0, 10.0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--ours", action="store_true")
    group.add_argument("--theirs", action="store_true")
    parser.add_argument("instances", type=Path, nargs="+")
    args = parser.parse_args()
    with open(args.best, newline="") as table:
        best = {row["instance"]: float(row["best_known"]) for row in csv.DictReader(table)}
    unknown = [path.stem for path in args.instances if path.stem not in best]
    if unknown:
        parser.error(f"{args.best} has no best_known of {', '.join(unknown)}")
    print("| set | s | by | mean gap, % | worst, % | left out | seeds | CPU s at most |\n|" + "---|" * 8)
    for seconds in args.seconds:
        for name, run, seeds in [("ours", ours, range(1, args.seeds + 1)), ("OR-tools", theirs, range(1, 2))]:
            if (args.theirs, args.ours or seconds == 0)[name != "ours"]:
                continue
            # the library's solver stays in this process, one at a time
            with ThreadPoolExecutor(args.at_once if name == "ours" else 1) as pool:
                found = {path: [pool.submit(run, args, path, seconds, seed) for seed in seeds] for path in args.instances}
                show(best, name if seconds else "insertion", seconds, {path: [one.result() for one in runs] for path, runs in found.items()})


if __name__ == "__main__":
    main()
