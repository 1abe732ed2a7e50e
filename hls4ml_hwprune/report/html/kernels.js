// Kernels: weights and slots from the page's data, and where a picture has them.
// Pixels of the largest cell of a picture. Canvases of browsers have no more pixels to a side.
const LARGEST_CELL = 24, LONGEST = 32000;
const PRUNED = 0, KEPT = 1, MOVED = 2, ABSENT = 3;

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function numbers({ bytes: width, data }) {
  const raw = bytes(data), found = new Int32Array(raw.length / width);
  for (let i = 0; i < found.length; i++) for (let b = width - 1; b >= 0; b--) found[i] = found[i] * 256 + raw[i * width + b];
  return found;
}

function states(kernel) {
  const kept = bytes(kernel.mask), moved = kernel.moved ? bytes(kernel.moved) : null;
  const found = new Uint8Array(kernel.nIn * kernel.nOut);
  for (let p = 0; p < found.length; p++) {
    const byte = p >> 3, bit = 128 >> (p & 7);
    const none = kernel.perChannel && (p % kernel.nIn) % kernel.nOut !== Math.floor(p / kernel.nIn);
    found[p] = none ? ABSENT : !(kept[byte] & bit) ? PRUNED : moved && moved[byte] & bit ? MOVED : KEPT;
  }
  return found;
}

// Slots: `at` has the weight of each slot in each cycle (-1 for none), `of` the place there of each weight.
function slots(kernel) {
  const size = kernel.nIn * kernel.nOut, reuse = kernel.reuse;
  if (kernel.slots === 'own') {
    const lane = (slot) => (slot * reuse) % kernel.nIn;
    return { count: Math.ceil(size / reuse), at: (i) => (i < size ? i : -1), of: (p) => p, lane, common: 0 };
  }
  if (!kernel.slots || kernel.slots === 'single') return null;
  const positions = numbers(kernel.slots.positions), lanes = numbers(kernel.slots.laneOf);
  const places = new Int32Array(size).fill(-1);
  positions.forEach((p, i) => { if (p) places[p - 1] = i; });
  const at = (i) => (i < positions.length ? positions[i] - 1 : -1);
  return { count: lanes.length, at, of: (p) => places[p], lane: (slot) => lanes[slot], common: kernel.slots.nStreams };
}

// Pictures: cells in columns and rows. The matrix has a column an input; slots are columns of cycles, in bands.
function picture(view, kernel, table, room) {
  if (view === 'matrix' || !table) {
    const fit = Math.min(LARGEST_CELL, Math.max(1, Math.floor(room / kernel.nIn)));
    return { fit, columns: kernel.nIn, rows: kernel.nOut, weight: (x, y) => y * kernel.nIn + x,
      place: (p) => [p % kernel.nIn, Math.floor(p / kernel.nIn)] };
  }
  const reuse = kernel.reuse;
  let fit = Math.min(LARGEST_CELL, Math.max(10, Math.floor(room / table.count)));
  const across = () => Math.max(1, Math.min(table.count, Math.floor(room / fit)));
  const down = () => Math.ceil(table.count / across()) * (reuse + 1) - 1;
  while (fit > 1 && down() * fit > LONGEST) fit--;
  const columns = across();
  return { fit, columns, rows: down(),
    weight: (x, y) => {
      const slot = Math.floor(y / (reuse + 1)) * columns + x, cycle = y % (reuse + 1);
      return cycle < reuse && slot < table.count ? table.at(slot * reuse + cycle) : -1;
    },
    place: (p) => {
      const i = table.of(p), slot = Math.floor(i / reuse);
      return i < 0 ? null : [slot % columns, Math.floor(slot / columns) * (reuse + 1) + (i % reuse)];
    } };
}

function rgb(colour) {
  const hex = colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit).join('') : colour.slice(1);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)).concat(255);
}
