import { fileURLToPath } from 'node:url';
import { runInBrowser } from '../../../models/test/browser/support';

const which = process.argv[2]!.split(',');
const flags = process.argv.slice(3);
const w = '/work/main/node_modules/@tensorflow/tfjs-backend-wasm/dist/';
const files = Object.fromEntries(
  ['tfjs-backend-wasm', 'tfjs-backend-wasm-simd', 'tfjs-backend-wasm-threaded-simd'].map((n) => [
    `/wasm/${n}.wasm`,
    `${w}${n}.wasm`,
  ]),
);
await runInBrowser(fileURLToPath(new URL('zz-page.ts', import.meta.url)), {
  files,
  flags,
  isolated: process.env.ISO === '1',
  timeoutMs: Number(process.env.T ?? 90000),
  handle: (q, r) => {
    if (q.url === '/which') {
      r.end(JSON.stringify(which));
      return true;
    }
    if (q.url!.startsWith('/log/')) {
      console.log(decodeURIComponent(q.url!.slice(5)));
      r.end();
      return true;
    }
    return false;
  },
}).catch((e) => console.log(String(e)));
