import { openBackend } from '@faceanim/backend-web';
import { eagerProgram, type StepProgram } from '@faceanim/tensor';
import { countDispatches } from './count-dispatches';
import { median, tenths } from './measure';
import { originalIteration } from './original-iteration';
import { tinyNetworks } from './tiny-networks';

/** What was measured of one way to take a step. */
export interface BrowserRow {
  readonly how: string;
  /** Median ms of a step, until its loss is there. */
  readonly ms: number;
  /** Median ms of that in JavaScript, until the commands are submitted. */
  readonly jsMs: number;
  readonly dispatches: number;
}

const steps = 5;

/**
 * The iteration on tiny networks, eager and replayed, with the SDK's kernels and without. A software adapter would need
 * minutes for larger networks.
 */
export default async function run(): Promise<{ backend: string; rows: BrowserRow[] }> {
  const rows: BrowserRow[] = [];
  let name = '';
  for (const fusedKernels of [false, true]) {
    await using backend = await openBackend({ prefer: 'webgpu', allowSoftware: true, fusedKernels });
    name = backend.description;
    using networks = tinyNetworks();
    using iteration = originalIteration(networks);
    const { step, inputs } = iteration;
    const kernels = fusedKernels ? 'fused kernels' : 'plain tfjs';
    const programs = { eager: eagerProgram(step, inputs), replay: backend.program!(step, inputs) };
    for (const [how, program] of Object.entries(programs)) {
      using running = program;
      rows.push({ how: `${how}, ${kernels}`, ...(await measure(running)) });
    }
  }
  return { backend: name, rows };
}

async function measure(program: StepProgram): Promise<Omit<BrowserRow, 'how'>> {
  const times: number[] = [];
  const scripts: number[] = [];
  let dispatches = 0;
  // The first run records, the second fills caches.
  for (let i = -2; i < steps; i++) {
    const stop = countDispatches();
    const start = performance.now();
    program.run();
    const returned = performance.now();
    dispatches = stop();
    await program.read('loss');
    if (i < 0) continue;
    times.push(performance.now() - start);
    scripts.push(returned - start);
  }
  return { ms: tenths(median(times)), jsMs: tenths(median(scripts)), dispatches };
}
