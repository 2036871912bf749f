import { problemOf } from '../../ui/problem';
import { fileOf, type Sample } from '../../ui/samples';
import { driverProblem, takeDriver } from './driver';
import { lookProblem, takeLook } from './look';
import { clear } from './run';

/** Takes a picture as the look. The run before it is over. */
export async function chooseLook(source: Blob, name: string): Promise<void> {
  clear();
  await takeLook(source, name);
}

/** Takes a clip as the driver. The run before it is over. */
export async function chooseDriver(source: Blob, name: string): Promise<void> {
  clear();
  await takeDriver(source, name);
}

/** Takes a sample as the look. */
export async function chooseSampleLook(sample: Sample): Promise<void> {
  try {
    await chooseLook(await fileOf(sample), sample.name);
  } catch (error) {
    lookProblem.value = problemOf(error);
  }
}

/** Takes a sample as the driver. */
export async function chooseSampleDriver(sample: Sample): Promise<void> {
  try {
    await chooseDriver(await fileOf(sample), sample.name);
  } catch (error) {
    driverProblem.value = problemOf(error);
  }
}
