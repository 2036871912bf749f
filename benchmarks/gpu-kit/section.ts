import type { DeviceKind } from './open-webgpu';

/** A part of the GPU kit. It runs in a process of its own, so that one that crashes or hangs costs no other its results. */
export interface Section {
  /** What it shows, in one line. */
  readonly description: string;
  /** Time after which it is stopped, with the rows it has reported so far. */
  readonly seconds: number;
  /** Number of processes that share the work. Default 1. */
  readonly shards?: number;
  run(context: SectionContext): Promise<void>;
}

/** A row of the table of a section. */
export type Row = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a section is run with. */
export interface SectionContext {
  readonly device: DeviceKind;
  /** Whether to use small networks and counts, to try the program itself. */
  readonly small: boolean;
  /** Part of the work: the number of this process, and of all. */
  readonly shard: readonly [number, number];
  /** PyTorch's side of the comparison, if it is at hand. */
  readonly torchScript: string | undefined;
  /** Adds a row; what was reported survives a crash. */
  report(row: Row): void;
  log(message: string): void;
}
