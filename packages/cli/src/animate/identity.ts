import { networkFingerprints } from '../networks/fingerprints';
import { fingerprint, newRecord, type RunRecord } from '../run/record';
import { settingsOf } from './deciding-flags';
import type { AnimateOptions } from './options';
import { usesEncoder } from './sequence';

/** What the run folder stores to recognise a run on resume: flags and the content of input files, all that decides the latents. */
export async function recordOf(
  options: AnimateOptions,
  timing: Pick<RunRecord, 'fps' | 'driverClock' | 'start'>,
  signal?: AbortSignal,
): Promise<RunRecord> {
  const { driver, look, initial, blend, command = 'animate' } = options;
  const networks = await networkFingerprints(options, signal);
  const contents = {
    driver: await fingerprint(driver),
    look: look === undefined ? 'none' : await fingerprint(look),
    initial: initial === undefined ? 'none' : await fingerprint(initial),
    blend: blend === undefined ? 'none' : await fingerprint(blend),
    ...networks,
    encoder: usesEncoder(options) ? networks.encoder : 'none',
    landmarkModel: look === undefined ? 'none' : networks.landmarkModel,
    lpips: look === undefined ? 'none' : networks.lpips,
  };
  return newRecord({ settings: settingsOf(options), contents }, { command, ...timing });
}
