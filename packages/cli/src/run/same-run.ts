import { join } from 'node:path';
import { FaceanimError } from '@faceanim/tensor';
import { recordName } from './names';
import type { RunIdentity } from './record';

/**
 * Refuses to resume with another version, flags or input files than those of the finished frames.
 *
 * @throws {FaceanimError} `resume-mismatch` naming every difference.
 */
export function checkSameRun(folder: string, before: RunIdentity, now: RunIdentity): void {
  const changes = [
    ...differences(
      { version: before.version, ...before.settings },
      { version: now.version, ...now.settings },
    ),
    ...otherContents(before.contents, now.contents),
    ...otherLength(before.driverFrames, now.driverFrames),
  ];
  if (changes.length === 0) return;
  const message = `${folder} holds another run: ${changes.join('; ')}.`;
  throw new FaceanimError('resume-mismatch', message, { file: join(folder, recordName), hint });
}

/** Rethrows an error; one of the SDK about a frame of another run says what to do on the command line. */
export function withFlags(error: unknown): never {
  if (!FaceanimError.isInstance(error, 'resume-mismatch')) throw error;
  const message = error.message.replace('driver.frames was', `${driverFrames} was`);
  throw new FaceanimError('resume-mismatch', message, { frame: error.frame, cause: error, hint });
}

const driverFrames = 'the number of driver frames (--limit)';

const hint = 'Resume with the flags and files of the first run, or replace its frames with --fresh.';

/** A flag that is not recorded has its default, which may have been given as well. */
function differences(before: RunIdentity['settings'], now: RunIdentity['settings']): string[] {
  return Object.keys({ ...before, ...now })
    .filter((name) => before[name] !== now[name])
    .map((name) => `${name} was ${before[name] ?? 'the default'}, is ${now[name] ?? 'the default'}`);
}

/** Of a driver that does not say, the number is compared when it has been tracked. */
function otherLength(before: number | undefined, now: number | undefined): string[] {
  if (before === undefined || now === undefined || before === now) return [];
  return [`${driverFrames} was ${before} and is ${now}`];
}

/** What has other content, without hashes, which mean nothing to a reader. */
function otherContents(before: RunIdentity['contents'], now: RunIdentity['contents']): string[] {
  return Object.keys({ ...before, ...now })
    .filter((role) => before[role] !== now[role])
    .map((role) => {
      // No flag names its file: `--fan` chooses it.
      if (role === 'landmarkModel') return 'the landmark model is another one';
      if (before[role] === 'none') return `--${role} was not given`;
      return now[role] === 'none' ? `--${role} is not given` : `--${role} has different content`;
    });
}
