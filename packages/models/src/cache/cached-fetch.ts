import type { OnProgress } from '@faceanim/core';
import { FaceanimError, invalidOption, throwIfAborted } from '@faceanim/tensor';
import { isWebPage } from '@faceanim/tensor/errors';
import {
  aFunction,
  anAbortSignal,
  aString,
  checkOptions,
  having,
  type OptionChecks,
} from '@faceanim/tensor/options';
import type { CachedFile, PartialDownload, WeightCache } from './weight-cache';

/** Options of {@link cachedFetch}. */
export interface CachedFetchOptions {
  /** Where to keep files: `folderCache` in Node, `browserCache` in the browser. */
  cache: WeightCache;
  /** SHA-256 that the file must have, 64 hexadecimal digits; checked on every call. */
  sha256?: string;
  /** Aborts the download; what has arrived is kept. */
  signal?: AbortSignal;
  /** Called with the fraction of the bytes that have arrived (`stage: 'load'`), if the server sends the size. */
  onProgress?: OnProgress;
}

const checks: OptionChecks<CachedFetchOptions> = {
  cache: having('a cache, e.g. folderCache(FOLDER) or browserCache()', 'find', 'openPartial'),
  sha256: aString,
  signal: anAbortSignal,
  onProgress: aFunction,
};

/** The most connections for one download, the first included. */
const ATTEMPTS = 4;

/**
 * Fetches a file from the web through a cache. A download that was interrupted or aborted resumes where it stopped, by a
 * range request, if the server supports that and still has the same file. Only complete files with the right hash are
 * returned.
 *
 * @returns what `openCheckpoint` and the loaders take: a path in Node, a Blob in the browser
 * @throws FaceanimError `io` if the server cannot be reached or refuses, `checkpoint-corrupt` for a wrong hash,
 * `invalid-option`, `aborted`
 *
 * @example
 * const file = await cachedFetch(url, { cache: folderCache('.cache/faceanim'), sha256 });
 * const generator = await loadGenerator(file);
 */
export async function cachedFetch(url: string | URL, options: CachedFetchOptions): Promise<CachedFile> {
  checkOptions('cachedFetch', options, checks, { required: ['cache'] });
  const { cache, signal, onProgress } = options;
  const address = checkedUrl(url);
  const sha256 = checkedHash(options.sha256);
  throwIfAborted(signal);
  const kept = await cache.find(address);
  // A file with another hash stays until one with the right hash arrives: the given hash may be wrong.
  if (kept !== undefined && (sha256 === undefined || (await cache.hash(kept)) === sha256)) return kept;
  const partial = await cache.openPartial(address);
  try {
    const resumed = await download(address, partial, { sha256, signal, onProgress });
    if (sha256 === undefined) return await partial.finish();
    let found = await partial.hash();
    // The two parts may belong to different files: download it once more in one piece.
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

/** Downloads what is missing, reconnecting if needed; returns whether it resumed an earlier download. */
async function download(
  url: string,
  partial: PartialDownload,
  { sha256, signal, onProgress }: Omit<CachedFetchOptions, 'cache'>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    // Only a validator, or a hash in the end, shows that the rest belongs to the same file.
    const mayResume = partial.size > 0 && (partial.validator !== undefined || sha256 !== undefined);
    try {
      const response = await request(url, mayResume ? partial : undefined, signal);
      return await receive(response, partial, signal, onProgress);
    } catch (error) {
      throwIfAborted(signal);
      if (FaceanimError.isInstance(error)) throw error;
      if (attempt === ATTEMPTS) throw unreachable(url, error);
      await delay(100 * 2 ** attempt, signal);
    }
  }
}

/** Requests the file, or the rest of it. */
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
  // Range not satisfiable: the file has become shorter.
  if (response.status === 416 && partial) {
    await response.body?.cancel();
    return request(url, undefined, signal);
  }
  if (response.ok && !isWebPage(response)) return response;
  await response.body?.cancel();
  if (response.ok) {
    throw new FaceanimError('io', `${url} could not be downloaded: the server sent a web page.`, {
      file: url,
      hint: 'Check the address.',
    });
  }
  const status = `${response.status} ${response.statusText}`.trim();
  // Worth a retry: the server may only be busy.
  if (response.status >= 500) throw new Error(`the server answered ${status}`);
  throw new FaceanimError('io', `${url} could not be downloaded: the server answered ${status}.`, {
    file: url,
    hint: response.status === 404 ? 'Check the address.' : 'Check whether the file may be downloaded freely.',
  });
}

/** Appends the body of a response; returns whether it resumed an earlier download. */
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
    throw new Error('the server sent another range than requested');
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

/** Identifies the version of a file; weak ETags do not guarantee equal bytes. */
function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get('etag');
  return etag && !etag.startsWith('W/') ? etag : (headers.get('last-modified') ?? undefined);
}

/** Size of the whole file in bytes; unknown if the body is compressed for transfer. */
function lengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}

/** Parses `bytes 100-199/200`. */
function parseRange(header: string | null): { start: number; total: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header ?? '');
  return match
    ? { start: Number(match[1]), total: match[2] === '*' ? undefined : Number(match[2]) }
    : undefined;
}

function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
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
    hint: 'The file was changed or damaged, or the hash belongs to another: check both with its publisher.',
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
