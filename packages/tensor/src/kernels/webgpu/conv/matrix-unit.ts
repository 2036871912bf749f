/** WGSL to multiply 16 by 16 matrices of halves, with sums in f32, by the 32 invocations of a subgroup. */
export interface MatrixUnit {
  /** Input channels per step, a multiple of 16, as many as fit into workgroup memory. */
  readonly depth: number;
  /** Declares the type `half` and `fn toHalves(value : vec4<f32>) -> vec4<half>`. */
  readonly declarations: string;
  /** Declares a matrix of sums, all 0. */
  sum(name: string): string;
  /** Loads the left factor from an array of rows. */
  loadLeft(name: string, array: string, offset: string, stride: number): string;
  /** Loads the right factor from an array of rows, or of columns. */
  loadRight(name: string, array: string, offset: string, stride: number, columns: boolean): string;
  multiplyAdd(sum: string, left: string, right: string): string;
  /** Stores the sums as 256 values of an array, row by row. */
  store(sum: string, array: string, offset: string): string;
}

/** The part of a `GPUDevice` that decides whether matrix units can be used. */
export interface MatrixDevice {
  readonly features: ReadonlySet<string>;
  readonly limits: { readonly maxComputeWorkgroupStorageSize: number };
}

/** The part of a `GPUAdapterInfo` that describes matrix units. Dawn fills it in for an adapter, not for its device. */
export interface MatrixInfo {
  readonly subgroupMinSize?: number;
  readonly subgroupMaxSize?: number;
  readonly subgroupMatrixConfigs?: Iterable<Readonly<Record<string, unknown>>>;
}

/** The experimental subgroup matrices of Chromium and Dawn (tensor cores). */
export const subgroupMatrices: MatrixUnit = {
  depth: 32,
  declarations: /* wgsl */ `
    diagnostic(off, chromium.subgroup_matrix_uniformity);
    enable f16;
    enable chromium_experimental_subgroup_matrix;
    alias half = f16;
    fn toHalves(value : vec4<f32>) -> vec4<f16> {
      return vec4<f16>(clamp(value, vec4<f32>(-65504.0), vec4<f32>(65504.0)));
    }`,
  sum: (name) => `var ${name} = subgroup_matrix_result<f32, 16, 16>();`,
  loadLeft: (name, array, offset, stride) =>
    `let ${name} = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&${array}, ${offset}, ${stride});`,
  loadRight: (name, array, offset, stride, columns) => {
    const order = columns ? 'col_major' : 'row_major';
    return `let ${name} = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, ${order}>(&${array}, ${offset}, ${stride});`;
  },
  multiplyAdd: (sum, left, right) => `${sum} = subgroupMatrixMultiplyAccumulate(${left}, ${right}, ${sum});`,
  store: (sum, array, offset) => `subgroupMatrixStore<row_major>(&${array}, ${offset}, ${sum}, 16);`,
};

/** The matrix units of a device and its adapter, if {@link subgroupMatrices} fits them. */
export function matrixUnitOf(
  { features, limits }: MatrixDevice,
  { subgroupMinSize, subgroupMaxSize, subgroupMatrixConfigs = [] }: MatrixInfo = {},
): MatrixUnit | undefined {
  const kind = { componentType: 'f16', resultComponentType: 'f32', M: 16, N: 16, K: 16 };
  const has =
    ['shader-f16', 'chromium-experimental-subgroup-matrix'].every((feature) => features.has(feature)) &&
    subgroupMinSize === 32 &&
    subgroupMaxSize === 32 &&
    limits.maxComputeWorkgroupStorageSize >= 32768 &&
    [...subgroupMatrixConfigs].some((config) =>
      Object.entries(kind).every(([key, value]) => config[key] === value),
    );
  return has ? subgroupMatrices : undefined;
}

/** The part of a `GPUDevice` that compiles shaders. */
export interface ShaderDevice {
  createShaderModule(descriptor: { code: string }): unknown;
}

const prepared = new WeakSet<object>();

/** Moves `enable` and `diagnostic` to the top of every shader of a device, since tfjs prepends its own code to ours. */
export function hoistDirectives(device: ShaderDevice): void {
  if (prepared.has(device)) return;
  prepared.add(device);
  const create = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => {
    const directive = /^\s*(?:enable|diagnostic)\b[^;]*;/gm;
    const directives = descriptor.code.match(directive) ?? [];
    return create({
      ...descriptor,
      code: [...directives, descriptor.code.replace(directive, '')].join('\n'),
    });
  };
}
