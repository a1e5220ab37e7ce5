// Charts, drawn as SVG: legible without colours, each with its numbers in a table.

const WIDTH = 640;
const HALF_HOUR = 1800;
// Below the fill of each series; patterns tell them apart where colours do not.
const FILLS = { served: 'fill-served', refused: 'fill-refused', other: 'fill-other', loaded: 'fill-served', empty: 'fill-empty', standing: 'fill-standing' };

const patterns = () =>
  make('svg:svg', { width: 0, height: 0, 'aria-hidden': 'true', class: 'patterns' }, make('svg:defs', {},
    make('svg:pattern', { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      make('svg:rect', { width: 6, height: 6, class: 'hatch-ground' }), make('svg:rect', { width: 2.5, height: 6, class: 'hatch-line' })),
    make('svg:pattern', { id: 'dots', width: 6, height: 6, patternUnits: 'userSpaceOnUse' },
      make('svg:rect', { width: 6, height: 6, class: 'dots-ground' }), make('svg:circle', { cx: 3, cy: 3, r: 1.3, class: 'dots-dot' }))));

const text = (x, y, words, kind = '', anchor = 'middle') => make('svg:text', { x, y, class: kind, 'text-anchor': anchor }, words);
const box = (x, y, width, height, kind) => make('svg:rect', { x, y, width: Math.max(width, 0), height: Math.max(height, 0), class: kind });

// A number at or above a value whose quarters are round, for an axis.
const roundUp = (value) => {
  let power = 1;
  while (value > 80 * power) power *= 10;
  return [4, 8, 12, 16, 20, 24, 32, 40, 60, 80].map((step) => step * power).find((step) => value <= step);
};

const quantile = (values, percentage) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * percentage) / 100) - 1];
};

const key = (series) =>
  make('ul', { class: 'key' }, series.map(([kind, words]) =>
    make('li', {}, make('svg:svg', { viewBox: '0 0 24 14', class: 'swatch', 'aria-hidden': 'true' },
      kind === 'line' ? make('svg:path', { d: 'M2 7H22', class: 'mark' }) : box(1, 1, 22, 12, FILLS[kind])), words)));

const numbersTable = (head, rows) =>
  make('details', {}, make('summary', {}, t('numbers')), make('div', { class: 'scroll wide' }, make('table', {},
    make('thead', {}, make('tr', {}, head.map((words) => make('th', { scope: 'col' }, words)))),
    make('tbody', {}, rows.map((row) => make('tr', {}, row.map((cell, column) => make(column ? 'td' : 'th', column ? { class: 'value' } : { scope: 'row' }, cell ?? '–'))))))));

// One figure: a title, a sentence, a key, and for each run a drawing and its numbers.
const figure = (id, series, draw) =>
  make('figure', { id }, make('figcaption', {}, make('h3', {}, t(`chart_${id}`)), make('p', {}, t(`chart_${id}_note`))),
    series.length ? key(series) : null,
    make('div', { class: 'of-runs' }, RUNS.map((run) =>
      make('div', { class: 'run' }, IS_PAIR ? make('h4', {}, runTitle(run)) : null, draw(run)))));

// Bars by hour or half hour: `stacks` of [kind, value] each, with a figure above.
const bars = (labels, stacks, most, axis, marks = []) => {
  const [left, right, top, bottom, height] = [34, 6, 22, 24, 200];
  const step = (WIDTH - left - right) / Math.max(labels.length, 1);
  const y = (value) => top + height - (height * value) / most;
  const drawn = [text(4, 12, axis, 'axis', 'start')];
  for (let line = 0; line <= 4; line++) {
    const value = (most * line) / 4;
    drawn.push(make('svg:path', { d: `M${left} ${y(value)}H${WIDTH - right}`, class: line ? 'grid' : 'base' }));
    drawn.push(text(left - 5, y(value) + 4, number(value, most < 4 ? 1 : 0), 'axis', 'end'));
  }
  stacks.forEach((stack, index) => {
    const x = left + index * step;
    let reached = 0;
    for (const [kind, value] of stack) {
      if (value > 0) drawn.push(box(x + step * 0.12, y(reached + value), step * 0.76, y(reached) - y(reached + value), FILLS[kind]));
      reached += value;
    }
    if (labels[index]) drawn.push(text(x + step / 2, top + height + 16, labels[index], 'axis'));
    const mark = marks[index];
    if (mark?.line !== undefined) drawn.push(make('svg:path', { d: `M${x + step * 0.04} ${y(mark.line)}H${x + step * 0.96}`, class: 'mark' }));
    if (mark?.words) drawn.push(text(x + step / 2, y(Math.max(reached, mark.line ?? 0)) - 5, mark.words, 'count'));
  });
  return make('svg:svg', { viewBox: `0 0 ${WIDTH} ${top + height + bottom}`, role: 'img' }, drawn);
};

