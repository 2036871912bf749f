import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { probeVideo, readImage, readVideo, writeVideo } from '@faceanim/media';
import { expect, it } from 'vitest';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const base = ['targets', '--driver', demoDriver, '--look', demoLook, '--limit', '2', '--fan-modules', '1'];

it('draws driver, targets and curves without optimising', async () => {
  const flags = ['--backend', 'wasm', '--every', '2', '--gain', 'mouth=1.2', '--neutral', '1'];
  const result = await faceanim([...base, ...flags, '--out', at('t.png')]);
  expect(result).toMatchObject({ code: 0, stdout: `2 frames: ${at('t.png')}\n` });
  const { width, height } = await readImage(at('t.png'));
  expect([width, height]).toEqual([1000, 24 + 2 * 132 + 2 * 260]);
});

it('writes a video at the times of the driver, with the expressions of another clip', async () => {
  const images = [];
  for await (const { image } of readVideo(demoDriver, { limit: 3 })) images.push(image);
  await writeVideo(at('driver.webp'), images, { times: [0, 0.1, 0.4] });
  const driver = ['targets', '--driver', at('driver.webp'), '--every', '2'];
  // A picture is a clip of one frame.
  const flags = ['--backend', 'wasm', '--blend', demoLook, '--blend-share', '0.3'];
  const { code } = await faceanim([...driver, ...base.slice(3), ...flags, '--out', at('t.webp')]);
  expect(code).toBe(0);
  expect(await probeVideo(at('t.webp'))).toMatchObject({
    frames: 2,
    width: 768,
    height: 384 + 520,
    fps: 2.5,
  });
});

it.each([
  ['no look', ['targets', '--driver', demoDriver], 2, /required option '--look/],
  [
    'a missing driver',
    ['targets', '--driver', 'nowhere.mp4', '--look', demoLook],
    3,
    /--driver nowhere\.mp4 does not exist/,
  ],
  ['a missing clip to blend', [...base, '--blend', 'nowhere.mp4'], 3, /--blend nowhere\.mp4 does not exist/],
  [
    'a share without a clip',
    [...base, '--blend-share', '1'],
    2,
    /--blend-share does nothing without --blend/,
  ],
  [
    'a pose in mouth mode',
    [...base, '--mode', 'mouth', '--pose', 'driver'],
    2,
    /--pose does nothing beside --mode mouth/,
  ],
  [
    'a face beside a fixed crop',
    [...base, '--align', 'none', '--face', '0'],
    2,
    /--face does nothing beside --align none/,
  ],
  ['a start after the end', [...base, '--start', '99'], 2, /--start must be less than 25/],
  ['pictures to standard output', [...base, '--out', '-'], 2, /--out must be the name of a file or folder/],
  ['an unknown format', [...base, '--out', 'x.bmp'], 2, /: \.bmp\.\n {2}Use \.png for a picture, \.mp4/],
  ['an unknown face', [...base, '--face', 'left'], 2, /--face must be largest, a number .* or x,y in pixels/],
] as const)('refuses %s', async (_, args, code, message) => {
  const result = await faceanim(args);
  expect(result.stderr).toMatch(message);
  expect(result.code).toBe(code);
  expect(existsSync('targets.png')).toBe(false);
});
