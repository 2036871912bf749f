import { SharedHeap } from './heap';

/** An export or import of a WASM program. */
// biome-ignore lint/suspicious/noExplicitAny: numbers, except for arrays that `cwrap` passes on
export type Call = (...args: any[]) => any;

/** What {@link systemCalls} needs. */
export interface SystemOptions {
  readonly heap: SharedHeap;
  /** Whether the calling thread may wait. */
  readonly mayWait: boolean;
  /** The functions of the program, once it is there. */
  readonly exports: () => Readonly<Record<string, Call>>;
  readonly abort: (reason: string) => never;
}

/** The functions that the program calls on its main thread, as Emscripten's script has them. */
export function systemCalls(options: SystemOptions): Record<string, Call> {
  const { heap, mayWait, exports, abort } = options;
  return {
    abort: () => abort('abort()'),
    exit: (code: number) => abort(`exit(${code})`),
    emscripten_num_logical_cores: () => 1,
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
