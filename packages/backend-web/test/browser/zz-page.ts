import { openBackend } from '../../src';
import { contractOf } from './page';

const log = (m: string) => fetch(`/log/${encodeURIComponent(m)}`);
export default async function run() {
  const names = location.hash ? [location.hash.slice(1)] : await (await fetch('/which')).json();
  for (const name of names) {
    const t = performance.now();
    try {
      await log(`${name} opening; gpu ${'gpu' in navigator}`);
      await using b = await openBackend({ prefer: name, allowSoftware: true, wasmPaths: '/wasm/' });
      await log(`${name} ${b.description} ${performance.now() - t}`);
      await using c = contractOf(name);
      for (const check of c.checks.slice(-3)) {
        await log('start ' + check.name);
        const t0 = performance.now();
        try {
          await Promise.race([
            check.run(),
            new Promise((_, r) => setTimeout(() => r(new Error('timeout')), 40000)),
          ]);
          const ms = performance.now() - t0;
          if (ms > 700) await log(`ok ${check.name} ${ms | 0}`);
        } catch (e) {
          await log(`FAIL ${check.name} ${String((e as Error).stack ?? e).slice(0, 300)}`);
        }
      }
    } catch (e) {
      await log(`${name} failed ${e}`);
    }
    await log(`${name} done ${performance.now() - t}`);
  }
}
