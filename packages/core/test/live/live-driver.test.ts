import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { ffhqQuad } from '../../src/landmarks/ffhq-quad';
import { liveDriver } from '../../src/live/live-driver';
import type { LiveMotion } from '../../src/live/live-motion';
import { locate, net, shown } from '../landmarks/tracking-support';

eachBackend(() => {
  it('smooths the crop of the driver, but not what is put on the look', async () => {
    const motion: LiveMotion = { push: (landmarks) => landmarks, restart: () => {} };
    const lagOf = async (motion?: LiveMotion) => {
      const follow = liveDriver({ landmarkNet: net, locate, motion });
      let lag = 0;
      for (const [i, x] of [100, 106, 112].entries()) {
        const { frame } = (await follow(i, shown([{ at: [x, 90] }])))!;
        lag = Math.abs(frame.quad.center[0] - ffhqQuad(frame.landmarks)!.center[0]);
      }
      return lag;
    };
    expect(await lagOf()).toBeGreaterThan(0.5);
    expect(await lagOf(motion)).toBeLessThan(1e-9);
  });
});
