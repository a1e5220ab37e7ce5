// The maps: roads, vehicles, riders who wait; one view for all of them.

const INK = '#1d2733';
const COLOURS = { loaded: '#0b4f8a', empty: '#ffffff', standing: '#d9dee4', waiting: '#7a3b00', refused: '#b3261e', route: '#0b4f8a', chosen: '#c2185b' };
const REFUSED_SHOWN_FOR = 1200;
const REACH = 16;
const ZOOM_MAX = 40;
// Of the frame, so that nothing touches its edges.
const PAD = 0.95;
const SQUEEZE = DATA.grid.squeeze;

// Zoom 1 shows all; the centre is on the grid.
const view = { zoom: 1, x: DATA.grid.width / 2, y: DATA.grid.height / 2 };
let chosen = null;
const maps = [];

const PLACES = (() => {
  const seen = new Map();
  for (const run of RUNS) for (const shift of run.shifts) seen.set(shift.start.slice(0, 2).join(), shift.start);
  return [...seen.values()];
})();

const makeMap = (run) => {
  const canvas = make('canvas', { role: 'img', tabindex: 0 });
  const tools = [['＋', 'zoom_in', 1.6], ['−', 'zoom_out', 1 / 1.6], ['⤢', 'zoom_all', 0]].map(([sign, key, by]) =>
    make('button', { type: 'button', 'data-label': key, onclick: () => (by ? zoomBy(by) : zoomAll()) }, sign));
  const soFar = make('p', { class: 'so-far' });
  const fleet = make('table', { class: 'fleet' });
  const element = make('div', { class: 'map-of-run' }, IS_PAIR ? make('h3', { class: 'run-title' }) : null,
    make('div', { class: 'map-and-fleet' }, make('div', { class: 'frame' }, canvas, make('div', { class: 'tools' }, tools),
      make('p', { class: 'credit' }, DATA.credit)), make('div', { class: 'beside' }, soFar, make('div', { class: 'scroll wide' }, fleet))));
  const map = { run, canvas, context: canvas.getContext('2d'), ground: document.createElement('canvas'), groundOf: '', element, soFar, fleet, marks: [] };
  listen(map);
  return map;
};

const scaleOf = (map) => {
  const { width, height } = map.canvas;
  return PAD * Math.min(width / (DATA.grid.width * SQUEEZE), height / DATA.grid.height) * view.zoom;
};
const project = (map) => {
  const [scale, cx, cy] = [scaleOf(map), map.canvas.width / 2, map.canvas.height / 2];
  return (x, y) => [cx + (x - view.x) * SQUEEZE * scale, cy - (y - view.y) * scale];
};

const fitCanvas = (map) => {
  const ratio = window.devicePixelRatio || 1;
  const area = map.canvas.getBoundingClientRect();
  const [width, height] = [Math.max(1, Math.round(area.width * ratio)), Math.max(1, Math.round(area.height * ratio))];
  if (map.canvas.width !== width || map.canvas.height !== height) [map.canvas.width, map.canvas.height] = [width, height];
  map.ratio = ratio;
};

const strokeLines = (context, at, lines, width, colour) => {
  context.beginPath();
  for (const [xs, ys] of lines) {
    for (let i = 0; i < xs.length; i++) {
      const [x, y] = at(xs[i], ys[i]);
      if (i) context.lineTo(x, y);
      else context.moveTo(x, y);
    }
  }
  [context.lineWidth, context.strokeStyle, context.lineJoin, context.lineCap] = [width, colour, 'round', 'round'];
  context.stroke();
};

// The roads are drawn once for each view.
const drawGround = (map) => {
  const { canvas, ground } = map;
  const of = [canvas.width, canvas.height, view.zoom, view.x, view.y, language].join();
  if (map.groundOf === of) return;
  map.groundOf = of;
  [ground.width, ground.height] = [canvas.width, canvas.height];
  const context = ground.getContext('2d');
  const at = project(map);
  const bold = map.ratio * Math.min(2.2, 0.9 + view.zoom * 0.12);
  context.fillStyle = '#f7f8f5';
  context.fillRect(0, 0, ground.width, ground.height);
  strokeLines(context, at, ROADS.thin, bold * 0.8, '#dfe2dc');
  strokeLines(context, at, ROADS.middling, bold * 1.4, '#ccd2c8');
  strokeLines(context, at, ROADS.broad, bold * 2, '#b9c2b6');
  drawScale(map, context);
};

