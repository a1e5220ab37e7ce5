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

const start = () => {
  maps.push(...RUNS.map(makeMap));
  byId('maps').classList.toggle('pair', IS_PAIR);
  document.body.classList.toggle('pair', IS_PAIR);
  byId('maps').replaceChildren(...maps.map((map) => map.element));
  [byId('slider').min, byId('slider').max] = DATA.clock;
  // It opens when the first vehicles have set out, so that there is something to see.
  const departures = RUNS.flatMap((run) => run.drives.filter((drive) => drive.at.length).map((drive) => drive.at[0]));
  now = Math.max(DATA.clock[0], departures.length ? Math.min(...departures) : DATA.clock[0]);
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
