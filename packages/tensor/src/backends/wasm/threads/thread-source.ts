/** Indices of what threads tell each other. */
export const controls = {
  /** Number of jobs so far. */
  job: 0,
  /** Whether the last one may be joined. */
  isOpen: 1,
  /** Number of threads that have joined, or are about to. */
  busy: 2,
  /** The next part. */
  next: 3,
  parts: 4,
  /** Where the parts are, in words. */
  table: 5,
  hasFailed: 6,
} as const;

/**
 * Source of a thread of the pool, a classic worker script. It is text, not a module, because a bundler neither finds nor
 * moves it, and needs the functions `listen` and `post` of its platform in front of it.
 *
 * The thread answers its only message with `ready`, and then waits for jobs until it is terminated. It looks for the next one
 * for a moment before it sleeps: waking it takes longer than many jobs.
 */
export const threadSource = `
const is = ${JSON.stringify(controls)};
listen(({ memory, scratch, control, note }) => {
  post('ready');
  const functions = new Map();
  const functionAt = (address, length) => {
    if (!functions.has(address)) {
      const module = new WebAssembly.Module(new Uint8Array(memory.buffer, address, length).slice());
      functions.set(address, new WebAssembly.Instance(module, { env: { memory, scratch } }).exports.run);
    }
    return functions.get(address);
  };
  const work = () => {
    const words = new Int32Array(memory.buffer).subarray(control[is.table]);
    for (let part; (part = Atomics.add(control, is.next, 1)) < control[is.parts]; ) {
      for (let at = words[part]; at < words[part + 1]; ) {
        const values = words.subarray(at + 3, at + 3 + words[at + 2]);
        functionAt(words[at] >>> 0, words[at + 1])(...values);
        at += 3 + values.length;
      }
    }
  };
  for (let job = 0; ; ) {
    for (let looks = 0; looks < 2000 && Atomics.load(control, is.job) === job; looks++);
    Atomics.wait(control, is.job, job);
    job = Atomics.load(control, is.job);
    Atomics.add(control, is.busy, 1);
    try {
      if (Atomics.load(control, is.isOpen)) work();
    } catch (error) {
      new Uint8Array(note).set(new TextEncoder().encode(String(error)).subarray(0, note.byteLength));
      Atomics.store(control, is.hasFailed, 1);
    }
    Atomics.sub(control, is.busy, 1);
    Atomics.notify(control, is.busy);
  }
});
`;
