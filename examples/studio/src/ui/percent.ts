/** A share as people read it. */
export const percent = (value: number) => `${Math.round(100 * value)} %`;
