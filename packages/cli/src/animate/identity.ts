import type { RunNetworks } from '../networks/networks';
import { fingerprint, newRecord, type RunRecord } from '../run/record';
import type { AnimateOptions } from './options';
import type { AnimatePlan } from './plan';
import { usesEncoder } from './sequence';

/**
 * What the run folder stores to recognise a run on resume: the files that it reads, and flags that decide how. The SDK
 * itself compares the settings of the optimisation.
 */
export async function recordOf(
  options: AnimateOptions,
  { latentFps: fps }: AnimatePlan,
  { fingerprints }: RunNetworks,
): Promise<RunRecord> {
  const { driver, look, initial, command = 'animate' } = options;
  const { start = 0, every = 1, fanModules = 'all', lpips, lpipsNet = lpips ? 'vgg' : 'bundled' } = options;
  const contents = {
    driver: await fingerprint(driver),
    look: look === undefined ? 'none' : await fingerprint(look),
    initial: initial === undefined ? 'none' : await fingerprint(initial),
    ...fingerprints,
    encoder: usesEncoder(options) ? fingerprints.encoder! : 'none',
    lpips: look === undefined ? 'none' : fingerprints.lpips!,
  };
  return newRecord({ settings: { start, every, fanModules, lpipsNet }, contents }, { command, fps });
}
