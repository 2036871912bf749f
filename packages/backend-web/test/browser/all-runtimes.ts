import { contracts, type RuntimeReport, testRuntime } from './page';

/** What the page found out. */
export interface BrowserReport {
  /** In the page: the whole contract, or only that a runtime comes up. */
  readonly page: Readonly<Record<string, RuntimeReport>>;
  /** In a Web Worker: the projection alone. */
  readonly worker: Readonly<Record<string, RuntimeReport>>;
}

/** Opens every runtime, one after the other; `FACEANIM_WHOLE_CONTRACT` runs its whole contract in the page. */
export default async function run(): Promise<BrowserReport> {
  if (process.env.FACEANIM_WHOLE_CONTRACT) return { page: await testAll(), worker: {} };
  return { page: await testAll('describes itself'), worker: await inWorker() };
}

/** Tests every runtime, with the checks whose names contain a text. */
export async function testAll(only = ''): Promise<Record<string, RuntimeReport>> {
  const reports: Record<string, RuntimeReport> = {};
  for (const name of Object.keys(contracts)) reports[name] = await testRuntime(name, only);
  return reports;
}

/** A worker that loads this very bundle. */
function inWorker(): Promise<Record<string, RuntimeReport>> {
  const { origin } = location;
  const script = `import { testAll } from '${origin}/bundle.js'; postMessage(await testAll('ten steps'));`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(`the worker failed: ${event.message}`));
  });
}
