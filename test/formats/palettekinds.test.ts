// Palettes of Kalles Fraktaler, Ultra Fractal, GIMP's gradients and Adobe's swatches: random files
// of each kind against an independent implementation of the rules.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Gradient } from '../../src/colour/gradient.ts'
import { gradientTable, INTERIOR_INDEX } from '../../src/colour/palette.ts'
import { parsePaletteFile } from '../../src/formats/palettefile.ts'

type Rgb = [number, number, number]
const byte = fc.nat(255)
const colour = fc.tuple(byte, byte, byte)
const STEPS = 255

/** What each step of the cycle shows, and the set. */
function shown(gradient: Gradient): { steps: Rgb[]; set: Rgb } {
  const table = gradientTable(gradient)
  const at = (k: number): Rgb => [...table.subarray(3 * k, 3 * k + 3)] as Rgb
  return { steps: Array.from({ length: STEPS }, (_, k) => at(k)), set: at(INTERIOR_INDEX) }
}

/** No channel is off by more than rounding. */
function expectNear(found: Rgb[], right: (position: number) => number[]): void {
  for (const [k, rgb] of found.entries()) {
    const wanted = right((k + 0.5) / STEPS)
    for (const c of [0, 1, 2])
      expect(Math.abs(rgb[c]! - wanted[c]!), `step ${k}: ${rgb}, not ${wanted}`).toBeLessThan(1)
  }
}

const lineEnd = fc.constantFrom('\n', '\r\n')

describe('.kfp', () => {
  test('keys are in blue, green, red order, with sine interpolation', () => {
    const file = fc.record({
      keys: fc.array(colour, { minLength: 1, maxLength: 100 }),
      interior: fc.option(colour),
      offset: fc.option(fc.nat(1023)),
      end: lineEnd,
    })
    fc.assert(
      fc.property(file, ({ keys, interior, offset, end }) => {
        const lines = [
          'IterDiv: 0.100000',
          ...(offset === null ? [] : [`ColorOffset: ${offset}`]),
          `Colors: ${keys.map((key) => `${key.join()},`).join('')}`,
          ...(interior === null ? [] : [`InteriorColor: ${interior.join()},`]),
          'Smooth: 1',
        ]
        const { steps, set } = shown(parsePaletteFile(lines.join(end)))
        expect(set).toEqual(interior === null ? [0, 0, 0] : [...interior].reverse())
        expectNear(steps, (position) => {
          const at = (position + (offset ?? 0) / 1024) * keys.length
          const [a, b] = [Math.floor(at) % keys.length, (Math.floor(at) + 1) % keys.length]
          const part = Math.sin((at - Math.floor(at) - 0.5) * Math.PI) / 2 + 0.5
          return [2, 1, 0].map((c) => part * keys[b]![c]! + (1 - part) * keys[a]![c]!)
        })
      }),
      { numRuns: 100 },
    )
  })

  test('a location file is read too', () => {
    const { steps, set } = shown(parsePaletteFile(readFileSync(new URL('files/colours.kfp', import.meta.url))))
    expect(set).toEqual([0, 0, 0])
    // its second key, a quarter of the way round
    const [r, g, b] = steps[64]!
    expect([Math.abs(r - 64), Math.abs(g), Math.abs(b - 128)].every((off) => off < 4)).toBe(true)
  })
})

