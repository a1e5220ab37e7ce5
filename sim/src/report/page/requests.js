// The list of requests, and the story of the one that is chosen.

const ROWS_AT_ONCE = 300;
const search = { filter: 'all', text: '', rows: ROWS_AT_ONCE };

const isShown = (request) => {
  const ends = [endOf(request), ...(request.twin ? [endOf(request.twin)] : [])];
  const fits = {
    all: true,
    served: ends.includes('served'),
    refused: ends.includes('refused'),
    other: ends.some((end) => end !== 'served' && end !== 'refused'),
    differs: !request.twin || ends[0] !== ends[1],
  }[search.filter];
  if (!fits || !search.text) return fits;
  const words = [nameOf(request), placeName(request.from), placeName(request.to), vehicleName(runOf(request), request.shift)];
  return words.some((word) => word.toLowerCase().includes(search.text));
};

const runOf = (request) => RUNS.find((run) => run.requests[request.number] === request);
// A number people can say; requests of B that A does not have are told apart by the letter.
const nameOf = (request) => {
  const isFirst = runOf(request) === RUNS[0];
  return isFirst ? String(request.number + 1) : request.twin ? String(request.twin.number + 1) : `B${request.number + 1}`;
};

// All requests, by the wished time; those of both runs once.
const LISTED = [...RUNS[0].requests, ...(IS_PAIR ? RUNS[1].requests.filter((request) => !request.twin) : [])]
  .sort((a, b) => a.wish[1] - b.wish[1] || a.number - b.number);

const SIGNS = { served: '○', refused: '✕', not_taken: '－', cancelled: '－', no_show: '－', failed: '！', open: '…' };
const endWords = (request) => `${SIGNS[endOf(request)]} ${t('end_' + endOf(request))}`;

const drawList = () => {
  const found = LISTED.filter(isShown);
  const listed = found.slice(0, search.rows);
  byId('count').textContent = t('shown', number(listed.length), number(LISTED.length));
  const ofRuns = (request) => RUNS.map((run) => (run === runOf(request) ? request : request.twin));
  const column = (key) => make('th', { scope: 'col' }, t('column_' + key));
  const outcomes = RUNS.map((run) => make('th', { scope: 'col' }, (IS_PAIR ? run.letter + ' ' : '') + t('column_end')));
  // Two runs need the room for their outcomes: the wait stands beside each.
  const head = make('tr', {}, column('number'), column('wish'), column('way'), column('persons'), outcomes, IS_PAIR ? null : [column('wait'), column('vehicle')]);
  const row = (request) => {
    const [kind, from, until] = request.wish;
    const wish = kind === 0 ? t('depart', clock(from)) : t('arrive', clock(until));
    const wait = (one) => (one && waitOf(one) !== null ? span(waitOf(one)) : '–');
    const vehicle = endOf(request) === 'served' ? vehicleName(runOf(request), request.shift) : '–';
    const isChosen = request === chosen || (chosen && request.twin === chosen);
    return make('tr', { class: isChosen ? 'chosen' : null, 'data-request': nameOf(request), onclick: () => choose(request) },
      make('td', {}, make('button', { type: 'button', 'aria-pressed': String(Boolean(isChosen)) }, nameOf(request))),
      make('td', {}, wish), make('td', {}, t('story_way', placeName(request.from), placeName(request.to))), make('td', { class: 'value' }, String(request.n)),
      ofRuns(request).map((one) => make('td', { class: one ? 'end-' + endOf(one) : null },
        one ? endWords(one) : '–', IS_PAIR && one && waitOf(one) !== null ? make('small', {}, `${t('column_wait')} ${wait(one)}`) : null)),
      IS_PAIR ? null : [make('td', { class: 'value' }, wait(request)), make('td', { class: 'vehicle', title: vehicle }, vehicle)]);
  };
  byId('requests').replaceChildren(make('thead', {}, head), make('tbody', {}, listed.map(row)));
  const left = found.length - listed.length;
  byId('more').hidden = left === 0;
  byId('more').textContent = t('more', number(left));
};

// `isFromMap`: the story was asked for above the list, and is brought into sight.
const choose = (request, isFromMap = false) => {
  chosen = request;
  drawList();
  drawStory();
  redraw();
  if (isFromMap) byId('story').scrollIntoView({ block: 'nearest' });
};

const reasons = (request) => (request.because ?? []).map(([name, by]) => cause(name) + (by === null ? '' : t('short_by', span(by)))).join(language ? '; ' : '、');

const MOMENTS_WITH_VEHICLE = ['confirmed', 'moved'];

