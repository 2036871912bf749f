import { fillLook } from '../look/look';
import { drivers } from '../ui/samples';
import { driver, takeSampleDriver } from './state/driver';
import { findSaved } from './state/saved';

/** Fills the panel with samples, so that a visitor can start at once, and looks for a run of an earlier visit. */
export function begin(): void {
  void findSaved();
  fillLook();
  if (!driver.peek()) void takeSampleDriver(drivers[0]!);
}
