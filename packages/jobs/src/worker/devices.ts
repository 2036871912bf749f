/** Devices that jobs take for their time: the one with the fewest jobs. */
export class Devices {
  readonly #jobs: Map<string, number>;

  constructor(devices: readonly string[] = []) {
    this.#jobs = new Map(devices.map((device) => [device, 0]));
  }

  take(): string | undefined {
    const [device, jobs] = [...this.#jobs].sort(([, a], [, b]) => a - b)[0] ?? [];
    if (device !== undefined) this.#jobs.set(device, jobs! + 1);
    return device;
  }

  free(device: string | undefined): void {
    if (device !== undefined) this.#jobs.set(device, this.#jobs.get(device)! - 1);
  }
}
