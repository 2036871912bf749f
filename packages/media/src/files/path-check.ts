import { accepting } from '@faceanim/tensor/options';

/** Refuses what is not a path, such as a `URL`, which Node takes in some places and not in others. */
export const pathCheck = accepting(
  'the path of a file or folder, as a text',
  (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
);
