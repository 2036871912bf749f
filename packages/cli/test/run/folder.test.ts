import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeLatents, encodeFrame, type ProjectedFrame } from '@faceanim/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLatents } from '../../src/render/read-latents';
import { openRunFolder } from '../../src/run/folder';
import { lockRunFolder } from '../../src/run/lock';
import { madeBy, newRecord, readRun } from '../../src/run/record';

let folder: string;
let run: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faceanim-run-'));
  run = join(folder, 'out.run');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (settings: object = {}, contents: object = {}) =>
  newRecord(
    {
      settings: { '--seed': '1', ...settings },
      contents: { driver: 'aa', generator: 'bb', ...contents },
    },
    { command: 'animate', fps: 12.5, driverClock: { fps: 25, first: 4 } },
  );

function frame(index: number, value = index, driverIndex = 4 + 2 * index): ProjectedFrame {
  return {
    index,
    driverIndex,
    latent: { numWs: 1, wDim: 2, data: Float32Array.of(value, value) },
    coordinates: Float32Array.of(value),
    losses: { total: value },
    history: [{ step: 0, total: value }],
    steps: 1,
    stopReason: 'steps',
    origin: { sdk: '0.0.0', settings: {}, mean: [] },
  };
}

/** An earlier run: stopped after so many frames, or complete. */
async function earlier(count: number, { complete = false } = {}): Promise<void> {
  await using open = await openRunFolder(run, record(), {});
  for (let i = 0; i < count; i++) await open.save(frame(i));
  if (complete) await open.saveLatents(Array.from({ length: count }, (_, i) => frame(i)));
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
    expect(open.finished.map(({ index }) => index)).toEqual([0, 1]);
    await open.save(frame(2));
    // The fourth frame followed another third one.
    expect(frameNames()).toHaveLength(3);
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
    expect(open.finished).toEqual([]);
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
    const other = record({ '--seed': '5' }, { driver: 'cc' });
    const refused = openRunFolder(run, other, { resume: true });
    await expect(refused).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringMatching(
        /out\.run holds another run: --seed was 1, is 5; --driver has different content/,
      ),
      hint: expect.stringContaining('--fresh'),
    });
    const newer = { ...record(), version: '99.0.0' };
    await expect(openRunFolder(run, newer, { resume: true })).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringContaining('version was 0.0.0, is 99.0.0'),
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
    ['{"faceanim": "run", "format": 2}', /has the format 2/],
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

describe('the lock', () => {
  it('keeps a second run out, and is free again afterwards', async () => {
    {
      await using _ = await openRunFolder(run, record(), {});
      await expect(openRunFolder(run, record(), {})).rejects.toMatchObject({
        code: 'in-use',
        file: run,
        message: expect.stringContaining(`process ${process.pid}`),
      });
    }
    await earlier(1);
    expect(readdirSync(run).sort()).toEqual(['frames', 'run.json']);
  });

  it.each([
    ['that was killed', { host: hostname(), pid: 2 ** 22 + 1, began: 0 }],
    ['that was killed, and whose number came back', { host: hostname(), pid: process.pid, began: 1 }],
  ])('of a run %s is taken over at once', async (_, owner) => {
    mkdirSync(join(run, '.lock'), { recursive: true });
    writeFileSync(join(run, '.lock.json'), JSON.stringify(owner));
    await using lock = await lockRunFolder(run);
    expect(JSON.parse(readFileSync(join(run, '.lock.json'), 'utf8')).pid).toBe(process.pid);
    lock.check();
  });

  it('of another machine is kept', async () => {
    mkdirSync(join(run, '.lock'), { recursive: true });
    writeFileSync(join(run, '.lock.json'), JSON.stringify({ host: 'elsewhere', pid: 1, began: 0 }));
    await expect(lockRunFolder(run)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining('elsewhere'),
    });
  });
});

it('a run may replace what it has made, until somebody changes it', async () => {
  const [out, sheet] = [join(folder, 'out'), join(folder, 'out.png')];
  writeFileSync(sheet, 'ours');
  {
    await using open = await openRunFolder(run, record(), {});
    await open.made(out, 'folder');
    await open.save(frame(0));
    await open.made(sheet, 'file');
  }
  const { record: kept } = await readRun(run);
  expect(await madeBy(kept, out)).toBe(true);
  expect(await madeBy(kept, join(folder, '.', 'out.run', '..', 'out.png'))).toBe(true);
  writeFileSync(sheet, 'theirs');
  expect(await madeBy(kept, sheet)).toBe(false);
  expect(await madeBy(kept, join(folder, 'other'))).toBe(false);
});

it.skipIf(process.platform === 'win32')('a pipe that a run has written to is not read again', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.webp')]);
  await using open = await openRunFolder(run, record(), {});
  await open.save(frame(0));
  await open.made(join(folder, 'pipe.webp'), 'file');
  expect((await readRun(run)).record?.outputs).toEqual({});
});

describe('latents for render', () => {
  const values = ({ latents }: Awaited<ReturnType<typeof readLatents>>) => latents.map(({ data }) => data[0]);

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

  it('are those that a complete animation shows: frames are kept as they were before refinement', async () => {
    {
      await using open = await openRunFolder(run, record({}, { look: 'cc' }), {});
      await open.save(frame(0));
      await open.saveLatents([frame(0, 7)]);
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
