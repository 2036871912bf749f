import { FaceanimError, sha256 } from '@faceanim/tensor';
import { browserCache } from '../../src/cache/browser-cache';
import { cachedFetch } from '../../src/cache/cached-fetch';
import { openCheckpoint } from '../../src/checkpoints';

/** The outcome of reading one file. */
export interface Reading {
  readonly code?: string;
  readonly hint?: string;
  /** Anything thrown that is no FaceanimError. */
  readonly crash?: string;
  /** SHA-256 of each tensor by name. */
  readonly tensors?: Readonly<Record<string, string>>;
}

/** What the page reports. */
export interface PageResult {
  readonly readings: Readonly<Record<string, Reading>>;
  /** Names that ended up on `Object.prototype`. */
  readonly polluted: readonly string[];
  /** Error codes or sizes of a download that is aborted, resumed, served by the cache, and requested with a wrong hash. */
  readonly downloads: readonly (string | number)[];
}

/** Runs in the browser: reads every file of the list, then tries the cache. */
export default async function run(): Promise<PageResult> {
  const names = (await (await fetch('/names')).json()) as string[];
  const readings: Record<string, Reading> = {};
  for (const name of names) readings[name] = await read(await (await fetch(`/files/${name}`)).blob());
  return { readings, polluted: Object.keys(Object.prototype), downloads: await downloads() };
}

/** Reads everything in a file. */
export async function read(blob: Blob): Promise<Reading> {
  return readTensors(blob).catch((error: unknown) =>
    FaceanimError.isInstance(error) ? { code: error.code, hint: error.hint } : { crash: String(error) },
  );
}

async function readTensors(blob: Blob): Promise<Pick<Reading, 'tensors'>> {
  await using checkpoint = await openCheckpoint(blob);
  const hashes: [string, string][] = [];
  for (const name of checkpoint.tensors.keys()) {
    const { data } = await checkpoint.readTensor(name);
    hashes.push([name, await sha256(data as Uint8Array<ArrayBuffer>)]);
  }
  return { tensors: Object.fromEntries(hashes) };
}

async function downloads(): Promise<(string | number)[]> {
  const cache = browserCache('faceanim-test');
  const url = new URL('/download', location.href);
  const size = async (options: { sha256?: string; signal?: AbortSignal; onProgress?: () => void }) => {
    try {
      return ((await cachedFetch(url, { cache, ...options })) as Blob).size;
    } catch (error) {
      return FaceanimError.isInstance(error) ? error.code : String(error);
    }
  };
  const controller = new AbortController();
  const aborted = await size({ signal: controller.signal, onProgress: () => controller.abort() });
  return [aborted, await size({}), await size({}), await size({ sha256: '0'.repeat(64) })];
}
