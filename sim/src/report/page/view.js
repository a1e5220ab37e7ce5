// A view of a map: its frame, its roads, and how one moves about; all views of a page show the same part of it.
// A page says what is drawn (`redraw`), where it zooms to (`zoomBy`), and what is chosen by a click (`chooseAt`).

const INK = '#1d2733';
const REACH = 16;
const ZOOM_MAX = 40;
// Of the frame, so that nothing touches its edges.
const PAD = 0.95;
const SQUEEZE = DATA.grid.squeeze;

// Zoom 1 shows all; the centre is on the grid.
const view = { zoom: 1, x: DATA.grid.width / 2, y: DATA.grid.height / 2 };
const maps = [];

const makeView = () => {
  const canvas = make('canvas', { role: 'img', tabindex: 0 });
  const tools = [['＋', 'zoom_in', 1.6], ['−', 'zoom_out', 1 / 1.6], ['⤢', 'zoom_all', 0]].map(([sign, key, by]) =>
    make('button', { type: 'button', 'data-label': key, onclick: () => (by ? zoomBy(by) : zoomAll()) }, sign));
  const frame = make('div', { class: 'frame' }, canvas, make('div', { class: 'tools' }, tools), make('p', { class: 'credit' }, DATA.credit));
  const map = { canvas, context: canvas.getContext('2d'), ground: document.createElement('canvas'), groundOf: '', marks: [] };
  listen(map);
  return { map, frame };
};

const scaleOf = (map) => {
  const { width, height } = map.canvas;
  return PAD * Math.min(width / (DATA.grid.width * SQUEEZE), height / DATA.grid.height) * view.zoom;
};
const project = (map) => {
  const [scale, cx, cy] = [scaleOf(map), map.canvas.width / 2, map.canvas.height / 2];
  return (x, y) => [cx + (x - view.x) * SQUEEZE * scale, cy - (y - view.y) * scale];
};

const fitCanvas = (map) => {
  const ratio = window.devicePixelRatio || 1;
  const area = map.canvas.getBoundingClientRect();
  const [width, height] = [Math.max(1, Math.round(area.width * ratio)), Math.max(1, Math.round(area.height * ratio))];
  if (map.canvas.width !== width || map.canvas.height !== height) [map.canvas.width, map.canvas.height] = [width, height];
  map.ratio = ratio;
};

const strokeLines = (context, at, lines, width, colour) => {
  context.beginPath();
  for (const [xs, ys] of lines) {
    for (let i = 0; i < xs.length; i++) {
      const [x, y] = at(xs[i], ys[i]);
      if (i) context.lineTo(x, y);
      else context.moveTo(x, y);
    }
  }
  [context.lineWidth, context.strokeStyle, context.lineJoin, context.lineCap] = [width, colour, 'round', 'round'];
  context.stroke();
};

// The roads are drawn once for each view.
const drawGround = (map) => {
  const { canvas, ground } = map;
  const of = [canvas.width, canvas.height, view.zoom, view.x, view.y, language].join();
  if (map.groundOf === of) return;
  map.groundOf = of;
  [ground.width, ground.height] = [canvas.width, canvas.height];
  const context = ground.getContext('2d');
  const at = project(map);
  const bold = map.ratio * Math.min(2.2, 0.9 + view.zoom * 0.12);
  context.fillStyle = '#f7f8f5';
  context.fillRect(0, 0, ground.width, ground.height);
  strokeLines(context, at, ROADS.thin, bold * 0.8, '#dfe2dc');
  strokeLines(context, at, ROADS.middling, bold * 1.4, '#ccd2c8');
  strokeLines(context, at, ROADS.broad, bold * 2, '#b9c2b6');
  drawScale(map, context);
};

