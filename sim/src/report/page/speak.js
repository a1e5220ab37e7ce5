// How every page speaks: Japanese first, then English. What it says is in WORDS, of each page.

const LANGUAGES = ['ja', 'en'];

const COMMON = {
  minutes: ['{0} 分', '{0} min'],
  seconds: ['{0} 秒', '{0} s'],
  hours_minutes: ['{0} 時間 {1} 分', '{0} h {1} min'],
  numbers: ['数字で見る', 'As numbers'],
  hour: ['時台', 'hour'],
  nothing: ['該当なし', 'none'],
  minutes_axis: ['分', 'min'],
  requests_axis: ['件', 'requests'],
  zoom_in: ['拡大', 'Zoom in'],
  zoom_out: ['縮小', 'Zoom out'],
  zoom_all: ['全体', 'All'],
  road_near: ['{0} 付近', 'near {0}'],
  road_unnamed: ['名前のない道', 'a road without a name'],
  note_roads: ['背景の道路は、幹線と町なかの道の形を簡略にしたものです。敷地内の通路や農道は描いていません。', 'The roads in the background are simplified; driveways and tracks are left out.'],
  note_roads_thin: ['地域が広いため、細い道は背景に描いていません。', 'The area is large: minor roads are left out of the background.'],
  days_before: ['{0} 日前 {1}', '{0} days before, {1}'],
  day_before: ['前日 {0}', 'the day before, {0}'],
  day_after: ['翌日 {0}', 'the day after, {0}'],
  footer_map: ['地図データ：{0}', 'Map data: {0}'],
};

const WEEKDAYS = [['日', '月', '火', '水', '木', '金', '土'], ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']];

let language = 0;

const say = (words, ...values) => words[language].replace(/\{(\d)\}/g, (_, index) => values[index]);
const t = (key, ...values) => say(WORDS[key] ?? COMMON[key], ...values);
const number = (value, digits = 0) =>
  value.toLocaleString(language ? 'en-GB' : 'ja-JP', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = (share) => number(100 * share, 1) + ' %';
// Minutes, or seconds where minutes would say nothing.
const span = (seconds) => {
  const whole = Math.round(seconds / 60);
  if (whole >= 120) return t('hours_minutes', Math.floor(whole / 60), whole % 60);
  return Math.abs(seconds) < 90 ? t('seconds', Math.round(seconds)) : t('minutes', whole);
};

// Words have <b> in them, and names come from outside: only our own marks become elements.
const emphasize = (element, words) =>
  element.replaceChildren(...words.split(/(<b>.*?<\/b>)/).map((part) => (part.startsWith('<b>') ? make('b', {}, part.slice(3, -4)) : part)));

// Sets all that stands in the frame in one language, and marks its button.
const speakFrame = (index) => {
  language = index;
  document.documentElement.lang = LANGUAGES[index];
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === LANGUAGES[index]));
  }
};

// `speak` draws the page in a language; it begins with the one its address names.
const listenToLanguages = (speak) => {
  for (const button of document.querySelectorAll('[data-language]')) {
    button.addEventListener('click', () => speak(LANGUAGES.indexOf(button.dataset.language)));
  }
  speak(location.hash === '#en' ? 1 : 0);
};

// Numbers behind charts are open on paper, but for those of every day and every hamlet.
const openForPaper = () => {
  const set = (isOpen) => document.querySelectorAll('figure:not(#of_days, #part_hamlets, #hamlets) details, details.all').forEach((details) => (details.open = isOpen));
  window.addEventListener('beforeprint', () => set(true));
  window.addEventListener('afterprint', () => set(false));
};
