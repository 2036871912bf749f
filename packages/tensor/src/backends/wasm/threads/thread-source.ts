/**
 * Source of a thread of the pool, a classic worker script. It is text, not a module, because a bundler neither finds nor
 * moves it, and needs the functions `listen` and `post` of its platform in front of it.
 *
 * The first message has the compiled module and its memory; the thread instantiates it and answers `ready`. The second
 * names the function of the pool that it runs until it is terminated.
 */
export const threadSource = `
let instance, memory, heap;
listen((message) => {
  if (message.module) load(message);
  else run(message);
});
function load({ module, ...rest }) {
  memory = rest.memory;
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
  instance.__indirect_function_table.get(start)(argument);
}
`;
