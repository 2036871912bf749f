import { open } from 'node:fs/promises';

/** Waits until a file or folder is on the disk. Files must be open for writing (`r+`) on some systems, folders for reading (`r`). */
export async function flush(path: string, flags: 'r' | 'r+'): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
