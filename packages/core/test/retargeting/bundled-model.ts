import { fileURLToPath } from 'node:url';
import { randomState } from '@faceanim/tensor';
import { Fixture } from '../../../tensor/test/support/fixtures';
import { imageToQuad } from '../../src/images/quad';
import { ffhqQuad } from '../../src/landmarks/ffhq-quad';
import type { Landmarks } from '../../src/landmarks/measures';
import { faceShape, projectShape, type RotationVector } from '../../src/retargeting';

const file = new URL('../../../models/assets/avatar/landmark-model.safetensors', import.meta.url);

/** The model that @faceanim/models ships. */
export const model = (() => {
  const fixture = new Fixture(fileURLToPath(file));
  const rows = (name: string) => {
    const { shape, data } = fixture.host(name);
    return Array.from({ length: shape[0]! }, (_, i) => Float64Array.from(data.slice(204 * i, 204 * (i + 1))));
  };
  return {
    mean: Float64Array.from(fixture.data('mean')),
    identity: rows('identity'),
    expression: rows('expression'),
  };
})();

/** Coefficients of a random person, or a random expression. */
export function coefficients(length: number, seed: number): Float64Array {
  return Float64Array.from(randomState(seed).randn(length));
}

/** What moves and turns in a clip that {@link clipOf} draws: smooth functions of the frame. */
export function motionAt(t: number): { expression: Float64Array; rotation: RotationVector } {
  const wave = (k: number) => 1.5 * Math.sin(0.25 * t + k) - 1.5 * Math.sin(k);
  return {
    expression: Float64Array.from(model.expression, (_, k) => wave(k)),
    rotation: [0.1 * Math.sin(0.1 * t), 0.3 * Math.sin(0.15 * t), 0.05 * Math.sin(0.2 * t)],
  };
}

/** A clip of a person, with noise of a deviation in eye distances; an eye distance is 80 pixels. */
export function clipOf(identity: Float64Array, frames: number, noise = 0): Landmarks[] {
  const random = randomState(9);
  return Array.from({ length: frames }, (_, t) => {
    const { expression, rotation } = motionAt(t);
    const shape = faceShape(model, identity, expression);
    const points = projectShape(shape, { rotation, scale: 80, shift: [250 + t, 200] });
    const errors = random.randn(points.length);
    return points.map((value, i) => value + 80 * noise * errors[i]!);
  });
}

/** Landmarks in their own FFHQ quad of 256 pixels. */
export function aligned(landmarks: Landmarks): Landmarks {
  return imageToQuad(landmarks, ffhqQuad(landmarks)!, 256);
}
