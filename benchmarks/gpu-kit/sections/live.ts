import { measureLive } from '../../support/live/measure-live';
import { openPack } from '../open-pack';
import { openWebgpu } from '../open-webgpu';
import type { Section } from '../section';

export const live: Section = {
  description:
    'a live session on the avatar pack: frames a second, latency, steps a frame, ms by phase of a frame, and how it follows',
  seconds: 90,
  async run({ device, small, report, log }) {
    await using backend = await openWebgpu({ device });
    using models = await openPack();
    // Without a budget every frame takes one step, which is the most frames that the GPU can do.
    for (const budgetMs of small ? [0] : [40, 0]) {
      const { openSeconds, speed, phases, quality } = await measureLive({
        ...{ backend, models, log },
        frames: small ? 2 : 75,
        // One that the GPU keeps up with, and one that is faster.
        fps: [25, 60],
        session: { budgetMs, ...(small && { steps: { look: 2 } }) },
        offline: !small && budgetMs > 0,
      });
      for (const row of speed) report({ budgetMs, openSeconds, ...row });
      for (const row of phases) report({ budgetMs, ...row });
      for (const row of quality) report({ budgetMs, ...row });
    }
  },
};
