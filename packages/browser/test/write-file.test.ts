import { expect, it } from 'vitest';
import { writeFile } from '../src/saved/write-file';

/** A folder in memory, whose streams fail at a call. */
function folder(failing?: 'close' | 'write') {
  const files = new Map<string, Uint8Array>();
  let aborted = 0;
  const full = () => Promise.reject(new DOMException('no room', 'QuotaExceededError'));
  const handle = {
    getFileHandle: async (name: string) => {
      if (!files.has(name)) files.set(name, new Uint8Array());
      let written = new Uint8Array();
      return {
        getFile: async () => new Blob([files.get(name) as Uint8Array<ArrayBuffer>]),
        createWritable: async () => ({
          write: async (bytes: Uint8Array<ArrayBuffer>) => {
            if (failing === 'write') await full();
            written = bytes;
          },
          close: async () => {
            if (failing === 'close') await full();
            files.set(name, written);
          },
          abort: async () => {
            aborted++;
          },
        }),
      };
    },
    removeEntry: async (name: string) => {
      files.delete(name);
    },
  };
  return { files, aborted: () => aborted, handle: handle as unknown as FileSystemDirectoryHandle };
}

const bytes = Uint8Array.of(1, 2, 3);

it('writes a file', async () => {
  const { files, handle, aborted } = folder();
  await writeFile(handle, 'a', bytes);
  expect([files.get('a'), aborted()]).toEqual([bytes, 0]);
});

it.each(['write', 'close'] as const)(
  'leaves nothing of a file where %s fails, and says why',
  async (call) => {
    const { files, handle, aborted } = folder(call);
    await expect(writeFile(handle, 'a', bytes)).rejects.toMatchObject({
      ...{ code: 'io', message: 'a could not be saved: the storage is full.', file: 'a' },
      hint: expect.stringContaining('deleteSavedFrames()'),
    });
    expect([files.size, aborted()]).toEqual([0, 1]);

    files.set('a', bytes);
    await expect(writeFile(handle, 'a', Uint8Array.of(4))).rejects.toMatchObject({ code: 'io' });
    expect(files.get('a'), 'an earlier file stays').toEqual(bytes);
  },
);
