import { type Backend, eagerProgram, type StepProgram } from '@faceanim/tensor';
import { countDispatches } from '../count-dispatches';

/** What the programs of one kind took since the last start. */
export interface ProgramTime {
  runs: number;
  /** Dispatches to a WebGPU device. */
  dispatches: number;
  reads: number;
  /** Bytes in host memory that were written to inputs, and read. */
  writtenBytes: number;
  readBytes: number;
  writeMs: number;
  runMs: number;
  /** Time until what was read was there. */
  readMs: number;
}

/** A backend that times its programs. */
export interface TimedBackend {
  readonly backend: Backend;
  readonly times: ReadonlyMap<string, ProgramTime>;
  /** Forgets what was timed so far. */
  start(): void;
  /** Runs each kind of program many times on end: what is left is the time of the device, if it takes longer than the host. */
  deviceMs(): Promise<Readonly<Record<string, number>>>;
}

/** Kinds of programs of a live session, by an input that no kind before has. */
const kinds = { targets: 'pose', landmarks: 'pixels', step: 'weights', drawing: 'coordinates' };

/** Runs on end, from which the time of the device is measured: at most so many, or as many as take a second. */
const mostOnEnd = 20;

/** Times the programs of a live session by what they do, seen from outside. */
export function timedBackend(backend: Backend): TimedBackend {
  const times = new Map<string, ProgramTime>();
  const last = new Map<string, { program: StepProgram; output?: string }>();
  const timeOf = (kind: string) => {
    const none = { runs: 0, dispatches: 0, reads: 0, writtenBytes: 0, readBytes: 0 };
    const known = times.get(kind) ?? { ...none, writeMs: 0, runMs: 0, readMs: 0 };
    times.set(kind, known);
    return known;
  };
  const program: Backend['program'] = (step, inputs) => {
    const kind = Object.entries(kinds).find(([, input]) => input in inputs)?.[0] ?? 'other';
    const inner = backend.program?.(step, inputs) ?? eagerProgram(step, inputs);
    const known: { program: StepProgram; output?: string } = { program: inner };
    last.set(kind, known);
    return {
      write(input, value) {
        const time = timeOf(kind);
        const started = performance.now();
        inner.write(input, value);
        time.writeMs += performance.now() - started;
        if (value instanceof Float32Array) time.writtenBytes += value.byteLength;
      },
      run() {
        const time = timeOf(kind);
        const dispatches = countDispatches();
        const started = performance.now();
        inner.run();
        time.runMs += performance.now() - started;
        time.dispatches += dispatches();
        time.runs++;
      },
      async read<T extends Float32Array | Int32Array>(name: string) {
        known.output = name;
        const time = timeOf(kind);
        const started = performance.now();
        const values = await inner.read<T>(name);
        time.readMs += performance.now() - started;
        time.reads++;
        time.readBytes += values.byteLength;
        return values;
      },
      tensor(name) {
        known.output ??= name;
        return inner.tensor(name);
      },
      [Symbol.dispose]() {
        if (last.get(kind) === known) last.delete(kind);
        inner[Symbol.dispose]();
      },
    };
  };
  return {
    backend: { ...backend, program },
    times,
    start: () => times.clear(),
    async deviceMs() {
      const found: Record<string, number> = {};
      for (const [kind, { program, output }] of last) {
        const time = async (runs: number) => {
          const started = performance.now();
          for (let i = 0; i < runs; i++) program.run();
          await program.read(output!);
          return performance.now() - started;
        };
        const onEnd = Math.max(1, Math.min(mostOnEnd, Math.floor(1000 / (await time(1)))));
        found[kind] = ((await time(1 + onEnd)) - (await time(1))) / onEnd;
      }
      return found;
    },
  };
}
