import { openBackend } from '@faceanim/backend-node';
import { type BackendName, FaceanimError } from '@faceanim/tensor';
import { quantile } from '../report/series';
import { hintFor } from '../terminal/hints';
import { bench, benchEffort, type Measurements } from './bench';
import { demoSubject } from './demo-subject';
import { describeGpu, type Gpu } from './gpu';
import { measureRun } from './measure-run';

/** What is known about one backend. Without a benchmark, only `stepMs` is measured. */
export interface Diagnosis extends Partial<Measurements> {
  readonly backend: BackendName;
  /** Whether it was tested with matrix units. */
  readonly matrixUnits?: boolean;
  /** What it runs on, if it works. */
  readonly description?: string;
  /** The GPU of webgpu; with a benchmark. */
  readonly gpu?: Gpu;
  /** Why it does not work, or why measuring ended, and what to do about it. */
  readonly problem?: string;
  readonly fix?: string;
}

/** Options of {@link diagnose}. */
export interface DiagnoseOptions {
  /** Default: the fastest one that works. */
  readonly backend?: BackendName;
  readonly allowSoftware?: boolean;
  /** Whether to measure it thoroughly. */
  readonly bench?: boolean;
  /** Whether to use matrix units. Without any on this GPU, there is no diagnosis. */
  readonly matrixUnits?: boolean;
  /** Called with what is done, and how far it is: `latent statistics, 40 %`. */
  readonly onPart?: (what: string) => void;
}

/** Opens a backend and measures it, or finds out why it does not work. */
export async function diagnose(
  { backend: prefer, allowSoftware, matrixUnits, bench: thorough, onPart }: DiagnoseOptions,
  signal: AbortSignal,
): Promise<Diagnosis | undefined> {
  let known: Diagnosis | undefined = prefer && { backend: prefer, matrixUnits };
  try {
    await using backend = await openBackend({ prefer, allowSoftware, matrixUnits, signal });
    if (matrixUnits && !backend.capabilities.matrixUnits) return undefined;
    known = { backend: backend.name, matrixUnits, description: backend.description };
    if (!thorough) {
      const { open, ...subject } = await demoSubject({ frames: 1, signal });
      using pack = await open();
      const run = { ...pack, ...subject, backend, statistics: { samples: 500 } };
      const { steps } = await measureRun(run, { steps: 6, maxMs: 6000, signal, onPart });
      return { ...known, stepMs: quantile(steps, 0.5) };
    }
    if (backend.name === 'webgpu') known = { ...known, gpu: await describeGpu() };
    const subject = await demoSubject({ signal });
    for await (const part of bench(subject, backend, { ...benchEffort, signal, onPart }))
      known = { ...known, ...part };
    return known;
  } catch (error) {
    if (!known || !(error instanceof Error) || FaceanimError.isInstance(error, 'aborted')) throw error;
    return {
      ...known,
      problem: error.message,
      fix: FaceanimError.isInstance(error) ? hintFor(error) : undefined,
    };
  }
}
