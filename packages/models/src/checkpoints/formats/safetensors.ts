import { parseSafetensorsHeader, safetensorsDataStart } from '@faceanim/tensor';
import type { FormatReader } from '../format';

/** Reads safetensors: a JSON header with names, dtypes, shapes and offsets, then the data. */
export const readSafetensors: FormatReader = async (source, { signal }) => {
  const prefix = await source.read(0, Math.min(8, source.size), signal);
  const start = safetensorsDataStart(prefix, source.size, source.file);
  const header = await source.read(8, start - 8, signal);
  const { entries, metadata } = parseSafetensorsHeader(header, source.size, source.file);
  return { format: 'safetensors', metadata, networks: {}, tensors: entries };
};
