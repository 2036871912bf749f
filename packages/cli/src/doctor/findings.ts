import type { Diagnosis } from './diagnose';
import type { Machine } from './machine';

/** What the command finds out: its output with `--json`. */
export interface Findings {
  readonly machine: Machine;
  readonly backends: readonly Diagnosis[];
}

/** `webgpu`, `webgpu, matrix units`. */
export function nameOf({ backend, matrixUnits }: Diagnosis): string {
  return matrixUnits ? `${backend}, matrix units` : backend;
}
