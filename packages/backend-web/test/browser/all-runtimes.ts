import { contracts, type RuntimeReport, testRuntime } from './page';

/** Runs the contract on every runtime, one after the other. */
export default async function run(): Promise<Record<string, RuntimeReport>> {
  const reports: Record<string, RuntimeReport> = {};
  for (const name of Object.keys(contracts)) reports[name] = await testRuntime(name);
  return reports;
}
