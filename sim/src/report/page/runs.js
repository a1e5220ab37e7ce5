// The runs of a day: their drives, shifts and requests, from the data.

const LETTER_OF_RUN = ['A', 'B'];

const unpackRun = (run, index) => {
  const drives = run.drives.map(([shift, errand, persons, metres, who, line]) => {
    const [at, x, y] = columns(line, 3);
    return { shift, errand, persons, metres, who, at, x, y };
  });
  run.letter = LETTER_OF_RUN[index];
  run.drives = drives;
  run.requests.forEach((request, number) => {
    request.number = number;
    request.boarded ??= [];
    request.shared ??= [];
  });
  run.shifts.forEach((shift, number) => {
    shift.number = number;
    shift.drives = drives.filter((drive) => drive.shift === number && drive.at.length);
  });
  run.vehicles.forEach((vehicle, number) => {
    vehicle.number = number;
    vehicle.shifts = run.shifts.filter((shift) => shift.vehicle === number && shift.opened !== null);
  });
  // When how many get on and off, by shift.
  run.requests.forEach((request) => {
    request.boarded.forEach(([shift, , ended], leg) => {
      const steps = shift === null ? [] : (run.shifts[shift].steps ??= []);
      steps.push([ended, request.n, request.number]);
      const until = leg + 1 < request.boarded.length ? request.boarded[leg + 1][1] : request.alighted?.[0];
      if (until !== undefined) steps.push([until, -request.n, request.number]);
    });
  });
  run.shifts.forEach((shift) => (shift.steps ??= []).sort((a, b) => a[0] - b[0] || a[1] - b[1]));
  return run;
};

const RUNS = DATA.runs.map(unpackRun);
const IS_PAIR = RUNS.length === 2;
// A vehicle has the same number in both runs.
const NAMES = [...new Set(RUNS.flatMap((run) => run.vehicles.map((vehicle) => vehicle.name)))];
for (const run of RUNS) for (const vehicle of run.vehicles) vehicle.sign = String(NAMES.indexOf(vehicle.name) + 1);
const runTitle = (run) => (IS_PAIR ? `${run.letter}：${run.name}` : run.name);

const vehicleName = (run, shift) => (shift === null || shift === undefined ? t('vehicle_unknown') : run.vehicles[run.shifts[shift].vehicle].name);

// One of a few words, by how a request ended.
const endOf = (request) => {
  if (!request.end) return 'open';
  return request.end.startsWith('cancelled') ? 'cancelled' : request.end;
};
// Seconds from the wished time to boarding; departures only.
const waitOf = (request) =>
  request.wish[0] === 0 && request.boarded.length ? request.boarded[request.boarded.length - 1][1] - request.wish[1] : null;

// The same request in the other run: asked at the same time for the same ride; of several, in their order.
const pairUp = () => {
  if (!IS_PAIR) return;
  const key = (request) => JSON.stringify([request.at, request.wish, request.n, request.from.slice(0, 2), request.to.slice(0, 2)]);
  const waiting = new Map();
  RUNS[1].requests.forEach((request) => {
    const like = waiting.get(key(request)) ?? [];
    waiting.set(key(request), [...like, request]);
  });
  RUNS[0].requests.forEach((request) => {
    const other = waiting.get(key(request))?.shift();
    if (other) [request.twin, other.twin] = [other, request];
  });
};
pairUp();
