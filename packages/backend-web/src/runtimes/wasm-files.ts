import { unavailable } from '@faceanim/tensor/backends';
import { messageOf } from '@faceanim/tensor/errors';
import { binariesVersion, wasmBinaries } from '../wasm-binaries';

export const serveHint =
  'Serve the .wasm files of node_modules/@tensorflow/tfjs-backend-wasm/dist and pass their folder to openBackend as wasmPaths.';

/**
 * The addresses of the binaries in this package.
 *
 * @throws FaceanimError `backend-unavailable` if they are of another version than tfjs, whose script would not fit
 */
export function bundledPaths(version: string): Record<string, string> {
  if (version === binariesVersion) return wasmBinaries();
  const reason = `@tensorflow/tfjs-backend-wasm is of version ${version}, the binaries here of ${binariesVersion}`;
  throw unavailable('wasm', reason, serveHint);
}

/** The paths as tfjs takes them: it appends the name of a file to the folder as it is. */
export function withSlash(
  paths: string | URL | Readonly<Record<string, string>>,
): string | Record<string, string> {
  if (typeof paths !== 'string' && !(paths instanceof URL)) return { ...paths };
  const folder = String(paths);
  return folder.endsWith('/') ? folder : `${folder}/`;
}

const files = {
  plain: 'tfjs-backend-wasm.wasm',
  simd: 'tfjs-backend-wasm-simd.wasm',
  threaded: 'tfjs-backend-wasm-threaded-simd.wasm',
};

/** The address of one of the files of tfjs; undefined if `paths` names none. */
export function addressOf(
  paths: string | Record<string, string>,
  file: keyof typeof files,
): string | undefined {
  return typeof paths === 'string' ? paths + files[file] : paths[files[file]];
}

/**
 * Checks that an address gives WebAssembly. After a start with any other file, tfjs starts none until the page is reloaded.
 *
 * @throws FaceanimError `backend-unavailable` naming the address and what came back
 */
export async function checkServed(address: string | undefined): Promise<void> {
  if (address === undefined || served.has(address)) return;
  const problem = await problemWith(address);
  if (problem) throw unavailable('wasm', `${address} ${problem}`, serveHint);
  served.add(address);
}

/** Addresses that passed, so that opening a running backend again needs no network. */
const served = new Set<string>();

async function problemWith(address: string): Promise<string | undefined> {
  try {
    const response = await fetch(address);
    if (!response.ok) return `could not be fetched: the server answered ${response.status}`;
    const magic = new Uint8Array(await response.arrayBuffer()).subarray(0, 4);
    if (String.fromCharCode(...magic) === '\0asm') return undefined;
    return `is not WebAssembly: got ${response.headers.get('content-type') ?? 'another file'}`;
  } catch (error) {
    return `could not be fetched: ${messageOf(error)}`;
  }
}
