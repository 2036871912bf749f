import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { version } from '../version';

/** The machine that is measured, and with what. */
export interface Machine {
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly node: string;
  /** Version of this package. */
  readonly version: string;
  /** Day of the measurement: `2026-11-27`. */
  readonly date: string;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    os: `${type()} ${release()} (${arch()})`,
    node: process.versions.node,
    version,
    date: new Date().toISOString().slice(0, 10),
  };
}
