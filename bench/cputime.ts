/** The CPU time that this process takes for some work, all threads together, in seconds. */
export async function cpuSeconds(work: () => unknown): Promise<number> {
  const started = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1e6
}
