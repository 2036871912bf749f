import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { ThreadPlatform } from '@faceanim/tensor/backends';

const prelude = `
const { parentPort } = require('node:worker_threads');
const listen = (callback) => parentPort.on('message', callback);
const post = (message) => parentPort.postMessage(message);
`;

/** Threads of Node. */
export const nodeThreads: ThreadPlatform<Worker> = {
  mayWait: true,
  async compile() {
    const file = '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm';
    return WebAssembly.compile(await readFile(createRequire(import.meta.url).resolve(file)));
  },
  // Not with the options of the process: they may load whole programs.
  startWorker: (script) => new Worker(prelude + script, { eval: true, execArgv: [], name: 'faceanim' }),
  async firstMessage(worker) {
    const message = await new Promise((resolve, reject) => {
      const ended = () => reject(new Error('its worker has ended'));
      worker.once('message', resolve).once('error', reject).once('exit', ended);
    });
    // Idle threads do not keep a process from ending.
    worker.unref();
    return message;
  },
  onEnd(worker, callback) {
    // Without a listener, an error would end the process.
    worker.on('error', callback).once('exit', callback);
  },
};
