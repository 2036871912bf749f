"""The two halves of fit-landmark-model.mjs that need numpy: draws random faces, and fits the landmark model to how a network read them.

    python3 fit-landmark-model.py draw SHARED FOLDER FIRST COUNT
    python3 fit-landmark-model.py fit SHARED FOLDER
"""
import glob, json, os, shutil, struct, sys, tempfile
import numpy as np

# No look or driver of ../shared/media is among these faces.
SEED = 31337
# Standard deviations in eye distances: of a reading, and of what the network changes in the mean and in a direction.
READING, MEAN, DIRECTION = .012, .05, .001
# Readings this far off count little.
OUTLIER = .05


def draw(shared, folder, first, count):
    """Writes FIRST.raw, the pictures, and FIRST.npz, the truth about them."""
    with tempfile.TemporaryDirectory() as renderer:
        # The renderer compiles a library beside itself, and shared/ may be read-only.
        for file in ('faces.py', 'easy.py', 'render.c'):
            shutil.copy(os.path.join(shared, 'lab/pack/render', file), renderer)
        sys.path.insert(0, renderer)
        import easy, faces
        model = faces.Model(os.path.join(shared, 'lab/renderer-assets.npz'))
        space = easy.Space(model)

    def points(person, expression):
        weights, units = dict(person['shape']), dict(expression)
        for unit, x in person.get('rest', {}).items():
            units[unit] = max(0, units.get(unit, 0) + x * (1 - units.get(unit.replace('inner-up', 'down'), 0)))
        for unit, x in units.items():
            if not unit.startswith('_'): weights[f"expr/{person['eth']}/{unit}"] = x
        return model.landmarks(model.open_mouth(model.morph(weights)), person['brow'])

    presets = list(faces.PRESETS)
    pictures, truth = [], {name: [] for name in ('rest', 'moves', 'landmarks', 'plane')}
    for i in range(first, first + count):
        r = np.random.RandomState([SEED, i])
        # Two in three are drawn like the faces that the networks of the pack were trained on.
        person, expression, camera = faces.decode(model, space.expand(space.draw(r)) if i % 3 else faces.draw(model, r, 1.25))
        gaze = expression['_gaze']
        kind = r.rand()
        if kind < .35: expression = dict(faces.scaled(faces.PRESETS[presets[r.randint(len(presets))]], r.rand()), _gaze=gaze)
        elif kind < .5: expression = dict(_gaze=gaze)
        if r.rand() < .25:
            left, right = r.rand(2)
            if not r.rand() < .4: right = left
            expression.update({'eye-left-closure': float(left), 'eye-right-closure': float(right)})
        pose = (r.normal(0, .12), r.normal(0, .07), 0.)
        crop = (r.normal(0, .008), r.normal(0, .008), 1 + r.normal(0, .008), r.normal(0, .008))
        picture, landmarks, _ = model.render(person, expression, dict(dist=camera['dist'], pose=pose, jit=crop), 256, 2)
        rest = points(person, {})
        unit = np.linalg.norm(rest[36:42].mean(0) - rest[42:48].mean(0))
        turn = faces.rot(*pose)
        pictures.append(picture)
        truth['rest'].append((rest - rest[36:48].mean(0)) / unit)
        truth['moves'].append((points(person, expression) - rest) / unit)
        truth['landmarks'].append(landmarks)
        # From a shape to pixels, without perspective.
        truth['plane'].append(model.affine[0] @ np.stack([turn[0], -turn[1]]) * unit / camera['dist'])
    np.array(pictures, np.uint8).tofile(f'{folder}/{first:05d}.raw')
    np.savez(f'{folder}/{first:05d}.npz', **truth)


def coefficients(directions, shapes, noise=.01):
    """Those of the shapes, under the model's prior."""
    flat = directions.reshape(len(directions), -1)
    gram = flat @ flat.T / noise ** 2 + np.eye(len(flat))
    return np.linalg.solve(gram, flat @ shapes.reshape(len(shapes), -1).T / noise ** 2).T


def fit(shared, folder):
    """Changes mean and directions by what the network reads differently, a ridge regression for each landmark."""
    with open(os.path.join(shared, 'weights/landmark-model.safetensors'), 'rb') as file: header, model = decode(file.read())
    parts = sorted(glob.glob(f'{folder}/*.npz'))
    truth = {name: np.concatenate([np.load(part)[name] for part in parts]).astype(float) for name in ('rest', 'moves', 'landmarks', 'plane')}
    read = np.concatenate([np.fromfile(part.replace('.npz', '.read'), '<f4').reshape(-1, 68, 2) for part in parts])
    scale = np.linalg.norm(truth['plane'], axis=(1, 2)) / 2 ** .5
    off = ((read - truth['landmarks']) / scale[:, None, None]).transpose(0, 2, 1)
    of_face = np.concatenate([
        np.ones((len(read), 1)),
        coefficients(model['identity'], truth['rest'] - model['mean']),
        coefficients(model['expression'], truth['moves']),
    ], 1)
    rows = np.einsum('nac,nk->nakc', truth['plane'] / scale[:, None, None], of_face).reshape(2 * len(read), -1)
    prior = np.repeat([1 / MEAN ** 2, *[1 / DIRECTION ** 2] * (of_face.shape[1] - 1)], 3)
    change = np.zeros((of_face.shape[1], 68, 3))
    trust = np.ones((len(read), 68))
    for _ in range(2):
        for p in range(68):
            weighted = rows * np.repeat(trust[:, p], 2)[:, None] / READING ** 2
            change[:, p] = np.linalg.solve(weighted.T @ rows + np.diag(prior), weighted.T @ off[:, :, p].reshape(-1)).reshape(-1, 3)
        explained = (rows @ change.transpose(0, 2, 1).reshape(-1, 68)).reshape(off.shape)
        left = np.hypot(*(off - explained).transpose(1, 0, 2))
        trust = 1 / (1 + (left / OUTLIER) ** 2)
    print(f'{len(read)} faces: {100 * np.hypot(*off.transpose(1, 0, 2)).mean():.2f} % of the eye distance off, {100 * left.mean():.2f} % from the new model')
    model['mean'] += change[0]
    for name, own in (('identity', change[1:-len(model['expression'])]), ('expression', change[-len(model['expression']):])): model[name] += own
    header['made'] += ', as fan.safetensors reads drawn faces'
    with open(f'{folder}/landmark-model-fan.safetensors', 'wb') as file: file.write(encode(header, model))


def decode(data):
    size, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + size])
    read = lambda dtype, shape, data_offsets: np.frombuffer(data[8 + size:][slice(*data_offsets)], '<f4').reshape(shape).astype(float)
    return header.pop('__metadata__'), {name: read(**entry) for name, entry in header.items()}


def encode(metadata, tensors):
    head, blobs, at = dict(__metadata__=metadata), [], 0
    for name, values in tensors.items():
        blobs.append(values.astype('<f4').tobytes())
        head[name] = dict(dtype='F32', shape=list(values.shape), data_offsets=[at, at + len(blobs[-1])])
        at += len(blobs[-1])
    text = json.dumps(head).encode()
    text += b' ' * (-len(text) % 8)
    return struct.pack('<Q', len(text)) + text + b''.join(blobs)


command, shared, folder, *numbers = sys.argv[1:]
dict(draw=draw, fit=fit)[command](shared, folder, *map(int, numbers))