describe('.ugr', () => {
  const block = fc.record({
    points: fc.uniqueArray(fc.tuple(fc.nat(399), colour), { minLength: 1, maxLength: 60, selector: ([at]) => at }),
    rotation: fc.option(fc.integer({ min: -399, max: 399 })),
    title: fc.constantFrom('plain', 'a: b', 'index=3 color=9', '}'),
    end: lineEnd,
  })

  test('indices form a cycle of 400, colours have red in the lowest byte, and only the first gradient is read', () => {
    fc.assert(
      fc.property(block, ({ points, rotation, title, end }) => {
        const words = points.map(([at, [r, g, b]]) => `index=${at} color=${r + 256 * g + 65536 * b}`)
        const turn = rotation === null ? '' : ` rotation=${rotation}`
        const text = [
          '; a comment',
          'first {',
          'gradient:',
          `  title="${title}" smooth=no${turn} ${words.join(`${end}  `)}`,
          'opacity:',
          '  smooth=no index=0 opacity=255',
          '}',
          'second {',
          'gradient:',
          '  smooth=no index=0 color=255',
          '}',
        ].join(end)
        const turned = points.map(([at, rgb]) => ({ at: (((at + (rotation ?? 0)) % 400) + 400) % 400, rgb }))
        expectNear(shown(parsePaletteFile(text)).steps, (position) => {
          const here = position * 400
          const ahead = (at: number) => (at - here + 400) % 400 || 400
          const behind = (at: number) => (here - at + 400) % 400
          const next = turned.reduce((a, b) => (ahead(b.at) < ahead(a.at) ? b : a))
          const last = turned.reduce((a, b) => (behind(b.at) < behind(a.at) ? b : a))
          const part = behind(last.at) / (behind(last.at) + ahead(next.at))
          return [0, 1, 2].map((c) => last.rgb[c]! + (next.rgb[c]! - last.rgb[c]!) * part)
        })
      }),
      { numRuns: 100 },
    )
  })

  test('a smooth gradient passes through its points, which become stops', () => {
    const text = 'x {\ngradient:\n  smooth=yes index=0 color=255 index=100 color=65280\n  index=200 color=16711680\n}\n'
    const stops = [
      [0, '#ff0000'],
      [0.25, '#00ff00'],
      [0.5, '#0000ff'],
    ]
    expect(parsePaletteFile(text)).toEqual({ stops, set: '#000000' })
  })
})

