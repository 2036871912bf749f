import { expect, it } from 'vitest';
import { normalizedMeanError } from '../../src/landmarks/measures';
import { liveMotion } from '../../src/live/live-motion';
import { fitClip, fitFace, retarget } from '../../src/retargeting';
import { aligned, clipOf, coefficients, model } from '../retargeting/bundled-model';

const driver = clipOf(coefficients(model.identity.length, 1), 16, 0.003);
const look = clipOf(coefficients(model.identity.length, 2), 1)[0]!;

it('comes near the targets of the whole clip, picture by picture', async () => {
  const clip = await fitClip(model, driver);
  const whole = retarget({ model, driver: clip, look: fitFace(model, look) });
  const motion = liveMotion({ model, look, lag: 0 });
  for (const [t, landmarks] of driver.entries()) {
    const target = motion.push(landmarks, 256)!;
    expect(normalizedMeanError(target, whole[t]!), `frame ${t}`).toBeLessThan(0.03);
    // The person is that of the look, not of the driver.
    expect(normalizedMeanError(target, aligned(landmarks))).toBeGreaterThan(0.03);
  }
});

it('holds the pose of the look if that is asked for, and forgets the driver', () => {
  const motion = liveMotion({ model, look, lag: 0, pose: 'look', gain: { mouth: 0 } });
  expect(motion.push(undefined, 256)).toBeUndefined();
  expect(motion.push(driver[0]!, 256)).toBeDefined();
  motion.restart();
  expect(motion.push(undefined, 256)).toBeUndefined();
});
