import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type PageOptions, runPage } from '../../../../tools/browser';

/** Options of {@link runInBrowser}. */
export interface BrowserOptions extends Partial<PageOptions> {
  /**
   * Bundles as for production: names are shortened, and helpers of the bundler wrap functions, so that a function sent to
   * a worker as text would not run there. Default false.
   */
  minify?: boolean;
  /** Script that runs before anything else of the page. */
  before?: string;
  /** Further scripts, such as workers: TypeScript modules, by path on the server. */
  scripts?: Readonly<Record<string, string>>;
  /** What the page reads as `process.env.NAME`, by name. */
  env?: Readonly<Record<string, string>>;
}

/**
 * Runs the default export of a TypeScript module in a page of a headless Chromium and returns what it resolves to, by
 * way of JSON. The module is bundled with the sources; anything it throws is thrown here.
 */
export async function runInBrowser<T>(entry: string, options: BrowserOptions = {}): Promise<T> {
  const { minify = false, before = '', env = {}, files, scripts = {}, ...page } = options;
  const bundled: Record<string, Uint8Array> = { '/index.html': Buffer.from(pageAfter(before)) };
  for (const [path, script] of Object.entries({ ...scripts, '/bundle.js': entry }))
    bundled[path] = await bundle(script, env, minify);
  return runPage<T>({ ...page, files: { ...files, ...bundled } });
}

/** The page: loads the bundle, runs it and sends the outcome. */
const pageAfter = (before: string) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script>${before}</script><script type="module">
const send = (result) => fetch('/result', { method: 'POST', body: JSON.stringify(result) });
try {
  const { default: run } = await import('/bundle.js');
  await send({ value: await run() });
} catch (error) {
  await send({ error: String(error?.stack ?? error) });
}
</script>`;

async function bundle(
  entry: string,
  env: Readonly<Record<string, string>>,
  minify: boolean,
): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    // The path of TypeScript is that for Node.
    alias: { '@faceanim/media': fileURLToPath(new URL('../../../media/src/browser', import.meta.url)) },
    write: false,
    minify,
    keepNames: minify,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    define: Object.fromEntries(
      Object.entries(env).map(([name, value]) => [`process.env.${name}`, JSON.stringify(value)]),
    ),
  });
  return outputFiles[0]!.contents;
}
