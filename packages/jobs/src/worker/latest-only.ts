/**
 * Passes on values one at a time, and at most one in so many milliseconds; of those that come meanwhile only the last. Progress
 * is told often, and a queue that is away must not pile it up.
 */
export function latestOnly<T>(send: (value: T) => Promise<unknown>, ms: number) {
  let next: { readonly value: T } | undefined;
  let busy = false;
  const sendAll = async () => {
    busy = true;
    while (next) {
      const { value } = next;
      next = undefined;
      await send(value).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, ms).unref());
    }
    busy = false;
  };
  return {
    push(value: T): void {
      next = { value };
      if (!busy) void sendAll();
    },
    /** What has not been sent is dropped. */
    end(): void {
      next = undefined;
    },
  };
}
