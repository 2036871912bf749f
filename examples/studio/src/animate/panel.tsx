/** The main job: a look and a driver become an animation. */
export default function AnimatePanel() {
  return <h1>Animate</h1>;
}
