import type { FaceanimError } from '../errors';
import { messageOf } from '../errors';
import type { BackendName } from './backend';
import { unavailable } from './runtime';

/** An optional npm package that a runtime needs. */
export interface OptionalPackage {
  /** The runtime that needs it. */
  runtime: BackendName;
  /** Its name on npm. */
  name: string;
  /** The command that installs it. Default `npm install NAME`. */
  install?: string;
}

/**
 * Imports an optional package, with a typed error if that fails.
 *
 * @throws FaceanimError `backend-unavailable` with the command that installs it or, if it is installed but does not load,
 *   with the reason
 */
export async function importOptional<T>(about: OptionalPackage, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw notLoaded(about, cause);
  }
}

/**
 * Makes the error of an optional package whose `import()` failed. In a page, call it in the `catch` of a `try` block that
 * awaits `import()`: elsewhere, webpack and esbuild refuse to build if the package is missing.
 */
export function notLoaded(
  { runtime, name, install = `npm install ${name}` }: OptionalPackage,
  cause: unknown,
): FaceanimError {
  const text = messageOf(cause);
  if (isMissing(cause, text, name))
    return unavailable(runtime, `${name} is not installed`, `Run: ${install}`, cause);
  const reason = `${name} does not load (${text.split('\n')[0]})`;
  return unavailable(runtime, reason, `Install it again: ${install}`, cause);
}

/** What Chromium, Firefox, Safari and Vite say of a package that was not bundled. */
const unresolved =
  /^failed to resolve module specifier|was a bare specifier|does not resolve to a valid URL|^could not resolve ".*is it installed\?/i;

/** Whether the package itself is missing, rather than something inside it. */
function isMissing(cause: unknown, text: string, name: string): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code;
  const notFound = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return (notFound && text.includes(`'${name}'`)) || unresolved.test(text);
}
