/**
 * Source of a thread of the pool, a classic worker script. It is text, not a module, because a bundler neither finds nor
 * moves it, and needs the functions `listen` and `post` of its platform in front of it.
 *
 * The first message has the compiled module, its memory, and where to leave a note; the thread instantiates it and answers
 * `ready`. The second names the function of the pool that it runs until it is terminated. If that fails, the main thread may
 * be waiting for it and get no message, so it is told through the memory: Emscripten looks there while it waits.
 */
export const threadSource = `
let instance, memory, heap, note;
listen((message) => {
  if (message.module) load(message);
  else run(message);
});
function load({ module, ...rest }) {
  ({ memory, note } = rest);
  const known = {
    memory,
    emscripten_get_now: () => performance.now(),
    emscripten_check_blocking_allowed() {},
    emscripten_memcpy_big(to, from, bytes) {
      if (heap?.buffer !== memory.buffer) heap = new Uint8Array(memory.buffer);
      heap.copyWithin(to >>> 0, from >>> 0, (from + bytes) >>> 0);
    },
  };
  const imports = {};
  for (const { module: space, name } of WebAssembly.Module.imports(module)) {
    const missing = () => {
      throw new Error('A thread of the WASM backend called ' + name);
    };
    (imports[space] ??= {})[name] = known[name] ?? missing;
  }
  instance = new WebAssembly.Instance(module, imports).exports;
  post('ready');
}
function run({ thread, start, argument }) {
  instance._emscripten_thread_init(thread, 0, 0, 1);
  const [top, size] = new Uint32Array(memory.buffer, thread + 52, 2);
  instance.emscripten_stack_set_limits(top, top - size);
  instance.stackRestore(top);
  instance._emscripten_tls_init();
  try {
    instance.__indirect_function_table.get(start)(argument);
  } catch (error) {
    const text = new TextEncoder().encode(String(error));
    new Uint8Array(note).set(text.subarray(0, note.byteLength));
    instance._emscripten_thread_crashed();
  }
}
`;
