import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { OPTIONS } from '../../src/core/options.ts'
import { ROOT } from '../../src/core/package.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })

test('--help lists the commands, serve --help every option', () => {
  const { stdout } = run('--help')
  for (const name of ['serve', 'render', 'health']) expect(stdout).toContain(`  ${name}`)
  const serve = run('serve', '--help').stdout
  for (const name of Object.keys(OPTIONS)) expect(serve).toContain(`--${name}`)
})

test('invalid arguments are refused in one line, with exit code 2', () => {
  for (const [words, message] of [
    [['brew'], 'there is no command brew; the commands are serve, render'],
    [['serve', '--colour', 'red'], 'serve has no flag --colour; see mandeltiles serve --help'],
    [['serve', '--port', 'x'], '--port must be a whole number from 0 to 65535, it was "x"'],
    [['render'], '--out must be a file ending in png, webp, avif, jpg'],
    [['render', '--out', 'a.png', '--re', 'x'], '--re must be a decimal number'],
    [['render', '--out', 'a.png', '--palette', 'garish'], '--palette must be one of tidal'],
    [['render', '--out', 'a.png', '--width', '0'], '--width must be a whole number from 1'],
    [['render', '--out', 'a.png', '--zoom', '99999'], '--zoom must be a number from 0 to'],
  ] as const) {
    const { status, stderr } = run(...words)
    expect(status, words.join(' ')).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n').length).toBe(1)
  }
})

test('--print-config shows no password and no secret', () => {
  const flags = ['--redis', 'redis://user:hunter2@host:1/3', '--tier-secret', 'sixteen-characters', '--print-config']
  for (const form of [[], ['=json']]) {
    const words = [...flags.slice(0, -1), `--print-config${form.join('')}`]
    const stdout = String(execFileSync(process.execPath, [cli, 'serve', ...words]))
    expect(stdout).toContain('redis://user:***@host:1/3')
    expect(stdout).not.toMatch(/hunter2|sixteen/)
  }
})

test('--print-config shows each value and where it came from', () => {
  const stdout = String(
    execFileSync(process.execPath, [cli, 'serve', '--threads', '3', '--print-config'], {
      env: { ...process.env, PORT: '81' },
    }),
  )
  expect(stdout).toMatch(/^port +81 +environment$/m)
  expect(stdout).toMatch(/^threads +3 +flag$/m)
  expect(stdout).toMatch(/^host +127\.0\.0\.1 +default$/m)
})

test('render writes the requested picture', async () => {
  const out = join(folder, 'valley.webp')
  const { status, stderr } = run(
    'render',
    '--out',
    out,
    '--re',
    '-0.75',
    '--im',
    '0.1',
    '--zoom',
    '5.5',
    '--width',
    '321',
    '--height',
    '123',
  )
  expect(stderr).toBe('')
  expect(status).toBe(0)
  const { width, height, format } = await sharp(readFileSync(out)).metadata()
  expect([width, height, format]).toEqual([321, 123, 'webp'])
})

