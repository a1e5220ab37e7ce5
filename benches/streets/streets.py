#!/usr/bin/env python3
"""What a search for better plans saves on streets: simulated days of a town by insertion alone and by insertion with search.

    cargo build --release -p mukae
    benches/streets/streets.py isle-of-man --out DIR
    benches/streets/streets.py isle-of-man-waiting --out DIR
    benches/streets/streets.py malta --extract malta.osm.pbf --out DIR
    benches/streets/streets.py manhattan --extract manhattan.osm.pbf --requests requests.csv --out DIR
    benches/streets/streets.py manhattan-widths --extract manhattan.osm.pbf --requests requests.csv --out DIR

`malta` takes an OpenStreetMap extract of Malta, `manhattan` one of Manhattan and a CSV of taxi requests with the columns
request_id, o_lat, o_lon, d_lat, d_lon, departure_time (`2014-12-21 10:00:00`, New York's clocks) and passengers (docs/quality.md says
which). All else stands in the scenario files beside this script, and `mukae sim` does all the work: each job in a process of its own, whose
processor time is kept. What is done is not done again. Prints a Markdown table; intervals are those of `mukae sim compare`.
"""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
HOURS = range(10, 19)
WAIT_MAX = timedelta(minutes=10)
SUMS = "requests served driven_mm waits wait_ms rides ride_ms promises_broken".split()
COLUMNS = "request_id created_at earliest latest from_lat from_lon to_lat to_lon seats wheelchairs kind".split()


def convert(requests, out):
    """Taxi requests of some hours as our table: fetched within ten minutes of the time they ask."""
    zone = ZoneInfo("America/New_York")
    with open(requests, newline="") as taken, open(out, "w", newline="") as written:
        table = csv.writer(written, lineterminator="\n")
        table.writerow(COLUMNS)
        for row in csv.DictReader(taken):
            at = datetime.fromisoformat(row["departure_time"]).replace(tzinfo=zone)
            if at.hour in HOURS:
                ends = [row[key] for key in ("o_lat", "o_lon", "d_lat", "d_lon")]
                window = [time.isoformat() for time in (at, at, at + WAIT_MAX)]
                table.writerow([row["request_id"], *window, *ends, row["passengers"], 0, "depart_after"])


def prepare(args):
    """Everything a scenario names, in one directory."""
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / f"{args.scenario}.toml", args.out)
    if args.scenario.startswith("isle-of-man"):
        return
    town = args.scenario.removesuffix("-widths")
    shutil.copy(HERE / f"{town}-town.toml", args.out)
    if args.extract is None:
        sys.exit(f"{town} needs --extract, an OpenStreetMap extract")
    call(args, "map", "build", args.extract, "--out", f"{town}.map")
    if town == "malta":
        call(args, "map", "places", args.extract, "--out", "malta.places.csv", "--homes", "malta.homes.csv")
    else:
        if args.requests is None:
            sys.exit("manhattan needs --requests, a CSV of taxi requests")
        convert(args.requests, args.out / "manhattan.requests.csv")


def call(args, *words):
    """Of `mukae`, in the directory of the results: what it prints, and its processor time in seconds."""
    command = [str(args.mukae), *map(str, words)]
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(command, cwd=args.out, stdout=said, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        errors.seek(0)
        if child.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{errors.read()}")
        return said.read(), usage.ru_utime + usage.ru_stime


def run(args):
    scenario, results = f"{args.scenario}.toml", f"{args.scenario}.results"
    jobs = json.loads(call(args, "sim", "check", scenario, "--json")[0])["jobs"]

    def job(number):
        kept = args.out / results / f"cpu-{number}.json"
        if kept.exists():
            return json.loads(kept.read_text())
        words = ["--shard", f"{number}/{jobs}", "--results", results, "--threads", 1]
        seconds = call(args, "sim", "run", scenario, *words)[1]
        kept.write_text(json.dumps(seconds))
        return seconds

    with ThreadPoolExecutor(args.at_once) as pool:
        seconds = list(pool.map(job, range(1, jobs + 1)))
    call(args, "sim", "compare", scenario, "--results", results, "--json", f"{args.scenario}.json")
    with open(args.out / results / "jobs.csv", newline="") as table:
        return list(csv.DictReader(table)), seconds, json.loads((args.out / f"{args.scenario}.json").read_text())


def difference(comparison, point, policy, figure, per=None):
    """`+1.2 [0.9, 1.5]` against insertion at the same point, nothing for insertion itself; in hundredths of `per`."""
    of_point = next(found for found in comparison["points"] if found["rules"] == point)
    of_policy = next(found for found in of_point["policies"] if found["policy"] == policy)
    found = next(found for found in of_policy["measures"] if found["name"] == figure)["difference"]
    if policy == comparison["baseline"]:
        return ""
    scale = 1 if per is None else 100 / per
    interval = found["interval"]
    ends = f" [{scale * interval['low']:+.1f}, {scale * interval['high']:+.1f}]" if interval else ""
    return f"{scale * found['mean']:+.1f}{ends}"


def show(rows, seconds, comparison):
    print(
        "| load | policy | requests | served, % | more served, points | km | more km, % | km a served ride |"
        " wait, s | ride, s | promises broken | CPU s a run |"
    )
    print("|" + "---|" * 12)
    groups = {}
    for row, cpu in zip(rows, seconds):
        groups.setdefault((row["point"], row["policy"]), []).append((row, cpu))
    days = comparison["days"] * comparison["replications"]
    for (point, policy), runs in groups.items():
        total = {column: sum(int(row[column]) for row, _ in runs) for column in SUMS}
        driven = total["driven_mm"] / 1e6
        insertion = sum(int(row["driven_mm"]) for row, _ in groups[(point, comparison["baseline"])]) / 1e6
        cells = [
            point,
            policy,
            total["requests"],
            f"{100 * total['served'] / total['requests']:.1f}",
            difference(comparison, point, policy, "served_percent"),
            f"{driven:.0f}",
            difference(comparison, point, policy, "km", insertion / days),
            f"{driven / total['served']:.2f}",
            f"{total['wait_ms'] / total['waits'] / 1e3:.0f}",
            f"{total['ride_ms'] / total['rides'] / 1e3:.0f}",
            total["promises_broken"],
            f"{sum(cpu for _, cpu in runs) / len(runs):.1f}",
        ]
        print("|", " | ".join(map(str, cells)), "|", flush=True)


def resolved(text):
    return Path(text).resolve()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", choices=["isle-of-man", "isle-of-man-waiting", "malta", "manhattan", "manhattan-widths"])
    parser.add_argument("--extract", type=resolved)
    parser.add_argument("--requests", type=resolved)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--mukae", type=resolved, default=HERE.parents[1] / "target/release/mukae")
    parser.add_argument("--at-once", type=int, default=1, help="processes; 1 unless it is said")
    args = parser.parse_args()
    prepare(args)
    show(*run(args))


if __name__ == "__main__":
    main()
