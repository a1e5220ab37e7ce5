#!/usr/bin/env python3
"""Draws the roads of a map, and if you like a drive on them, as a small SVG picture.

    mukae map geojson town.map --out roads.geojson
    mukae map route town.map FROM TO --geojson drive.geojson
    python3 draw_roads.py roads.geojson drive.geojson > town.svg

Needs nothing but Python. Service roads and tracks are left out, lines are simplified to a fifth of a pixel.
"""
import json
import math
import sys

WIDTH, MARGIN, STEPS = 640, 14, 4  # pixels, pixels, parts of a pixel that a line is told in
STYLES = [  # the least first, so that the greatest lie on top
    ("streets and lanes", {"residential", "unclassified", "living_street", "road"}, "#b9b4a8", 0.7),
    ("tertiary", {"tertiary", "tertiary_link"}, "#7d9a8b", 1.2),
    ("secondary", {"secondary", "secondary_link"}, "#d69b3a", 1.6),
    ("primary, trunk, motorway", {"primary", "primary_link", "trunk", "trunk_link", "motorway", "motorway_link"},
     "#b5533c", 2.2),
]
DRIVE = ("the drive", "#1f4e9c", 3.4)


def lines_of(feature):
    geometry = feature["geometry"]
    return [geometry["coordinates"]] if geometry["type"] == "LineString" else geometry["coordinates"]


def simplified(points, tolerance):
    """Douglas, Peucker 1973."""
    if len(points) < 3:
        return points
    (ax, ay), (bx, by) = points[0], points[-1]
    length = math.hypot(bx - ax, by - ay)

    def away(point):
        x, y = point
        if length == 0:
            return math.hypot(x - ax, y - ay)
        return abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length

    far = max(range(1, len(points) - 1), key=lambda index: away(points[index]))
    if away(points[far]) <= tolerance:
        return [points[0], points[-1]]
    return simplified(points[:far + 1], tolerance)[:-1] + simplified(points[far:], tolerance)


def joined(lines):
    """Lines that follow one another, as one: shorter to write, and simpler to simplify."""
    by_start, done, chains = {}, set(), []
    for index, line in enumerate(lines):
        by_start.setdefault(line[0], []).append(index)
    for index, line in enumerate(lines):
        if index in done:
            continue
        done.add(index)
        chain = list(line)
        while True:
            following = next((other for other in by_start.get(chain[-1], []) if other not in done), None)
            if following is None:
                break
            done.add(following)
            chain.extend(lines[following][1:])
        chains.append(chain)
    return chains


def path(lines):
    """The `d` of a path: whole numbers, each point told from the one before."""
    parts = []
    for line in joined(lines):
        points = [(round(x), round(y)) for x, y in simplified(line, STEPS / 5)]
        x, y = points[0]
        told = [f"M{x} {y}l"]
        for next_x, next_y in points[1:]:
            if (next_x, next_y) != (x, y):
                told.append(f"{next_x - x} {next_y - y}")
                x, y = next_x, next_y
        if 1 < len(told):
            parts.append(told[0] + " ".join(told[1:]).replace(" -", "-"))
    return "".join(parts)


def main():
    roads = json.load(open(sys.argv[1], encoding="utf-8"))
    drive = json.load(open(sys.argv[2], encoding="utf-8"))["features"] if 2 < len(sys.argv) else []
    everything = [point for feature in roads["features"] for line in lines_of(feature) for point in line]
    west, east = min(lon for lon, _ in everything), max(lon for lon, _ in everything)
    south, north = min(lat for _, lat in everything), max(lat for _, lat in everything)
    shrink = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((east - west) * shrink)  # pixels a degree of latitude
    height = round((north - south) * scale + 2 * MARGIN)

    def place(point):
        x = MARGIN + (point[0] - west) * shrink * scale
        return (x * STEPS, (MARGIN + (north - point[1]) * scale) * STEPS)

    def drawn(features):
        return path([[place(point) for point in line] for feature in features for line in lines_of(feature)])

    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
          'font-family="sans-serif" font-size="12">')
    print(f'<rect width="{WIDTH}" height="{height}" fill="#fbfaf6"/>')
    print(f'<g transform="scale({1 / STEPS})" fill="none" stroke-linejoin="round" stroke-linecap="round">')
    for _, classes, colour, width in STYLES:
        features = [feature for feature in roads["features"] if feature["properties"]["class"] in classes]
        print(f'<path stroke="{colour}" stroke-width="{width * STEPS:g}" d="{drawn(features)}"/>')
    on_the_way = [feature for feature in drive if feature["properties"]["role"] == "path"]
    if drive:
        d, (_, colour, width) = drawn(on_the_way), DRIVE
        print(f'<path stroke="#fbfaf6" stroke-width="{(width + 1.5) * STEPS:g}" d="{d}"/>')
        print(f'<path stroke="{colour}" stroke-width="{width * STEPS:g}" d="{d}"/>')
    print("</g>")
    for feature in drive:
        if feature["properties"]["role"] in ("from", "to"):
            x, y = (part / STEPS for part in place(feature["geometry"]["coordinates"]))
            fill = "#fff" if feature["properties"]["role"] == "from" else DRIVE[1]
            print(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{fill}" stroke="{DRIVE[1]}" stroke-width="2.5"/>')
    legend = [(name, colour, width) for name, _, colour, width in reversed(STYLES)] + ([DRIVE] if drive else [])
    top = height - MARGIN - 18 * (len(legend) + 1) - 24
    for row, (name, colour, width) in enumerate(legend):
        x, y = WIDTH - 210, top + 18 * row
        print(f'<path d="M{x} {y - 4}h26" stroke="{colour}" stroke-width="{width + 0.8:g}" stroke-linecap="round"/>'
              f'<text x="{x + 34}" y="{y}" fill="#444">{name}</text>')
    five_km = 5 / 111.195 * scale
    x, y = WIDTH - 210, height - MARGIN - 24
    print(f'<path d="M{x} {y - 4}v4h{five_km:.1f}v-4" fill="none" stroke="#444"/>'
          f'<text x="{x + five_km + 8:.1f}" y="{y}" fill="#444">5 km</text>')
    print(f'<text x="{WIDTH - MARGIN}" y="{height - 6}" font-size="10" fill="#666" text-anchor="end">'
          f'map data {roads["credit"]}</text>')
    print("</svg>")


if __name__ == "__main__":
    sys.setrecursionlimit(100_000)
    main()
