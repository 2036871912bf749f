import type { OnProgress } from '@faceanim/core';
import { FaceanimError, invalidOption, throwIfAborted } from '@faceanim/tensor';
import {
  aFunction,
  anAbortSignal,
  aText,
  checkOptions,
  having,
  type OptionChecks,
} from '@faceanim/tensor/options';
import type { CachedFile, PartialDownload, WeightCache } from './weight-cache';

/** Options of {@link cachedFetch}. */
export interface CachedFetchOptions {
  /** Where files are kept: `folderCache` in Node, `browserCache` in the browser. */
  cache: WeightCache;
  /** SHA-256 that the file must have, 64 hexadecimal digits; it is checked whenever the file is taken. */
  sha256?: string;
  /** Stops the download; what has arrived is kept. */
  signal?: AbortSignal;
  /** Told the fraction of the bytes that are there (`stage: 'load'`), where the server tells the size. */
  onProgress?: OnProgress;
}

const checks: OptionChecks<CachedFetchOptions> = {
  cache: having('a cache, e.g. folderCache(FOLDER) or browserCache()', 'find', 'openPartial'),
  sha256: aText,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/** How often a broken connection is taken up again. */
const ATTEMPTS = 4;

/**
 * A file of the web from a cache, downloaded if it is not there. A download that broke off or was aborted goes on
 * where it stopped, by a range request, if the server can do that and still has the same file. Only complete files
 * that have the right hash are ever returned.
 *
 * @returns what `openCheckpoint` and the loaders take: a path in Node, a Blob in the browser
 * @throws FaceanimError `io` if the server cannot be reached or refuses, `checkpoint-corrupt` for another hash,
 * `invalid-option`, `aborted`
 *
 * @example
 * const file = await cachedFetch(url, { cache: folderCache('.cache/faceanim'), sha256 });
 * const generator = await loadGenerator(file);
 */
export async function cachedFetch(url: string | URL, options: CachedFetchOptions): Promise<CachedFile> {
  checkOptions('cachedFetch', options, checks);
  checks.cache(options.cache, 'cache');
  const { cache, signal, onProgress } = options;
  const address = checkedUrl(url);
  const sha256 = checkedHash(options.sha256);
  throwIfAborted(signal);
  const kept = await cache.find(address);
  // One with another hash stays until there is one with the right hash: the mistake may be in the hash.
  if (kept !== undefined && (sha256 === undefined || (await cache.hash(kept)) === sha256)) return kept;
  const partial = await cache.openPartial(address);
  try {
    const resumed = await download(address, partial, { sha256, signal, onProgress });
    if (sha256 === undefined) return await partial.finish();
    let found = await partial.hash();
    // The two halves may be of different files: once more in one piece.
    if (found !== sha256 && resumed) {
      await partial.restart(undefined);
      await download(address, partial, { sha256, signal, onProgress });
      found = await partial.hash();
    }
    if (found === sha256) return await partial.finish();
    await partial.restart(undefined);
    throw otherHash(address, found, sha256);
  } finally {
    await partial.close();
  }
}

/** Downloads what is missing, taking up broken connections; returns whether it went on with what was there. */
async function download(
  url: string,
  partial: PartialDownload,
  { sha256, signal, onProgress }: Omit<CachedFetchOptions, 'cache'>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    // Without a validator nobody knows whether the rest is of the same file, unless a hash tells in the end.
    const mayResume = partial.size > 0 && (partial.validator !== undefined || sha256 !== undefined);
    try {
      const response = await request(url, mayResume ? partial : undefined, signal);
      return await receive(response, partial, signal, onProgress);
    } catch (error) {
      throwIfAborted(signal);
      if (FaceanimError.isInstance(error)) throw error;
      if (attempt === ATTEMPTS) throw unreachable(url, error);
      await pause(100 * 2 ** attempt, signal);
    }
  }
}

/** Asks for the file, or for the rest of it. */
async function request(
  url: string,
  partial: PartialDownload | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (partial) {
    headers.range = `bytes=${partial.size}-`;
    if (partial.validator !== undefined) headers['if-range'] = partial.validator;
  }
  const response = await fetch(url, { headers, signal, cache: 'no-store' });
  // The rest is not there: the file has become shorter.
  if (response.status === 416 && partial) {
    await response.body?.cancel();
    return request(url, undefined, signal);
  }
  if (response.ok) return response;
  await response.body?.cancel();
  const status = `${response.status} ${response.statusText}`.trim();
  // A server that is busy or down may be up again in a moment.
  if (response.status >= 500) throw new Error(`the server answered ${status}`);
  throw new FaceanimError('io', `${url} could not be downloaded: the server answered ${status}.`, {
    file: url,
    hint: response.status === 404 ? 'Check the address.' : 'Check whether the file may be downloaded freely.',
  });
}

/** Appends the body of a response; returns whether it went on with what was there. */
async function receive(
  response: Response,
  partial: PartialDownload,
  signal: AbortSignal | undefined,
  onProgress: OnProgress | undefined,
): Promise<boolean> {
  const range = response.status === 206 ? parseRange(response.headers.get('content-range')) : undefined;
  const continued = range?.start === partial.size && partial.size > 0;
  if (response.status === 206 && !continued) {
    await response.body?.cancel();
    await partial.restart(undefined);
    throw new Error('the server sent another range than it was asked for');
  }
  if (!continued) await partial.restart(validatorOf(response.headers));
  const total = continued ? range?.total : lengthOf(response.headers);
  if (!response.body) throw new Error('the answer has no body');
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      await partial.append(value);
      if (total) onProgress?.({ stage: 'load', fraction: Math.min(1, partial.size / total) });
      throwIfAborted(signal);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
  if (total !== undefined && partial.size !== total) {
    throw new Error(`the connection ended after ${partial.size} of ${total} bytes`);
  }
  return continued;
}

/** What tells one version of a file from another; weak ETags are not good for single bytes. */
function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get('etag');
  return etag && !etag.startsWith('W/') ? etag : (headers.get('last-modified') ?? undefined);
}

/** Bytes of the whole file; unknown where the body is compressed on its way. */
function lengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}

/** `bytes 100-199/200`. */
function parseRange(header: string | null): { start: number; total: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header ?? '');
  return match
    ? { start: Number(match[1]), total: match[2] === '*' ? undefined : Number(match[2]) }
    : undefined;
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function otherHash(url: string, found: string, sha256: string): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${url} has the SHA-256 ${found} instead of ${sha256}.`, {
    file: url,
    hint: 'The file was changed or damaged, or the hash is of another: check both with its publisher.',
  });
}

function unreachable(url: string, cause: unknown): FaceanimError {
  const { message, cause: inner } = cause as Error & { cause?: Error };
  return new FaceanimError('io', `${url} could not be downloaded: ${inner?.message || message}.`, {
    file: url,
    cause,
    hint: 'Check the network and try again: what has arrived is kept.',
  });
}

function checkedUrl(url: string | URL): string {
  const base = globalThis.location?.href;
  const parsed = URL.canParse(String(url), base) ? new URL(String(url), base) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw invalidOption('url', String(url), 'an http(s) address');
  parsed.hash = '';
  return parsed.href;
}

function checkedHash(hash: string | undefined): string | undefined {
  if (hash !== undefined && !/^[\da-f]{64}$/i.test(hash)) {
    throw invalidOption('sha256', hash, '64 hexadecimal digits');
  }
  return hash?.toLowerCase();
}
