const WIDTH = 30

/** A bar on a terminal, redrawn as the part done (0 to 1) grows; nothing where standard error is not a terminal. */
export function progressBar(): (done: number) => void {
  if (!process.stderr.isTTY) return () => {}
  const started = performance.now()
  return (done) => {
    const filled = Math.round(WIDTH * done)
    const left = ((performance.now() - started) * (1 - done)) / done / 1000
    const time = done < 1 ? `${left.toFixed(0)} s left` : 'done'
    process.stderr.write(
      `\r${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(100 * done)} % ${time}\x1b[K`,
    )
    if (done >= 1) process.stderr.write('\n')
  }
}
