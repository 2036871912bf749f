import { networkFingerprints } from '../networks/fingerprints';
import { fingerprint, newRecord, type RunRecord } from '../run/record';
import { decidingFlags, settingsOf } from './deciding-flags';
import type { AnimateOptions } from './options';
import type { DriverPlan } from './plan-driver';
import { usesEncoder } from './sequence';

/** What the run folder stores to recognise a run on resume: flags and the content of input files, all that decides the latents. */
export async function recordOf(
  options: AnimateOptions,
  { length, ...timing }: Pick<RunRecord, 'fps' | 'driverClock' | 'start'> & Pick<DriverPlan, 'length'>,
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
  const driverFrames = dependsOnLength(options) ? length : undefined;
  return newRecord({ settings: settingsOf(options), contents, driverFrames }, { command, ...timing });
}

/** Whether all latents depend on how many frames the driver has: by their target, by crops that are smoothed, or by the parts. */
function dependsOnLength(options: AnimateOptions): boolean {
  const { target, align } = decidingFlags(options);
  const retargeted = options.look !== undefined && target !== 'driver';
  return retargeted || align === 'frame' || options.split !== undefined;
}
