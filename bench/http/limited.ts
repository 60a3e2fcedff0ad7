// A server in its own memory cgroup, which kills it if it takes more, like a container. If no
// cgroup can be made, the peak of its resident memory is compared instead.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { kill, type Replica, serve } from '../../test/cluster/processes.ts'
import { resident } from '../../test/load/memory.ts'

/** The two kinds of cgroups: where they are, and what their files are called. */
const KINDS = [
  {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    kills: 'memory.oom_control',
  },
  { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak', kills: 'memory.events' },
]

export interface Limited {
  server: Replica
  /** what limits it */
  by: string
  /** the most memory that it took, in bytes, and how often the kernel killed something in it */
  peak(): { bytes: number; kills: number }
  end(): Promise<void>
}

/** Serves within `bytes` of memory. */
export async function serveWithin(bytes: number, flags: Record<string, string | number>): Promise<Limited> {
  for (const kind of KINDS) {
    const folder = `${kind.root}/mandeltiles-${process.pid}`
    try {
      mkdirSync(folder)
      writeFileSync(`${folder}/${kind.limit}`, String(bytes))
    } catch {
      if (existsSync(folder)) rmdirSync(folder)
      continue
    }
    const enter = ['sh', '-c', `echo $$ > ${folder}/cgroup.procs && exec "$@"`, 'sh']
    const server = await serve(flags, enter)
    const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8')
    return {
      server,
      by: `a cgroup at ${folder}`,
      peak: () => ({
        bytes: Number(read(kind.peak)),
        kills: Number(/oom_kill (\d+)/.exec(read(kind.kills))?.[1] ?? 0),
      }),
      async end() {
        await kill(server.child)
        // the kernel takes a moment to notice that it is empty
        await sleep(200)
        rmdirSync(folder)
      },
    }
  }
  const server = await serve({ memory: Math.floor((bytes * 7) / 8), ...flags })
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, resident(server.child.pid!) * 2 ** 20)), 100)
  return {
    server,
    by: 'nothing: no cgroup can be made here, so its resident memory is watched',
    peak: () => ({ bytes: most, kills: most > bytes ? 1 : 0 }),
    async end() {
      clearInterval(watch)
      await kill(server.child)
    },
  }
}
