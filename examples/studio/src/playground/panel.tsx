import './playground.css';
import { useEffect } from 'preact/hooks';
import { projector } from '../engine/engine';
import { fillLook } from '../look/look';
import { BlendCard } from './blend-card';
import { ExpressionCard } from './expression-card';
import { FaceCard } from './face-card';
import { LayersCard } from './layers-card';
import { SaveCard } from './save-card';
import { playing } from './state/shares';

/** Faces out of nothing: two of them, with an expression, and what lies between them. */
export default function PlaygroundPanel() {
  useEffect(() => {
    fillLook();
    void projector().catch(() => {});
    return () => {
      playing.value = false;
    };
  }, []);
  return (
    <div class="panel playground">
      <header class="intro">
        <h1>Faces that do not exist</h1>
        <p>
          The generator draws a face for any list of numbers. Blend two of them, layer by layer, and change
          their expression. Everything is drawn while you move the sliders.
        </p>
      </header>
      <div class="setup">
        <FaceCard side="a" />
        <FaceCard side="b" />
        <ExpressionCard />
      </div>
      <div class="work">
        <BlendCard />
        <LayersCard />
        <SaveCard />
      </div>
    </div>
  );
}
