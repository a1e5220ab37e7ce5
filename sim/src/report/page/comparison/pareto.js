// What money buys: each way as a mark between its cost and what riders get for it.

// Round numbers that hold all values between them.
const axisOf = (values) => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = (most - least || Math.abs(most) || 1) * 0.12;
  const rough = (most - least + 2 * room) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((of) => of * power).find((of) => rough <= of);
  const first = Math.floor((least - room) / step);
  const last = Math.ceil((most + room) / step);
  return { ticks: Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step), digits: Math.max(0, -Math.floor(Math.log10(step))) };
};

const marks = (points, xName, yName) => {
  const [left, right, top, bottom, height] = [62, 24, 26, 44, 260];
  const [xs, ys] = [axisOf(points.map(({ x }) => x)), axisOf(points.map(({ y }) => y))];
  const along = ({ ticks }, value) => (value - ticks[0]) / (ticks[ticks.length - 1] - ticks[0]);
  const x = (value) => left + (WIDTH - left - right) * along(xs, value);
  const y = (value) => top + height * (1 - along(ys, value));
  const drawn = [text(4, 14, yName, 'axis', 'start'), text(WIDTH - right, top + height + 36, xName, 'axis', 'end')];
  for (const tick of ys.ticks) drawn.push(make('svg:path', { d: `M${left} ${y(tick)}H${WIDTH - right}`, class: 'grid' }), text(left - 6, y(tick) + 4, number(tick, ys.digits), 'axis', 'end'));
  for (const tick of xs.ticks) drawn.push(make('svg:path', { d: `M${x(tick)} ${top}V${top + height}`, class: 'grid' }), text(x(tick), top + height + 16, number(tick, xs.digits), 'axis'));
  for (const { choice, x: across, y: up } of points) {
    const mark = make('svg:g', { class: 'choice' + (choice.is_efficient ? ' efficient' : ''), 'data-choice': choice.number }, make('svg:title', {}, titleOf(choice)),
      make('svg:circle', { cx: x(across), cy: y(up), r: 11 }), text(x(across), y(up) + 4, choice.sign, 'letter-mark'));
    mark.addEventListener('click', () => choose(choice));
    drawn.push(mark);
  }
  return make('svg:svg', { viewBox: `0 0 ${WIDTH} ${top + height + bottom}`, role: 'img' }, drawn);
};

const drawPareto = () => {
  const panel = (key, name, scale, axis) => {
    const value = (choice) => choice.figures[name].value;
    const points = CHOICES.filter((choice) => value(choice) !== null && choice.figures[COST].value !== null)
      .map((choice) => ({ choice, x: choice.figures[COST].value, y: value(choice) / scale }));
    const rows = CHOICES.map((choice) => [titleOf(choice), shown(COST, choice.figures[COST].value), shown(name, value(choice))]);
    return make('figure', { id: key }, make('figcaption', {}, make('h3', {}, t('chart_' + key)), make('p', {}, t(HAS_PRICES ? 'pareto_note' : 'pareto_note_plain'))),
      points.length ? marks(points, t(HAS_PRICES ? 'cost_axis' : 'km_axis'), t(axis)) : make('p', {}, t('nothing')),
      numbersTable([t('choice'), measureName(COST), measureName(name)], rows));
  };
  byId('pareto').replaceChildren(make('ul', { class: 'key' }, CHOICES.map((choice) => make('li', {}, titleOf(choice)))),
    make('div', { class: 'panels' }, panel('pareto_wait', 'wait_p90_s', 60, 'wait_axis'), panel('pareto_served', 'served_percent', 1, 'served_axis')));
};
