/** Marks a row in the output of a section's process. */
export const rowMark = '::row ';
