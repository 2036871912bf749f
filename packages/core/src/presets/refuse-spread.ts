/**
 * A preset for which `{ ...preset }` is an unknown option, where `{ ...preset() }` was meant: spreading a function copies nothing,
 * so it gets a property that is copied. The call is to be marked as pure, so that bundlers leave out presets that are not used.
 *
 * @param name of the preset. Not `preset.name`, which minifiers change.
 */
export function refuseSpread<Preset extends (...args: never[]) => unknown>(
  name: string,
  preset: Preset,
): Preset {
  return Object.defineProperty(preset, name, { value: true, enumerable: true });
}
