// The tours of the plan from the data: who does what, in numbers and words.

const { tours: TOURS, riders: RIDERS, left: LEFT, vehicles: VEHICLES } = DATA;

for (const [number, tour] of TOURS.entries()) {
  tour.number = number;
  tour.points = columns(tour.line, 2);
  tour.visits = tour.visits.map(([what, rider, place, setOut, begin, end, load]) => ({ what, rider: RIDERS[rider], place, setOut, begin, end, load }));
}
const busy = TOURS.filter((tour) => tour.visits.length);
const sum = (values) => values.reduce((total, value) => total + value, 0);
const served = (tour) => tour.visits.filter((visit) => visit.what === 0).length;
const km = (metres) => number(metres / 1000, 1);
const hours = (seconds) => number(seconds / 3600, 1);

// Far apart on the wheel, dark enough for paper; a vehicle's number says the same without colours.
const colourOf = (vehicle) => `hsl(${Math.round((vehicle * 137.5 + 215) % 360)} 75% ${vehicle % 2 ? 42 : 33}%)`;
const signOf = (vehicle) => String(vehicle + 1);

const people = ([seats, wheelchairs]) => {
  const persons = seats + wheelchairs;
  const words = persons === 1 ? t('one_person') : t('many_persons', persons);
  return wheelchairs ? `${words}${language ? ', ' : '・'}${t('wheelchairs', wheelchairs)}` : words;
};
const onBoard = (load) => (load[0] + load[1] ? people(load) : t('none_on_board'));
const wishOf = ({ wish: [kind, from, until] }) => t(`wish_${kind}`, clock(from), clock(until));
const rideOf = (row) => `${placeName(row.from)} → ${placeName(row.to)}`;

const cause = ([name, by]) => (DATA.causes[name]?.[language] ?? name) + (by === null ? '' : t('short_by', t('minutes', Math.ceil(by / 60))));
const whyOf = (left) => {
  if (left.because) return t('refused', left.because.map(cause).join(language ? '; ' : '、'));
  return t(left.reason, left.date ?? left.problems.join(' / '));
};
