import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { factorsToZ, parseFactors } from '../../src/packs/factors';

const file = new URL('../../assets/avatar/factors.json', import.meta.url);
const factors = parseFactors(readFileSync(file, 'utf8'));
const [first, second] = factors.columns;
const length = (z: Float32Array) => Math.sqrt(z.reduce((sum, v) => sum + v * v, 0));

describe('factorsToZ', () => {
  it('sets the given factors and makes |z|² the dimension', () => {
    const z = factorsToZ(factors, { [first!.name]: 1.5 }, { seed: 7 });
    expect(z.length).toBe(factors.zDim);
    expect(z[first!.index]).toBe(1.5);
    expect(length(z)).toBeCloseTo(Math.sqrt(factors.zDim), 4);
  });

  it('changes no other factor', () => {
    const [a, b] = [0, 1.5].map((v) => factorsToZ(factors, { [first!.name]: v }, { seed: 7 }));
    for (const { index } of factors.columns.slice(1)) expect(b![index]).toBe(a![index]);
  });

  it('makes the same face for a seed, and others for other seeds', () => {
    expect(factorsToZ(factors, {}, { seed: 3 })).toEqual(factorsToZ(factors, {}, { seed: 3 }));
    expect(factorsToZ(factors, {}, { seed: 3 })).not.toEqual(factorsToZ(factors, {}, { seed: 4 }));
  });

  it.each(Object.entries(factors.expressions))('knows the expression %s', (expression, values) => {
    const z = factorsToZ(factors, {}, { expression });
    for (const { name, group, index } of factors.columns) {
      if (group === 'expression') expect(z[index]).toBeCloseTo(values[name] ?? 0);
    }
  });

  it('refuses unknown names and impossible values', () => {
    expect(() => factorsToZ(factors, { wings: 1 })).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
    expect(() => factorsToZ(factors, {}, { expression: 'bored' })).toThrow(/"bored"/);
    expect(() => factorsToZ(factors, {}, { expression: 'constructor' })).toThrow(/"constructor"/);
    expect(() => factorsToZ(factors, { [second!.name]: Number.NaN })).toThrow(second!.name);
    expect(() => factorsToZ(factors, { [second!.name]: 100 })).toThrow(/length/);
    expect(() => parseFactors('{}', 'x.json')).toThrow(/x\.json/);
  });
});
