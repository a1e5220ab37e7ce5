// In short; who is left; what riders are told.

const all = RIDERS.length + LEFT.length;

const drawHead = () => {
  byId('title').textContent = t('title', DATA.area, dateInWords());
  document.title = byId('title').textContent;
  const persons = sum(RIDERS.map(({ party }) => party[0] + party[1]));
  const vehicles = new Set(busy.map((tour) => tour.vehicle)).size;
  const first = t('lead', number(all), number(RIDERS.length), number(persons), vehicles, km(sum(busy.map((tour) => tour.metres))));
  emphasize(byId('lead'), `${first}${language ? ' ' : ''}${LEFT.length ? t('lead_left', number(LEFT.length)) : t('lead_all')}`);
  byId('warnings').replaceChildren(make('p', { class: 'warning' }, t('personal')));
};

const commonest = () => {
  const counts = new Map();
  for (const left of LEFT) {
    const words = left.because ? cause([left.because[0][0], null]) : whyOf(left);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
};

const drawCards = () => {
  const metres = sum(busy.map((tour) => tour.metres));
  const work = sum(busy.map((tour) => tour.window[1] - tour.window[0]));
  const vehicles = new Set(busy.map((tour) => tour.vehicle)).size;
  const cards = [
    ['key_served', number(RIDERS.length), t('key_served_note', number(all), percent(all ? RIDERS.length / all : 0))],
    ['key_left', number(LEFT.length), LEFT.length ? t('key_left_note', commonest()) : t('key_left_none')],
    ['key_km', km(metres), t('key_km_note', percent(metres ? sum(busy.map((tour) => tour.empty)) / metres : 0))],
    ['key_hours', hours(sum(busy.map((tour) => tour.out))), t('key_hours_note', hours(work))],
    ['key_vehicles', number(vehicles), t('key_vehicles_note', number(VEHICLES.length))],
    ['key_rate', number(work ? (3600 * RIDERS.length) / work : 0, 1), t('key_rate_note')],
  ];
  byId('cards').replaceChildren(...cards.map(([key, value, note]) =>
    make('div', { class: 'card' }, make('h3', {}, t(key)), make('strong', {}, value), make('span', { class: 'note' }, note))));
};

const table = (id, heads, rows) =>
  byId(id).replaceChildren(make('thead', {}, make('tr', {}, heads.map((key) => make('th', { scope: 'col' }, t(key))))),
    make('tbody', {}, rows.map((cells) => make('tr', {}, cells.map((cell) => make('td', {}, cell))))));

const drawLeft = () => {
  byId('left-how').textContent = t(LEFT.length ? 'left_how' : 'left_none');
  byId('left').hidden = !LEFT.length;
  const row = (left) => [String(left.line), left.id ?? '', left.wish ? wishOf(left) : '', left.from ? rideOf(left) : '', left.party ? people(left.party) : '', whyOf(left)];
  table('left', ['line', 'booking', 'wish', 'ride', 'party', 'why'], LEFT.map(row));
};

const drawRiders = () => {
  const row = (rider) => [String(rider.line), rider.id, wishOf(rider), rideOf(rider), people(rider.party),
    t('shift_of', clock(rider.pickup[0]), clock(rider.pickup[1])), clock(rider.dropoff_latest), VEHICLES[TOURS[rider.tour].vehicle]];
  table('riders', ['line', 'booking', 'wish', 'ride', 'party', 'pickup', 'there_by', 'by_vehicle'], RIDERS.map(row));
};

const drawNotes = () => {
  const notes = ['note_promise', 'note_times', ...(RIDERS.some((rider) => rider.is_driver_asked) ? ['note_asked'] : []), 'note_roads', ...(DATA.roads_lack_thin ? ['note_roads_thin'] : [])];
  byId('notes').replaceChildren(make('ul', {}, notes.map((key) => make('li', {}, t(key)))));
  byId('footer').replaceChildren(make('p', {}, t('footer_map', DATA.credit)), make('p', {}, t('footer', number(DATA.steps), String(DATA.seed))));
};
