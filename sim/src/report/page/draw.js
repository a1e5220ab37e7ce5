// Parts of charts, drawn as SVG: legible without colours, each with its numbers in a table.

const WIDTH = 640;
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

const key = (series) =>
  make('ul', { class: 'key' }, series.map(([kind, words]) =>
    make('li', {}, make('svg:svg', { viewBox: '0 0 24 14', class: 'swatch', 'aria-hidden': 'true' },
      kind === 'line' ? make('svg:path', { d: 'M2 7H22', class: 'mark' }) : box(1, 1, 22, 12, FILLS[kind])), words)));

const numbersTable = (head, rows) =>
  make('details', {}, make('summary', {}, t('numbers')), make('div', { class: 'scroll wide' }, make('table', {},
    make('thead', {}, make('tr', {}, head.map((words) => make('th', { scope: 'col' }, words)))),
    make('tbody', {}, rows.map((row) => make('tr', {}, row.map((cell, column) => make(column ? 'td' : 'th', column ? { class: 'value' } : { scope: 'row' }, cell ?? '–'))))))));

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

