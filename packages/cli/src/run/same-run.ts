import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor';
import { recordName } from './names';
import type { RunIdentity } from './record';

/**
 * Refuses to resume with another version, settings or input files than those of the finished frames.
 *
 * @throws {FaceanimError} `resume-mismatch` naming every difference.
 */
export function checkSameRun(folder: string, before: RunIdentity, now: RunIdentity): void {
  const changes = [
    ...differences({ version: before.version }, { version: now.version }, (name) => name),
    ...differences(before.settings, now.settings, (name) => name),
    ...otherContents(before.contents, now.contents),
  ];
  if (changes.length === 0) return;
  throw new FaceanimError(
    'resume-mismatch',
    `${folder} holds a run with other settings: ${changes.join('; ')}.`,
    {
      file: join(folder, recordName),
      hint: 'Resume with the settings of the first run, even those without an effect, or replace its frames with --fresh.',
    },
  );
}

function differences(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  called: (name: string) => string,
): string[] {
  return Object.keys({ ...before, ...now }).flatMap((name) => {
    const [was, is] = [before[name], now[name]];
    // Of a group of settings, such as the weights, only the ones that differ.
    if (isRecord(was) && isRecord(is)) return differences(was, is, (part) => `${called(name)}.${part}`);
    const [wasText, isText] = [was, is].map((value) => JSON.stringify(value) ?? 'none');
    return wasText === isText ? [] : [`${called(name)} was ${wasText}, is ${isText}`];
  });
}

/** Names files that differ, without their hashes, which mean nothing to a reader. */
function otherContents(before: RunIdentity['contents'], now: RunIdentity['contents']): string[] {
  return Object.keys({ ...before, ...now }).flatMap((name) => {
    const [was, is] = [before[name], now[name]];
    if (was === is) return [];
    if (was === undefined) return [`the ${name} is new`];
    return [is === undefined ? `the ${name} is missing` : `the ${name} has different content`];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
