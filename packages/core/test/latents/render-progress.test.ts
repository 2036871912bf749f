import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { ProgressEvent } from '../../src/contracts/progress';
import { render } from '../../src/latents/render';
import { withNetworks } from '../sequence/support';

eachBackend(() => {
  it('reports each image before and after it is rendered, and the remaining time after the first', async () => {
    await withNetworks(async ({ generator }) => {
      const { numWs, wDim } = generator;
      const latents = [0, 1, 2].map(() => ({ numWs, wDim, data: new Float32Array(numWs * wDim) }));
      const events: ProgressEvent[] = [];
      const options = { frames: 3, onProgress: (event: ProgressEvent) => events.push(event) };
      for await (const _ of render(latents, generator, options));
      expect(events.map(({ frame }) => frame)).toEqual([0, 0, 1, 1, 2, 2]);
      expect(events.map(({ fraction }) => Math.round(3 * fraction!))).toEqual([0, 1, 1, 2, 2, 3]);
      expect(events.map(({ etaSeconds }) => etaSeconds !== undefined)).toEqual([
        false,
        false,
        false,
        true,
        true,
        true,
      ]);
      expect(events.at(-1)!.etaSeconds).toBe(0);
    });
  });
});
