// Theme, and the window of a kernel: its drawing, marks, words and keys.
const byId = (id) => document.getElementById(id);
const kernels = JSON.parse(byId('data').textContent).kernels;
const dialog = byId('kernel'), canvas = byId('weights'), pen = canvas.getContext('2d');
let shown = null;

// Theme.
const themes = ['system', 'light', 'dark'];
const theme = byId('theme');
theme.hidden = false;
theme.addEventListener('click', () => {
  const next = themes[(themes.indexOf(document.documentElement.dataset.theme || 'system') + 1) % themes.length];
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  theme.textContent = `theme: ${next}`;
  if (dialog.open) { shown.sheet = null; draw(); }
});

function paint() {
  const { grid, state } = shown, style = getComputedStyle(dialog);
  const token = (name) => rgb(style.getPropertyValue(name).trim());
  const colours = [token('--pruned'), token('--kept'), token('--moved'), token('--card')];
  const image = new ImageData(grid.columns, grid.rows);
  for (let y = 0, i = 0; y < grid.rows; y++) {
    for (let x = 0; x < grid.columns; x++, i += 4) {
      const p = grid.weight(x, y);
      image.data.set(p < 0 ? colours[ABSENT] : colours[state[p]], i);
    }
  }
  const sheet = document.createElement('canvas');
  [sheet.width, sheet.height] = [grid.columns, grid.rows];
  sheet.getContext('2d').putImageData(image, 0, 0);
  return sheet;
}

function draw() {
  const { grid } = shown;
  const most = LONGEST / Math.max(grid.columns, grid.rows);
  const size = Math.min(most, Math.max(Math.min(1, most), grid.fit * shown.zoom));
  shown.size = size;
  [canvas.width, canvas.height] = [Math.ceil(grid.columns * size), Math.ceil(grid.rows * size)];
  pen.imageSmoothingEnabled = size < 1;
  pen.drawImage(shown.sheet ||= paint(), 0, 0, canvas.width, canvas.height);
  if (size >= 5) lines(size);
  mark();
}

// Gaps between cells that are large enough.
function lines(size) {
  const { grid } = shown;
  pen.fillStyle = getComputedStyle(dialog).getPropertyValue('--card');
  for (let x = 0; x <= grid.columns; x++) pen.fillRect(Math.round(x * size) - 1, 0, 1, canvas.height);
  for (let y = 0; y <= grid.rows; y++) pen.fillRect(0, Math.round(y * size) - 1, canvas.width, 1);
}

// Marks: the weights of the same slot, and of slots that read the same multiplexer.
function mark() {
  if (shown.at === null) return;
  const { table, at, kernel } = shown, style = getComputedStyle(dialog);
  const place = table && shown.state[at] !== PRUNED ? table.of(at) : -1;
  if (place >= 0) {
    const slot = Math.floor(place / kernel.reuse), lane = table.lane(slot);
    for (let other = 0; other < table.count; other++) {
      if (other !== slot && table.lane(other) === lane) slotFrame(other, style.getPropertyValue('--shared'));
    }
    slotFrame(slot, style.getPropertyValue('--same'));
  }
  frame(at, style.getPropertyValue('--bound'), 3);
}

function slotFrame(slot, colour) {
  for (let cycle = 0; cycle < shown.kernel.reuse; cycle++) {
    const p = shown.table.at(slot * shown.kernel.reuse + cycle);
    if (p >= 0 && shown.state[p] !== PRUNED) frame(p, colour, 2);
  }
}

function frame(p, colour, width) {
  const place = shown.grid.place(p);
  if (!place) return;
  const size = shown.size, side = Math.max(size, 3);
  pen.strokeStyle = colour;
  pen.lineWidth = Math.min(width, Math.max(1, size / 4));
  pen.strokeRect(place[0] * size + pen.lineWidth / 2, place[1] * size + pen.lineWidth / 2, side - pen.lineWidth - (size >= 5), side - pen.lineWidth - (size >= 5));
}

