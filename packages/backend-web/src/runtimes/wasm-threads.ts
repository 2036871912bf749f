import type { ThreadPlatform } from '@faceanim/tensor/backends';

const prelude = `
const listen = (callback) => addEventListener('message', ({ data }) => callback(data));
const post = (message) => postMessage(message);
`;

/**
 * How threads start in this page or worker, or else why they cannot.
 *
 * @param address of the threaded program, if known
 */
export function webThreads(address: string | undefined): ThreadPlatform<Worker> | string {
  if (!globalThis.crossOriginIsolated) return 'the page is not cross-origin isolated';
  if (address === undefined) return 'wasmPaths does not say where its program is';
  return {
    mayWait: !('document' in globalThis),
    async compile() {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`the server answered ${response.status} to ${address}`);
      return WebAssembly.compile(await response.arrayBuffer());
    },
    startWorker(script) {
      const url = URL.createObjectURL(new Blob([prelude, script], { type: 'text/javascript' }));
      const worker = new Worker(url, { name: 'faceanim' });
      // The worker has fetched it by the time it answers.
      worker.addEventListener('message', () => URL.revokeObjectURL(url), { once: true });
      return worker;
    },
    firstMessage: (worker) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message || 'its worker did not start'));
      }),
    onEnd(worker, callback) {
      worker.onerror = callback;
    },
  };
}
