import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeLatents, encodeFrame, encodeLatents } from '@faceanim/core';
import { writeFileAtomic } from '@faceanim/media/files';
import { decodeSafetensors } from '@faceanim/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLatents } from '../../src/render/read-latents';
import { openRunFolder } from '../../src/run/folder';
import { madeBy, readRun } from '../../src/run/record';
import { version } from '../../src/version';
import { finishedOf, frame, record, saveLatents } from './runs';

let folder: string;
let run: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faceanim-run-'));
  run = join(folder, 'out.run');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An earlier run: stopped after so many frames, or complete. */
async function earlier(count: number, { complete = false } = {}): Promise<void> {
  await using open = await openRunFolder(run, record(), {});
  for (let i = 0; i < count; i++) await open.save(frame(i));
  if (complete)
    await saveLatents(
      open,
      Array.from({ length: count }, (_, i) => frame(i)),
    );
}

const frameNames = () => readdirSync(join(run, 'frames')).sort();

describe('finished frames', () => {
  it('are kept until the user says what to do with them', async () => {
    await earlier(2);
    const refused = openRunFolder(run, record(), {});
    await expect(refused).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('2 finished frames'),
      hint: expect.stringMatching(/--resume.*--fresh/),
    });
    expect(frameNames()).toEqual(['000000.safetensors', '000001.safetensors']);
  });

  it('are continued, even if a later frame was deleted', async () => {
    await earlier(4);
    rmSync(join(run, 'frames/000002.safetensors'));
    await using open = await openRunFolder(run, record(), { resume: true });
    expect((await finishedOf(open)).map(({ index }) => index)).toEqual([0, 1]);
    await open.save(frame(2));
    // The fourth frame followed another third one.
    expect(frameNames()).toHaveLength(3);
  });

  it('are continued without the last one, if only half of it reached the disk', async () => {
    await earlier(3);
    const last = join(run, 'frames/000002.safetensors');
    const whole = readFileSync(last);
    const warnings: string[] = [];
    for (const half of [whole.subarray(0, whole.length >> 1), Buffer.alloc(whole.length), Buffer.alloc(0)]) {
      writeFileSync(last, half);
      await using open = await openRunFolder(run, record(), { resume: true }, (line) => warnings.push(line));
      expect((await finishedOf(open)).map(({ index }) => index)).toEqual([0, 1]);
      expect(warnings.pop()).toMatch(/000002\.safetensors.* It is computed again\.$/);
      await open.save(frame(2));
      expect(readFileSync(last)).toEqual(whole);
    }
    writeFileSync(join(run, 'frames/000001.safetensors'), 'x');
    await expect(openRunFolder(run, record(), { resume: true })).rejects.toMatchObject({
      code: 'checkpoint-corrupt',
      file: join(run, 'frames/000001.safetensors'),
    });
  });

  it('are not mixed with the look of a run that was killed while replacing them', async () => {
    const look = (value: number) => ({ width: 2, height: 2, data: new Uint8Array(12).fill(value) });
    {
      await using open = await openRunFolder(run, record(), {});
      open.keepLook(look(1));
      await open.save(frame(0));
    }
    const before = readFileSync(join(run, 'look.png'));
    // A frame that cannot be removed stops it half-way.
    mkdirSync(join(run, 'frames/000001.safetensors'));
    await using open = await openRunFolder(run, record({ '--seed': '5' }), { fresh: true });
    open.keepLook(look(2));
    await expect(open.save(frame(0, 7))).rejects.toThrow();
    expect(readFileSync(join(run, 'look.png'))).toEqual(before);
    expect((await readRun(run)).frames).toBe(0);
    rmdirSync(join(run, 'frames/000001.safetensors'));
    await open.save(frame(0, 7));
    expect(readFileSync(join(run, 'look.png'))).not.toEqual(before);
  });

  it('that cannot be read are a typed error naming the file', async () => {
    await earlier(2);
    const file = join(run, 'frames/000001.safetensors');
    rmSync(file);
    mkdirSync(file);
    const expected = { code: 'io', file };
    await expect(openRunFolder(run, record(), { resume: true })).rejects.toMatchObject(expected);
    await expect(readLatents(run)).rejects.toMatchObject(expected);
  });

  it('are replaced when the first new frame is finished, not before', async () => {
    await earlier(3, { complete: true });
    await using open = await openRunFolder(run, record({ '--seed': '5' }), { fresh: true });
    expect(open.finished.length).toBe(0);
    expect(frameNames()).toHaveLength(3);
    expect((await readRun(run)).record?.settings['--seed']).toBe('1');
    await open.save(frame(0, 7));
    expect(frameNames()).toEqual(['000000.safetensors']);
    expect((await readRun(run)).record).toMatchObject({ settings: { '--seed': '5' }, completed: 0 });
    expect(readdirSync(run)).not.toContain('latents.safetensors');
  });

  it('are the only files removed, with those that a killed run left half written', async () => {
    await earlier(1);
    const kept = ['notes.txt', 'frames/notes.txt', 'frames/photo.png', 'frames/.hidden.tmp.safetensors'];
    for (const name of kept) writeFileSync(join(run, name), 'mine');
    const own = await import('../../../media/src/files/temporary-files');
    const left = own.temporaryName(join(run, 'frames/000001.safetensors'));
    own.forgetTemporary(left);
    writeFileSync(left, 'half');
    await using open = await openRunFolder(run, record(), { fresh: true });
    await open.save(frame(0));
    for (const name of kept) expect(readFileSync(join(run, name), 'utf8')).toBe('mine');
    expect(frameNames()).toEqual(['.hidden.tmp.safetensors', '000000.safetensors', 'notes.txt', 'photo.png']);
  });
});

