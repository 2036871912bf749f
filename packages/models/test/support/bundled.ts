import { fileURLToPath } from 'node:url';

/** Path of a file of the bundled avatar pack. */
export function bundledFile(name: string): string {
  return fileURLToPath(new URL(`../../assets/avatar/${name}`, import.meta.url));
}
