import { deviceLost } from '../../faults';
import { SharedHeap } from './heap';
import { type Call, systemCalls } from './system';
import { threadSource } from './thread-source';

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

/** What Emscripten's script makes of the program, as far as tfjs' `BackendWasm` uses it. */
export interface WasmProgram {
  /** The memory at its present size. */
  readonly HEAPU8: Uint8Array;
  readonly _malloc: Call;
  readonly _free: Call;
  readonly cwrap: (name: string, result: string | null, parameters: readonly string[]) => Call;
  readonly tfjs: Readonly<Record<string, Call>>;
  readonly PThread: { terminateAllThreads(): void };
  readonly asm: { readonly memory: WebAssembly.Memory };
  /** Called when the program aborts, or can no longer be used because of an error. */
  onAbort?: (reason: unknown) => void;
}

/**
 * Starts the threaded WASM program of tfjs 4.22 with a pool of threads, for `new BackendWasm()`.
 *
 * It stands in for Emscripten's script. That makes its workers from the text of a function, which does not survive bundlers,
 * and tfjs takes half of the cores that it reports: one thread on two cores.
 *
 * @param threads their number, with the calling one; the program takes up to 8
 * @throws whatever keeps memory from being shared or a worker from starting
 */
export async function startThreadedProgram<W extends ThreadWorker>(
  threads: number,
  platform: ThreadPlatform<W>,
): Promise<WasmProgram> {
  const heap = new SharedHeap();
  const binary = await platform.compile();
  const workers: W[] = [];
  let closed = false;
  const terminateAllThreads = () => {
    closed = true;
    for (const worker of workers) worker.terminate();
  };
  const note = new SharedArrayBuffer(256);
  let program: WasmProgram | undefined;
  const fail = (reason: string): never => {
    const error = deviceLost('wasm', reason);
    program?.onAbort?.(error);
    throw error;
  };
  try {
    for (let i = 1; i < threads; i++) workers.push(platform.startWorker(threadSource));
    // Before the pool is made: the program waits for its threads, and a page starts no worker meanwhile.
    await Promise.all(
      workers.map((worker) => {
        worker.postMessage({ module: binary, memory: heap.memory, note });
        return platform.firstMessage(worker);
      }),
    );
    const idle = [...workers];
    let exports: Readonly<Record<string, Call>> = {};
    const system = systemCalls({
      heap,
      threads,
      mayWait: platform.mayWait,
      exports: () => exports,
      startThread(start) {
        const worker = idle.pop();
        worker?.postMessage(start);
        return worker !== undefined;
      },
      abort(reason) {
        program?.onAbort?.(reason);
        throw new WebAssembly.RuntimeError(`The WASM program called ${reason}`);
      },
      threadFailed: () => fail(`a thread failed: ${textOf(note)}`),
    });
    const onEnd = () => {
      if (closed) return;
      try {
        fail('a thread has ended');
      } catch {
        // Thrown to nobody here: the next operation throws it again.
      }
    };
    for (const worker of workers) platform.onEnd(worker, onEnd);
    const imports = importsOf(binary, { memory: heap.memory, ...system });
    exports = (await WebAssembly.instantiate(binary, imports)).exports as Record<string, Call>;
    exports.__wasm_call_ctors!();
    program = programOf(exports, heap, terminateAllThreads);
    return program;
  } catch (error) {
    terminateAllThreads();
    throw error;
  }
}

/** A text that ends with zeros. Text decoders refuse shared memory. */
function textOf(bytes: SharedArrayBuffer): string {
  return new TextDecoder().decode(new Uint8Array(bytes).slice()).replace(/\0.*$/s, '');
}

/** The imports of a program. Functions that are not known throw when they are called. */
function importsOf(
  binary: WebAssembly.Module,
  known: Readonly<Record<string, WebAssembly.ImportValue>>,
): WebAssembly.Imports {
  const imports: WebAssembly.Imports = {};
  for (const { module, name } of WebAssembly.Module.imports(binary)) {
    const missing = () => {
      throw new WebAssembly.RuntimeError(`The WASM program called ${name}`);
    };
    imports[module] = { ...imports[module], [name]: known[name] ?? missing };
  }
  return imports;
}

function programOf(
  exports: Readonly<Record<string, Call>>,
  heap: SharedHeap,
  terminateAllThreads: () => void,
): WasmProgram {
  const call = (name: string) => exports[name]!;
  return {
    get HEAPU8() {
      return heap.bytes;
    },
    _malloc: call('malloc'),
    _free: call('free'),
    cwrap: (name, _result, parameters) =>
      parameters.includes('array') ? passArrays(call(name), parameters, exports, heap) : call(name),
    tfjs: {
      initWithThreadsCount: call('init_with_threads_count'),
      getThreadsCount: call('get_threads_count'),
      registerTensor: call('register_tensor'),
      disposeData: call('dispose_data'),
      // The memory goes as a whole; the program would wait for its threads to end.
      dispose() {},
    },
    PThread: { terminateAllThreads },
    asm: { memory: heap.memory },
  };
}

/** A function that gets its parameters of type `array`, which are bytes, on the stack of the program. */
function passArrays(
  call: Call,
  parameters: readonly string[],
  exports: Readonly<Record<string, Call>>,
  heap: SharedHeap,
): Call {
  const { stackSave, stackAlloc, stackRestore } = exports as Record<string, Call>;
  const onStack = (bytes: Uint8Array): number => {
    const address = stackAlloc!(bytes.length);
    heap.bytes.set(bytes, address);
    return address;
  };
  return (...args) => {
    const top = stackSave!();
    const result = call(...args.map((arg, i) => (parameters[i] === 'array' ? onStack(arg) : arg)));
    stackRestore!(top);
    return result;
  };
}
