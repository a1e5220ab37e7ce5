// A way against another, day by day.

const UNIT = { served_percent: 1, wait_p90_s: 60, km: 1 };

const stems = (values, most) => {
  const [left, right, height] = [46, 6, 110];
  const middle = height / 2 + 6;
  const step = (WIDTH - left - right) / values.length;
  const drawn = [];
  for (const part of [1, 0, -1]) {
    const y = middle - (part * height) / 2;
    drawn.push(make('svg:path', { d: `M${left} ${y}H${WIDTH - right}`, class: part ? 'grid' : 'base' }));
    drawn.push(text(left - 5, y + 4, part ? (part > 0 ? '+' : '−') + number(most, most < 4 ? 1 : 0) : '0', 'axis', 'end'));
  }
  values.forEach((value, day) => {
    if (value === null || value === 0) return;
    const size = (Math.abs(value) / most) * (height / 2);
    drawn.push(box(left + day * step + step * 0.15, value > 0 ? middle - size : middle, Math.max(step * 0.7, 0.8), size, value > 0 ? FILLS.served : FILLS.refused));
  });
  for (const day of [...new Set([0, Math.floor((values.length - 1) / 2), values.length - 1])]) {
    const anchor = values.length === 1 ? 'middle' : day === 0 ? 'start' : day === values.length - 1 ? 'end' : 'middle';
    drawn.push(text(left + (day + (anchor === 'start' ? 0 : anchor === 'end' ? 1 : 0.5)) * step, height + 26, DATA.dates[day], 'axis', anchor));
  }
  return make('svg:svg', { viewBox: `0 0 ${WIDTH} ${height + 34}`, role: 'img' }, drawn);
};

const drawDays = (choice, other) => {
  const of = (standing, m) => DATA.by_date[standing.number][m];
  const panels = DATA.of_days.map((name, m) => {
    const values = DATA.dates.map((_, day) => {
      const [one, two] = [of(choice, m)[day], of(other, m)[day]];
      return one === null || two === null ? null : (one - two) / UNIT[name];
    });
    const most = roundUp(Math.max(0.5, ...values.map((value) => Math.abs(value ?? 0))));
    const count = (is) => number(values.filter((value) => value !== null && is(value)).length);
    const rows = DATA.dates.map((date, day) => [date, shown(name, of(choice, m)[day]), shown(name, of(other, m)[day])]);
    return make('div', { class: 'run' }, make('h4', {}, `${measureName(name)} [${name === 'km' ? 'km' : t(name.endsWith('_s') ? 'minutes_axis' : 'points_axis')}]`),
      stems(values, most), make('p', { class: 'hint' }, t('days_count', nameOf(choice), count((value) => value > 0), count((value) => value < 0), count((value) => value === 0))),
      numbersTable(['', titleOf(choice), titleOf(other)], rows));
  });
  return make('figure', { id: 'of_days' }, make('figcaption', {}, make('h3', {}, t('chart_days', titleOf(choice), titleOf(other))), make('p', {}, t('chart_days_note', titleOf(choice)))),
    make('div', { class: 'of-runs' }, panels));
};
