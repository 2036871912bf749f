import type { Factors, FactorValues } from '@faceanim/models';
import { computed, signal } from '@preact/signals';
import { engine } from '../../engine/engine';

/** What both faces have in common: expression and pose, by the names of the factors. Others are 0. */
export const values = signal<FactorValues>({});

/** The named factors of the generator; undefined while it is loaded, and where it has none. */
export const factors = computed<Factors | undefined>(() => {
  const { value } = engine;
  return value.phase === 'ready' ? value.projector.info.factors : undefined;
});

/** The factors that have sliders. */
export const sliders = computed(() =>
  (factors.value?.columns ?? []).filter(({ group }) => group === 'expression' || group === 'pose'),
);

/** Values of all sliders, of those at 0 too: a factor that is left out is random. */
export const allValues = computed<FactorValues>(() =>
  Object.fromEntries(sliders.value.map(({ name }) => [name, values.value[name] ?? 0])),
);

/** Sets one factor. */
export function setFactor(name: string, value: number): void {
  values.value = { ...values.value, [name]: value };
}

/** Puts on an expression of the pack, and keeps the pose. */
export function setExpression(name: string): void {
  const pose = sliders.value.filter(({ group }) => group === 'pose');
  const kept = Object.fromEntries(pose.map(({ name: each }) => [each, values.value[each] ?? 0]));
  values.value = { ...kept, ...factors.value?.expressions[name] };
}

/** Whether the sliders show an expression of the pack as it is. */
export function isExpression(name: string): boolean {
  const preset = factors.value?.expressions[name] ?? {};
  return sliders.value.every(
    ({ name: each, group }) => group !== 'expression' || (values.value[each] ?? 0) === (preset[each] ?? 0),
  );
}
