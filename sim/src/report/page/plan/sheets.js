// A sheet for each vehicle that carries somebody: what its driver does, stop by stop.

const drawSheets = () => {
  const vehicles = VEHICLES.map((name, vehicle) => [name, ofVehicle(vehicle).filter((tour) => tour.visits.length)]);
  byId('sheets').replaceChildren(...vehicles.filter(([, own]) => own.length).map(([name, own]) => sheet(name, own)));
};

const sheet = (name, own) =>
  make('section', {},
    make('header', {}, make('h3', {}, name), make('div', { class: 'day' }, dateInWords()), make('div', { class: 'area' }, DATA.area)),
    own.map((tour) => [shiftLine(tour), stopsOf(tour)]), make('div', { class: 'memo' }, t('memo')));

const placesOf = (tour) => tour.places.map((places) => people(places)).join(t('or'));

const shiftLine = (tour) => {
  const ends = tour.end ? placeName(tour.end) : t('any_place');
  return make('div', { class: 'shift' }, make('b', {}, t('shift_of', clock(tour.window[0]), clock(tour.window[1]))), '　',
    `${t('from_place', placeName(tour.start))}　${t('to_place', ends)}　`,
    make('span', { class: 'line' }, `${t('places', placesOf(tour))}　${t('sum', served(tour), km(tour.metres), span(tour.out))}`));
};

const stopsOf = (tour) => {
  const head = make('tr', {}, [['no', ''], ['time', t('time')], ['what', ''], ['', t('place_and_riders')], ['after', t('after')], ['done', t('done')]]
    .map(([kind, words]) => make('th', { class: kind || null, scope: 'col' }, words)));
  const first = line('end', '', clock(tour.visits[0].setOut), 'leaves', placeName(tour.start), [], '');
  const last = line('end', '', clock(tour.finish), 'ends', tour.end ? placeName(tour.end) : t('any_place'), [], '');
  return make('table', {}, make('thead', {}, head), make('tbody', {}, first, tour.visits.map((visit, index) => stop(visit, index, tour)), last));
};

const stop = (visit, index, tour) => {
  const before = tour.visits[index - 1];
  const isSamePlace = before && before.place[0] === visit.place[0] && before.place[1] === visit.place[1];
  const isLater = before && visit.setOut - before.end >= 60 && !isSamePlace;
  const [kind, sign] = [['up', 'up'], ['down', 'down'], ['rest', 'rest']][visit.what];
  const small = visit.what === 2 ? t('until', clock(visit.end)) : isLater ? t('set_out', clock(visit.setOut)) : '';
  return line(kind, index + 1, clock(visit.begin), sign, placeName(visit.place), callOf(visit), onBoard(visit.load), small);
};

const callOf = ({ what, rider }) => {
  if (!rider) return [];
  const told = what === 0 ? [t('promised', clock(rider.pickup[0]), clock(rider.pickup[1])), t('goes_to', placeName(rider.to))] : [t('promised_by', clock(rider.dropoff_latest))];
  if (what === 1 && rider.fare !== null) told.push(t('yen', number(rider.fare)));
  if (rider.is_driver_asked) told.push(t('driver_to_ask'));
  return [make('div', { class: 'party' }, make('b', {}, people(rider.party)), '　', make('span', { class: 'id' }, `${t('booking')} ${rider.id}　${t('line_no', rider.line)}`)),
    make('div', { class: 'line' }, told.join('　'))];
};

const line = (kind, no, time, sign, place, call, after, small = '') =>
  make('tr', { class: kind }, make('td', { class: 'no' }, String(no)), make('td', { class: 'time' }, time, small ? make('small', {}, small) : null),
    make('td', { class: 'what' }, make('span', {}, t(sign))), make('td', {}, make('div', { class: 'place' }, place), call),
    make('td', { class: 'after' }, after), make('td', { class: 'done' }, '□ __:__'));
