import { expect, it } from 'vitest';
import { visibleLandmarks } from '../../src/landmarks/visible-landmarks';
import { faceAt } from './painted-face';

const landmarks = faceAt(90, 90);

it('leaves out hidden landmarks, and those of frames without a face', () => {
  const peaks = new Float32Array(68).fill(0.7);
  peaks.fill(0.05, 48);
  const visible = visibleLandmarks({ found: true, landmarks, peaks })!;
  expect(visible.subarray(0, 96)).toEqual(landmarks.subarray(0, 96));
  expect(visible.subarray(96).every(Number.isNaN)).toBe(true);
  expect(visibleLandmarks({ found: true, landmarks })).toEqual(landmarks);
  expect(visibleLandmarks({ found: false, landmarks, peaks })).toBeUndefined();
});