it('a file in place of the run folder is an error, unlike a path that does not exist', async () => {
  writeFileSync(join(folder, 'file'), 'mine');
  for (const path of [join(folder, 'file'), join(folder, 'file/x.run')]) {
    await expect(readRun(path)).rejects.toMatchObject({
      ...{ code: 'io', file: path, hint: 'Choose another path.' },
      message: `${path} cannot be made: a file stands where a folder should.`,
    });
  }
});

describe('a run is resumed', () => {
  it('only with the same settings, input files and version, and says what differs', async () => {
    await earlier(1);
    const other = record({ '--seed': '5' }, { driver: 'cc', landmarkModel: 'dd' });
    const refused = openRunFolder(run, other, { resume: true });
    await expect(refused).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringMatching(
        /out\.run holds another run: --seed was 1, is 5; --driver has different content; the landmark model is another one/,
      ),
      hint: expect.stringContaining('--fresh'),
    });
    const newer = { ...record(), version: '99.0.0' };
    await expect(openRunFolder(run, newer, { resume: true })).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringContaining(`version was ${version}, is 99.0.0`),
    });
  });

  it('not with the default of a flag, which may have been given, instead of another value', async () => {
    await earlier(1);
    await expect(openRunFolder(run, { ...record(), settings: {} }, { resume: true })).rejects.toMatchObject({
      message: `${run} holds another run: --seed was 1, is the default.`,
    });
  });

  it('at another rate', async () => {
    await earlier(1);
    await using open = await openRunFolder(run, { ...record(), fps: 25 }, { resume: true });
    await open.save(frame(1));
    expect((await readRun(run)).record?.fps).toBe(25);
  });
});

describe('a folder of something else', () => {
  it('is refused and left as it is', async () => {
    mkdirSync(join(run, 'frames'), { recursive: true });
    writeFileSync(join(run, 'frames/000000.safetensors'), encodeFrame(frame(0)));
    for (const choice of [{}, { resume: true }, { fresh: true }]) {
      const refused = openRunFolder(run, record(), choice);
      await expect(refused).rejects.toMatchObject({ code: 'io', file: run });
    }
    expect(readdirSync(run)).toEqual(['frames']);
    expect(frameNames()).toHaveLength(1);
  });

  it.each([
    ['{"faceanim": "run", "form', /is damaged, or not a record of this program/],
    ['null', /is damaged, or not a record of this program/],
    ['{"id": 7, "status": "done"}', /is damaged, or not a record of this program/],
    ['{"faceanim": "run", "format": 2, "version": "9.1.0"}', /has the format 2, written by faceanim 9\.1\.0/],
    ['{"faceanim": "run", "format": "x"}', /is damaged/],
    ['{"faceanim": "run", "format": 1, "settings": {}}', /is damaged/],
  ])('or whose run.json is %s', async (text, message) => {
    mkdirSync(run);
    writeFileSync(join(run, 'run.json'), text);
    for (const call of [
      () => openRunFolder(run, record(), { fresh: true }),
      () => openRunFolder(run, record(), { resume: true }),
      () => readLatents(run),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: 'checkpoint-corrupt',
        file: join(run, 'run.json'),
        message: expect.stringMatching(message),
      });
    }
    expect(readdirSync(run)).toEqual(['run.json']);
  });
});

it('a run may replace what it has made, until somebody changes it', async () => {
  const [out, sheet] = [join(folder, 'out'), join(folder, 'out.png')];
  writeFileSync(sheet, 'ours');
  {
    await using open = await openRunFolder(run, record(), {});
    await open.owns(out);
    await open.save(frame(0));
    await open.write(sheet, (finished) => finished(sheet));
  }
  const { record: kept } = await readRun(run);
  expect(await madeBy(kept, out)).toBe(true);
  expect(await madeBy(kept, join(folder, '.', 'out.run', '..', 'out.png'))).toBe(true);
  writeFileSync(sheet, 'theirs');
  expect(await madeBy(kept, sheet)).toBe(false);
  expect(await madeBy(kept, join(folder, 'other'))).toBe(false);
});

