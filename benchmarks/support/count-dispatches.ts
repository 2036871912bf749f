type Dispatch = (...sizes: unknown[]) => unknown;

/** Counts the dispatches to WebGPU devices until the result is called, which gives the count. Without WebGPU it is 0. */
export function countDispatches(): () => number {
  const { GPUComputePassEncoder: encoder } = globalThis as {
    GPUComputePassEncoder?: {
      prototype: Record<'dispatchWorkgroups' | 'dispatchWorkgroupsIndirect', Dispatch>;
    };
  };
  if (!encoder) return () => 0;
  const { prototype } = encoder;
  const { dispatchWorkgroups, dispatchWorkgroupsIndirect } = prototype;
  let count = 0;
  const counted = (dispatch: Dispatch): Dispatch =>
    function (this: unknown, ...sizes) {
      count++;
      return dispatch.apply(this, sizes);
    };
  prototype.dispatchWorkgroups = counted(dispatchWorkgroups);
  prototype.dispatchWorkgroupsIndirect = counted(dispatchWorkgroupsIndirect);
  return () => {
    Object.assign(prototype, { dispatchWorkgroups, dispatchWorkgroupsIndirect });
    return count;
  };
}
