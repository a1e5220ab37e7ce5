// The replay: one clock for all maps, and what is where at any time of the day.

const SPEEDS = [1, 10, 60, 120, 300, 900, 3600];
const STEP = 60;
const LONG_STEP = 900;
let now = DATA.clock[0];
let speed = 300;
let isPlaying = false;
let drawnAt = null;

// The last index whose value is at or before `value`; -1 if none is.
const lastAt = (values, value) => {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

// Where a vehicle is and what it does; null while it is off duty.
const whereIs = (vehicle, time) => {
  const shift = vehicle.shifts.find(({ opened, closed }) => opened <= time && time <= (closed ?? DATA.clock[1]));
  if (!shift) return null;
  const { drives } = shift;
  shift.departures ??= drives.map((drive) => drive.at[0]);
  const index = lastAt(shift.departures, time);
  const aboard = riders(shift, time);
  const next = drives.slice(index + 1).find((drive) => drive.who.length)?.who[0];
  if (index < 0) return { shift, x: shift.start[0], y: shift.start[1], drive: null, next, ...aboard };
  const drive = drives[index];
  const step = lastAt(drive.at, time);
  if (step === drive.at.length - 1) return { shift, x: drive.x[step], y: drive.y[step], drive: null, next, ...aboard };
  const part = (time - drive.at[step]) / (drive.at[step + 1] - drive.at[step]);
  const between = (values) => values[step] + (values[step + 1] - values[step]) * part;
  return { shift, x: between(drive.x), y: between(drive.y), drive, next, persons: drive.persons, who: drive.who };
};

const riders = (shift, time) => {
  let persons = 0;
  const who = new Set();
  for (const [at, by, request] of shift.steps) {
    if (at > time) break;
    persons += by;
    if (by > 0) who.add(request);
    else who.delete(request);
  }
  return { persons, who: [...who] };
};

// A word for where a request stands; `refused_now` for a while after the wished time.
const stateAt = (request, time) => {
  if (request.alighted && request.alighted[0] <= time) return 'served';
  if (request.boarded.length && request.boarded[0][2] <= time) return 'aboard';
  const end = endOf(request);
  if (end === 'refused') {
    const wished = Math.max(request.wish[1], request.at);
    return time < wished ? 'before' : time < wished + REFUSED_SHOWN_FOR ? 'refused_now' : 'refused';
  }
  const until = request.boarded.length ? request.boarded[0][2] : lastMoment(request);
  const from = request.offer ? Math.max(request.at, request.offer.pickup[0]) : Infinity;
  if (end !== 'not_taken' && from <= time && time < until) return 'waiting';
  return time < from ? 'before' : 'other';
};
const lastMoment = (request) => (request.end && request.moments.length ? request.moments[request.moments.length - 1][1] : Infinity);

const goTo = (seconds) => {
  now = Math.min(DATA.clock[1], Math.max(DATA.clock[0], seconds));
  redraw();
};

const play = (shall) => {
  if (shall && now >= DATA.clock[1]) now = DATA.clock[0];
  isPlaying = shall;
  drawnAt = null;
  nameButtons();
  if (isPlaying) requestAnimationFrame(frame);
};

const frame = (at) => {
  if (!isPlaying) return;
  if (drawnAt !== null) {
    now = Math.min(DATA.clock[1], now + ((at - drawnAt) / 1000) * speed);
    redraw();
  }
  drawnAt = at;
  if (now >= DATA.clock[1]) play(false);
  else requestAnimationFrame(frame);
};

const redraw = () => {
  byId('clock').textContent = clock(now, speed < 60);
  const slider = byId('slider');
  slider.value = now;
  slider.setAttribute('aria-valuetext', clock(now));
  for (const map of maps) {
    drawMap(map, now);
    drawFleet(map, now);
  }
  drawPlayheads(now);
};

const drawFleet = (map, time) => {
  const { run } = map;
  const counts = { served: 0, aboard: 0, waiting: 0, refused: 0 };
  for (const request of run.requests) {
    const state = stateAt(request, time);
    if (state === 'refused_now') counts.refused += 1;
    else if (state in counts) counts[state] += 1;
  }
  map.soFar.textContent = t('so_far', counts.served, counts.aboard, counts.waiting, counts.refused);
  run.vehicles.forEach((vehicle, index) => {
    const where = whereIs(vehicle, time);
    const doing = !where ? t('state_off') : where.drive ? t('state_' + where.drive.errand) : isServing(run, where, time) ? t('state_boarding') : t('state_standing');
    const row = map.rows[index];
    row.doing.textContent = doing;
    row.persons.textContent = where ? '●'.repeat(where.persons) || '–' : '';
    row.persons.setAttribute('aria-label', where ? t('persons', where.persons) : '');
    row.element.classList.toggle('off', !where);
  });
};

const isServing = (run, { shift }, time) => run.requests.some((request) =>
  request.boarded.some(([of, began, ended]) => of === shift.number && began <= time && time <= ended) ||
  (request.shift === shift.number && request.alighted && request.alighted[0] <= time && time <= request.alighted[1]));

const nameFleets = () => {
  for (const map of maps) {
    map.rows = map.run.vehicles.map((vehicle) => {
      const [doing, persons] = [make('td', { class: 'doing' }), make('td', { class: 'persons', role: 'img' })];
      const element = make('tr', {}, make('th', { scope: 'row' }, make('span', { class: 'badge' }, vehicle.sign), ' ' + vehicle.name), doing, persons);
      return { element, doing, persons };
    });
    map.fleet.replaceChildren(make('thead', {}, make('tr', {}, ['vehicle', 'now_doing', 'on_board'].map((key) => make('th', { scope: 'col' }, t(key))))),
      make('tbody', {}, map.rows.map((row) => row.element)));
    const title = map.element.querySelector('.run-title');
    if (title) title.textContent = runTitle(map.run);
    nameTools(map.element);
  }
};

const nameButtons = () => {
  byId('play').textContent = (isPlaying ? '❚❚ ' : '▶ ') + t(isPlaying ? 'pause' : now >= DATA.clock[1] ? 'replay_again' : 'play');
  byId('play').setAttribute('aria-pressed', isPlaying);
};

const nameReplay = () => {
  nameButtons();
  byId('first').textContent = t('first');
  byId('slider').setAttribute('aria-label', t('slider'));
  byId('speed').replaceChildren(...SPEEDS.map((value) =>
    make('option', { value, selected: value === speed }, value === 1 ? t('speed_1') : t('speed_n', number(value)))));
  const sign = (...shapes) => make('svg:svg', { viewBox: '0 0 24 24', class: 'sign', 'aria-hidden': 'true' }, shapes);
  const figureIn = (kind) => make('svg:text', { x: 12, y: 17, 'text-anchor': 'middle', class: kind }, '1');
  const signs = {
    loaded: sign(make('svg:circle', { cx: 12, cy: 13, r: 9, class: 'sign-loaded' }), figureIn('on-dark'), make('svg:circle', { cx: 12, cy: 2, r: 2 })),
    empty: sign(make('svg:circle', { cx: 12, cy: 13, r: 9, class: 'sign-empty' }), figureIn('')),
    standing: sign(make('svg:rect', { x: 4, y: 5, width: 16, height: 16, class: 'sign-standing' }), figureIn('')),
    waiting: sign(make('svg:path', { d: 'M12 4a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7M5 20a7 7 0 0 1 14 0z', class: 'sign-waiting' })),
    refused: sign(make('svg:path', { d: 'M6 6L18 18M18 6L6 18', class: 'sign-refused' })),
    place: sign(make('svg:rect', { x: 9, y: 9, width: 6, height: 6 })),
  };
  byId('legend').replaceChildren(...Object.entries(signs).map(([name, drawing]) => make('li', {}, drawing, t('legend_' + name))));
};

const listenToKeys = () => {
  byId('play').addEventListener('click', () => play(!isPlaying));
  byId('first').addEventListener('click', () => goTo(DATA.clock[0]));
  byId('slider').addEventListener('input', (event) => goTo(Number(event.target.value)));
  byId('speed').addEventListener('change', (event) => {
    speed = Number(event.target.value);
    redraw();
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const isButton = /^(BUTTON|SUMMARY|A)$/.test(event.target.tagName);
    const by = event.shiftKey ? LONG_STEP : STEP;
    const keys = {
      ' ': isButton ? null : () => play(!isPlaying),
      ArrowLeft: () => goTo(now - by),
      ArrowRight: () => goTo(now + by),
      '+': () => zoomBy(1.6),
      '-': () => zoomBy(1 / 1.6),
      0: zoomAll,
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
};
