import { FaceanimError, sha256 } from '@faceanim/tensor';
import type { CachedFile, PartialDownload, WeightCache } from './weight-cache';

/**
 * A cache of weights in the browser's Cache Storage, which needs a secure context (https or localhost).
 *
 * @param name name of the cache. Default `faceanim`.
 */
export function browserCache(name = 'faceanim'): WeightCache {
  const open = () => {
    if (typeof caches !== 'undefined') return caches.open(name);
    throw new FaceanimError('io', 'There is no Cache Storage here.', {
      hint: 'Serve the page over https or from localhost; in Node use folderCache.',
    });
  };
  return {
    find: async (url) => (await (await open()).match(url))?.blob(),
    hash: async (file: CachedFile) => sha256(new Uint8Array(await (file as Blob).arrayBuffer())),
    openPartial: async (url) => openPartial(await open(), url),
  };
}

const validatorHeader = 'x-validator';

async function openPartial(cache: Cache, url: string): Promise<PartialDownload> {
  // Another key than that of the complete file.
  const key = new URL(url);
  key.searchParams.set('faceanim-part', '');
  const kept = await cache.match(key);
  let validator = kept?.headers.get(validatorHeader) ?? undefined;
  let parts: BlobPart[] = kept ? [await kept.blob()] : [];
  let size = parts.reduce((sum, part) => sum + (part as Blob).size, 0);
  let finished = false;
  return {
    get size() {
      return size;
    },
    get validator() {
      return validator;
    },
    restart: async (next) => {
      [parts, size, validator] = [[], 0, next];
    },
    append: async (chunk) => {
      parts.push(chunk);
      size += chunk.byteLength;
    },
    hash: async () => sha256(new Uint8Array(await new Blob(parts).arrayBuffer())),
    finish: async () => {
      const blob = new Blob(parts);
      await keep(cache, url, new Response(blob));
      await cache.delete(key);
      finished = true;
      return (await cache.match(url))?.blob() ?? blob;
    },
    close: async () => {
      if (finished) return;
      if (size === 0) return void (await cache.delete(key));
      const headers: HeadersInit = validator === undefined ? {} : { [validatorHeader]: validator };
      // What cannot be kept is downloaded again; the error that ended the download matters more.
      await cache.put(key, new Response(new Blob(parts), { headers })).catch(() => {});
    },
  };
}

async function keep(cache: Cache, url: string, response: Response): Promise<void> {
  try {
    await cache.put(url, response);
  } catch (cause) {
    throw new FaceanimError('io', `${url} cannot be kept by the browser: ${(cause as Error).message}.`, {
      file: url,
      cause,
      hint: 'Free storage of the browser, or pass (await fetch(url)).blob() to the loader, without a cache.',
    });
  }
}
