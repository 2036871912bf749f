import { SharedHeap } from './heap';
import { type ThreadPlatform, ThreadPool, type ThreadWorker } from './pool';
import { type Call, systemCalls } from './system';

/** What Emscripten's script makes of the program, as far as tfjs' `BackendWasm` uses it. */
export interface WasmProgram {
  /** The memory at its present size. */
  readonly HEAPU8: Uint8Array;
  readonly _malloc: Call;
  readonly _free: Call;
  readonly cwrap: (name: string, result: string | null, parameters: readonly string[]) => Call;
  readonly tfjs: Readonly<Record<string, Call>>;
  readonly PThread: { terminateAllThreads(): void };
  /** The threads of the SDK's kernels. */
  readonly threads: ThreadPool;
  readonly asm: { readonly memory: WebAssembly.Memory };
  /** Called when the program aborts, or can no longer be used because of an error. */
  onAbort?: (reason: unknown) => void;
}

/**
 * Starts the threaded WASM program of tfjs 4.22 with its memory shared by a pool of threads, for `new BackendWasm()`. The
 * program itself has one thread: those of its own would wait for work by keeping the cores busy.
 *
 * It stands in for Emscripten's script, which makes workers from the text of a function, and that does not survive bundlers.
 *
 * @param count number of threads, with the calling one
 * @throws whatever keeps memory from being shared or a worker from starting
 */
export async function startThreadedProgram<W extends ThreadWorker>(
  count: number,
  platform: ThreadPlatform<W>,
): Promise<WasmProgram> {
  const heap = new SharedHeap();
  const binary = await platform.compile();
  let program: WasmProgram | undefined;
  let exports: Readonly<Record<string, Call>> = {};
  const system = systemCalls({
    heap,
    mayWait: platform.mayWait,
    exports: () => exports,
    abort(reason) {
      program?.onAbort?.(reason);
      throw new WebAssembly.RuntimeError(`The WASM program called ${reason}`);
    },
  });
  const imports = importsOf(binary, { memory: heap.memory, ...system });
  exports = (await WebAssembly.instantiate(binary, imports)).exports as Record<string, Call>;
  exports.__wasm_call_ctors!();
  const threads = await ThreadPool.start({
    ...{ count, platform, heap },
    // Addresses above 2 GB come as negative numbers.
    allocate: (bytes) => (program ?? { _malloc: exports.malloc! })._malloc(bytes) >>> 0,
    onFailure: (error) => program?.onAbort?.(error),
  });
  program = programOf(exports, heap, threads);
  return program;
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
  threads: ThreadPool,
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
    PThread: { terminateAllThreads: () => threads.close() },
    threads,
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