test('render --like renders the same picture again, from a picture of any format or another program’s location file', () => {
  const appearance = ['--gradient', 'ff8800,0044ff;set=123456', '--offset', '0.3', '--density', '2', '--aa', '2']
  const where = [
    '--re',
    '-0.743643887037',
    '--im',
    '0.131825904205',
    '--zoom',
    '9.25',
    '--width',
    '80',
    '--height',
    '60',
  ]
  for (const ending of ['png', 'webp', 'avif', 'jpg']) {
    const [first, second, third] = ['first', 'second', 'third'].map((name) => join(folder, `${name}.${ending}`)) as [
      string,
      string,
      string,
    ]
    expect(run('render', '--out', first, ...where, ...appearance).stderr).toBe('')
    expect(run('render', '--out', second, '--like', first).stderr).toBe('')
    expect(readFileSync(second).equals(readFileSync(first)), ending).toBe(true)
    // a flag overrides what the file says
    run('render', '--out', third, '--like', first, '--offset', '0')
    expect(readFileSync(third).equals(readFileSync(first)), ending).toBe(false)
  }
  const place = join(folder, 'place.kfr')
  writeFileSync(place, 'Re: -0.743643887037\r\nIm: 0.131825904205\r\nZoom: 1E3\r\nIterations: 700\r\n')
  const [out, same] = [join(folder, 'place.png'), join(folder, 'same.png')]
  expect(run('render', '--out', out, '--like', place, '--width', '64', '--height', '48').stderr).toBe('')
  const zoom = String(Math.log2(1000) + Math.log2((3 * 48) / 1024))
  run(
    'render',
    '--out',
    same,
    ...where.slice(0, 4),
    '--zoom',
    zoom,
    '--width',
    '64',
    '--height',
    '48',
    '--max-iter',
    '700',
  )
  expect(readFileSync(out).equals(readFileSync(same))).toBe(true)
  const { status, stderr } = run('render', '--out', out, '--like', cli)
  expect(status).toBe(2)
  expect(stderr).toContain('--like must be a picture that mandeltiles rendered, a .kfr or a .toml')
})

/** A server in its own process, once it listens, and its address. */
async function started() {
  const child = spawn(process.execPath, [cli, 'serve', '--port', '0'])
  const address = await new Promise<string>((resolve) => {
    child.stdout.on('data', (data) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(data))
      if (found) resolve(found[0])
    })
  })
  return { child, address }
}

test('serve serves, health succeeds, and SIGTERM ends it gracefully', async () => {
  const { child, address } = await started()
  const { port } = new URL(address)
  const well = run('health', '--port', port)
  expect(well.status).toBe(0)
  expect(JSON.parse(well.stdout).status).toBe('ok')
  // a tile under way when the signal comes is finished
  const tile = fetch(`${address}/tile/12/1021/1900.png?max_iter=200000`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  expect((await tile).status).toBe(200)
  expect(await ended).toBe(0)
  const gone = run('health', '--port', port)
  expect(gone.status).toBe(2)
  expect(gone.stderr).toContain('no answer from')
})

test('if serve cannot listen, it says so in one line and exits with 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  try {
    for (const [words, message] of [
      [['-p', String(port)], `cannot listen on 127.0.0.1, port ${port}: another program is already listening there`],
      // of a network that is for documentation only
      [['--host', '192.0.2.1', '-p', '0'], 'cannot listen on 192.0.2.1, port 0: this machine has no such address'],
      [['--host', 'nosuch.invalid', '-p', '0'], 'cannot listen on nosuch.invalid, port 0: '],
    ] as const) {
      const child = spawn(process.execPath, [cli, 'serve', '--threads', '1', ...words])
      let stderr = ''
      child.stderr.on('data', (data) => (stderr += data))
      const [code, signal] = await once(child, 'exit')
      expect([code, signal, stderr.split('\n').length]).toEqual([1, null, 2])
      expect(stderr).toContain(message)
    }
  } finally {
    taken.close()
  }
})

test('serve ends gracefully when the reader of its log has gone', async () => {
  const { child, address } = await started()
  const tile = await fetch(`${address}/tile/0/0/0.png`, { headers: { connection: 'close' } })
  expect(tile.status).toBe(200)
  await tile.arrayBuffer()
  // before the tile's line is written
  child.stdout.destroy()
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('serve ends in time when the reader of its log stalls', { timeout: 30_000 }, async () => {
  const { child, address } = await started()
  child.stdout.removeAllListeners('data').pause()
  // more lines than the pipe and its reader hold
  for (let n = 0; n < 3000; n += 50) {
    const tiles = Array.from({ length: 50 }, (_, k) => fetch(`${address}/tile/20/${n + k}/0.png?max_iter=1`))
    for (const tile of await Promise.all(tiles)) await tile.arrayBuffer()
  }
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  const told = performance.now()
  child.kill('SIGTERM')
  expect(await ended).toBe('SIGKILL')
  expect(performance.now() - told).toBeLessThan(20_000)
})
