import type { HostTensor } from '@faceanim/tensor';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';

/** Opcodes of Python's pickle protocol 2 as text, one byte per character. */
export const pickled = {
  text: (value: string) => `X${u32(value.length)}${value}`,
  int: (value: number) => `J${u32(value >>> 0)}`,
  float: (value: number) =>
    `G${latin1(new Uint8Array(new BigUint64Array([doubleBits(value)]).buffer).reverse())}`,
  none: 'N',
  global: (module: string, name: string) => `c${module}\n${name}\n`,
  list: (items: readonly string[]) => `](${items.join('')}e`,
  tuple: (items: readonly string[]) => `(${items.join('')}t`,
  dict: (items: Iterable<readonly [key: string, value: string]>) =>
    `}(${[...items].map(([key, value]) => pickled.text(key) + value).join('')}u`,
  call: (callable: string, args: readonly string[]) => `${callable}${pickled.tuple(args)}R`,
  put: (index: number) => `r${u32(index)}`,
  get: (index: number) => `j${u32(index)}`,
  file: (value: string) => bytesOf(`\x80\x02${value}.`),
};

/** A dict of plain values as a pickle. */
export function pickledDict(values: Readonly<Record<string, unknown>>): string {
  return pickled.dict(Object.entries(values).map(([key, value]) => [key, pickledValue(value)]));
}

function pickledValue(value: unknown): string {
  if (value === null) return pickled.none;
  if (typeof value === 'string') return pickled.text(value);
  if (typeof value === 'number') return Number.isInteger(value) ? pickled.int(value) : pickled.float(value);
  return pickledDict(value as Record<string, unknown>);
}

/**
 * A file as `torch.save` writes it since version 1.6.
 *
 * @param root returns the pickle of the saved object; gets a function that pickles a tensor
 */
export async function torchFile(
  root: (tensor: (tensor: HostTensor) => string) => string,
): Promise<Uint8Array> {
  const storages: Float32Array[] = [];
  const tensor = ({ shape, data }: HostTensor) => {
    const key = String(storages.push(data) - 1);
    const storage = pickled.tuple([
      pickled.text('storage'),
      pickled.global('torch', 'FloatStorage'),
      pickled.text(key),
      pickled.text('cpu'),
      pickled.int(data.length),
    ]);
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const sizes = [shape, strides].map((list) => pickled.tuple(list.map(pickled.int)));
    return pickled.call(pickled.global('torch._utils', '_rebuild_tensor_v2'), [
      `${storage}Q`,
      pickled.int(0),
      ...sizes,
    ]);
  };
  const zip = new ZipWriter(new Uint8ArrayWriter(), { level: 0 });
  await zip.add('archive/data.pkl', new Uint8ArrayReader(pickled.file(root(tensor))));
  for (const [key, data] of storages.entries()) {
    await zip.add(
      `archive/data/${key}`,
      new Uint8ArrayReader(new Uint8Array(Float32Array.from(data).buffer)),
    );
  }
  return zip.close();
}

/** A dict of tensors as a pickle. */
export function pickledTensors(
  tensors: Iterable<readonly [string, HostTensor]>,
  tensor: (tensor: HostTensor) => string,
): string {
  return pickled.dict([...tensors].map(([name, value]) => [name, tensor(value)]));
}

function u32(value: number): string {
  return latin1(new Uint8Array(Uint32Array.of(value).buffer));
}

function doubleBits(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0]!;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
