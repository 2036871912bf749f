import { assemble, type FunctionCode } from '../../../kernels/wasm/assembler';
import { type Part, type PartRunner, scratchBytes } from '../../../kernels/wasm/run';
import { deviceLost } from '../../faults';
import type { SharedHeap } from './heap';
import { controls, threadSource } from './thread-source';

/**
 * The most seconds that a thread may need for its last part of an operation, once the calling one has nothing left to do: a
 * minute, or many times what the calling one took for all of its parts, which are of the same size. A slow or busy machine can
 * need minutes for a large operation; a thread that is lost needs forever.
 */
const patienceFor = (ownSeconds: number) => Math.max(60, 20 * ownSeconds);

/** A worker of the platform. */
export interface ThreadWorker {
  /** Sends it a message. */
  postMessage(message: unknown): void;
  /** Ends it at once. */
  terminate(): void;
}

/** How threads of the WASM backend start on a platform. */
export interface ThreadPlatform<W extends ThreadWorker = ThreadWorker> {
  /** Fetches and compiles `tfjs-backend-wasm-threaded-simd.wasm`. */
  compile(): Promise<WebAssembly.Module>;
  /** Starts a worker with a classic script, after declarations of `listen(callback)` and `post(message)`. */
  startWorker(script: string): W;
  /** Resolves with the first message of a worker; rejects if the worker fails. */
  firstMessage(worker: W): Promise<unknown>;
  /** Calls back when a worker has ended by itself or failed. */
  onEnd(worker: W, callback: () => void): void;
  /** Whether the calling thread may wait. The main thread of a page may not, and spins. */
  readonly mayWait: boolean;
}

/** Options of {@link ThreadPool.start}. */
export interface ThreadPoolOptions<W extends ThreadWorker> {
  /** Number of threads, with the calling one. */
  readonly count: number;
  readonly platform: ThreadPlatform<W>;
  readonly heap: SharedHeap;
  readonly allocate: (bytes: number) => number;
  /** Called when a thread has failed or ended. */
  readonly onFailure: (error: Error) => void;
}

/**
 * Threads that share the parts of a job. Each takes the next part when it has done one, so threads that come late, because the
 * cores are busy, only do less.
 */
export class ThreadPool implements PartRunner {
  readonly count: number;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * Object.keys(controls).length));
  readonly #note = new SharedArrayBuffer(256);
  readonly #binaries = new Map<FunctionCode, { address: number; length: number }>();
  readonly #workers: ThreadWorker[] = [];
  #job = { address: 0, words: 0 };
  #error: Error | undefined;
  #isClosed = false;

  private constructor(private readonly options: ThreadPoolOptions<ThreadWorker>) {
    this.count = options.count;
  }

  /** @throws whatever keeps a worker from starting */
  static async start<W extends ThreadWorker>(options: ThreadPoolOptions<W>): Promise<ThreadPool> {
    const { count, platform, heap, allocate } = options;
    const pool = new ThreadPool(options as unknown as ThreadPoolOptions<ThreadWorker>);
    try {
      const workers: W[] = [];
      for (let i = 1; i < count; i++) workers.push(platform.startWorker(threadSource));
      pool.#workers.push(...workers);
      await Promise.all(
        workers.map((worker) => {
          const scratch = allocate(scratchBytes);
          worker.postMessage({ memory: heap.memory, scratch, control: pool.#control, note: pool.#note });
          return platform.firstMessage(worker);
        }),
      );
      for (const worker of workers) platform.onEnd(worker, () => pool.#hasEnded());
      return pool;
    } catch (error) {
      pool.close();
      throw error;
    }
  }

  /** Runs parts on all threads, `run` for those of the calling one. */
  run(parts: readonly Part[], run: (part: Part) => void): void {
    if (this.#error) throw this.#error;
    const control = this.#control;
    control[controls.table] = this.#write(parts) >>> 2;
    control[controls.parts] = parts.length;
    control[controls.next] = 0;
    Atomics.store(control, controls.isOpen, 1);
    Atomics.add(control, controls.job, 1);
    Atomics.notify(control, controls.job);
    const begun = performance.now();
    try {
      for (let next = 0; (next = Atomics.add(control, controls.next, 1)) < parts.length; ) run(parts[next]!);
    } finally {
      Atomics.store(control, controls.isOpen, 0);
      this.#wait(patienceFor((performance.now() - begun) / 1000));
    }
    if (Atomics.load(control, controls.hasFailed)) this.#fail(`a thread failed: ${textOf(this.#note)}`);
  }

  /** Ends all threads. */
  close(): void {
    this.#isClosed = true;
    for (const worker of this.#workers) worker.terminate();
  }

  /**
   * Waits until no thread is at work, for so many seconds.
   *
   * @throws {FaceanimError} `device-lost` for a thread that does not finish its part: nobody tells that it has ended before the
   *   calling thread returns to its events.
   */
  #wait(patience: number): void {
    let second = performance.now();
    let seconds = 0;
    for (let tries = 0, busy = 0; (busy = Atomics.load(this.#control, controls.busy)) > 0; tries++) {
      if (tries < 1000) continue;
      if (this.options.platform.mayWait) Atomics.wait(this.#control, controls.busy, busy, 100);
      if (performance.now() - second < 1000) continue;
      // Counted one by one: while the process is stopped, its threads do not work either, and only one passes here.
      second = performance.now();
      if (++seconds >= patience) this.#fail(`a thread has not finished its work for ${seconds} s`);
    }
  }

  /** Writes parts to the memory: where the calls of each begin, and then the calls. Returns the address. */
  #write(parts: readonly Part[]): number {
    const { heap, allocate } = this.options;
    const calls = parts.flat();
    // Before the memory is viewed, since allocations may make it grow.
    const binaries = calls.map(({ code }) => this.#binaryOf(code));
    const words = calls.reduce((sum, { values }) => sum + 3 + values.length, parts.length + 1);
    if (words > this.#job.words) this.#job = { address: allocate(8 * words), words: 2 * words };
    const memory = new Int32Array(heap.memory.buffer, this.#job.address, words);
    let at = parts.length + 1;
    let call = 0;
    for (const [i, part] of parts.entries()) {
      memory[i] = at;
      for (const { values } of part) {
        const { address, length } = binaries[call++]!;
        memory.set([address, length, values.length, ...values], at);
        at += 3 + values.length;
      }
    }
    memory[parts.length] = at;
    return this.#job.address;
  }

  /** Where the binary of a function is. */
  #binaryOf(code: FunctionCode): { address: number; length: number } {
    const known = this.#binaries.get(code);
    if (known) return known;
    const binary = assemble(code, true);
    const place = { address: this.options.allocate(binary.length), length: binary.length };
    this.options.heap.bytes.set(binary, place.address);
    this.#binaries.set(code, place);
    return place;
  }

  #hasEnded(): void {
    if (this.#isClosed) return;
    try {
      this.#fail('a thread has ended');
    } catch {
      // Thrown to nobody here: the next operation throws it again.
    }
  }

  #fail(reason: string): never {
    this.#error = deviceLost('wasm', reason);
    this.options.onFailure(this.#error);
    throw this.#error;
  }
}

/** A text that ends with zeros. Text decoders refuse shared memory. */
function textOf(bytes: SharedArrayBuffer): string {
  return new TextDecoder().decode(new Uint8Array(bytes).slice()).replace(/\0.*$/s, '');
}
