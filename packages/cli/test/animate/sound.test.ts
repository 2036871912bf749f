import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cropQuad, rectQuad } from '@faceanim/core/landmarks';
import { openVideo, probeVideo, readImage, readVideo, writeImage, writeVideo } from '@faceanim/media';
import { expect, it } from 'vitest';
import { planAnimation } from '../../src/animate/plan';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const folder = temporaryFolder();
const path = (name: string) => join(folder, name);

/** A driver of four frames at irregular times, with a tone of 2 s. */
async function noisyDriver(): Promise<string> {
  const images = [];
  for await (const { image } of readVideo(demoDriver, { limit: 4 })) images.push(image);
  const tone = path('tone.wav');
  spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=2', tone]);
  await writeVideo(path('driver.mp4'), images, { times: [0, 0.1, 0.6, 0.7], audio: { source: tone } });
  return path('driver.mp4');
}

function soundSeconds(file: string): number {
  const args = ['-v', 'error', '-select_streams', 'a', '-show_entries', 'stream=duration', '-of', 'csv=p=0'];
  return Number(spawnSync('ffprobe', [...args, file]).stdout);
}

async function timesIn(file: string): Promise<number[]> {
  const times = [];
  for await (const { time } of readVideo(file, { timing: 'source' })) times.push(Number(time.toFixed(3)));
  return times;
}

it.skipIf(!hasFfmpeg)(
  'keeps the sound and the times of the driver, and pastes the face into the photo',
  { tags: ['long'] },
  async () => {
    const driver = await noisyDriver();
    const whole = { width: 301, height: 260 };
    const photo = cropQuad(await readImage(demoLook), rectQuad({ x: -30, y: -2, ...whole }), whole);
    await writeImage(path('photo.png'), photo);
    const files = ['--driver', driver, '--look', path('photo.png'), '--align-look', 'always'];
    const short =
      '--start 1 --align none --steps-look 0 --steps-first 1 --steps-next 1 --fan-modules 1 --backend wasm --quiet'.split(
        ' ',
      );
    const args = ['animate', ...files, ...short, '--paste-back', '--out', path('out.mp4')];
    const { code, stderr } = await faceanim(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(await probeVideo(path('out.mp4'))).toMatchObject({ width: 300, height: 260, sound: true });
    // From frame 1 on, which is shown at 0.1 s, with one sub-frame between two.
    expect(await timesIn(path('out.mp4'))).toEqual([0, 0.25, 0.5, 0.55, 0.6]);
    expect(Math.abs(soundSeconds(path('out.mp4')) - 0.65)).toBeLessThan(0.03);
    const { value: first } = await readVideo(path('out.mp4'), { limit: 1 }).next();
    // The border of the photo, but for the encoding.
    for (const x of [0, 299])
      expect(Math.abs(first!.image.data[3 * x]! - photo.data[3 * x]!)).toBeLessThan(12);

    const again = ['render', path('out.run'), '--driver', driver, '--fps', '10', '--quiet'];
    const whose = ['--paste-back', '--look', path('photo.png')];
    expect((await faceanim([...again, ...whose, '--out', path('again.mp4')])).code).toBe(0);
    expect(await probeVideo(path('again.mp4'))).toMatchObject({ width: 300, height: 260 });
    expect(await timesIn(path('again.mp4'))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
    expect(Math.abs(soundSeconds(path('again.mp4')) - 0.7)).toBeLessThan(0.03);
    const other = await faceanim([...again, '--out', path('b.mp4'), '--driver', path('again.mp4')]);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/belong to another driver/);
    const foreign = await faceanim([...again, '--out', path('b.mp4'), '--paste-back', '--look', demoLook]);
    expect(foreign.code).toBe(2);
    expect(foreign.stderr).toMatch(/belong to another look/);

    const preview = ['--look', demoLook, '--mode', 'mouth', '--limit', '2', '--fan-modules', '1', '--quiet'];
    expect(
      (await faceanim(['targets', '--driver', driver, ...preview, '--out', path('targets.mp4')])).code,
    ).toBe(0);
    expect(await probeVideo(path('targets.mp4'))).toMatchObject({ frames: 2, sound: true });

    const plan = await planAnimation({ driver, out: path('c.mp4'), start: 1 });
    expect(plan.audio).toEqual({ source: driver, start: (await openVideo(driver)).info.times![1] });
    expect((await planAnimation({ driver, out: path('c.mp4'), audio: false })).audio).toBeUndefined();
  },
);
