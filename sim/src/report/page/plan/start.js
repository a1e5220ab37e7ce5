// Puts the parts together, in one language or the other.

const speak = (index) => {
  speakFrame(index);
  drawHead();
  drawCards();
  drawLeft();
  nameFleet();
  drawRiders();
  drawSheets();
  drawNotes();
  redraw();
};

const start = () => {
  makeMap();
  byId('print').addEventListener('click', () => window.print());
  window.addEventListener('resize', redraw);
  openForPaper();
  listenToLanguages(speak);
};

start();
