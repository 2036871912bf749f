import type { RunNetworks } from '../networks/networks';
import { fingerprint, newRecord, type RunRecord } from '../run/record';
import type { AnimateOptions } from './options';
import type { AnimatePlan } from './plan';
import { usesEncoder, usesPerceptual } from './sequence';

/** What the run folder stores about a run, to recognise it on resume. */
export async function recordOf(
  options: AnimateOptions,
  { sequence: { settings }, latentFps: fps }: AnimatePlan,
  { fingerprints }: RunNetworks,
): Promise<RunRecord> {
  const { driver, look, initial, command = 'animate' } = options;
  const contents = {
    driver: await fingerprint(driver),
    look: look === undefined ? 'none' : await fingerprint(look),
    initial: initial === undefined ? 'none' : await fingerprint(initial),
    ...fingerprints,
    encoder: usesEncoder(options) ? fingerprints.encoder! : 'none',
    lpips: usesPerceptual(options) ? fingerprints.lpips! : 'none',
  };
  return newRecord({ settings, contents }, { command, fps });
}
