import type { PackFilterAttributes } from '../../../ops/conv/frozen-conv-kernel';
import { phaseTaps } from '../../../ops/conv/sub-pixel';

/** An ordinary convolution whose results are every so many of the pixels of the result. */
export interface Pass {
  /** Size of its filter. */
  readonly rows: number;
  readonly columns: number;
  /** The first row and column that the first result reads. */
  readonly top: number;
  readonly left: number;
  /** Steps of what it reads. */
  readonly stride: number;
  /** First row and column of the results, and steps. */
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly outStride: number;
  /** The tap of the whole filter that a tap of its own is, if any. */
  readonly tapOf: (row: number, column: number) => readonly [number, number] | undefined;
}

/** The passes of a convolution, one, or of its transpose, one for each phase. */
export function passesOf([rows, columns]: readonly number[], place: PackFilterAttributes): Pass[] {
  const { stride, padding, transposed } = place;
  const [top, , left] = padding;
  if (!transposed) {
    return [
      {
        ...{ rows: rows!, columns: columns!, top: -top, left: -left, stride },
        ...{ firstRow: 0, firstColumn: 0, outStride: 1 },
        tapOf: (row, column) => [row, column],
      },
    ];
  }
  const phases = Array.from({ length: stride }, (_, phase) => phase);
  const across = phases.map((phase) => phaseTaps(columns!, phase, stride, left));
  return phases.flatMap((firstRow) => {
    const down = phaseTaps(rows!, firstRow, stride, top);
    return across.map(
      ({ span, taps }, firstColumn): Pass => ({
        rows: down.span.last - down.span.first + 1,
        columns: span.last - span.first + 1,
        ...{ top: down.span.first, left: span.first, stride: 1 },
        ...{ firstRow, firstColumn, outStride: stride },
        tapOf: (row, column) => {
          const [y, x] = [down.taps.get(down.span.first + row), taps.get(span.first + column)];
          return y === undefined || x === undefined ? undefined : [y, x];
        },
      }),
    );
  });
}
