// Charts of a day.

const HALF_HOUR = 1800;

// One figure: a title, a sentence, a key, and for each run a drawing and its numbers.
const figure = (id, series, draw) =>
  make('figure', { id }, make('figcaption', {}, make('h3', {}, t(`chart_${id}`)), make('p', {}, t(`chart_${id}_note`))),
    series.length ? key(series) : null,
    make('div', { class: 'of-runs' }, RUNS.map((run) =>
      make('div', { class: 'run' }, IS_PAIR ? make('h4', {}, runTitle(run)) : null, draw(run)))));

// Hours in which somebody wanted to ride, of all runs, without gaps.
const hours = () => {
  const asked = RUNS.flatMap((run) => run.hours.map((hour, index) => (hour.requests ? index : null))).filter((hour) => hour !== null);
  if (!asked.length) return [];
  const [first, last] = [Math.min(...asked), Math.max(...asked)];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
};
const OUTCOMES = ['served', 'refused', 'other'];
const outcomesOf = (part) => OUTCOMES.map((kind) => [kind, part[kind]]);

const hoursChart = () => {
  const all = hours();
  const most = roundUp(Math.max(1, ...RUNS.flatMap((run) => run.hours.map((hour) => hour.requests))));
  const series = OUTCOMES.map((kind) => [kind, t('series_' + kind)]);
  return figure('hours', series, (run) => {
    const parts = all.map((hour) => run.hours[hour]);
    const marks = parts.map(({ requests }) => ({ words: requests ? String(requests) : '' }));
    return [bars(all.map(String), parts.map(outcomesOf), most, t('requests_axis'), marks),
      numbersTable([t('hour'), ...series.map(([, words]) => words)], parts.map((part, index) => [String(all[index]), ...OUTCOMES.map((kind) => part[kind])]))];
  });
};

const waitsOf = (part) => (part.waits ? [number(part.wait_p50_s / 60, 1), number(part.wait_p90_s / 60, 1), part.waits] : [null, null, 0]);

const waitsChart = () => {
  const all = hours();
  const most = roundUp(Math.max(1, ...RUNS.flatMap((run) => run.hours.map((hour) => hour.wait_p90_s / 60))));
  return figure('waits', [['served', t('series_median')], ['line', t('series_p90')]], (run) => {
    const parts = all.map((hour) => run.hours[hour]);
    const stacks = parts.map((part) => [['served', part.wait_p50_s / 60]]);
    const marks = parts.map((part) => (part.waits ? { line: part.wait_p90_s / 60, words: number(part.wait_p90_s / 60) } : {}));
    return [bars(all.map(String), stacks, most, t('minutes_axis'), marks),
      numbersTable([t('hour'), t('series_median'), t('series_p90'), t('requests_axis')], parts.map((part, index) => [String(all[index]), ...waitsOf(part)]))];
  });
};

const HAMLETS_SHOWN = 15;
const hamletName = (name) => (name === 'elsewhere' ? t('elsewhere') : name);

const hamletsChart = () => {
  const most = Math.max(1, ...RUNS.flatMap((run) => run.hamlets.map((hamlet) => hamlet.requests)));
  const series = OUTCOMES.map((kind) => [kind, t('series_' + kind)]);
  return figure('hamlets', series, (run) => {
    const asked = run.hamlets.filter(({ requests }) => requests).sort((a, b) => b.requests - a.requests);
    const head = [t('hamlet'), ...series.map(([, words]) => words), t('series_median'), t('series_p90'), t('waits_column')];
    const row = (part) => [hamletName(part.name), ...OUTCOMES.map((kind) => part[kind]), ...waitsOf(part)];
    return [rowsOfBars(asked.slice(0, HAMLETS_SHOWN).map((part) => [hamletName(part.name), ...outcomesOf(part)]), most, 0), numbersTable(head, asked.map(row))];
  });
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
  const charts = [hoursChart(), waitsChart(), hamletsChart(), causesChart(), useChart(), figure('strips', [], strips), kmChart()];
  for (const chart of charts) {
    for (const drawing of chart.querySelectorAll('.run > svg')) drawing.setAttribute('aria-label', chart.querySelector('h3').textContent);
  }
  byId('charts').replaceChildren(patterns(), ...charts);
};
