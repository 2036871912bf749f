import { describe, expect, it } from 'vitest';
import { Fixture } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { ibug68, landmarkWeights, originalGroupWeights } from '../../src/landmarks/groups';

describe('landmarkWeights', () => {
  it('applies group weights, and that of the later group to the tip of the nose', () => {
    const weights = landmarkWeights({ jaw: 1, noseBridge: 2, lowerNose: 3 }, ibug68, {});
    expect([...weights.subarray(0, 17)]).toEqual(Array(17).fill(1));
    expect([...weights.subarray(27, 36)]).toEqual([2, 2, 2, 3, 3, 3, 3, 3, 3]);
    expect(weights[17]).toBe(0);
  });

  it('lets a group override its pair, and given weights override defaults', () => {
    const weights = landmarkWeights({ leftEye: 1, eyes: 2 }, ibug68, { leftEye: 7, rightEye: 7, brows: 3 });
    expect([weights[36], weights[42], weights[17], weights[22]]).toEqual([1, 2, 3, 3]);
    expect(landmarkWeights({ eyes: 2 }, ibug68, { leftEye: 7 })[36]).toBe(2);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses the weight %s and names the group',
    (weight) => {
      expect(() => landmarkWeights({ outerLip: weight })).toThrow(/group outerLip must be a finite number/);
    },
  );

  it('refuses unknown groups and lists the known ones', () => {
    const groups = JSON.parse('{ "lips": 1 }');
    expect(() => landmarkWeights(groups)).toThrow(/one of jaw, .*eyes, got "lips"/);
    expect(() => landmarkWeights(JSON.parse('{ "__proto__": 1 }'))).toThrow(/got "__proto__"/);
  });
});

const [common] = listFixtures('projection', /^common\.safetensors$/);

describe.skipIf(!common)(`landmarkWeights against the fixtures${common ? '' : ` (${missingShared})`}`, () => {
  it("equals the original program's weights", () => {
    const { data } = new Fixture(common!).host('landmark_weights68');
    expect(landmarkWeights({}, ibug68, originalGroupWeights)).toEqual(data);
  });
});
