// "Did you mean": the known word that is nearest to a mistyped one.

/** The nearest candidate; undefined if none is near enough. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; distance: number } | undefined
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate)
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { candidate, distance }
  }
  // a third of the letters may be wrong: --widht is --width, but --colour is not --queue
  if (best && best.distance <= Math.max(1, Math.floor(word.length / 3))) return best.candidate
  return word.length < 3 ? undefined : candidates.find((candidate) => candidate.split('-').includes(word))
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to turn one word into the other:
 * the optimal string alignment distance.
 */
function editDistance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(replaced, swapped, last[j]! + 1, row[j - 1]! + 1))
    }
    ;[before, last] = [last, row]
  }
  return last[b.length]!
}