const hours = () => {
  const wished = RUNS.flatMap((run) => run.requests.map((request) => hourOf(request.wish[1])));
  if (!wished.length) return [];
  const [first, last] = [Math.min(...wished), Math.max(...wished)];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
};
const hourName = (hour) => String(((hour % 24) + 24) % 24);

const hoursChart = () => {
  const all = hours();
  const kinds = ['served', 'refused', 'other'];
  const kindOf = (request) => (kinds.includes(endOf(request)) ? endOf(request) : 'other');
  const counts = (run) => all.map((hour) => {
    const within = run.requests.filter((request) => hourOf(request.wish[1]) === hour);
    return kinds.map((kind) => within.filter((request) => kindOf(request) === kind).length);
  });
  const sum = (row) => row.reduce((a, b) => a + b, 0);
  const most = roundUp(Math.max(1, ...RUNS.flatMap((run) => counts(run).map(sum))));
  const series = kinds.map((kind) => [kind, t('series_' + kind)]);
  return figure('hours', series, (run) => {
    const rows = counts(run);
    const stacks = rows.map((row) => kinds.map((kind, index) => [kind, row[index]]));
    const marks = rows.map((row) => ({ words: sum(row) ? String(sum(row)) : '' }));
    return [bars(all.map(hourName), stacks, most, t('requests_axis'), marks),
      numbersTable([t('hour'), ...series.map(([, words]) => words)], rows.map((row, index) => [hourName(all[index]), ...row]))];
  });
};

const waitsChart = () => {
  const all = hours();
  const waits = (run) => all.map((hour) => run.requests.filter((request) => hourOf(request.wish[1]) === hour).map(waitOf).filter((wait) => wait !== null).map((wait) => wait / 60));
  const most = roundUp(Math.max(1, ...RUNS.flatMap((run) => waits(run).filter((list) => list.length).map((list) => quantile(list, 90)))));
  return figure('waits', [['served', t('series_median')], ['line', t('series_p90')]], (run) => {
    const rows = waits(run).map((list) => (list.length ? [quantile(list, 50), quantile(list, 90), list.length] : [null, null, 0]));
    const stacks = rows.map(([median]) => [['served', median ?? 0]]);
    const marks = rows.map(([median, ninth]) => (median === null ? {} : { line: ninth, words: number(ninth) }));
    return [bars(all.map(hourName), stacks, most, t('minutes_axis'), marks),
      numbersTable([t('hour'), t('series_median'), t('series_p90'), t('requests_axis')],
        rows.map(([median, ninth, count], index) => [hourName(all[index]), median === null ? null : number(median, 1), ninth === null ? null : number(ninth, 1), count]))];
  });
};

// Horizontal bars: rows of [name, [kind, value]…], with a figure at the end.
const rowsOfBars = (rows, most, digits) => {
  const [height, left] = [46, 4];
  const width = WIDTH - 70;
  const drawn = rows.flatMap(([name, ...parts], index) => {
    const y = index * height;
    let x = left;
    const boxes = parts.map(([kind, value]) => {
      const drawnBox = box(x, y + 20, (width * value) / most, 18, FILLS[kind]);
      x += (width * value) / most;
      return drawnBox;
    });
    const total = parts.reduce((sum, [, value]) => sum + value, 0);
    return [text(left, y + 14, name, 'name', 'start'), ...boxes, text(x + 6, y + 34, number(total, digits), 'count', 'start')];
  });
  return make('svg:svg', { viewBox: `0 0 ${WIDTH} ${Math.max(rows.length * height, 20)}`, role: 'img' }, drawn);
};

const causesChart = () => {
  const causes = [...new Set(RUNS.flatMap((run) => Object.keys(run.kpis.refused_by)))];
  const most = Math.max(1, ...RUNS.flatMap((run) => Object.values(run.kpis.refused_by)));
  const total = (name) => RUNS.reduce((sum, run) => sum + (run.kpis.refused_by[name] ?? 0), 0);
  causes.sort((a, b) => total(b) - total(a) || (a < b ? -1 : 1));
  return figure('causes', [], (run) => (causes.length
    ? rowsOfBars(causes.map((name) => [cause(name), ['refused', run.kpis.refused_by[name] ?? 0]]), most, 0)
    : make('p', {}, t('nothing'))));
};

// How long vehicles on a shift did what, within a stretch of time.
const useWithin = (run, from, until) => {
  const overlap = (a, b) => Math.max(0, Math.min(b, until) - Math.max(a, from));
  let [loaded, empty, onDuty] = [0, 0, 0];
  for (const shift of run.shifts) {
    if (shift.opened === null) continue;
    onDuty += overlap(shift.opened, shift.closed ?? DATA.clock[1]);
    for (const drive of shift.drives) {
      const time = overlap(drive.at[0], drive.at[drive.at.length - 1]);
      if (drive.persons) loaded += time;
      else empty += time;
    }
  }
  return [loaded, empty, Math.max(0, onDuty - loaded - empty)].map((seconds) => seconds / (until - from));
};

