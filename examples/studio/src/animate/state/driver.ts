import { probeVideo, type VideoInfo } from '@faceanim/media';
import { signal } from '@preact/signals';
import { type Problem, problemOf } from '../../ui/problem';
import { fileOf, type Sample } from '../../ui/samples';

/** The clip whose motion the face follows. */
export interface Driver {
  readonly name: string;
  readonly source: Blob;
  /** Its address in the page. */
  readonly address: string;
  readonly info: VideoInfo;
}

/** The chosen driver. */
export const driver = signal<Driver | undefined>(undefined);
/** Why a file cannot be used. */
export const driverProblem = signal<Problem | undefined>(undefined);

/** Takes a clip as the driver. */
export async function takeDriver(source: Blob, name: string): Promise<void> {
  driverProblem.value = undefined;
  try {
    const info = await probeVideo(source);
    if (driver.value) URL.revokeObjectURL(driver.value.address);
    driver.value = { name, source, info, address: URL.createObjectURL(source) };
  } catch (error) {
    driverProblem.value = problemOf(error);
  }
}

/** Takes a sample as the driver. */
export async function takeSampleDriver(sample: Sample): Promise<void> {
  try {
    await takeDriver(await fileOf(sample), sample.name);
  } catch (error) {
    driverProblem.value = problemOf(error);
  }
}
