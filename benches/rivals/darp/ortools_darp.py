#!/usr/bin/env python3
"""The same dial-a-ride problems by the routing library of OR-tools and by our search, one thread and as many seconds each.

    python3 -m venv .venv && .venv/bin/pip install ortools==9.15.6755
    cargo build --release -p mukae-benches --bin darp
    .venv/bin/python benches/rivals/darp/ortools_darp.py --darp target/release/darp --seconds 10 --out DIR INSTANCE.txt ...

Reads Cordeau's text format. The library gets what it has for such problems: pickups and deliveries, a dimension of time
whose cumuls carry tightened windows and ride limits and whose spans are the route durations, a dimension of load; tables
instead of callbacks; cheapest parallel insertion first, then guided local search. Who is left out costs more than any
route. Times are whole milliseconds, legs rounded up, as in our own search; the cost is the length of the routes. Both
solutions are judged by `darp --judge`. Prints a Markdown table.
"""
import argparse
import json
import math
import os
import subprocess
from time import process_time

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

MILLIS = 60_000
LEFT_OUT = 10**9


def up(minutes):
    return math.ceil(minutes * MILLIS - 1e-6)


def down(minutes):
    return math.floor(minutes * MILLIS + 1e-6)


class Instance:
    def __init__(self, path):
        with open(path) as file:
            rows = [[float(word) for word in line.split()] for line in file if line.strip()]
        (vehicles, _, duration, capacity, ride), nodes = rows[0], rows[1:]
        self.count = (len(nodes) - 1) // 2
        self.vehicles, self.capacity = int(vehicles), int(capacity)
        self.duration, self.ride = down(duration), down(ride)
        nodes = nodes[: 2 * self.count + 1]
        self.service = [up(node[3]) for node in nodes]
        self.load = [int(node[4]) for node in nodes]
        self.windows = [(up(node[5]), down(node[6])) for node in nodes]
        self.legs = [[up(math.hypot(a[1] - b[1], a[2] - b[2])) for b in nodes] for a in nodes]
        for request in range(1, self.count + 1):
            self.tighten(request, request + self.count)

    def tighten(self, on, off):
        """Cuts from the windows what no ride within its limit can use; ours does, too."""
        (on_from, on_to), (off_from, off_to) = self.windows[on], self.windows[off]
        service, direct = self.service[on], self.legs[on][off]
        off_from, off_to = max(off_from, on_from + service + direct), min(off_to, on_to + service + self.ride)
        on_from, on_to = max(on_from, off_from - self.ride - service), min(on_to, off_to - direct - service)
        self.windows[on], self.windows[off] = (on_from, on_to), (off_from, off_to)


def solve(instance, seconds):
    begun = process_time()
    manager = pywrapcp.RoutingIndexManager(len(instance.legs), instance.vehicles, 0)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(instance.legs))
    rows = zip(instance.legs, instance.service)
    spend = routing.RegisterTransitMatrix([[leg + service for leg in legs] for legs, service in rows])
    horizon = instance.windows[0][1]
    routing.AddDimension(spend, horizon, horizon, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for vehicle in range(instance.vehicles):
        clock.SetSpanUpperBoundForVehicle(min(instance.duration, horizon), vehicle)
    load = routing.RegisterUnaryTransitVector(instance.load)
    routing.AddDimension(load, 0, instance.capacity, True, "load")
    solver = routing.solver()
    for node, (earliest, latest) in enumerate(instance.windows):
        if node:
            clock.CumulVar(manager.NodeToIndex(node)).SetRange(earliest, min(latest, horizon))
    for vehicle in range(instance.vehicles):
        for end in (routing.Start(vehicle), routing.End(vehicle)):
            clock.CumulVar(end).SetRange(*instance.windows[0])
            routing.AddVariableMinimizedByFinalizer(clock.CumulVar(end))
    for request in range(1, instance.count + 1):
        on, off = manager.NodeToIndex(request), manager.NodeToIndex(request + instance.count)
        routing.AddPickupAndDelivery(on, off)
        solver.Add(routing.VehicleVar(on) == routing.VehicleVar(off))
        solver.Add(clock.CumulVar(on) <= clock.CumulVar(off))
        limit = instance.ride + instance.service[request]
        solver.Add(clock.CumulVar(off) - clock.CumulVar(on) <= limit)
        clock.SetPickupToDeliveryLimitFunctionForPair(lambda _on, _off, limit=limit: limit, request - 1)
        routing.AddDisjunction([on, off], LEFT_OUT, 2)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    # its own limit is of the clock on the wall; it wants one
    parameters.time_limit.FromSeconds(60 + int(20 * seconds))
    routing.AddSearchMonitor(solver.CustomLimit(lambda: process_time() >= begun + seconds))
    found = routing.SolveWithParameters(parameters)
    routes = []
    for vehicle in range(instance.vehicles if found else 0):
        stops, at = [], found.Value(routing.NextVar(routing.Start(vehicle)))
        while not routing.IsEnd(at):
            stops.append(manager.IndexToNode(at))
            at = found.Value(routing.NextVar(at))
        routes.append({"vehicle": vehicle, "stops": stops})
    return routes


def judged(darp, path, solution):
    told = subprocess.run([darp, path, "--judge", solution], check=True, capture_output=True, text=True)
    verdict = json.loads(told.stdout.splitlines()[-1])
    if not verdict["feasible"]:
        return "not feasible"
    total = verdict["served"] + len(verdict["unserved"])
    return f"{verdict['cost']:.2f}, {verdict['served']} of {total}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--darp", required=True)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1, help="ours; the library takes none")
    parser.add_argument("--out", required=True)
    parser.add_argument("instances", nargs="+")
    args = parser.parse_args()
    print("| instance | seconds | OR-tools | CPU s | ours | CPU s |\n|---|---|---|---|---|---|")
    for path in args.instances:
        name = os.path.splitext(os.path.basename(path))[0]
        instance = Instance(path)
        folders = [os.path.join(args.out, who) for who in ("ortools", "ours")]
        for folder in folders:
            os.makedirs(folder, exist_ok=True)
        begun = process_time()
        routes = solve(instance, args.seconds)
        spent = process_time() - begun
        with open(os.path.join(folders[0], name + ".json"), "w") as file:
            json.dump({"instance": name, "routes": routes}, file)
        own = subprocess.run(
            [args.darp, path, "--seconds", str(args.seconds), "--seed", str(args.seed), "--out", folders[1]],
            check=True, capture_output=True, text=True,
        )
        theirs, ours = (judged(args.darp, path, os.path.join(folder, name + ".json")) for folder in folders)
        print(f"| {name} | {args.seconds:g} | {theirs} | {spent:.1f} | {ours} | {json.loads(own.stdout)['cpu_s']:.1f} |", flush=True)


if __name__ == "__main__":
    main()
