import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../run.mjs';

/** Checks a video of a page, in base64: whether ffprobe decodes the frames, at the rate that is expected, and finds its label. */
export function checkVideo(base64, name, { frames, fps }, folder) {
  const file = join(folder, name);
  writeFileSync(file, Buffer.from(base64, 'base64'));
  const entries = 'stream=nb_read_frames,r_frame_rate:format=duration:format_tags';
  const [stream, format] = run('ffprobe', [
    ...['-v', 'error', '-count_frames', '-show_entries', entries, '-of', 'csv=p=0', file],
  ]).split('\n');
  assert.equal(stream, `${fps}/1,${frames}`);
  const [seconds, ...tags] = format.split(',');
  assert.match(tags.join(), /trainedAlgorithmicMedia/);
  assert.ok(Math.abs(Number(seconds) - frames / fps) < 1 / fps, `${name} lasts ${seconds} s`);
}
