import { encodeSafetensors } from '@faceanim/tensor';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/checkpoints';
import { describeCheckpoint } from '../../src/networks/describe-checkpoint';
import { pickled, torchFile } from '../support/torch-file';
import { readWhole, refusal } from './support';

const { dict, tuple, list, text, int, put, get, call, global, file } = pickled;
const repeat = (count: number, item: string | ((i: number) => string)) =>
  Array.from({ length: count }, (_, i) => (typeof item === 'string' ? item : item(i)));

const storage = call(global('torch.storage', '_load_from_bytes'), [`B\0\0\0\0`]);
const tensor = (shape: string) =>
  call(global('torch._utils', '_rebuild_tensor_v2'), [storage, int(0), shape, shape]);
const persistent = (meta: string) =>
  call(global('torch_utils.persistence', '_reconstruct_persistent_obj'), [meta]);

/** `levels` nested dicts, each of which holds the next one several times. */
function nested(levels: number, ways: number, leaf: string, key = 'k'): string {
  let value = `${leaf}${put(0)}`;
  for (let level = 1; level <= levels; level++) {
    const items = repeat(ways, (i): string => text(`${key}${i}`) + (i === 0 ? value : get(level - 1)));
    value = `}(${items.join('')}u${put(level)}`;
  }
  return value;
}

/**
 * Small pickles with shared containers: walking every path through them would take minutes or gigabytes. Entries without a
 * name, whose keys are no text, are easily left out of the count.
 */
const nameless = (count: number) =>
  `}(${repeat(count, (i) => `J${String.fromCharCode(i & 255, i >> 8, 0, 0)}\x85N`).join('')}u`;
const hostile: Record<string, string> = {
  'entries without a name': nested(17, 2, nameless(10_000)),
  'an ordered dict of pairs': nested(
    17,
    2,
    call(global('collections', 'OrderedDict'), [list(repeat(8000, ')'))]),
  ),
  'modules whose parameters have no names': nested(
    17,
    2,
    persistent(dict([['state', dict([['_parameters', nameless(8000)]])]])),
  ),
  'a tensor under a million long names': nested(8, 8, tensor(')'), 'name'.repeat(100)),
  'containers in containers': nested(60, 2, 'N'),
  'a long name of a function': nested(
    17,
    2,
    call(global('torch._utils', `_rebuild_${'a'.repeat(60_000)}`), []),
  ),
};

/** Counts the seconds of CPU time of this process: what else runs on the machine does not matter. */
function cpuClock(): () => number {
  const before = process.cpuUsage();
  return () => process.cpuUsage(before).user / 1e6;
}

describe('small pickles that would take forever to walk', () => {
  it.each(Object.entries(hostile))('%s', async (_, value) => {
    const bytes = file(value);
    expect(bytes.length).toBeLessThan(90_000);
    const seconds = cpuClock();
    expect(['checkpoint-corrupt', 'weights-mismatch']).toContain((await refusal(readWhole(bytes))).code);
    expect(seconds()).toBeLessThan(10);
  });

  it('truncates init kwargs that repeat a long text or are shared by many networks', async () => {
    const kwargs = dict([
      ['_init_kwargs', nested(16, 2, text('x'.repeat(50_000)))],
      ['_parameters', dict([])],
    ]);
    const network = `${persistent(dict([['state', kwargs]]))}${put(900)}`;
    const bytes = file(
      dict([
        ['w', tensor(')')],
        ...repeat(2000, '').map((_, i): [string, string] => [`n${i}`, i === 0 ? network : get(900)]),
      ]),
    );
    const seconds = cpuClock();
    const error = await refusal(openCheckpoint(bytes).then(describeCheckpoint));
    expect(error.code).toBe('checkpoint-corrupt'); // The tensor has no storage.
    expect(seconds()).toBeLessThan(10);
  });

  it('refuses tensors with more axes than PyTorch allows', async () => {
    const bytes = await torchFile((save) => {
      const first = save({ shape: [1], data: new Float32Array(1) });
      const place = tuple([text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), int(1)]);
      const ones = `${tuple(repeat(20_000, int(1)))}`;
      const flat = call(global('torch._utils', '_rebuild_tensor_v2'), [`${place}Q`, int(0), ones, ones]);
      return dict([
        ['first', first],
        ['flat', flat],
      ]);
    });
    expect((await refusal(openCheckpoint(bytes))).message).toContain('impossible sizes');
  });

  it('limits the networks in a file that has one in every name', async () => {
    const none = { shape: [0], data: new Float32Array() };
    const names = repeat(20_000, (i) => `g${i}.synthesis.b4.conv1.weight`);
    const modules = dict(repeat(20_000, (i) => `n${i}`).map((name) => [name, get(0)]));
    const network = persistent(dict([['state', dict([['_parameters', dict([])]])]]));
    const files = [
      encodeSafetensors(names.map((name) => [name, none])),
      await torchFile((save) =>
        dict([
          ['w', save({ shape: [1], data: new Float32Array(1) })],
          ['first', `${network}${put(0)}`],
          ['modules', modules],
        ]),
      ),
    ];
    for (const bytes of files) {
      const seconds = cpuClock();
      await using checkpoint = await openCheckpoint(bytes);
      expect(describeCheckpoint(checkpoint).networks.length).toBeLessThan(100);
      expect(seconds()).toBeLessThan(10);
    }
  });
});
