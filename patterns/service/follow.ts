/**
 * Follow: hands on lists of servers as whoever knows of them says.
 */

/** Whether something gives one list after the other. */
export function isLater(
  to: string | readonly string[] | AsyncIterable<readonly string[]>,
): to is AsyncIterable<readonly string[]> {
  return typeof to === 'object' && Symbol.asyncIterator in to;
}

/**
 * Hands each list to `take`, one after the other. When they end, or fail, the last one stays. Returns what ends it:
 * whoever gives the lists is told, and not waited for.
 */
export function follow(
  lists: AsyncIterable<readonly string[]>,
  take: (list: readonly string[]) => Promise<void>,
  onError: (error: unknown) => void,
): () => void {
  const iterator = lists[Symbol.asyncIterator]();
  let isOver = false;
  const read = async (): Promise<void> => {
    while (!isOver) {
      const { value, done } = await iterator.next();
      if (done === true || isOver) return;
      await take(value).catch(onError); // One that is no good does not end it.
    }
  };
  read().catch(onError);
  return () => {
    isOver = true;
    void iterator.return?.().catch(() => {});
  };
}