it('a run that was killed while it made its folder can begin again', async () => {
  const own = await import('../../../media/src/files/temporary-files');
  mkdirSync(run);
  writeFileSync(own.temporaryName(join(run, 'run.json')), '{');
  {
    await using open = await openRunFolder(run, record(), {});
    open.keepLook({ width: 2, height: 2, data: new Uint8Array(1) });
    await expect(open.save(frame(0))).rejects.toThrow();
  }
  expect(readdirSync(run)).toEqual(expect.arrayContaining(['frames', 'run.json']));
  await using open = await openRunFolder(run, record(), { resume: true });
  expect(open.continues).toBe(false);
});

it('a run that was killed right after a file got its name still knows it', async () => {
  const [sheet, other] = [join(folder, 'out.png'), join(folder, 'other.png')];
  await earlier(1);
  const kill = (path: string) => async (finished: (file: string) => Promise<void>) => {
    writeFileSync(path, 'a picture');
    await finished(path);
    throw new Error('killed');
  };
  {
    await using open = await openRunFolder(run, record(), { resume: true });
    await expect(open.write(sheet, kill(sheet))).rejects.toThrow('killed');
  }
  expect(await madeBy((await readRun(run)).record, sheet)).toBe(true);
  {
    await using open = await openRunFolder(run, record(), { resume: true });
    await expect(open.write(other, kill(other))).rejects.toThrow('killed');
  }
  const { record: kept } = await readRun(run);
  expect(await madeBy(kept, sheet)).toBe(true);
  writeFileSync(other, 'mine');
  expect(await madeBy(kept, other)).toBe(false);
});

it('a folder of frames belongs to a resumed run before its next frame', async () => {
  await earlier(1);
  await using open = await openRunFolder(run, record(), { resume: true });
  await open.owns(join(folder, 'frames'));
  expect(await madeBy((await readRun(run)).record, join(folder, 'frames'))).toBe(true);
});

it('a folder that disappears in mid-run is a typed error, and nothing is written in its place', async () => {
  await using open = await openRunFolder(run, record(), {});
  await open.save(frame(0));
  renameSync(run, `${run}.away`);
  await expect(open.save(frame(1))).rejects.toMatchObject({
    code: 'io',
    file: run,
    message: expect.stringContaining('is gone'),
  });
  expect(readdirSync(folder)).toEqual(['out.run.away']);
  renameSync(`${run}.away`, run);
  await open.save(frame(1));
  expect(frameNames()).toHaveLength(2);
});

it('a folder of format 1 is read, by this version and all later ones', async () => {
  cpSync(new URL('format-1.run', import.meta.url), run, { recursive: true });
  expect(values(await readLatents(run))).toEqual([0, 1, 2]);
  rmSync(join(run, 'latents.safetensors'));
  expect(await readLatents(run)).toMatchObject({ fps: 12.5, generator: 'bb', start: 0.16 });
  await using open = await openRunFolder(run, { ...record(), version: '0.0.0' }, { resume: true });
  expect(await finishedOf(open)).toEqual([frame(0), frame(1), frame(2)]);
  expect(open.look?.quad).toEqual({ center: [9, 9], x: [8, 0], y: [0, 8] });
});

it.skipIf(process.platform === 'win32')('a pipe that a run has written to is not read again', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.webp')]);
  await using open = await openRunFolder(run, record(), {});
  await open.save(frame(0));
  const [pipe, data] = [join(folder, 'pipe.webp'), 'a picture'];
  const read = promisify(execFile)('head', ['-c', '9', pipe]);
  await open.write(pipe, (beforeRename) => writeFileAtomic(pipe, data, { beforeRename }));
  expect((await read).stdout).toBe(data);
  expect((await readRun(run)).record?.outputs).toEqual({});
});

const values = ({ latents }: Awaited<ReturnType<typeof readLatents>>) => latents.map(({ data }) => data[0]);