const drawScale = (map, context) => {
  const metre = scaleOf(map) / 1.11132; // a grid step is a hundred-thousandth of a degree
  const most = map.canvas.width / 4 / metre;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= most) ?? power;
  const [x, y, width] = [10 * map.ratio, map.canvas.height - 12 * map.ratio, length * metre];
  [context.strokeStyle, context.lineWidth, context.fillStyle] = [INK, 1.5 * map.ratio, INK];
  context.strokeRect(x, y, width, 0.01);
  label(context, map, length < 1000 ? `${length} m` : `${length / 1000} km`, x, y - 5 * map.ratio, 'left');
};

const label = (context, map, words, x, y, align = 'center', size = 11, weight = '') => {
  context.font = `${weight} ${size * map.ratio}px ${FONT}`;
  [context.textAlign, context.lineWidth, context.strokeStyle] = [align, 3 * map.ratio, 'rgba(255,255,255,.9)'];
  context.lineJoin = 'round';
  context.strokeText(words, x, y);
  context.fillStyle = INK;
  context.fillText(words, x, y);
};
const FONT = '"Hiragino Sans","Noto Sans JP","Noto Sans CJK JP","Yu Gothic UI",Meiryo,system-ui,sans-serif';

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

const clampView = () => {
  view.zoom = Math.min(ZOOM_MAX, Math.max(1, view.zoom));
  const [width, height] = [DATA.grid.width, DATA.grid.height];
  const clamp = (value, size) => (view.zoom === 1 ? size / 2 : Math.min(size, Math.max(0, value)));
  [view.x, view.y] = [clamp(view.x, width), clamp(view.y, height)];
  for (const map of maps) map.canvas.classList.toggle('zoomed', view.zoom > 1);
  redraw();
};
const zoomBy = (by) => {
  // From the whole area towards what is chosen.
  if (view.zoom === 1 && chosen) [view.x, view.y] = [(chosen.from[0] + chosen.to[0]) / 2, (chosen.from[1] + chosen.to[1]) / 2];
  view.zoom *= by;
  clampView();
};
const zoomAll = () => {
  view.zoom = 1;
  clampView();
};

const listen = (map) => {
  const { canvas } = map;
  const inside = (event) => {
    const area = canvas.getBoundingClientRect();
    return [(event.clientX - area.left) * map.ratio, (event.clientY - area.top) * map.ratio];
  };
  let held = null;
  canvas.addEventListener('pointerdown', (event) => {
    held = { at: inside(event), x: view.x, y: view.y, moved: false };
    if (view.zoom > 1) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!held) return;
    const [x, y] = inside(event);
    const [dx, dy] = [x - held.at[0], y - held.at[1]];
    held.moved ||= Math.hypot(dx, dy) > 5 * map.ratio;
    if (!held.moved || view.zoom === 1) return;
    const scale = scaleOf(map);
    [view.x, view.y] = [held.x - dx / (scale * SQUEEZE), held.y + dy / scale];
    clampView();
  });
  canvas.addEventListener('pointerup', (event) => {
    if (held && !held.moved) chooseAt(map, inside(event));
    held = null;
  });
  canvas.addEventListener('pointercancel', () => (held = null));
  canvas.addEventListener('wheel', (event) => {
    if (view.zoom === 1 && event.deltaY > 0) return; // the page scrolls on
    event.preventDefault();
    const [px, py] = inside(event);
    const before = scaleOf(map);
    view.zoom = Math.min(ZOOM_MAX, Math.max(1, view.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2)));
    const after = scaleOf(map);
    const [ox, oy] = [px - canvas.width / 2, canvas.height / 2 - py];
    view.x += (ox / SQUEEZE) * (1 / before - 1 / after);
    view.y += oy * (1 / before - 1 / after);
    clampView();
  }, { passive: false });
};

const chooseAt = (map, [x, y]) => {
  let [nearest, best] = [null, REACH * map.ratio];
  for (const [mx, my, request] of map.marks) {
    const off = Math.hypot(mx - x, my - y);
    if (off <= best) [nearest, best] = [request, off];
  }
  if (nearest) choose(nearest, true);
};
