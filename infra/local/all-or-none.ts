/** Ends one thing that stands. */
export type Closer = () => Promise<void>;

/**
 * Starts things of which each may need those before it. `stands` notes how to end one; `close` ends all of them, the latest
 * first. When one fails to start, those that stand are ended.
 */
export async function allOrNone<T>(start: (stands: (closer: Closer) => void, close: Closer) => Promise<T>): Promise<T> {
  const closers: Closer[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    return await start((closer) => closers.push(closer), close);
  } catch (error) {
    await close();
    throw error;
  }
}
