// Puts the parts together, in one language or the other.

const speak = (index) => {
  speakFrame(index);
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
  window.addEventListener('resize', redraw);
  openForPaper();
  listenToLanguages(speak);
};

start();
