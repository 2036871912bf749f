import { FaceanimError, type FaceanimErrorOptions } from '@faceanim/tensor';

interface NodeModules {
  'node:crypto': typeof import('node:crypto');
  'node:fs': typeof import('node:fs');
  'node:fs/promises': typeof import('node:fs/promises');
  'node:module': typeof import('node:module');
  'node:url': typeof import('node:url');
}

/** What {@link nodeModule} throws outside Node. */
export interface NeedsNode extends Pick<FaceanimErrorOptions, 'file' | 'hint'> {
  readonly message: string;
}

/**
 * Imports a module of Node when it is needed. Its name is in a variable so that bundlers for browsers do not look for it.
 *
 * @throws FaceanimError `io` outside Node
 */
export async function nodeModule<Name extends keyof NodeModules>(
  name: Name,
  { message, ...details }: NeedsNode,
): Promise<NodeModules[Name]> {
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch (cause) {
    throw new FaceanimError('io', message, { ...details, cause });
  }
}
