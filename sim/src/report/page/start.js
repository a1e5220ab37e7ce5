// Puts the parts together, in one language or the other.

const LANGUAGES = ['ja', 'en'];

const speak = (index) => {
  language = index;
  document.documentElement.lang = LANGUAGES[index];
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === LANGUAGES[index]));
  }
  drawHead();
  drawCards();
  nameReplay();
  nameFleets();
  drawCharts();
  nameList();
  drawTable();
  drawNotes();
  redraw();
};

// It opens when the most people are on board, so that there is something to see, also on paper.
const busiest = (run) => {
  let [aboard, most, found] = [0, 0, DATA.clock[0]];
  for (const [at, by] of run.shifts.flatMap((shift) => shift.steps).sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    aboard += by;
    if (aboard > most) [most, found] = [aboard, at];
  }
  return found;
};

const start = () => {
  maps.push(...RUNS.map(makeMap));
  byId('maps').classList.toggle('pair', IS_PAIR);
  document.body.classList.toggle('pair', IS_PAIR);
  byId('maps').replaceChildren(...maps.map((map) => map.element));
  [byId('slider').min, byId('slider').max] = DATA.clock;
  now = busiest(RUNS[0]);
  listenToKeys();
  listenToList();
  for (const button of document.querySelectorAll('[data-language]')) {
    button.addEventListener('click', () => speak(LANGUAGES.indexOf(button.dataset.language)));
  }
  window.addEventListener('resize', redraw);
  window.addEventListener('beforeprint', () => document.querySelectorAll('#charts details').forEach((details) => (details.open = true)));
  window.addEventListener('afterprint', () => document.querySelectorAll('#charts details').forEach((details) => (details.open = false)));
  speak(location.hash === '#en' ? 1 : 0);
};

start();
