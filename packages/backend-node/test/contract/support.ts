import type { BackendName } from '@faceanim/core';
import { type BackendContractOptions, backendContract } from '@faceanim/core/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { openBackend } from '../../src/open-backend';

/** For long runs: the number of steps after which nothing may be left, in place of each runtime's own. */
const leakSteps = Number(process.env.FACEANIM_LEAK_STEPS) || undefined;

/** Runs the contract of backends on a runtime; skipped, with the reason, where it does not come up. */
export function describeContract(name: BackendName, options: Partial<BackendContractOptions> = {}): void {
  describe(`the contract of backends on ${name}`, () => {
    const open = () => openBackend({ prefer: name, allowSoftware: true });
    const contract = backendContract({
      open,
      openOracle: () => openBackend({ prefer: 'js' }),
      ...options,
      ...(leakSteps && { leakSteps }),
    });
    let reason: string | undefined;
    beforeAll(async () => {
      try {
        await using _backend = await open();
      } catch (error) {
        reason = (error as Error).message;
      }
    });
    for (const { name: check, run } of contract.checks) {
      it(check, async ({ skip }) => {
        skip(reason !== undefined, reason);
        await run();
      });
    }
    afterAll(() => contract[Symbol.asyncDispose]());
  });
}
