import { measureLive } from '../../support/live/measure-live';
import { withNullFace } from '../../support/live/null-face';
import { openPack } from '../open-pack';
import { openWebgpu } from '../open-webgpu';
import type { Section } from '../section';

export const live: Section = {
  description:
    'a live session on the avatar pack: frames a second, latency, steps a frame, ms by phase of a frame, and how it follows',
  seconds: 120,
  async run({ device, small, report, log }) {
    await using backend = await openWebgpu({ device });
    using pack = await openPack();
    const models = device === 'null' ? withNullFace(pack) : pack;
    // Without a budget every frame takes one step, which is the most frames that the GPU can do. It comes first, and the look
    // hardly matters for it.
    for (const budgetMs of small ? [0] : [0, 40]) {
      const judged = budgetMs > 0;
      await measureLive({
        ...{ backend, models, log },
        frames: small ? 2 : 50,
        // One that the GPU keeps up with, and one that is faster.
        fps: [25, 60],
        session: { budgetMs, ...(!judged && { steps: { look: 2 } }) },
        offline: judged,
        report: (row) => report({ budgetMs, ...row }),
      });
    }
  },
};
