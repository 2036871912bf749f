/**
 * Makes `{ ...preset }` an unknown option, where `{ ...preset() }` was meant: spreading a function copies nothing, so it gets a
 * property that is copied.
 *
 * @param name of the preset. Not `preset.name`, which minifiers change.
 */
export function refuseSpread(preset: (...args: never[]) => unknown, name: string): void {
  Object.defineProperty(preset, name, { value: true, enumerable: true });
}
