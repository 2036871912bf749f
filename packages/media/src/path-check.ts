import { accepting } from '@faceanim/tensor/options';

/** Whether a value may be the name of a file or folder. */
export function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

/** Refuses what is not a path, such as a `URL`, which Node takes in some places and not in others. */
export const pathCheck = accepting('the path of a file or folder, as a text', isPath);
