import { useSignal } from '@preact/signals';
import type { Look } from './look';

/** The picture as it was given, with the square that was cut out of it. */
export function CropView({ look: { address, name, prepared } }: { look: Look }) {
  const size = useSignal<readonly [number, number] | undefined>(undefined);
  const quad = prepared?.quad;
  return (
    <div class="crop-view">
      <img
        src={address}
        alt={name}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
          size.value = [naturalWidth, naturalHeight];
        }}
      />
      {quad && size.value && (
        <svg viewBox={`0 0 ${size.value.join(' ')}`} aria-hidden="true">
          <path
            d={`M${(
              [
                [-1, -1],
                [1, -1],
                [1, 1],
                [-1, 1],
              ] as const
            )
              .map(([u, v]) => [0, 1].map((i) => quad.center[i]! + u * quad.x[i]! + v * quad.y[i]!).join(' '))
              .join('L')}z`}
          />
        </svg>
      )}
    </div>
  );
}
