// A film into a place: frames are parts of their key frames, exactly about the centre, and an
// interrupted film continues.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { frameName } from '../../src/export/framename.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-film-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })

const [WIDTH, HEIGHT, FRAMES, STEP] = [192, 144, 10, 0.3]
const FILM = [
  ...['--re', '-0.743643887037', '--im', '0.131825904205', '--width', `${WIDTH}`, '--height', `${HEIGHT}`],
  ...['--from', '2.9', '--zoom', `${2.9 + (FRAMES - 1) * STEP}`, '--fps', '1', '--pace', `${STEP}`, '--aa', '2'],
]

/**
 * The mean difference of a frame, shown `ratio` times smaller and moved, from the one before it,
 * where they show the same.
 */
function difference(before: Buffer, after: Buffer, ratio: number, shift = 0): number {
  let [sum, count] = [0, 0]
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [u, v] = [
        (x + 0.5 - WIDTH / 2) * ratio + WIDTH / 2 - 0.5 + shift,
        (y + 0.5 - HEIGHT / 2) * ratio + HEIGHT / 2 - 0.5,
      ]
      if (u < 2 || v < 2 || u > WIDTH - 3 || v > HEIGHT - 3) continue
      const [i, j] = [Math.floor(u), Math.floor(v)]
      const [a, b] = [u - i, v - j]
      for (let channel = 0; channel < 3; channel++) {
        const at = (di: number, dj: number) => after[3 * ((j + dj) * WIDTH + i + di) + channel]!
        const value = (1 - b) * ((1 - a) * at(0, 0) + a * at(1, 0)) + b * ((1 - a) * at(0, 1) + a * at(1, 1))
        sum += Math.abs(value - before[3 * (y * WIDTH + x) + channel]!)
        count++
      }
    }
  }
  return sum / count
}

describe('a film of ten frames', () => {
  const out = join(folder, 'film')
  const { status, stderr } = run('zoom', '--out', out, ...FILM)
  const decode = (k: number) =>
    sharp(join(out, frameName(k)))
      .removeAlpha()
      .raw()
      .toBuffer()

  test('leaves ten numbered frames and their description, but no key frames', async () => {
    expect([status, stderr]).toEqual([0, ''])
    expect(readdirSync(out).sort()).toEqual(['film.json', ...Array.from({ length: FRAMES }, (_, k) => frameName(k))])
    const { comments = [], width, height } = await sharp(join(out, frameName(4))).metadata()
    expect([width, height]).toEqual([WIDTH, HEIGHT])
    expect(Number(comments.find(({ keyword }) => keyword === 'zoom')?.text)).toBeCloseTo(2.9 + 4 * STEP, 9)
  })

  test('changes from each frame to the next only by scaling about the centre', async () => {
    const frames = await Promise.all(Array.from({ length: FRAMES }, (_, k) => decode(k)))
    for (let k = 1; k < FRAMES; k++) {
      const [before, after] = [frames[k - 1]!, frames[k]!]
      const right = difference(before, after, 2 ** STEP)
      expect(right, `frame ${k}`).toBeLessThan(5)
      // a key frame half a pixel off, or 2 % too large, would show
      for (const wrong of [
        difference(before, after, 2 ** STEP, 1.5),
        difference(before, after, 2 ** STEP, -1.5),
        difference(before, after, 2 ** STEP * 1.03),
        difference(before, after, 2 ** STEP / 1.03),
      ]) {
        expect(right, `frame ${k}`).toBeLessThan(0.75 * wrong)
      }
    }
  })

  test('shows in each frame what an image of that view shows', async () => {
    // with a wrong centre or scale of a key frame the film would run smoothly to another place
    for (let k = 0; k < FRAMES; k += 2) {
      const stills = await Promise.all(
        [0, 0.03, -0.03].map((off) => {
          const still = join(folder, `still-${k}-${off}.png`)
          const zoom = String(2.9 + k * STEP + off)
          const said = run('render', '--out', still, '--like', join(out, frameName(k)), '--aa', '2', '--zoom', zoom)
          expect(said.stderr).toBe('')
          return sharp(still).removeAlpha().raw().toBuffer()
        }),
      )
      const frame = await decode(k)
      const [right, ...wrong] = stills.map((still) => difference(still, frame, 1)) as [number, number, number]
      const aside = [1, -1].map((shift) => difference(stills[0]!, frame, 1, shift))
      for (const other of [...wrong, ...aside]) expect(right, `frame ${k}`).toBeLessThan(other)
      expect(right, `frame ${k}`).toBeLessThan(6)
    }
  })

  test('resumes to the same bytes, and only as the same film', () => {
    const again = join(folder, 'again')
    expect(run('zoom', '--out', again, ...FILM).status).toBe(0)
    for (const k of [3, 4, 9]) rmSync(join(again, frameName(k)))
    const kept = statSync(join(again, frameName(5))).mtimeMs
    for (const [words, message] of [
      [['--resume', '--style', 'distance'], 'holds another film, or one of another version: see'],
      [[], 'must be empty, or be continued with --resume; it holds'],
    ] as const) {
      const refused = run('zoom', '--out', again, ...FILM, ...words)
      expect([refused.status, refused.stderr.trim().split('\n').length]).toEqual([2, 1])
      expect(refused.stderr).toContain(message)
    }
    expect(run('zoom', '--out', again, ...FILM, '--resume').stderr).toBe('')
    expect(statSync(join(again, frameName(5))).mtimeMs).toBe(kept)
    for (let k = 0; k < FRAMES; k++) {
      expect(readFileSync(join(again, frameName(k))).equals(readFileSync(join(out, frameName(k)))), String(k)).toBe(
        true,
      )
    }
  })

  test.each(['mp4', 'webm'])('becomes an .%s with ffmpeg, of as many frames', (kind) => {
    const path = join(folder, `film.${kind}`)
    expect(run('zoom', '--out', path, ...FILM).stderr).toBe('')
    const show = ['-count_frames', '-show_entries', 'stream=width,height,nb_read_frames', '-of', 'csv=p=0']
    const { stdout } = spawnSync('ffprobe', ['-v', 'error', ...show, path], { encoding: 'utf8' })
    expect(stdout.trim()).toBe(`${WIDTH},${HEIGHT},${FRAMES}`)
    expect(existsSync(`${path}.frames`)).toBe(false)
    rmSync(path)
  })

  test('is refused without ffmpeg in one line, before anything is rendered', () => {
    const video = join(folder, 'film.mp4')
    const without = { encoding: 'utf8', env: { ...process.env, PATH: folder } } as const
    const refused = spawnSync(process.execPath, [cli, 'zoom', '--out', video, ...FILM], without)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toBe(
      'mandeltiles: an .mp4 is made by ffmpeg, which was not found: install it, or name a folder for the frames\n',
    )
    expect(existsSync(`${video}.frames`)).toBe(false)
  })

  test.each([
    [['--out', 'a.mp4', '--width', '101'], '--width must be even in an mp4, it was 101'],
    [['--out', 'a', '--fps', '0'], '--fps must be a number from 1 to 240, it was "0"'],
    [['--out', 'a', '--from', 'b'], '--from must be a number from -8 to 10000, it was "b"'],
    [['--out', 'a', '--bits', '16'], '--bits must be 8 in a film, it was 16'],
    [[], '--out must be a folder, an .mp4 or a .webm, it was ""'],
  ] as const)('%j is refused', (words, message) => {
    const refused = run('zoom', ...words)
    expect([refused.status, refused.stderr.trim()]).toEqual([2, `mandeltiles: ${message}`])
  })
})