describe('latents for render', () => {
  it('are those of the run, with its rate and generator', async () => {
    await earlier(3, { complete: true });
    for (const path of [run, join(run, 'latents.safetensors')]) {
      const kept = await readLatents(path);
      expect(kept).toMatchObject({ fps: 12.5, generator: 'bb', unfinished: false });
      expect(values(kept)).toEqual([0, 1, 2]);
    }
  });

  it('are the finished frames of a run that was stopped', async () => {
    await earlier(2);
    expect(await readLatents(run)).toMatchObject({ unfinished: true, latents: { length: 2 } });
    rmSync(run, { recursive: true });
    await earlier(2, { complete: true });
    {
      await using open = await openRunFolder(run, record(), { resume: true });
      await open.save(frame(2));
    }
    const kept = await readLatents(run);
    expect(kept.unfinished).toBe(true);
    expect(values(kept)).toEqual([0, 1, 2]);
  });

  it('are shown when their driver frames are, also after a gap without a face', async () => {
    await earlier(2);
    expect((await readLatents(run)).times).toBeUndefined();
    {
      await using open = await openRunFolder(run, record(), { resume: true });
      await open.save(frame(2, 2, 12));
    }
    expect((await readLatents(run)).times).toEqual([0, 2 / 25, 8 / 25]);
  });

  it('of several shots with noise maps are saved whole, and wait in no file that stays', async () => {
    const noise = { a: Float32Array.of(0.25, 0.5, 0.75) };
    const frames = [0, 1, 2].map((index) => ({
      ...frame(index),
      latent: { ...frame(index).latent, noise, shot: index >> 1 },
    }));
    {
      await using open = await openRunFolder(run, record(), {});
      for (const each of frames) await open.save(each);
      await saveLatents(open, frames);
      const bytes = readFileSync(open.latents);
      expect(decodeLatents(bytes)).toEqual(frames.map(({ latent }) => latent));
      const { metadata } = decodeSafetensors(bytes);
      expect(
        encodeLatents(
          frames.map(({ latent }) => latent),
          metadata,
        ),
      ).toEqual(new Uint8Array(bytes));
    }
    expect(readdirSync(run).sort()).toEqual(['frames', 'latents.safetensors', 'run.json']);
  });

  it('are those that a complete animation shows: frames are kept as they were before refinement', async () => {
    {
      await using open = await openRunFolder(run, record({}, { look: 'cc' }), {});
      await open.save(frame(0));
      await saveLatents(open, [frame(0, 7)]);
    }
    const kept = await readLatents(run);
    expect(values(kept)).toEqual([7]);
    expect(kept).toMatchObject({ driver: 'aa', look: { hash: 'cc' }, unfinished: false });
    rmSync(join(run, 'latents.safetensors'));
    expect(values(await readLatents(run))).toEqual([0]);
  });

  it('remain if somebody removes the frames', async () => {
    await earlier(2, { complete: true });
    rmSync(join(run, 'frames'), { recursive: true });
    expect(values(await readLatents(run))).toEqual([0, 1]);
  });

  it('are looked for in an animation, and the run folder beside it is named', async () => {
    await earlier(2, { complete: true });
    mkdirSync(join(folder, 'out'));
    for (const name of ['out.webp', 'out']) {
      const animation = join(folder, name);
      if (name === 'out.webp') writeFileSync(animation, 'RIFF1234WEBPVP8X');
      await expect(readLatents(animation)).rejects.toMatchObject({
        message: expect.stringContaining(animation),
        hint: `Pass the run folder: ${run}`,
      });
    }
  });

  it('with times that are damaged are a typed error', async () => {
    await earlier(2, { complete: true });
    const file = join(run, 'latents.safetensors');
    const { latent } = frame(0);
    for (const times of ['[0, ', '[0]', '[0, "1"]', '{"length": 2}']) {
      writeFileSync(file, encodeLatents([latent, latent], { format: '1', fps: '25', times }));
      await expect(readLatents(file)).rejects.toMatchObject({ code: 'checkpoint-corrupt', file });
    }
  });

  it('that are damaged, missing or of another format are typed errors', async () => {
    await earlier(2, { complete: true });
    const file = join(run, 'latents.safetensors');
    const bytes = readFileSync(file);
    expect(decodeLatents(bytes)).toHaveLength(2);
    writeFileSync(file, bytes.subarray(0, 40));
    await expect(readLatents(file)).rejects.toMatchObject({ code: 'checkpoint-corrupt', file });
    writeFileSync(
      file,
      Buffer.from(bytes.toString('latin1').replace('"format":"1"', '"format":"7"'), 'latin1'),
    );
    await expect(readLatents(file)).rejects.toMatchObject({
      code: 'checkpoint-corrupt',
      message: expect.stringContaining('format 7'),
    });
    const damaged = join(run, 'frames/000001.safetensors');
    rmSync(file);
    writeFileSync(damaged, 'x');
    await expect(readLatents(run)).rejects.toMatchObject({ code: 'checkpoint-corrupt', file: damaged });
    await expect(readLatents(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'io' });
    await expect(readLatents(folder)).rejects.toMatchObject({ code: 'io' });
  });
});
