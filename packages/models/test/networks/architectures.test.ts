import { expect, it } from 'vitest';
import { identifyArchitecture, knownArchitectures } from '../../src/networks/known-architectures';

it.each(knownArchitectures.map((architecture) => [architecture.anchors[0]!, architecture] as const))(
  'weights with the tensor %s are recognised',
  (_, architecture) => {
    for (const anchor of architecture.anchors) {
      expect(identifyArchitecture([anchor, 'other.weight'])).toBe(architecture);
    }
  },
);

it('unknown weights are not recognised', () => {
  expect(identifyArchitecture(['other.weight'])).toBeUndefined();
});
