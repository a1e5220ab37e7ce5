// The ways to run the service that are compared, how each stands to the one it is held against, and how that is said.

const { comparison: COMPARISON } = DATA;
const POLICIES = COMPARISON.points[0].policies.map(({ policy }) => policy);
const AT = { point: COMPARISON.baseline_point, policy: POLICIES.indexOf(COMPARISON.baseline) };

const CHOICES = COMPARISON.points.flatMap((point, p) => point.policies.map((standing, n) => ({
  ...standing, point: p, number: p * POLICIES.length + n, rules: point.rules,
  figures: Object.fromEntries(standing.measures.map((measure) => [measure.name, measure])),
})));
const BASE = CHOICES[AT.point * POLICIES.length + AT.policy];
// What a way is held against: the baseline where it stands, or itself at the baseline point.
for (const choice of CHOICES) {
  const isAtPoint = choice.point === AT.point;
  choice.other = isAtPoint ? BASE : CHOICES[AT.point * POLICIES.length + (choice.number % POLICIES.length)];
  choice.differs = (name) => choice.figures[name]?.[isAtPoint ? 'difference' : 'from_baseline_point'] ?? null;
  choice.sign = CHOICES.length <= 26 ? String.fromCharCode(65 + choice.number) : String(choice.number + 1);
}
const OTHERS = CHOICES.filter((choice) => choice !== BASE);
const HAS_PRICES = DATA.prices !== null;
const COST = HAS_PRICES ? 'cost_yen' : 'km';

const length = (text) => (language ? text : text.replace(/ ?min/, ' 分').replace(/ ?(h|hours)\b/, ' 時間').replace(/ ?s\b/, ' 秒').replace(/ ?days/, ' 日'));
const rulesName = (rules) => rules.split(', ').map((rule) => {
  const [key, value] = rule.split(' = ');
  return KNOBS[key] ? say(KNOBS[key], length(value)) : rule;
}).join(language ? ', ' : '、');
const nameOf = ({ policy, rules }) => {
  if (!rules) return policy;
  return POLICIES.length === 1 ? rulesName(rules) : `${policy}${language ? ', ' : '・'}${rulesName(rules)}`;
};
const titleOf = (choice) => `${choice.sign}${language ? ': ' : '：'}${nameOf(choice)}`;

const measureName = (name) => (MEASURES[name] ? MEASURES[name][0][language] : name);
const goodness = (name) => MEASURES[name]?.[1] ?? 0;

// Of an average day.
const COUNTS = new Set(['requests', 'served', 'refused', 'not_taken', 'cancelled', 'lost_to_delay', 'no_shows', 'latent', 'broken_promises']);

// A value by what its name says of its unit.
const shown = (name, value) => {
  if (value === null || value === undefined) return '–';
  if (name.endsWith('_percent')) return number(value, 1) + ' %';
  if (name.endsWith('_s')) return minutes(value);
  if (name.endsWith('_yen')) return yen(value);
  if (name === 'km') return number(value) + ' km';
  if (COUNTS.has(name)) return number(value, 1) + (language ? '' : ' 件');
  return number(value, Number.isInteger(value) && Math.abs(value) >= 100 ? 0 : Math.abs(value) < 100 ? (Math.abs(value) < 10 ? 2 : 1) : 0);
};
const minutes = (seconds) => (Math.abs(seconds) < 60 ? t('seconds', number(seconds)) : t('minutes', number(seconds / 60, 1)));
const yen = (value) => number(value) + (language ? ' yen' : ' 円');
const size = (name, by) => (name.endsWith('_percent') ? t('points_of', number(Math.abs(by), 1)) : shown(name, Math.abs(by)));
const SIGN = (by) => (by > 0 ? '+' : by < 0 ? '−' : '±');
// A difference in the unit of its figure; bounds of its interval go without the unit.
const bare = (name, by) => {
  const [scale, digits] = name.endsWith('_s') ? [60, 1] : name.endsWith('_percent') ? [1, 1] : name.endsWith('_yen') || name === 'km' ? [1, 0] : [1, COUNTS.has(name) || Math.abs(by) >= 10 ? 1 : 2];
  return SIGN(by) + number(Math.abs(by) / scale, digits);
};
const signed = (name, by) => {
  const value = bare(name, by);
  if (name.endsWith('_percent')) return t('points_of', value);
  if (name.endsWith('_s')) return t('minutes', value);
  if (name.endsWith('_yen')) return value + (language ? ' yen' : ' 円');
  return name === 'km' ? value + ' km' : value;
};

const isSure = (difference) => Boolean(difference?.is_distinguishable);
// 1 if surely better, -1 if surely worse, 0 if chance may have done it.
const better = (name, difference) => (isSure(difference) ? Math.sign(difference.mean) * goodness(name) : 0);

// The difference in words: by how much, or that it may be chance.
const byHowMuch = (name, difference) => {
  if (!difference) return '–';
  if (!difference.interval) return t('too_few');
  if (!difference.is_distinguishable) return t('no_verdict');
  const isMore = difference.mean > 0;
  const [more, less] = name.endsWith('_s') ? ['longer', 'shorter'] : name.endsWith('_percent') ? ['higher', 'lower'] : ['more', 'less'];
  const mark = better(name, difference);
  return (mark > 0 ? t('good') + ' ' : mark < 0 ? t('bad') + ' ' : '') + t(isMore ? more : less, size(name, difference.mean));
};

// The same as numbers, with its interval.
const withInterval = (name, difference) => {
  if (!difference) return null;
  const range = difference.interval ? ` [${bare(name, difference.interval.low)}, ${bare(name, difference.interval.high)}]` : '';
  return signed(name, difference.mean) + range;
};
const verdict = (difference) => (!difference || difference.is_distinguishable ? null : difference.interval ? t('no_verdict') : t('too_few'));

// Text with our own <b> as elements; names come from outside and stay text.
const rich = (words) => words.split(/(<b>.*?<\/b>)/).map((part) => (part.startsWith('<b>') ? make('b', {}, part.slice(3, -4)) : part));