// What happened, as [time, sentence], in order.
const storyOf = (run, request) => {
  const steps = [];
  const [kind, from, until] = request.wish;
  steps.push([request.at, t('asked', t(kind === 0 ? 'depart_long' : 'arrive_long', clock(from), clock(until)))]);
  const { offer } = request;
  if (offer) {
    const more = offer.count > 1 && !request.moments.some(([name]) => name === 'offered_again') ? ' ' + t('offered_more', offer.count - 1) : '';
    steps.push([request.at, t('offered', clock(offer.pickup[0]), clock(offer.pickup[1]), clock(offer.dropoff_latest), vehicleName(run, offer.shift)) + more]);
  }
  for (const [name, at, shift] of request.moments) {
    if (name === 'served') continue;
    if (name === 'refused') {
      const instead = request.instead
        ? t('instead', request.instead.map(([way, by]) => t(way, ['smaller_party', 'days_later'].includes(way) ? by : span(by))).join(language ? '; ' : '、'))
        : t('instead_none');
      steps.push([at, t('refused', reasons(request)) + (language ? '. ' : '。') + instead]);
    } else {
      steps.push([at, MOMENTS_WITH_VEHICLE.includes(name) ? t(name, vehicleName(run, shift)) : t(name)]);
    }
  }
  for (const [shift, began] of request.boarded) {
    const [earliest, latest] = offer.pickup;
    const kept = began < earliest ? t('before_promise', span(earliest - began)) : began > latest ? t('after_promise', span(began - latest)) : t('in_promise');
    const wait = kind === 0 ? t('waited', span(began - from)) : '';
    steps.push([began, t('picked_up', vehicleName(run, shift), kept, wait)]);
  }
  if (request.alighted) {
    const ride = request.alighted[0] - request.boarded[request.boarded.length - 1][2];
    const shared = request.shared.length ? t('shared_with', request.shared.map((other) => nameOf(run.requests[other])).join(language ? ', ' : '・')) : t('shared_none');
    const rode = t('rode', number((request.metres ?? 0) / 1000, 1));
    steps.push([request.alighted[0], [t('dropped_off', span(ride), span(offer.direct)), rode, shared].join(language ? ' ' : '')]);
  }
  if (!request.end) steps.push([null, t('still_open')]);
  return steps.map((step, index) => [...step, index]).sort((a, b) => (a[0] ?? Infinity) - (b[0] ?? Infinity) || a[2] - b[2]);
};

const drawStory = () => {
  const story = byId('story');
  if (!chosen) {
    story.replaceChildren(make('p', { class: 'hint' }, t('story_none')));
    return;
  }
  const party = t('story_party', chosen.n) + (chosen.wheelchairs ? t('story_wheelchair', chosen.wheelchairs) : '');
  const near = (by) => {
    const shown = LISTED.filter(isShown);
    const at = shown.findIndex((request) => request === chosen || request.twin === chosen);
    return shown[at + by];
  };
  const step = (by, key) => make('button', { type: 'button', disabled: !near(by), onclick: () => near(by) && choose(near(by)) }, t(key));
  const ofRun = (run) => {
    const request = chosenIn(run);
    const head = IS_PAIR ? make('h4', {}, runTitle(run)) : null;
    if (!request) return make('div', { class: 'run' }, head, make('p', {}, t('story_not_in')));
    const steps = storyOf(run, request).map(([at, words]) =>
      make('li', {}, make('time', {}, at === null ? '' : clock(at)), make('span', {}, words)));
    const watched = request.boarded[0]?.[1] ?? Math.max(request.wish[1], DATA.clock[0]);
    return make('div', { class: 'run', 'data-run': run.letter }, head, make('p', { class: 'outcome end-' + endOf(request) }, endWords(request)), make('ol', {}, steps),
      make('button', { type: 'button', class: 'watch', onclick: () => watch(watched - 300) }, t('story_watch')));
  };
  story.replaceChildren(make('h3', {}, t('story_title', nameOf(chosen))),
    make('p', { class: 'way' }, t('story_way', placeName(chosen.from), placeName(chosen.to)) + (language ? ', ' : '、') + party),
    make('div', { class: 'of-runs' }, RUNS.map(ofRun)), make('p', { class: 'steps' }, step(-1, 'previous'), step(1, 'next')));
};

const watch = (at) => {
  play(false);
  goTo(at);
  byId('maps').scrollIntoView({ block: 'start' });
  byId('play').focus({ preventScroll: true });
};

const nameList = () => {
  const filters = ['all', 'served', 'refused', 'other', ...(IS_PAIR ? ['differs'] : [])];
  byId('filter').replaceChildren(...filters.map((name) => make('option', { value: name, selected: name === search.filter }, t('filter_' + name))));
  drawList();
  drawStory();
};

const listenToList = () => {
  byId('filter').addEventListener('change', (event) => {
    [search.filter, search.rows] = [event.target.value, ROWS_AT_ONCE];
    drawList();
    drawStory();
  });
  byId('find').addEventListener('input', (event) => {
    [search.text, search.rows] = [event.target.value.trim().toLowerCase(), ROWS_AT_ONCE];
    drawList();
    drawStory();
  });
  byId('more').addEventListener('click', () => {
    search.rows += ROWS_AT_ONCE;
    drawList();
  });
};
