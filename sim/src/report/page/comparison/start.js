// Puts the parts together, in one language or the other.

let chosen = OTHERS.find((choice) => choice.is_efficient) ?? OTHERS[0] ?? BASE;

const drawCloser = () => {
  byId('choice').replaceChildren(...(OTHERS.length ? OTHERS : [BASE]).map((choice) => make('option', { value: choice.number, selected: choice === chosen }, titleOf(choice))));
  const compared = chosen === BASE ? [BASE] : [chosen.other, chosen];
  byId('days').replaceChildren(...(compared.length > 1 ? [drawDays(chosen, chosen.other)] : []));
  byId('hours').replaceChildren(...drawHours(compared));
  byId('hamlets').replaceChildren(drawHamlets(compared));
  for (const figure of document.querySelectorAll('figure')) {
    for (const drawing of figure.querySelectorAll('svg[role=img]')) drawing.setAttribute('aria-label', figure.querySelector('h3').textContent);
  }
};

const choose = (choice) => {
  if (choice === BASE && OTHERS.length) return;
  chosen = choice;
  drawCloser();
  byId('closer').scrollIntoView({ block: 'start' });
};

const speak = (index) => {
  speakFrame(index);
  drawHead();
  drawDecision();
  drawOverview();
  drawPareto();
  drawCloser();
  drawFigures();
  drawNotes();
};

const start = () => {
  document.body.prepend(patterns());
  byId('choice').addEventListener('change', (event) => {
    chosen = CHOICES[Number(event.target.value)];
    drawCloser();
  });
  openForPaper();
  listenToLanguages(speak);
};

start();
