import { describe, expect, it } from 'vitest';
import { begunBy, triesOf } from '../src/storage/earlier-tries';

const folder = 'jobs/a';
const frame = (n: number) => `run/frames/${String(n).padStart(6, '0')}.safetensors`;

/** The objects of a bucket: keys below the folder of the job, with texts where they matter. */
async function begun(objects: Record<string, string[] | string>, part?: number) {
  const texts = new Map<string, string>();
  for (const [name, content] of Object.entries(objects)) {
    if (typeof content === 'string') texts.set(`${folder}/${name}`, content);
    else for (const path of content) texts.set(`${folder}/${name}/${path}`, '');
  }
  const job = { folder, ...(part && { part: { of: 'a', number: part } }) };
  const files = await begunBy(job, [...texts.keys()], async (key) => texts.get(key)!);
  // Which try each file is of.
  return Object.fromEntries(
    [...files].map(([path, key]) => [path, key.slice(folder.length + 1).split('/')[1]]),
  );
}

const list = (paths: string[], name: string) =>
  JSON.stringify(Object.fromEntries(paths.map((path) => [path, `${folder}/tries/${name}/${path}`])));

describe('a try goes on with', () => {
  it('nothing, if none has finished a frame: a head alone is of no use', async () => {
    expect(await begun({})).toEqual({});
    expect(await begun({ 'tries/1': ['run/run.json', 'run/look.png'] })).toEqual({});
  });

  it('what the newest has finished, and what that began with', async () => {
    const first = ['run/run.json', frame(0), frame(1)];
    const files = {
      'tries/1': first,
      'tries/2.json': list(first, '1'),
      'tries/2': ['run/run.json', frame(2), 'animation.mp4'],
      // It was killed before it finished a frame.
      'tries/3.json': list([...first, frame(2)], '1'),
      'tries/3': ['run/run.json'],
    };
    expect(await begun(files)).toEqual({
      'run/run.json': '2',
      [frame(0)]: '1',
      [frame(1)]: '1',
      [frame(2)]: '2',
    });
  });

  it('no frame of a lost worker that comes in later, and none of its head', async () => {
    const first = ['run/run.json', frame(0)];
    expect(
      await begun({
        // After the second had begun, the first went on.
        'tries/1': [...first, frame(1), frame(2)],
        'tries/2.json': list(first, '1'),
        'tries/2': [frame(1)],
      }),
    ).toEqual({ 'run/run.json': '1', [frame(0)]: '1', [frame(1)]: '2' });
    expect(
      await begun({
        'tries/1': ['run/run.json', 'run/look.png', frame(0), frame(1)],
        'tries/2': ['run/run.json', frame(0)],
      }),
    ).toEqual({ 'run/run.json': '2', [frame(0)]: '2' });
  });

  const parts = {
    'tries/1': [
      'run/run.json',
      'run/parts/plan.json',
      'run/parts/001.safetensors',
      'run/parts/002.safetensors',
    ],
    'parts/001/1': ['run/parts/001/run.json', 'run/parts/001/frames/000000.safetensors'],
    'parts/002/1': ['run/parts/002/run.json', 'run/parts/002/frames/000000.safetensors'],
  };

  it('of a part, only what it needs', async () => {
    expect(triesOf({ folder, part: { of: 'a', number: 2 } })).toBe('jobs/a/parts/002');
    expect(Object.keys(await begun(parts, 2)).sort()).toEqual([
      'run/parts/002.safetensors',
      'run/parts/002/frames/000000.safetensors',
      'run/parts/002/run.json',
      'run/parts/plan.json',
      'run/run.json',
    ]);
  });

  it('all parts, or what a try of the whole has made of them', async () => {
    expect(Object.keys(await begun(parts))).toHaveLength(8);
    const own = 'run/parts/002/frames/000001.safetensors';
    const joined = await begun({
      ...parts,
      'tries/2.json': list(['run/parts/plan.json'], '1'),
      'tries/2': [own],
    });
    expect(joined[own]).toBe('2');
    expect(joined['run/parts/002/frames/000000.safetensors']).toBeUndefined();
    expect(joined['run/parts/001/frames/000000.safetensors']).toBe('001');
  });
});
