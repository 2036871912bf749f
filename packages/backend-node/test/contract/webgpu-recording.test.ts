import { adam, identityLosses, projectSequence, quasiNewton } from '@faceanim/core';
import type { LossTerm } from '@faceanim/core/losses';
import { tinyGenerator, tinyLandmarkNet, tinyPerceptualNet } from '@faceanim/core/testing';
import { expect, it } from 'vitest';
import { openBackend } from '../../src';
import { useSoftwareVulkan } from '../support/webgpu';

useSoftwareVulkan();

it.for([quasiNewton(), adam()])(
  'steps of $name with all default terms are recorded by WebGPU, not run operation by operation',
  { tags: ['long'] },
  async (optimizer, { skip }) => {
    const opened = await openBackend({ prefer: 'webgpu', allowSoftware: true }).catch(
      (error: Error) => error,
    );
    if (opened instanceof Error) return skip(opened.message);
    await using backend = opened;
    using generator = tinyGenerator();
    using landmarkNet = tinyLandmarkNet();
    using perceptual = tinyPerceptualNet();
    const side = generator.resolution;
    const picture = (step: number) => ({
      width: side,
      height: side,
      data: Uint8Array.from({ length: 3 * side * side }, (_, i) => (i * step) % 256),
    });
    const calls = new Map<string, number>();
    const losses = identityLosses({ landmarkNet, perceptual }).map(
      (term): LossTerm => ({
        ...term,
        // A relative term is also computed for a few random faces, before the run.
        relative: false,
        value: (step, prepared) => {
          calls.set(term.name, (calls.get(term.name) ?? 0) + 1);
          return term.value(step, prepared);
        },
      }),
    );
    const run = projectSequence({
      ...{ backend, generator, landmarkNet, perceptual, losses, optimizer },
      look: picture(3),
      // The same picture twice: another one would begin a shot, in which smooth does not apply.
      driver: [0, 1].map((index) => ({ index, image: picture(5) })),
      tracking: { align: 'none', minScore: 0 },
      steps: { look: 0, first: 12, next: 6 },
      statistics: { samples: 50 },
    });
    for await (const { losses } of run) expect(losses.total).toBeGreaterThan(0);
    // Once for each set of terms that have a weight, or twice where the first run fills caches.
    expect(calls.size).toBe(losses.length);
    for (const [name, count] of calls) expect(count, name).toBeLessThanOrEqual(4);
  },
);
