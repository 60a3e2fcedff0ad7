/** Prints rows under a heading; the first column is left-aligned, the others are right-aligned. */
export function table(heading: string[], rows: (string | number)[][]): void {
  const cells = [heading, ...rows.map((row) => row.map(String))]
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  for (const row of cells) {
    const padded = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
    console.log(padded.join('  ').trimEnd())
  }
}

/** A figure beside its goal: `12.3 (goal 10, met)`. */
export function goal(figure: number, digits: number, bound: 'at least' | 'at most', limit: number): string {
  const met = bound === 'at least' ? figure >= limit : figure <= limit
  return `${figure.toFixed(digits)} (goal ${bound} ${limit}${met ? ', met' : ': MISSED'})`
}

function sorted(values: number[]): number[] {
  return [...values].sort((a, b) => a - b)
}

export function median(values: number[]): number {
  return sorted(values)[Math.floor(values.length / 2)]!
}

/** The 95th percentile. */
export function p95(values: number[]): number {
  return sorted(values)[Math.ceil(0.95 * values.length) - 1]!
}
