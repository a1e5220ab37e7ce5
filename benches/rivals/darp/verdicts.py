#!/usr/bin/env python3
"""Asks a checker and us about the same routes: those of given solutions, and mutations of them.

    cargo build --release -p mukae-benches --bin darp
    python3 benches/rivals/darp/verdicts.py --checker CHECKER.py --darp target/release/darp \
        [--routes 100000] [--seed 1] INSTANCE=SOLUTION.json ...

The checker is a Python file with `read_instance(path)` and `check(instance, {"routes": [..]})`, which returns
`{"feasible", "errors", "distance"}`; of its errors only those of the route count, not that others are left unserved.
Needs Python 3.9 and nothing else. Fails if a difference is not explained by rounding: we count in whole milliseconds,
legs rounded up and limits down, so a route that is within 60 ms of a limit may be refused by us alone.
"""
import argparse
import collections
import copy
import importlib.util
import json
import random
import subprocess
import sys
import tempfile

# minutes: a route of 60 legs is off by less
ROUNDING = 0.001


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checker", required=True)
    parser.add_argument("--darp", required=True)
    parser.add_argument("--routes", type=int, default=100_000, help="in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("pairs", nargs="+", metavar="INSTANCE=SOLUTION")
    return parser.parse_args()


def load_checker(path):
    spec = importlib.util.spec_from_file_location("checker", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mutated(dice, route, pairs, vehicles):
    """Up to three small changes; most of them near to each other, so that some routes stay possible."""
    vehicle, stops = route["vehicle"], list(route["stops"])
    for _ in range(dice.randint(0, 3)):
        near = lambda at: max(0, min(len(stops) - 1, at + dice.choice([-3, -2, -1, 1, 2, 3])))
        kind = dice.choice(["swap", "move", "reverse", "insert", "drop", "vehicle"])
        if kind == "insert":
            pickup, dropoff = dice.choice(pairs)
            at = dice.randint(0, len(stops))
            stops.insert(at, pickup)
            stops.insert(min(len(stops), at + dice.randint(1, 6)), dropoff)
        elif kind == "vehicle":
            vehicle = dice.randrange(vehicles)
        elif not stops:
            continue
        elif kind == "drop":
            gone = dice.choice([pair for pair in pairs if stops[0] in pair] + [dice.choice(pairs)])
            stops = [stop for stop in stops if stop not in gone]
        else:
            at = dice.randrange(len(stops))
            other = near(at)
            if kind == "swap":
                stops[at], stops[other] = stops[other], stops[at]
            elif kind == "move":
                stops.insert(other, stops.pop(at))
            else:
                low, high = min(at, other), max(at, other) + 1
                stops[low:high] = reversed(stops[low:high])
    return {"vehicle": vehicle, "stops": stops}


def ours(darp, instance, routes):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"routes": routes}, file)
        file.flush()
        told = subprocess.run([darp, instance, "--judge", file.name], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in told.stdout.splitlines()[:-1]]


def theirs(checker, instance, route):
    result = checker.check(instance, {"routes": [route]})
    errors = [error for error in result["errors"] if error.startswith("route ")]
    return errors, result["distance"]


def reason(verdict):
    why = verdict.get("why", "can be driven")
    kinds = {"no schedule": "no schedule", "does not hold": "too many on board"}
    return next((kind for words, kind in kinds.items() if words in why), "can be driven" if verdict["feasible"] else "not whole")


def tightened(instance):
    """The same with all limits a little earlier."""
    narrow = copy.copy(instance)
    narrow.T = instance.T - ROUNDING
    narrow.L = {request: limit - ROUNDING for request, limit in instance.L.items()}
    narrow.nodes = [(service, load, earliest, latest - ROUNDING) for service, load, earliest, latest in instance.nodes]
    return narrow


def main():
    args = arguments()
    checker, dice = load_checker(args.checker), random.Random(args.seed)
    print(f"seed {args.seed}")
    counts, unexplained = collections.Counter(), 0
    for number, told in enumerate(args.pairs):
        path, solution = told.split("=", 1)
        instance = checker.read_instance(path)
        with open(solution) as file:
            routes = json.load(file)["routes"]
        routes = [route if isinstance(route, dict) else {"stops": route} for route in routes]
        routes = [{"vehicle": route.get("vehicle", at), "stops": route["stops"]} for at, route in enumerate(routes)]
        pairs, narrow = sorted(instance.pair.items()), tightened(instance)
        share = args.routes * (number + 1) // len(args.pairs) - args.routes * number // len(args.pairs)
        asked = [mutated(dice, dice.choice(routes), pairs, len(instance.Q)) for _ in range(share)]
        for route, verdict in zip(asked, ours(args.darp, path, asked), strict=True):
            errors, distance = theirs(checker, instance, route)
            counts["routes"] += 1
            counts["feasible for the checker"] += not errors
            counts["for us: " + reason(verdict)] += 1
            if not errors and abs(distance - verdict["cost"]) > 1e-6 * max(1.0, distance):
                unexplained += 1
                print(f"{path}: {route}: {distance} there, {verdict['cost']} here")
            if verdict["feasible"] == (not errors):
                continue
            is_rounding = not errors and bool(theirs(checker, narrow, route)[0])
            counts["refused by us alone, within the rounding of a limit" if is_rounding else "unexplained"] += 1
            unexplained += not is_rounding
            if not is_rounding:
                print(f"{path}: {route}: {errors or 'feasible'} there, {verdict} here")
    for name, count in counts.items():
        print(f"{count} {name}")
    print(f"{unexplained} differences unexplained")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
