/** A look that follows the camera. */
export default function LivePanel() {
  return <h1>Live</h1>;
}