const drawScale = (map, context) => {
  const metre = scaleOf(map) / 1.11132; // a grid step is a hundred-thousandth of a degree
  const most = map.canvas.width / 4 / metre;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= most) ?? power;
  const [x, y, width] = [10 * map.ratio, map.canvas.height - 12 * map.ratio, length * metre];
  [context.strokeStyle, context.lineWidth, context.fillStyle] = [INK, 1.5 * map.ratio, INK];
  context.strokeRect(x, y, width, 0.01);
  label(context, map, length < 1000 ? `${length} m` : `${length / 1000} km`, x, y - 5 * map.ratio, 'left');
};

const label = (context, map, words, x, y, align = 'center', size = 11, weight = '') => {
  context.font = `${weight} ${size * map.ratio}px ${FONT}`;
  [context.textAlign, context.lineWidth, context.strokeStyle] = [align, 3 * map.ratio, 'rgba(255,255,255,.9)'];
  context.lineJoin = 'round';
  context.strokeText(words, x, y);
  context.fillStyle = INK;
  context.fillText(words, x, y);
};
const FONT = '"Hiragino Sans","Noto Sans JP","Noto Sans CJK JP","Yu Gothic UI",Meiryo,system-ui,sans-serif';

const clampView = () => {
  view.zoom = Math.min(ZOOM_MAX, Math.max(1, view.zoom));
  const [width, height] = [DATA.grid.width, DATA.grid.height];
  const clamp = (value, size) => (view.zoom === 1 ? size / 2 : Math.min(size, Math.max(0, value)));
  [view.x, view.y] = [clamp(view.x, width), clamp(view.y, height)];
  for (const map of maps) map.canvas.classList.toggle('zoomed', view.zoom > 1);
  redraw();
};
const zoomAll = () => {
  view.zoom = 1;
  clampView();
};

const listen = (map) => {
  const { canvas } = map;
  const inside = (event) => {
    const area = canvas.getBoundingClientRect();
    return [(event.clientX - area.left) * map.ratio, (event.clientY - area.top) * map.ratio];
  };
  let held = null;
  canvas.addEventListener('pointerdown', (event) => {
    held = { at: inside(event), x: view.x, y: view.y, moved: false };
    if (view.zoom > 1) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!held) return;
    const [x, y] = inside(event);
    const [dx, dy] = [x - held.at[0], y - held.at[1]];
    held.moved ||= Math.hypot(dx, dy) > 5 * map.ratio;
    if (!held.moved || view.zoom === 1) return;
    const scale = scaleOf(map);
    [view.x, view.y] = [held.x - dx / (scale * SQUEEZE), held.y + dy / scale];
    clampView();
  });
  canvas.addEventListener('pointerup', (event) => {
    if (held && !held.moved) chooseAt(map, inside(event));
    held = null;
  });
  canvas.addEventListener('pointercancel', () => (held = null));
  canvas.addEventListener('wheel', (event) => {
    if (view.zoom === 1 && event.deltaY > 0) return; // the page scrolls on
    event.preventDefault();
    const [px, py] = inside(event);
    const before = scaleOf(map);
    view.zoom = Math.min(ZOOM_MAX, Math.max(1, view.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2)));
    const after = scaleOf(map);
    const [ox, oy] = [px - canvas.width / 2, canvas.height / 2 - py];
    view.x += (ox / SQUEEZE) * (1 / before - 1 / after);
    view.y += oy * (1 / before - 1 / after);
    clampView();
  }, { passive: false });
};

// What the nearest mark within reach is of.
const nearestMark = (map, [x, y]) => {
  let [nearest, best] = [null, REACH * map.ratio];
  for (const [mx, my, of] of map.marks) {
    const off = Math.hypot(mx - x, my - y);
    if (off <= best) [nearest, best] = [of, off];
  }
  return nearest;
};

const nameTools = (element) => {
  for (const button of element.querySelectorAll('[data-label]')) {
    button.setAttribute('aria-label', t(button.dataset.label));
    button.title = t(button.dataset.label);
  }
};
