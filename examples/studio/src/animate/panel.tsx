import { computed } from '@preact/signals';
import './animate.css';
import { OwnNetworks } from '../engine/own-networks';
import { LookCard } from '../look/look-card';
import { begin } from './begin';
import { DriverCard } from './driver/driver-card';
import { MotionCard } from './motion/motion-card';
import { ResultCard } from './result/result-card';
import { Curves } from './run/curves';
import { SavedNote } from './run/saved-note';
import { Explain } from './stage/explain';
import { StageCard } from './stage/stage-card';
import { frames, losses } from './state/run';

begin();

/** Whether there is nothing to show yet. */
const idle = computed(() => frames.value.length === 0 && losses.value.points.length === 0);

/** The main job: a look and a driver become an animation. */
export default function AnimatePanel() {
  return (
    <div class="panel">
      <header class="intro">
        <h1>Make a face move</h1>
        <p>
          Every frame is a search for the face that looks like one picture and moves like another. It runs on
          your device. Nothing is trained, and nothing is uploaded.
        </p>
      </header>
      <SavedNote />
      <div class="setup">
        <LookCard />
        <DriverCard />
        <MotionCard />
        <OwnNetworks />
      </div>
      <div class="work">
        <StageCard />
        {idle.value && <Explain />}
        <Curves />
        <ResultCard />
      </div>
    </div>
  );
}
