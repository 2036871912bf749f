import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { findChromium, missingChromium } from '../../../../tools/browser';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { answerFile, type ServerBehaviour } from '../cache/file-server';
import { type PageResult, read } from './page';
import { runInBrowser } from './support';

const hostile = listFixtures('hostile', /^(?!expect\.json$)/);
/** One of each format. */
const good = [
  ...listFixtures('formats', /\.(pth|pt|safetensors)$/),
  ...listFixtures('stylegan3', /32\.pkl$/),
  ...listFixtures('fan', /m1\.(pth\.tar|torchscript\.zip)$/),
];
const files = Object.fromEntries([...hostile, ...good].map((path) => [basename(path), path]));
const reason = findChromium() ? (hostile.length > 0 ? undefined : missingShared) : missingChromium;

describe.skipIf(reason)(reason ?? 'checkpoints in a real browser', () => {
  let result: PageResult;
  const requests: string[] = [];
  const download: ServerBehaviour = {
    ...{ body: new Uint8Array(300_000).fill(7), etag: '"1"', ranges: true, slow: true },
    ...{ breakAfter: undefined, status: undefined },
  };
  beforeAll(async () => {
    result = await runInBrowser<PageResult>(fileURLToPath(new URL('page.ts', import.meta.url)), {
      files: Object.fromEntries(Object.entries(files).map(([name, path]) => [`/files/${name}`, path])),
      handle: (request, response) => {
        if (request.url === '/names') response.end(JSON.stringify(Object.keys(files)));
        else if (request.url === '/download') {
          requests.push(request.headers.range ?? '');
          answerFile(request, response, download);
        } else return false;
        return true;
      },
    });
  });

  it.each(Object.keys(files))('%s: the same error or bytes as in Node', async (name) => {
    const inNode = await read(new Blob([readFileSync(files[name]!)]));
    expect(inNode.crash).toBeUndefined();
    expect(result.readings[name]).toEqual(inNode);
  });

  it('no prototype was polluted', () => {
    expect(result.polluted).toEqual([]);
  });

  it('Cache Storage: a download resumes after an abort, is kept, and is checked', () => {
    const { length } = download.body;
    expect(result.downloads).toEqual(['aborted', length, length, 'checkpoint-corrupt']);
    expect(requests[0]).toBe('');
    expect(requests[1]).toMatch(/^bytes=[1-9]\d*-$/);
    // The cache served the third call; the wrong hash of the fourth caused another request.
    expect(requests).toHaveLength(3);
  });
});
