/** Does `work` for each, so many at a time; what it gives, in order. The first failure ends it, once what is under way has ended. */
export async function inParallel<T, R>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const left = entries(items)
  const line = async () => {
    for (const [at, item] of left) results[at] = await work(item)
  }
  const lines = await Promise.allSettled(Array.from({ length: atOnce }, line))
  for (const line of lines) if (line.status === 'rejected') throw line.reason
  return results
}

// shared by the lines: one that fails ends it for all
function* entries<T>(items: Iterable<T>): Generator<[number, T]> {
  let at = 0
  for (const item of items) yield [at++, item]
}
