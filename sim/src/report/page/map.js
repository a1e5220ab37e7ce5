// The maps: roads, vehicles, riders who wait; one view for all of them.

const COLOURS = { loaded: '#0b4f8a', empty: '#ffffff', standing: '#d9dee4', waiting: '#7a3b00', refused: '#b3261e', route: '#0b4f8a', chosen: '#c2185b' };
const REFUSED_SHOWN_FOR = 1200;

let chosen = null;

const PLACES = (() => {
  const seen = new Map();
  for (const run of RUNS) for (const shift of run.shifts) seen.set(shift.start.slice(0, 2).join(), shift.start);
  return [...seen.values()];
})();

const makeMap = (run) => {
  const { map, frame } = makeView();
  const soFar = make('p', { class: 'so-far' });
  const fleet = make('table', { class: 'fleet' });
  const element = make('div', { class: 'map-of-run' }, IS_PAIR ? make('h3', { class: 'run-title' }) : null,
    make('div', { class: 'map-and-fleet' }, frame, make('div', { class: 'beside' }, soFar, make('div', { class: 'scroll wide' }, fleet))));
  return Object.assign(map, { run, element, soFar, fleet });
};

// Draws one map as it is at `now`; returns what the sentences beside it say.
const drawMap = (map, now) => {
  fitCanvas(map);
  drawGround(map);
  const { context, run } = map;
  const at = project(map);
  context.drawImage(map.ground, 0, 0);
  map.marks = [];
  map.labels = [];
  for (const place of PLACES) drawPlace(map, at, place);
  const vehicles = run.vehicles.map((vehicle) => [vehicle, whereIs(vehicle, now)]).filter(([, where]) => where);
  for (const [, where] of vehicles) if (where.drive) drawRoute(map, at, where, now);
  const request = chosenIn(run);
  if (request) drawChosenWay(map, at, request);
  let waiting = 0;
  for (const other of run.requests) {
    const state = stateAt(other, now);
    if (state === 'waiting') waiting += 1;
    if (state === 'waiting' || state === 'refused_now') drawRider(map, at, other, state);
  }
  if (request) drawChosenEnds(map, at, request);
  for (const [vehicle, where] of vehicles) drawVehicle(map, at, vehicle, where);
  // In the page's pixels, for whoever tries the page by machine.
  map.canvas.dataset.marks = JSON.stringify(map.marks.map(([x, y]) => [x / map.ratio, y / map.ratio]));
  map.canvas.dataset.vehicles = vehicles.length;
  map.canvas.dataset.waiting = waiting;
  map.canvas.setAttribute('aria-label', t('map_of', runTitle(run), clock(now), vehicles.length, waiting));
};

const drawPlace = (map, at, place) => {
  const [x, y] = at(place[0], place[1]);
  const size = 4 * map.ratio;
  map.context.fillStyle = INK;
  map.context.fillRect(x - size / 2, y - size / 2, size, size);
  if (!place[2] || place[3]) return;
  const isClear = map.labels.every(([lx, ly]) => Math.abs(lx - x) > 90 * map.ratio || Math.abs(ly - y) > 18 * map.ratio);
  if (!isClear) return; // further in there is room for both
  map.labels.push([x, y]);
  label(map.context, map, shortened(place[2], 24), x, y + 22 * map.ratio);
};

const drawRoute = (map, at, { drive }, now) => {
  const { context } = map;
  context.setLineDash(drive.persons ? [] : [5 * map.ratio, 4 * map.ratio]);
  const from = Math.max(0, drive.at.findIndex((time) => time > now) - 1);
  strokeLines(context, at, [[drive.x.slice(from), drive.y.slice(from)]], (drive.persons ? 3 : 2) * map.ratio, 'rgba(11,79,138,.55)');
  context.setLineDash([]);
};

