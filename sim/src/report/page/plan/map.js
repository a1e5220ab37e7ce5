// The map: every vehicle's way along the roads in its colour, and its stops.

// The vehicle that is shown alone.
let alone = null;
let map = null;

const makeMap = () => {
  const { map: made, frame } = makeView();
  map = made;
  maps.push(map);
  const fleet = make('table', { class: 'fleet', id: 'fleet' });
  byId('map').replaceChildren(make('div', { class: 'map-and-fleet' }, frame, make('div', { class: 'beside scroll' }, fleet)));
};

const ofVehicle = (vehicle) => TOURS.filter((tour) => tour.vehicle === vehicle);
const isShown = (vehicle) => alone === null || alone === vehicle;

const redraw = () => {
  fitCanvas(map);
  drawGround(map);
  const at = project(map);
  map.context.drawImage(map.ground, 0, 0);
  map.marks = [];
  for (const tour of busy.filter((tour) => !isShown(tour.vehicle))) drawWay(tour, at, 'rgba(90,100,110,.25)', 1.5);
  for (const tour of busy.filter((tour) => isShown(tour.vehicle))) drawWay(tour, at, colourOf(tour.vehicle), alone === null ? 2.5 : 4);
  for (const tour of busy.filter((tour) => isShown(tour.vehicle))) drawStops(tour, at);
  for (const tour of TOURS) if (isShown(tour.vehicle)) drawStart(tour, at);
  // In the page's pixels, for whoever tries the page by machine.
  map.canvas.dataset.marks = JSON.stringify(map.marks.map(([x, y, vehicle]) => [x / map.ratio, y / map.ratio, vehicle]));
  map.canvas.setAttribute('aria-label', t('map_of', new Set(busy.map((tour) => tour.vehicle)).size));
};

const drawWay = (tour, at, colour, width) => {
  const [xs, ys] = tour.points;
  strokeLines(map.context, at, [[xs, ys]], (width + 2) * map.ratio, 'rgba(255,255,255,.7)');
  strokeLines(map.context, at, [[xs, ys]], width * map.ratio, colour);
};

// Full where somebody boards, hollow where somebody alights; in their order once a vehicle is alone.
const drawStops = (tour, at) => {
  const { context, ratio } = map;
  const taken = [];
  tour.visits.forEach((visit, index) => {
    const [x, y] = at(visit.place[0], visit.place[1]);
    map.marks.push([x, y, tour.vehicle]);
    context.beginPath();
    context.arc(x, y, 4 * ratio, 0, 2 * Math.PI);
    [context.lineWidth, context.strokeStyle] = [2 * ratio, colourOf(tour.vehicle)];
    context.fillStyle = visit.what === 0 ? colourOf(tour.vehicle) : '#ffffff';
    context.fill();
    context.stroke();
    const isFree = taken.every(([tx, ty]) => Math.hypot(tx - x, ty - y) > 15 * ratio);
    if (alone === null || !isFree) return;
    taken.push([x, y]);
    label(context, map, String(index + 1), x, y - 7 * ratio, 'center', 12, 'bold');
  });
};

const drawStart = (tour, at) => {
  const { context, ratio } = map;
  const [x, y] = at(tour.start[0], tour.start[1]);
  const size = 9 * ratio;
  map.marks.push([x, y, tour.vehicle]);
  context.beginPath();
  context.rect(x - size, y - size, 2 * size, 2 * size);
  [context.fillStyle, context.strokeStyle, context.lineWidth] = [colourOf(tour.vehicle), '#ffffff', 1.5 * ratio];
  context.fill();
  context.stroke();
  context.font = `bold ${11 * ratio}px ${FONT}`;
  [context.textAlign, context.textBaseline, context.fillStyle] = ['center', 'middle', '#ffffff'];
  context.fillText(signOf(tour.vehicle), x, y + 0.5 * ratio);
  context.textBaseline = 'alphabetic';
};

const chooseAt = (of, point) => {
  const nearest = nearestMark(of, point);
  if (nearest !== null) showAlone(nearest);
};
const zoomBy = (by) => {
  view.zoom *= by;
  clampView();
};

const showAlone = (vehicle) => {
  alone = alone === vehicle ? null : vehicle;
  nameFleet();
  redraw();
};

const nameFleet = () => {
  const row = (name, vehicle) => {
    const own = ofVehicle(vehicle);
    const out = own.filter((tour) => tour.visits.length);
    const badge = make('span', { class: 'badge' }, signOf(vehicle));
    badge.style.background = colourOf(vehicle);
    const button = make('button', { type: 'button', class: 'of-vehicle', 'aria-pressed': String(alone === vehicle), onclick: () => showAlone(vehicle) }, badge, ' ' + name);
    return make('tr', { class: out.length ? '' : 'off' }, make('th', { scope: 'row' }, button),
      make('td', {}, own.flatMap((tour, index) => [index ? make('br') : null, t('shift_of', clock(tour.window[0]), clock(tour.window[1]))])),
      make('td', { class: 'value' }, out.length ? number(sum(out.map(served))) : t('stays')),
      make('td', { class: 'value' }, out.length ? km(sum(out.map((tour) => tour.metres))) : ''));
  };
  byId('fleet').replaceChildren(
    make('thead', {}, make('tr', {}, ['vehicle', 'hours', 'carries', 'km'].map((key) => make('th', { scope: 'col' }, t(key))))),
    make('tbody', {}, VEHICLES.map(row)));
  nameTools(byId('map'));
};
