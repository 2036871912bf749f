import type { BackendName } from '@faceanim/tensor';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type WholeContractOptions, wholeContract } from '../../../core/test/support/whole-contract';
import { openBackend } from '../../src/open-backend';

/** Steps after which nothing may be left, in the long run: `FACEANIM_LEAK_STEPS` or, on a CPU, a thousand. */
const soakSteps = Number(process.env.FACEANIM_LEAK_STEPS) || undefined;

/** Options of {@link describeContract}. */
export interface ContractOptions extends Partial<WholeContractOptions> {
  /** Number of threads, for WASM. */
  threads?: number;
  /** What is special about the runtime, for the title. */
  with?: string;
  /** Names of the checks that are run. Default: all. */
  only?: RegExp;
  /** Names of the checks that are left to the long run. */
  long?: RegExp;
  /** Steps of the long run. Default 1000. */
  longLeakSteps?: number;
}

/** Runs the contract of backends on a runtime; skipped, with the reason, where it does not come up. */
export function describeContract(name: BackendName, options: ContractOptions = {}): void {
  const { threads, with: what, only, long, longLeakSteps = 1000, ...contractOptions } = options;
  const own = what ?? (threads && `${threads} threads`);
  const title = own ? `${name} with ${own}` : name;
  describe(`the contract of backends on ${title}`, () => {
    const open = () => openBackend({ prefer: name, allowSoftware: true, threads });
    const openOracle = () => openBackend({ prefer: 'js' });
    const contractOf = (leakSteps: number) =>
      wholeContract({ open, openOracle, ...contractOptions, leakSteps });
    const contract = contractOf(options.leakSteps ?? 100);
    const soak = contractOf(soakSteps ?? longLeakSteps);
    let reason: string | undefined;
    beforeAll(async () => {
      try {
        await using _backend = await open();
      } catch (error) {
        reason = (error as Error).message;
      }
    });
    const checks = [
      ...contract.checks.map((check) => ({ ...check, isLong: long?.test(check.name) ?? false })),
      ...soak.checks
        .filter((check) => /^leaks no tensors/.test(check.name))
        .map((check) => ({ ...check, isLong: true })),
    ];
    for (const { name: check, run, isLong } of checks) {
      if (only && !only.test(check)) continue;
      it(check, { tags: isLong ? ['long'] : [] }, async ({ skip }) => {
        skip(reason !== undefined, reason);
        await run();
      });
    }
    afterAll(async () => {
      await contract[Symbol.asyncDispose]();
      await soak[Symbol.asyncDispose]();
    });
  });
}
