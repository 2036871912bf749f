import type { StoredJob } from '../job';

/**
 * What a try of a job goes on with, by path in the folder of the job: the keys of files that earlier tries have finished.
 *
 * Each try writes to a folder of its own, `tries/000001-a1b2c3`, and into no other: a worker that has lost its job without knowing
 * overwrites nothing. `tries/000001-a1b2c3.json` lists what the try began with. So the newest try that has finished anything tells,
 * with its list, one consistent run: frames of a lost worker that come in later are not mixed into it.
 */
export type Begun = ReadonlyMap<string, string>;

/** What another try can go on after. Other files, such as `run.json`, are only of use with it. */
export const isFinished = (path: string) => /\/frames\/\d+\.safetensors$|^run\/parts\/plan\.json$/.test(path);

/** Where the tries of a job or part have their folders. */
export function triesOf({ folder, part }: Pick<StoredJob, 'folder' | 'part'>): string {
  return part ? `${folder}/parts/${partName(part.number)}` : `${folder}/tries`;
}

/**
 * @param keys of all objects in the folder of the job
 * @param read the text of an object
 */
export async function begunBy(
  { folder, part }: Pick<StoredJob, 'folder' | 'part'>,
  keys: readonly string[],
  read: (key: string) => Promise<string>,
): Promise<Begun> {
  const files = await newest(triesOf({ folder }), keys, read);
  const parts = `${folder}/parts/`;
  const queued = keys
    .filter((key) => key.startsWith(parts))
    .map((key) => key.slice(parts.length).split('/')[0]!);
  for (const name of part ? [partName(part.number)] : new Set(queued)) {
    const inside = `run/parts/${name}/`;
    // A try of the whole job that has gone on with a part knows more than the part.
    if ([...files.keys()].some((path) => path.startsWith(inside))) continue;
    for (const [path, key] of await newest(parts + name, keys, read))
      if (path.startsWith(inside)) files.set(path, key);
  }
  if (part) for (const path of files.keys()) if (!isNeeded(path, partName(part.number))) files.delete(path);
  return files;
}

/** Whether a part needs a file: those of other parts are large. */
function isNeeded(path: string, part: string): boolean {
  const [, rest] = path.match(/^run\/parts\/(.*)/) ?? [];
  return (
    rest === undefined ||
    rest === 'plan.json' ||
    rest === `${part}.safetensors` ||
    rest.startsWith(`${part}/`)
  );
}

async function newest(
  tries: string,
  keys: readonly string[],
  read: (key: string) => Promise<string>,
): Promise<Map<string, string>> {
  const byTry = new Map<string, string[]>();
  for (const key of keys) {
    const [, name, path] = key.startsWith(`${tries}/`)
      ? (key.slice(tries.length + 1).match(/^([^/]+)\/(run\/.*)/) ?? [])
      : [];
    if (!name) continue;
    if (!byTry.has(name)) byTry.set(name, []);
    byTry.get(name)!.push(path!);
  }
  const names = [...byTry.keys()].sort().reverse();
  const name = names.find((each) => byTry.get(each)!.some(isFinished));
  if (name === undefined) return new Map();
  const list = `${tries}/${name}.json`;
  const before = keys.includes(list) ? (JSON.parse(await read(list)) as Record<string, string>) : {};
  return new Map([
    ...Object.entries(before),
    ...byTry.get(name)!.map((path) => [path, `${tries}/${name}/${path}`] as const),
  ]);
}

/** As run folders call parts: `001`. */
const partName = (number: number) => String(number).padStart(3, '0');