const useChart = () => {
  const [start, end] = [Math.floor(DATA.clock[0] / HALF_HOUR), Math.ceil(DATA.clock[1] / HALF_HOUR)];
  const slots = Array.from({ length: end - start }, (_, index) => (start + index) * HALF_HOUR);
  const most = roundUp(Math.max(1, ...RUNS.map((run) => run.vehicles.length)));
  const kinds = ['loaded', 'empty', 'standing'];
  const series = kinds.map((kind) => [kind, t('series_' + kind)]);
  return figure('use', series, (run) => {
    const rows = slots.map((slot) => useWithin(run, slot, slot + HALF_HOUR));
    const labels = slots.map((slot) => (onClock(slot) % 7200 === 0 ? clock(slot) : ''));
    return [bars(labels, rows.map((row) => kinds.map((kind, index) => [kind, row[index]])), most, t('vehicles_axis')),
      numbersTable([t('slider'), ...series.map(([, words]) => words)], rows.map((row, index) => [clock(slots[index]), ...row.map((value) => number(value, 1))]))];
  });
};

const STRIP = { left: 185, height: 30 };
const stripX = (seconds) => STRIP.left + ((WIDTH - STRIP.left - 8) * (seconds - DATA.clock[0])) / (DATA.clock[1] - DATA.clock[0] || 1);

const strips = (run) => {
  const drawn = [];
  const bottom = run.vehicles.length * STRIP.height;
  for (let slot = Math.ceil(DATA.clock[0] / 7200) * 7200; slot <= DATA.clock[1]; slot += 7200) {
    drawn.push(make('svg:path', { d: `M${stripX(slot)} 0V${bottom}`, class: 'grid' }), text(stripX(slot), bottom + 15, clock(slot), 'axis'));
  }
  run.vehicles.forEach((vehicle, row) => {
    const base = row * STRIP.height + STRIP.height - 6;
    drawn.push(text(4, base - 3, `${vehicle.sign} ${shortened(vehicle.name, 24)}`, 'name', 'start'));
    for (const shift of vehicle.shifts) {
      drawn.push(make('svg:path', { d: `M${stripX(shift.opened)} ${base}H${stripX(shift.closed ?? DATA.clock[1])}`, class: 'on-duty' }));
      for (const drive of shift.drives) {
        const [from, until] = [stripX(drive.at[0]), stripX(drive.at[drive.at.length - 1])];
        const height = drive.persons ? Math.min(6 + 4 * drive.persons, STRIP.height - 8) : 6;
        drawn.push(box(from, base - height, until - from, height, drive.persons ? 'strip-loaded' : 'strip-empty'));
      }
    }
  });
  drawn.push(make('svg:path', { d: `M0 0V${bottom}`, class: 'playhead' }));
  const drawing = make('svg:svg', { viewBox: `0 0 ${WIDTH} ${bottom + 20}`, role: 'img', class: 'strips' }, drawn);
  drawing.addEventListener('click', (event) => {
    const area = drawing.getBoundingClientRect();
    const x = ((event.clientX - area.left) * WIDTH) / area.width;
    const part = (x - STRIP.left) / (WIDTH - STRIP.left - 8);
    if (part >= 0) goTo(DATA.clock[0] + part * (DATA.clock[1] - DATA.clock[0]));
  });
  return drawing;
};
const shortened = (name, most) => ([...name].length > most ? [...name].slice(0, most - 1).join('') + '…' : name);

const drawPlayheads = (now) => {
  for (const line of document.querySelectorAll('.playhead')) line.setAttribute('transform', `translate(${stripX(now)} 0)`);
};

const kmChart = () => {
  const kilometres = (run) => run.vehicles.map((vehicle) => {
    const drives = run.drives.filter((drive) => run.shifts[drive.shift].vehicle === vehicle.number);
    const sum = (isLoaded) => drives.filter((drive) => (drive.persons > 0) === isLoaded).reduce((total, drive) => total + (drive.metres ?? 0), 0) / 1000;
    return [sum(true), sum(false)];
  });
  const most = Math.max(1, ...RUNS.flatMap((run) => kilometres(run).map(([loaded, empty]) => loaded + empty)));
  const series = ['loaded', 'empty'].map((kind) => [kind, t('series_' + kind)]);
  return figure('km', series, (run) => {
    const rows = kilometres(run);
    const names = run.vehicles.map((vehicle) => `${vehicle.sign} ${vehicle.name}`);
    return [rowsOfBars(rows.map(([loaded, empty], index) => [names[index], ['loaded', loaded], ['empty', empty]]), most, 0),
      numbersTable([t('vehicle'), ...series.map(([, words]) => words)], rows.map((row, index) => [names[index], ...row.map((km) => number(km, 1))]))];
  });
};

const drawCharts = () => {
  const charts = [hoursChart(), waitsChart(), causesChart(), useChart(), figure('strips', [], strips), kmChart()];
  for (const chart of charts) {
    for (const drawing of chart.querySelectorAll('.run > svg')) drawing.setAttribute('aria-label', chart.querySelector('h3').textContent);
  }
  byId('charts').replaceChildren(patterns(), ...charts);
};
