// A way against another by hour of the day and by hamlet.

const HAMLETS_MAX = 15;
const NOBODYS = '-';
const hamletName = (name) => (name === 'elsewhere' ? t('elsewhere') : name);

// Two bars side by side for each label, with a figure above the second.
const pairsOfBars = (labels, pairs, most, axis, digits) => {
  const [left, right, top, bottom, height] = [34, 6, 22, 24, 190];
  const step = (WIDTH - left - right) / Math.max(labels.length, 1);
  const y = (value) => top + height - (height * value) / most;
  const drawn = [text(4, 12, axis, 'axis', 'start')];
  for (let line = 0; line <= 4; line++) {
    const value = (most * line) / 4;
    drawn.push(make('svg:path', { d: `M${left} ${y(value)}H${WIDTH - right}`, class: line ? 'grid' : 'base' }), text(left - 5, y(value) + 4, number(value, most < 4 ? 1 : 0), 'axis', 'end'));
  }
  pairs.forEach((pair, index) => {
    const x = left + index * step;
    pair.forEach((value, which) => {
      if (value === null) return;
      const at = x + step * (pair.length === 2 ? 0.1 + 0.4 * which : 0.15);
      drawn.push(box(at, y(value), step * (pair.length === 2 ? 0.38 : 0.7), y(0) - y(value), which === pair.length - 1 ? FILLS.served : FILLS.empty));
    });
    const last = pair[pair.length - 1];
    if (last !== null) drawn.push(text(x + step * (pair.length === 2 ? 0.7 : 0.5), y(last) - 4, number(last, digits), 'axis'));
    drawn.push(text(x + step / 2, top + height + 16, labels[index], 'axis'));
  });
  return make('svg:svg', { viewBox: `0 0 ${WIDTH} ${top + height + bottom}`, role: 'img' }, drawn);
};

const keyOf = (compared) => key(compared.map((choice, which) => [which === compared.length - 1 ? 'served' : 'empty', titleOf(choice)]));
const minutesOf = (part) => (part === undefined || part.is_sparse || part.wait_p90_s === null ? null : part.wait_p90_s / 60);

// All numbers of the parts: of a way, and how it differs.
const partsTable = (first, parts, name, isAlone) => {
  const served = (part) => [shown('served_percent', part.served_percent), ...(isAlone ? [] : [withInterval('served_percent', part.served_difference) ?? '–'])];
  const waits = (part) => [shown('wait_mean_s', part.wait_mean_s), ...(isAlone ? [] : [withInterval('wait_mean_s', part.wait_difference) ?? '–'])];
  const difference = isAlone ? [] : [t('the_difference')];
  return numbersTable([first, t('requests_a_day'), t('served_share'), ...difference, t('mean_wait'), ...difference, t('long_wait')],
    parts.map((part) => [name(part.name), number(part.requests, 1), ...served(part), ...waits(part), shown('wait_p90_s', part.wait_p90_s) + (part.is_sparse ? ' *' : '')]));
};

const hourFigure = (id, compared, hours, valueOf, axis, digits, whole = null) => {
  const choice = compared[compared.length - 1];
  const pairs = hours.map((hour) => compared.map((of) => valueOf(of.hours[hour])));
  const most = whole ?? roundUp(Math.max(1, ...pairs.flat().map((value) => value ?? 0)));
  return make('figure', { id }, make('figcaption', {}, make('h3', {}, t('chart_' + id)), make('p', {}, t(`chart_${id}_note`))), keyOf(compared),
    pairsOfBars(hours.map(String), pairs, most, axis, digits), partsTable(t('hour'), hours.map((hour) => choice.hours[hour]), (name) => name, compared.length === 1));
};

const drawHours = (compared) => {
  const asked = compared[0].hours.map((hour, index) => (hour.requests > 0 ? index : null)).filter((hour) => hour !== null);
  const hours = asked.length ? Array.from({ length: asked[asked.length - 1] - asked[0] + 1 }, (_, index) => asked[0] + index) : [];
  return [hourFigure('part_hours', compared, hours, minutesOf, t('minutes_axis'), 0),
    hourFigure('part_served', compared, hours, (hour) => hour.served_percent, t('percent_axis'), 0, 100)];
};

const worstOf = (choice) => choice.hamlets.filter((hamlet) => hamlet.name !== NOBODYS && minutesOf(hamlet) !== null)
  .sort((a, b) => b.wait_p90_s - a.wait_p90_s || (a.name < b.name ? -1 : 1));

const drawHamlets = (compared) => {
  const choice = compared[compared.length - 1];
  const ranked = worstOf(choice);
  const listed = ranked.slice(0, HAMLETS_MAX);
  const inOther = (hamlet, of) => of.hamlets.find(({ name }) => name === hamlet.name);
  const most = Math.max(1, ...listed.flatMap((hamlet) => compared.map((of) => minutesOf(inOther(hamlet, of)) ?? 0)));
  const rowHeight = 20 + 16 * compared.length;
  const width = WIDTH - 70;
  const drawn = listed.flatMap((hamlet, index) => {
    const top = index * rowHeight;
    const bars = compared.flatMap((of, which) => {
      const value = minutesOf(inOther(hamlet, of));
      if (value === null) return [];
      const y = top + 18 + 15 * which;
      return [box(4, y, (width * value) / most, 13, which === compared.length - 1 ? FILLS.served : FILLS.empty), text(10 + (width * value) / most, y + 11, number(value, 1), which === compared.length - 1 ? 'count' : '', 'start')];
    });
    return [text(4, top + 13, hamletName(hamlet.name), 'name', 'start'), ...bars];
  });
  const riders = choice.hamlets.filter(({ name, requests }) => name !== NOBODYS && requests > 0);
  const [worst, before] = [ranked[0], compared.length > 1 ? worstOf(compared[0])[0] : null];
  const said = !worst ? [t('worst_unknown')]
    : before ? rich(t('worst', titleOf(choice), hamletName(worst.name), shown('wait_p90_s', worst.wait_p90_s), titleOf(compared[0]), hamletName(before.name), shown('wait_p90_s', before.wait_p90_s)))
      : [`${hamletName(worst.name)} ${shown('wait_p90_s', worst.wait_p90_s)}`];
  const sparse = riders.length - ranked.length;
  const isGrid = riders.some(({ name }) => /^r\d+c\d+$/.test(name));
  const order = [...ranked, ...riders.filter((hamlet) => !ranked.includes(hamlet))];
  return make('figure', { id: 'part_hamlets' }, make('figcaption', {}, make('h3', {}, t('chart_part_hamlets')), make('p', {}, t('chart_part_hamlets_note', number(HAMLETS_MAX)))),
    make('p', {}, said), listed.length ? [keyOf(compared), make('svg:svg', { viewBox: `0 0 ${WIDTH} ${listed.length * rowHeight + 4}`, role: 'img' }, drawn)] : null,
    sparse ? make('p', { class: 'hint' }, t('sparse_hamlets', number(sparse))) : null, isGrid ? make('p', { class: 'hint' }, t('grid_names')) : null,
    partsTable(t('hamlet'), order, hamletName, compared.length === 1));
};
