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

/** The clip that was asked for last. */
let asked: Blob | Promise<Blob> | undefined;

/** Takes a clip as the driver, unless another one is taken before it is read. */
export async function takeDriver(given: Blob | Promise<Blob>, name: string): Promise<void> {
  asked = given;
  driverProblem.value = undefined;
  try {
    const source = await given;
    const info = await probeVideo(source);
    if (asked !== given) return;
    if (driver.value) URL.revokeObjectURL(driver.value.address);
    driver.value = { name, source, info, address: URL.createObjectURL(source) };
  } catch (error) {
    if (asked === given) driverProblem.value = problemOf(error);
  }
}

/** Takes a sample as the driver. */
export const takeSampleDriver = (sample: Sample) => takeDriver(fileOf(sample), sample.name);
