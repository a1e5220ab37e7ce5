// The summary, the table of figures, and what is not shown.

const kpi = (run, key) => {
  if (key === 'open') return run.kpis.offers_open + run.kpis.bookings_open;
  return run.kpis[key];
};
const shown = (value, kind) => {
  if (kind === '%') return percent(value);
  if (kind === 'x') return number(value, 2);
  if (kind === 'km') return number(value, 1) + ' km';
  if (kind === 'h') return t('hours_minutes', Math.floor(value), Math.round((value % 1) * 60));
  return number(value);
};
const shareServed = (run) => (run.kpis.requests ? run.kpis.served / run.kpis.requests : 0);
const topCause = (run) => Object.entries(run.kpis.refused_by).sort((a, b) => b[1] - a[1])[0]?.[0];

// Name, value, the value in words, the sentence below, and how a difference is shown.
const CARDS = [
  ['key_served', shareServed, percent, (run) => t('key_served_note', number(run.kpis.requests), number(run.kpis.served)), '%'],
  ['key_refused', (run) => run.kpis.refused, number, (run) => (topCause(run) ? t('key_refused_note', cause(topCause(run))) : t('key_refused_none')), 'n'],
  ['key_wait', (run) => run.kpis.wait_p50_s, span, (run) => t('key_wait_note', span(run.kpis.wait_p90_s)), 's'],
  ['key_on_time', (run) => run.kpis.on_time_share, percent, (run) => t('key_on_time_note', number(run.kpis.pickups), number(run.kpis.pickups_on_time)), '%'],
  ['key_pooled', (run) => run.kpis.pooled_share, percent, (run) => t('key_pooled_note', number(run.kpis.served), number(run.kpis.pooled)), '%'],
  ['key_km', (run) => run.kpis.km, (km) => number(km) + ' km', (run) => t('key_km_note', percent(run.kpis.empty_share)), 'km'],
  ['key_rate', (run) => run.kpis.rides_per_shift_hour, (rate) => number(rate, 2), (run) => t('key_rate_note', number(run.kpis.shift_hours, 1)), 'x'],
];

const difference = (by, kind) => {
  const sign = by > 0 ? '+' : by < 0 ? '−' : '±';
  const size = Math.abs(by);
  if (kind === '%') return sign + t('points', number(100 * size, 1));
  if (kind === 's') return sign + span(size);
  if (kind === 'km') return sign + number(size) + ' km';
  return sign + number(size, kind === 'x' ? 2 : 0);
};

const drawCards = () => {
  const card = ([key, value, words, note, kind]) => {
    const run = (run) =>
      make('div', { class: 'run' }, IS_PAIR ? make('span', { class: 'letter' }, run.letter) : null,
        make('strong', {}, words(value(run))), make('span', { class: 'note' }, note(run)));
    const compared = IS_PAIR ? make('p', { class: 'difference' }, t('difference', difference(value(RUNS[1]) - value(RUNS[0]), kind))) : null;
    return make('div', { class: 'card' }, make('h3', {}, t(key)), make('div', { class: 'of-runs' }, RUNS.map(run)), compared);
  };
  byId('cards').replaceChildren(...CARDS.map(card));
};

const drawHead = () => {
  byId('title').textContent = t('title', DATA.area, dateInWords());
  document.title = byId('title').textContent;
  const lead = byId('lead');
  const text = IS_PAIR
    ? t('lead_two', ...RUNS.flatMap((run) => [run.name]), ...RUNS.flatMap((run) => [number(run.kpis.requests), number(run.kpis.served)]))
    : t('lead_one', number(RUNS[0].kpis.requests), number(RUNS[0].kpis.served), percent(shareServed(RUNS[0])),
      number(RUNS[0].kpis.refused), RUNS[0].vehicles.length, number(RUNS[0].kpis.km));
  emphasize(lead, text);
  const isRecorded = RUNS.some((run) => run.is_recorded);
  byId('warnings').replaceChildren(make('p', { class: isRecorded ? 'warning' : 'hint' }, t(isRecorded ? 'recorded' : 'simulated')));
};

const drawTable = () => {
  const spreadOf = (run, key) => {
    if (!run.kpis[key + '_count']) return t('nothing');
    return Object.entries(SPREAD).map(([which, name]) => `${name[language]} ${span(run.kpis[`${key}_${which}_s`])}`).join('、');
  };
  const value = (run, key, kind) => (kind === 'spread' ? spreadOf(run, key).replaceAll('、', language ? ', ' : '、') : shown(kpi(run, key), kind));
  const head = make('tr', {}, make('th', { scope: 'col' }, t('figure')),
    RUNS.map((run) => make('th', { scope: 'col' }, IS_PAIR ? runTitle(run) : t('value'))), make('th', { scope: 'col' }, t('meaning')));
  const rows = FIGURES.map(([key, kind, name, meaning]) =>
    make('tr', { 'data-figure': key }, make('th', { scope: 'row' }, name[language]),
      RUNS.map((run) => make('td', { class: kind === 'spread' ? 'words' : 'value' }, value(run, key, kind))), make('td', {}, meaning[language])));
  byId('figures').replaceChildren(make('thead', {}, head), make('tbody', {}, rows));
};

const drawNotes = () => {
  const notes = [];
  for (const run of RUNS) {
    const title = IS_PAIR ? runTitle(run) : run.name;
    if (run.dropped === null) notes.push(make('li', {}, t('note_dropped_unknown', title)));
    else if (!run.dropped.length) notes.push(make('li', {}, t('note_nothing_dropped', title)));
    else notes.push(make('li', {}, t('note_dropped', title, number(run.dropped.length)), make('ul', { class: 'dropped', lang: 'en' }, run.dropped.map((row) => make('li', {}, row)))));
    if (run.other_days) notes.push(make('li', {}, t('note_other_days', title, number(run.other_days), number(run.other_requests))));
    if (run.drives_without_way) notes.push(make('li', {}, t('note_no_way', title, number(run.drives_without_way))));
  }
  const always = ['note_one_day', 'note_motion', 'note_base_roads', 'note_roads'];
  notes.push(...[...always, ...(DATA.roads_lack_thin ? ['note_roads_thin'] : [])].map((key) => make('li', {}, t(key))));
  byId('notes').replaceChildren(make('ul', {}, notes));
  const told = (run) => make('p', {}, run.journal_hash
    ? t('footer_hash', runTitle(run), number(run.records), run.journal_hash)
    : t('run_records', runTitle(run), number(run.records)));
  byId('footer').replaceChildren(make('p', {}, t('footer_map', DATA.credit)), ...RUNS.map(told));
};
