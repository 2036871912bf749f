import { expect, it } from 'vitest';
import { contactSheet, lineChart, openBackend } from '../src';

const picture = { width: 1, height: 1, data: new Uint8Array(3) };
const calls: Record<string, (wrong: object) => Promise<unknown>> = {
  openBackend: (wrong) => openBackend(wrong),
  contactSheet: (wrong) => contactSheet([[picture]], wrong),
  lineChart: (wrong) => lineChart([{ label: 'a', points: [[0, 1]] }], wrong),
};

it.each(Object.keys(calls))('%s refuses an option that it does not have', async (name) => {
  await expect(calls[name]!({ strat: 1 })).rejects.toMatchObject({
    code: 'invalid-option',
    message: `${name} takes no option "strat".`,
  });
});
