// The decision in words, the ways side by side, and all figures of each.

const KEY = ['served_percent', 'wait_p90_s', ...(HAS_PRICES ? ['cost_yen', 'subsidy_per_trip_yen'] : ['km'])];
const OVERVIEW = ['served_percent', 'refused', 'wait_p50_s', 'wait_p90_s', ...(HAS_PRICES ? ['cost_yen', 'subsidy_per_trip_yen'] : []), 'km'];
const VERDICTS_MAX = 9;

const drawHead = () => {
  byId('title').textContent = t('title', DATA.area, COMPARISON.scenario);
  document.title = byId('title').textContent;
  const times = COMPARISON.replications > 1 ? t('lead_times', number(COMPARISON.replications)) : '';
  byId('lead').replaceChildren(...rich(t('lead', number(CHOICES.length), number(COMPARISON.days), times, titleOf(BASE))));
  byId('intervals').textContent = t('intervals', number(100 * COMPARISON.confidence), number(COMPARISON.blocks), number(COMPARISON.block_days), number(COMPARISON.resamples))
    + (HAS_PRICES ? ' ' + t('star') : '');
};

const overall = (choice) => {
  const known = KEY.filter((name) => name !== 'subsidy_per_trip_yen').map((name) => [name, choice.differs(name)]);
  if (known.every(([, difference]) => !difference?.interval)) return 'unknown';
  const marks = known.map(([name, difference]) => better(name, difference));
  if (marks.includes(1) && marks.includes(-1)) return 'mixed';
  return marks.includes(1) ? 'better' : marks.includes(-1) ? 'worse' : 'same';
};

const drawDecision = () => {
  const said = [];
  const names = (choices) => choices.map(titleOf).join(language ? '; ' : '、');
  if (!OTHERS.length) said.push(make('p', {}, t('one_choice')));
  else if (HAS_PRICES) {
    const best = CHOICES.filter((choice) => choice.is_efficient);
    said.push(make('p', { class: 'lead' }, rich(t('efficient', number(best.length), names(best)))));
    const beaten = CHOICES.filter((choice) => !choice.is_efficient);
    if (beaten.length) said.push(make('p', {}, t('beaten', names(beaten))));
  } else said.push(make('p', {}, t('no_prices')));
  const told = OTHERS.length <= VERDICTS_MAX ? OTHERS : OTHERS.filter((choice) => choice.is_efficient).slice(0, VERDICTS_MAX);
  const card = (choice) => {
    const kind = overall(choice);
    return make('div', { class: 'card verdict-' + kind, 'data-choice': choice.number }, make('h3', {}, titleOf(choice)),
      make('p', { class: 'hint' }, t('against', titleOf(choice.other))), make('strong', {}, t('verdict_' + kind)),
      make('ul', {}, KEY.map((name) => make('li', {}, make('span', { class: 'what' }, measureName(name)),
        make('b', {}, shown(name, choice.figures[name].value)), make('span', {}, byHowMuch(name, choice.differs(name)))))));
  };
  byId('verdicts').replaceChildren(...told.map(card));
  if (told.length < OTHERS.length) said.push(make('p', { class: 'hint' }, t('more_verdicts')));
  byId('decision').replaceChildren(...said);
};

const cell = (name, value, difference, isBase) =>
  make('td', { class: 'value' }, make('span', { class: 'main' }, shown(name, value)),
    isBase ? make('small', {}, t('baseline')) : make('small', {}, withInterval(name, difference)),
    verdict(difference) && !isBase ? make('small', { class: 'unsure' }, verdict(difference)) : null);

const drawOverview = () => {
  const head = make('tr', {}, make('th', { scope: 'col' }, t('choice')), OVERVIEW.map((name) => make('th', { scope: 'col' }, measureName(name))));
  const row = (choice) =>
    make('tr', { 'data-choice': choice.number, class: choice === BASE ? 'base' : null },
      make('th', { scope: 'row' }, (choice.is_efficient ? '★ ' : '') + titleOf(choice)),
      OVERVIEW.map((name) => cell(name, choice.figures[name].value, choice.differs(name), choice === BASE)));
  byId('overview').replaceChildren(make('thead', {}, head), make('tbody', {}, CHOICES.map(row)));
};

const drawFigures = () => {
  const all = (choice) => {
    const head = [t('figure'), t('value'), COMPARISON.replications > 1 ? t('range') : null, choice === BASE ? null : t('difference_policy', titleOf(choice.other))];
    const row = (measure) => make('tr', { 'data-figure': measure.name }, make('th', { scope: 'row' }, measureName(measure.name)),
      make('td', { class: 'value' }, shown(measure.name, measure.value)),
      COMPARISON.replications > 1 ? make('td', { class: 'value' }, `${shown(measure.name, measure.least)} – ${shown(measure.name, measure.most)}`) : null,
      choice === BASE ? null : make('td', {}, withInterval(measure.name, choice.differs(measure.name)) ?? '–', verdict(choice.differs(measure.name)) ? make('small', { class: 'unsure' }, verdict(choice.differs(measure.name))) : null));
    return make('details', { class: 'all' }, make('summary', {}, titleOf(choice)), make('div', { class: 'scroll wide' }, make('table', {},
      make('thead', {}, make('tr', {}, head.filter((words) => words !== null).map((words) => make('th', { scope: 'col' }, words)))),
      make('tbody', {}, choice.measures.map(row)))));
  };
  byId('figures').replaceChildren(...CHOICES.map(all));
};

const drawNotes = () => {
  const notes = [t('note_same')];
  if (DATA.is_synthetic) notes.push(t('note_synthetic'));
  if (DATA.rows_dropped + DATA.rows_outside + DATA.rows_left_out) notes.push(t('note_rows', number(DATA.rows_dropped), number(DATA.rows_outside), number(DATA.rows_left_out)));
  if (HAS_PRICES) {
    const { km, driver_hour: hour, vehicle_day: vehicle, fare } = DATA.prices;
    notes.push(t('note_prices', ...[km, hour, vehicle, fare].map((value) => number(value))), t('note_efficient'));
  }
  notes.push(t('note_many'), t('note_hamlets'));
  byId('notes').replaceChildren(make('ul', {}, notes.map((note) => make('li', {}, note))));
  byId('footer').replaceChildren(make('p', {}, t('footer_map', DATA.credit)), make('p', {}, t('footer', number(DATA.jobs), String(DATA.seed))));
};