describe('.ggr', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => Number(value.toFixed(6)))
  const ends = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 8 })

  test('segments blend between the colours at their ends', () => {
    const file = fc.record({
      ends,
      colours: fc.array(fc.tuple(part, part, part), { minLength: 18, maxLength: 18 }),
      end: lineEnd,
    })
    fc.assert(
      fc.property(file, ({ ends, colours, end }) => {
        const places = [0, ...ends.sort((a, b) => a - b).map((value) => value / 1000), 1]
        const segments = places
          .slice(1)
          .map((to, k) => ({ from: places[k]!, to, a: colours[2 * k]!, b: colours[2 * k + 1]! }))
        const lines = segments.map(({ from, to, a, b }) =>
          [from, (from + to) / 2, to, ...a, 1, ...b, 1, 0, 0]
            .map((value) => value.toFixed(6))
            .map((text, k) => (k > 10 ? text.slice(0, 1) : text))
            .join(' '),
        )
        const text = ['GIMP Gradient', 'Name: a gradient', String(lines.length), ...lines, ''].join(end)
        expectNear(shown(parsePaletteFile(text)).steps, (position) => {
          const { from, to, a, b } = segments.find((segment) => position <= segment.to)!
          return [0, 1, 2].map((c) => 255 * (a[c]! + ((b[c]! - a[c]!) * (position - from)) / (to - from)))
        })
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    ['curved', 1, (t: number) => t ** 2],
    ['along a sine', 2, (t: number) => (1 + Math.sin((linear(t) - 0.5) * Math.PI)) / 2],
    ['a sphere, up', 3, (t: number) => Math.sqrt(1 - (1 - linear(t)) ** 2)],
    ['a sphere, down', 4, (t: number) => 1 - Math.sqrt(1 - linear(t) ** 2)],
    ['a step', 5, (t: number) => (t >= Math.SQRT1_2 ? 1 : 0)],
  ])('%s', (_, blend, right) => {
    const text = `GIMP Gradient\n1\n0 ${Math.SQRT1_2} 1 0 0 0 1 1 0.5 0 1 ${blend} 0\n`
    expectNear(shown(parsePaletteFile(text)).steps, (t) => [255 * right(t), 127.5 * right(t), 0])
  })
  // with the middle at the root of a half
  const linear = (t: number) => (t < Math.SQRT1_2 ? t / Math.SQRT2 : 0.5 + (t - Math.SQRT1_2) / (2 - Math.SQRT2))

  test('hues can run up or down', () => {
    const text = (hues: number) => `GIMP Gradient\nName: x\n1\n0 0.5 1 1 0 0 1 0 1 0 1 0 ${hues}\n`
    const middle = (hues: number) => shown(parsePaletteFile(text(hues))).steps[127]
    expect(middle(1)).toEqual([255, 255, 0])
    expect(middle(2)).toEqual([0, 0, 255])
  })
})

describe('.ase', () => {
  function block(type: number, model = '', name = '', values: number[] = []): Buffer {
    const body = Buffer.alloc(type === 1 ? 2 + 2 * (name.length + 1) + 4 + 4 * values.length + 2 : 0)
    if (type === 1) {
      body.writeUInt16BE(name.length + 1, 0)
      for (const [k, letter] of [...name].entries()) body.writeUInt16BE(letter.charCodeAt(0), 2 + 2 * k)
      body.write(model, 4 + 2 * name.length, 'latin1')
      for (const [k, value] of values.entries()) body.writeFloatBE(value, 8 + 2 * name.length + 4 * k)
    }
    const head = Buffer.alloc(6)
    head.writeUInt16BE(type, 0)
    head.writeUInt32BE(body.length, 2)
    return Buffer.concat([head, body])
  }
  const file = (...blocks: Buffer[]) => {
    const head = Buffer.from('ASEF\0\x01\0\0\0\0\0\0', 'latin1')
    head.writeUInt32BE(blocks.length, 8)
    return Buffer.concat([head, ...blocks])
  }

  test('colours keep their order, groups are skipped', () => {
    const swatches = fc.array(fc.tuple(colour, fc.stringMatching(/^[a-z ]{0,12}$/)), { minLength: 2, maxLength: 32 })
    fc.assert(
      fc.property(swatches, (swatches) => {
        const blocks = swatches.map(([rgb, name]) =>
          block(
            1,
            'RGB ',
            name,
            rgb.map((value) => value / 255),
          ),
        )
        const { stops } = parsePaletteFile(file(block(0xc001), ...blocks, block(0xc002)))
        const hex = ([rgb]: (typeof swatches)[number]) => `#${Buffer.from(rgb).toString('hex')}`
        expect(stops.map(([, colour]) => colour)).toEqual(swatches.map(hex))
      }),
      { numRuns: 50 },
    )
    const grey = parsePaletteFile(file(block(1, 'Gray', 'g', [0.5]), block(1, 'RGB ', '', [1, 0, 0])))
    expect(grey.stops.map(([, colour]) => colour)).toEqual(['#808080', '#ff0000'])
  })

  test('another colour model is refused by name, and so is a truncated file', () => {
    expect(() => parsePaletteFile(file(block(1, 'CMYK', 'ink', [0, 0, 0, 1])))).toThrow(
      'must be RGB or grey, it was "CMYK"',
    )
    const whole = file(block(1, 'RGB ', 'a', [1, 0, 0]), block(1, 'RGB ', 'b', [0, 1, 0]))
    expect(() => parsePaletteFile(whole.subarray(0, -8))).toThrow('must be a whole .ase')
  })
})

test('arbitrary bytes give either a palette or a clear error', () => {
  const begun = fc.constantFrom(
    'ASEF',
    'GIMP Gradient\n',
    'Colors: ',
    'x {\ngradient:\n index=0 color=',
    'GIMP Palette\n',
  )
  fc.assert(
    fc.property(begun, fc.uint8Array({ maxLength: 200 }), (begun, rest) => {
      try {
        const { stops } = parsePaletteFile(Buffer.concat([Buffer.from(begun), rest]))
        expect(stops.length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid' })
      }
    }),
    { numRuns: 2000 },
  )
})