const drawRider = (map, at, request, state) => {
  const { context, ratio } = map;
  const [x, y] = at(request.from[0], request.from[1]);
  map.marks.push([x, y, request]);
  if (state === 'refused_now') {
    const size = 5 * ratio;
    context.beginPath();
    context.moveTo(x - size, y - size);
    context.lineTo(x + size, y + size);
    context.moveTo(x + size, y - size);
    context.lineTo(x - size, y + size);
    [context.lineWidth, context.strokeStyle] = [3 * ratio, COLOURS.refused];
    context.stroke();
    return;
  }
  // A head and shoulders.
  context.beginPath();
  context.arc(x, y - 5 * ratio, 3.2 * ratio, 0, 2 * Math.PI);
  context.moveTo(x + 5.5 * ratio, y + 5 * ratio);
  context.arc(x, y + 5 * ratio, 5.5 * ratio, 0, Math.PI, true);
  context.closePath();
  [context.lineWidth, context.strokeStyle, context.fillStyle] = [2 * ratio, '#ffffff', COLOURS.waiting];
  context.stroke();
  context.fill();
};

const drawVehicle = (map, at, vehicle, where) => {
  const { context, ratio } = map;
  const [x, y] = at(where.x, where.y);
  const size = 10 * ratio;
  const isStanding = !where.drive;
  context.beginPath();
  if (isStanding && !where.persons) context.rect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6);
  else context.arc(x, y, size, 0, 2 * Math.PI);
  context.fillStyle = where.persons ? COLOURS.loaded : isStanding ? COLOURS.standing : COLOURS.empty;
  [context.lineWidth, context.strokeStyle] = [(where.persons ? 2 : 2.5) * ratio, where.persons ? '#ffffff' : INK];
  context.fill();
  context.stroke();
  context.font = `bold ${11 * ratio}px ${FONT}`;
  [context.textAlign, context.textBaseline, context.fillStyle] = ['center', 'middle', where.persons ? '#ffffff' : INK];
  context.fillText(vehicle.sign, x, y + 0.5 * ratio);
  context.textBaseline = 'alphabetic';
  for (let person = 0; person < where.persons; person++) {
    context.beginPath();
    context.arc(x + (person - (where.persons - 1) / 2) * 6 * ratio, y - size - 5 * ratio, 2.5 * ratio, 0, 2 * Math.PI);
    [context.fillStyle, context.strokeStyle, context.lineWidth] = [INK, '#ffffff', 1.5 * ratio];
    context.stroke();
    context.fill();
  }
  const request = where.who.length ? where.who[0] : where.next;
  if (request !== undefined) map.marks.push([x, y, map.run.requests[request]]);
};

const drawChosenWay = (map, at, request) => {
  const ways = map.run.drives.filter((drive) => drive.who.includes(request.number)).map((drive) => [drive.x, drive.y]);
  strokeLines(map.context, at, ways, 6 * map.ratio, 'rgba(194,24,91,.35)');
};

const drawChosenEnds = (map, at, request) => {
  const { context, ratio } = map;
  for (const [place, sign] of [[request.to, language ? 'to' : '降'], [request.from, language ? 'from' : '乗']]) {
    const [x, y] = at(place[0], place[1]);
    context.beginPath();
    context.arc(x, y, 13 * ratio, 0, 2 * Math.PI);
    [context.lineWidth, context.strokeStyle] = [3 * ratio, COLOURS.chosen];
    context.stroke();
    label(context, map, sign, x, y - 17 * ratio, 'center', 13, 'bold');
  }
};

// The request that is chosen, as it went in this run.
const chosenIn = (run) => {
  if (!chosen) return null;
  if (run.requests[chosen.number] === chosen) return chosen;
  return chosen.twin && run.requests[chosen.twin.number] === chosen.twin ? chosen.twin : null;
};

const zoomBy = (by) => {
  // From the whole area towards what is chosen.
  if (view.zoom === 1 && chosen) [view.x, view.y] = [(chosen.from[0] + chosen.to[0]) / 2, (chosen.from[1] + chosen.to[1]) / 2];
  view.zoom *= by;
  clampView();
};
const chooseAt = (map, point) => {
  const nearest = nearestMark(map, point);
  if (nearest) choose(nearest, true);
};
