import { StudioError } from './problem';

/** A picture or clip that comes with the studio. */
export interface Sample {
  readonly id: string;
  readonly name: string;
  /** Its address. */
  readonly file: string;
  /** Address of a small picture of it. */
  readonly thumb: string;
}

const at = (file: string) => `${import.meta.env.BASE_URL}samples/${file}`;
const look = (id: string, name: string): Sample => ({
  id,
  name,
  file: at(`${id}.webp`),
  thumb: at(`${id}.webp`),
});
const driver = (id: string, name: string): Sample => ({
  id,
  name,
  file: at(`${id}.mp4`),
  thumb: at(`${id}.webp`),
});

/** Sample looks. The last one is not aligned, to show how it is cropped. */
export const looks: readonly Sample[] = [
  look('look-2', 'Ines'),
  look('look-3', 'Kofi'),
  look('look-4', 'Greta'),
  look('look-1', 'Milo'),
  look('look-5', 'Arthur, not cropped yet'),
];

/** Sample drivers, of two seconds each. */
export const drivers: readonly Sample[] = [
  driver('driver-smile', 'Smile'),
  driver('driver-talk', 'Talk'),
  driver('driver-scream', 'Scream'),
  driver('driver-blink-brows', 'Blink and brows'),
];

/** Fetches the file of a sample. */
export async function fileOf({ file, name }: Sample): Promise<File> {
  const response = await fetch(file).catch(() => undefined);
  if (!response?.ok)
    throw new StudioError(
      `The sample ${name} could not be loaded.`,
      'Check the connection, or choose another.',
    );
  const blob = await response.blob();
  return new File([blob], file.split('/').at(-1)!, { type: blob.type });
}
