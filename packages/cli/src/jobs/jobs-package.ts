import { FaceanimError } from '@faceanim/tensor';

/** Flags that say where jobs are. */
export interface QueueFlags {
  redis: string;
  storage: string;
  s3Endpoint?: string;
  queue?: string;
}

/**
 * The optional package that the commands about jobs need.
 *
 * @throws {FaceanimError} `io` saying what to install
 */
export async function jobsPackage(): Promise<typeof import('@faceanim/jobs')> {
  try {
    return await import('@faceanim/jobs');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new FaceanimError('io', 'The commands about jobs need @faceanim/jobs, which is not installed.', {
      cause,
      hint: 'Run: npm install @faceanim/jobs',
    });
  }
}

/** Tells on stderr that Redis is away, and that it is back. */
export const onWarning = (message: string) => void process.stderr.write(`${message}\n`);
