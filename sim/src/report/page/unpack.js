// Unpacks the data: lines of letters into numbers, times into clocks (sim/src/report/line.rs).

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUE = new Map([...LETTERS].map((letter, value) => [letter, value]));

// Columns of whole numbers, from rows of differences.
const columns = (text, width) => {
  const found = Array.from({ length: width }, () => []);
  const before = new Array(width).fill(0);
  let [value, shift, column] = [0, 1, 0];
  for (const letter of text) {
    const group = VALUE.get(letter);
    value += (group & 31) * shift;
    shift *= 32;
    if (group & 32) continue;
    before[column] += value % 2 ? -(value + 1) / 2 : value / 2;
    found[column].push(before[column]);
    [value, shift, column] = [0, 1, (column + 1) % width];
  }
  return found;
};

const roadLines = (texts) => texts.map((text) => columns(text, 2));
const ROADS = { broad: roadLines(DATA.roads.broad), middling: roadLines(DATA.roads.middling), thin: roadLines(DATA.roads.thin) };

// Seconds after midnight as a clock shows them, also on days on which clocks are changed.
const onClock = (seconds) => {
  let more = DATA.zone_changes[0][1];
  for (const [from, offset] of DATA.zone_changes) if (from <= seconds) more = offset;
  return seconds + more;
};
const two = (value) => String(value).padStart(2, '0');
const clock = (seconds, withSeconds = false) => {
  const shown = onClock(seconds);
  const within = ((shown % 86400) + 86400) % 86400;
  const text = `${Math.floor(within / 3600)}:${two(Math.floor(within / 60) % 60)}` + (withSeconds ? `:${two(Math.floor(within % 60))}` : '');
  const days = Math.floor(shown / 86400);
  if (days === 0) return text;
  if (days === -1) return t('day_before', text);
  return days < 0 ? t('days_before', -days, text) : t('day_after', text);
};

const placeName = ([, , name, isNear]) => (!name ? t('road_unnamed') : isNear ? t('road_near', name) : name);

// The date of a page of one day.
const dateInWords = () => {
  const weekday = WEEKDAYS[language][DATA.weekday];
  const [year, month, day] = DATA.date.split('-').map(Number);
  return language ? `${weekday}, ${DATA.date}` : `${year}年${month}月${day}日（${weekday}）`;
};
