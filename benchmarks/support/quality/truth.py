"""Draws what an animation should look like: the person of a look with the expressions and the head motion of a driver.

    python3 truth.py --shared FOLDER --out FOLDER --frames 0,4,8 CLIP.LOOK [CLIP.LOOK ...]

Writes OUT/CLIP.LOOK/FRAME.png and landmarks.json, the 68 points of each frame. Needs numpy, Pillow and gcc.
"""
import argparse, json, os, shutil, sys, tempfile
import numpy as np

# Seed and script as in ../shared/media/README.md; the mean yaw and pitch of the head, in radians. The means were fitted to the
# true landmarks of ../shared/fixtures/retarget (0.1 to 0.35 px left over in 256); of `jitter`, which has no case there, the
# yaw was fitted to its landmarks, and the pitch is the mean of the others.
CLIPS = {
    'talk': (7029, 'talk', (0.0363, 0.0187)),
    'smile': (7016, 'smile', (0.0492, -0.0125)),
    'scream': (7025, 'scream', (0.0208, 0.0011)),
    'blink-brows': (7012, 'blink-and-brows', (-0.0017, 0.0093)),
    'jitter': (7006, 'smile', (0.06, 0.004)),
}
LAST = 49


def head(seed, t, mean):
    """Yaw, pitch and roll at time t in 0..1, and the phase of the gaze. The crop takes the roll away."""
    phase = np.random.RandomState([seed, 78]).rand(4) * 6.28
    yaw = .10 * np.sin(4.2 * t + phase[0]) + .03 * np.sin(9 * t + phase[1])
    pitch = .05 * np.sin(5 * t + phase[2])
    return (mean[0] + 1.2 * yaw, mean[1] + 1.2 * pitch, 0.), phase[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ('--shared', '--out', '--frames'):
        parser.add_argument(name, required=True)
    parser.add_argument('pairs', nargs='+')
    options = parser.parse_args()
    frames = [int(frame) for frame in options.frames.split(',')]
    with tempfile.TemporaryDirectory() as folder:
        # The renderer compiles a library beside itself, and shared/ may be read-only.
        for file in ('faces.py', 'easy.py', 'looks.py', 'render.c'):
            shutil.copy(os.path.join(options.shared, 'lab/pack/render', file), folder)
        sys.path.insert(0, folder)
        import easy, faces, looks
        from PIL import Image

        model = faces.Model(os.path.join(options.shared, 'lab/renderer-assets.npz'))
        space = easy.Space(model)
        for pair in options.pairs:
            clip, look = pair.split('.')
            seed, script, mean = CLIPS[clip]
            with open(os.path.join(options.shared, 'media', f'look-{look}.landmarks.json')) as file:
                person, _, camera = faces.decode(model, space.expand(looks.row(space, json.load(file)['identity'])))
            out = os.path.join(options.out, pair)
            os.makedirs(out, exist_ok=True)
            landmarks = []
            for frame in frames:
                pose, gaze = head(seed, frame / LAST, mean)
                expression = faces.script(script, frame / LAST, gaze)
                image, points, _ = model.render(person, expression, dict(dist=camera['dist'], pose=pose), 256, 3)
                Image.fromarray(image).save(os.path.join(out, f'{frame:03d}.png'))
                landmarks.append(points.astype(float).round(2).tolist())
            with open(os.path.join(out, 'landmarks.json'), 'w') as file:
                json.dump(dict(frames=frames, landmarks=landmarks), file)


main()
