import { effect } from '@preact/signals';
import { engine } from '../engine/engine';
import { drivers, looks } from '../ui/samples';
import { chooseSampleDriver, chooseSampleLook } from './state/choose';
import { driver } from './state/driver';
import { cropLook, look } from './state/look';
import { active, cancel } from './state/run';
import { findSaved } from './state/saved';

let begun = false;

/** Fills the panel with samples, so that a visitor can start at once, and looks for a run of an earlier visit. */
export function begin(): void {
  if (begun) return;
  begun = true;
  void findSaved();
  if (!look.value) void chooseSampleLook(looks[0]!);
  if (!driver.value) void chooseSampleDriver(drivers[0]!);
  followEngine();
}

/** With other networks a look is cropped to another size; a run ends with the engine that it began on. */
function followEngine(): void {
  let last: unknown;
  effect(() => {
    const { value } = engine;
    if (value.phase === 'opening' && active.peek()) cancel();
    if (value.phase !== 'ready') return;
    if (last && last !== value.projector) void cropLook();
    last = value.projector;
  });
}
