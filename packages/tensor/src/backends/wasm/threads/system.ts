import { SharedHeap } from './heap';

/** An export or import of a WASM program. */
// biome-ignore lint/suspicious/noExplicitAny: numbers, except for arrays that `cwrap` passes on
export type Call = (...args: any[]) => any;

/** What {@link systemCalls} needs. */
export interface SystemOptions {
  readonly heap: SharedHeap;
  /** Number of threads, with the calling one. */
  readonly threads: number;
  /** Whether the calling thread may wait. */
  readonly mayWait: boolean;
  /** The functions of the program, once it is there. */
  readonly exports: () => Readonly<Record<string, Call>>;
  /** Starts a function of the program on another thread, unless all are taken; returns whether it did. */
  readonly startThread: (start: { thread: number; start: number; argument: number }) => boolean;
  readonly abort: (reason: string) => never;
  /** Called while the program waits for a thread that has failed; throws, as nothing else ends the wait. */
  readonly threadFailed: () => never;
}

/** `EAGAIN` of Emscripten: no thread is left. */
const tryAgain = 6;

/** The functions that the program calls on its main thread, as Emscripten's script has them. */
export function systemCalls(options: SystemOptions): Record<string, Call> {
  const { heap, threads, mayWait, exports, startThread, abort, threadFailed } = options;
  return {
    abort: () => abort('abort()'),
    exit: (code: number) => abort(`exit(${code})`),
    emscripten_unwind_to_js_event_loop: threadFailed,
    // tfjs takes half of them.
    emscripten_num_logical_cores: () => 2 * threads,
    emscripten_get_now: () => performance.now(),
    emscripten_check_blocking_allowed() {},
    emscripten_memcpy_big(to: number, from: number, bytes: number) {
      heap.bytes.copyWithin(to >>> 0, from >>> 0, (from + bytes) >>> 0);
    },
    emscripten_get_heap_max: () => SharedHeap.mostBytes,
    emscripten_resize_heap: (bytes: number) => Number(heap.grow(bytes >>> 0)),
    __emscripten_init_main_thread_js(thread: number) {
      exports()._emscripten_thread_init!(thread, Number(!mayWait), 1, Number(mayWait));
      exports()._emscripten_tls_init!();
    },
    _emscripten_default_pthread_stack_size: () => 2 ** 16,
    __pthread_create_js: (thread: number, _attributes: number, start: number, argument: number) =>
      startThread({ thread, start, argument }) ? 0 : tryAgain,
    fd_write(_file: number, pieces: number, count: number, written: number) {
      const view = new DataView(heap.memory.buffer);
      let text = '';
      let bytes = 0;
      for (let i = 0; i < count; i++) {
        const [start, length] = [0, 4].map((at) => view.getUint32((pieces >>> 0) + 8 * i + at, true)) as [
          number,
          number,
        ];
        // Text decoders refuse shared memory.
        text += String.fromCharCode(...heap.bytes.slice(start, start + length));
        bytes += length;
      }
      view.setUint32(written >>> 0, bytes, true);
      if (text.trim() !== '') console.warn(text.trimEnd());
      return 0;
    },
  };
}