function tell() {
  const { kernel, table, state, at } = shown;
  if (at === null) { byId('cell').textContent = ''; return; }
  const words = ['pruned', 'kept', 'kept, moved to another code', 'no weight between these channels'];
  let text = `output ${Math.floor(at / kernel.nIn)}, input ${at % kernel.nIn}: ${words[state[at]]}`;
  const place = table && state[at] !== PRUNED ? table.of(at) : -1;
  if (place >= 0) {
    const slot = Math.floor(place / kernel.reuse), lane = table.lane(slot);
    let others = 0;
    for (let other = 0; other < table.count; other++) others += other !== slot && table.lane(other) === lane && used(other);
    const which = kernel.slots === 'own' ? '' : ` ${lane}`;
    text += `; slot ${slot}, cycle ${place % kernel.reuse}; multiplexer${which} `;
    text += others ? `shared with ${others} other slot${others === 1 ? '' : 's'}` : 'of its own';
    if (table.common) text += `, beside ${table.common} common to all`;
  }
  byId('cell').textContent = text;
}

function used(slot) {
  for (let cycle = 0; cycle < shown.kernel.reuse; cycle++) {
    const p = shown.table.at(slot * shown.kernel.reuse + cycle);
    if (p >= 0 && shown.state[p] !== PRUNED) return true;
  }
  return false;
}

function show(view) {
  shown.view = view;
  [shown.grid, shown.sheet] = [picture(view, shown.kernel, shown.table, canvas.parentElement.clientWidth - 2), null];
  for (const button of dialog.querySelectorAll('[data-view]')) {
    button.setAttribute('aria-pressed', String(button.dataset.view === view));
  }
  draw();
}

function open(number) {
  const kernel = kernels[number];
  if (!kernel.states) [kernel.states, kernel.table] = [states(kernel), slots(kernel)];
  shown = { kernel, state: kernel.states, table: kernel.table, zoom: 1, at: null };
  byId('kernel-title').textContent = `${kernel.name}: ${kernel.nIn} inputs x ${kernel.nOut} outputs`;
  byId('kernel-text').textContent = [kernel.text, ...kernel.remarks].join('; ');
  canvas.setAttribute('aria-label', `weights of ${kernel.name}, a row for each output, a column for each input`);
  dialog.querySelector('[data-view=slots]').hidden = !kernel.table;
  for (const name of ['same', 'shared']) dialog.querySelector(`[data-legend=${name}]`).hidden = !kernel.table;
  dialog.querySelector('[data-legend=moved]').hidden = !kernel.moved;
  dialog.showModal();
  show('matrix');
  tell();
  canvas.focus({ preventScroll: true });
}

function go(x, y) {
  const { grid } = shown;
  const p = grid.weight(Math.max(0, Math.min(grid.columns - 1, x)), Math.max(0, Math.min(grid.rows - 1, y)));
  if (p < 0) return;
  shown.at = p;
  draw();
  tell();
}

document.querySelectorAll('[data-kernel]').forEach((button) => {
  button.addEventListener('click', () => open(Number(button.dataset.kernel)));
});
dialog.querySelectorAll('[data-view]').forEach((button) => {
  button.addEventListener('click', () => show(button.dataset.view));
});
dialog.querySelectorAll('[data-zoom]').forEach((button) => {
  button.addEventListener('click', () => {
    shown.zoom = Math.max(1 / 16, Math.min(16, shown.zoom * Number(button.dataset.zoom)));
    draw();
  });
});
byId('close').addEventListener('click', () => dialog.close());
dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
canvas.addEventListener('click', (event) => {
  go(Math.floor(event.offsetX / shown.size), Math.floor(event.offsetY / shown.size));
});
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
canvas.addEventListener('keydown', (event) => {
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const place = shown.at === null ? null : shown.grid.place(shown.at);
  if (!place) { go(0, 0); return; }
  let [x, y] = [place[0] + step[0], place[1] + step[1]];
  // A band of slots ends in an empty row.
  if (step[1] && shown.grid.weight(x, y) < 0) y += step[1];
  go(x, y);
  canvas.parentElement.scrollTo(shown.size * (x - 8), shown.size * (y - 8));
});
