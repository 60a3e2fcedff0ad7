// Numbers and points that are the same for the same seed.

export type Random = () => number

/** Numbers from 0 to 1 (Marsaglia's xorshift of 32 bits). */
export function generator(seed: number): Random {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** A point within 2^-40 of the set's edge: between one that stays and one that escapes. */
export function edge(random: Random): { re: number; im: number } {
  const stays = ({ re, im }: { re: number; im: number }): boolean => {
    let [x, y] = [0, 0]
    for (let n = 0; n < 5000 && x * x + y * y <= 4; n++) [x, y] = [x * x - y * y + re, 2 * x * y + im]
    return x * x + y * y <= 4
  }
  const anywhere = () => ({ re: 3 * random() - 2, im: 1.2 * random() })
  let [inside, outside] = [anywhere(), anywhere()]
  while (!stays(inside)) inside = anywhere()
  while (stays(outside)) outside = anywhere()
  for (let step = 0; step < 42; step++) {
    const middle = { re: (inside.re + outside.re) / 2, im: (inside.im + outside.im) / 2 }
    if (stays(middle)) inside = middle
    else outside = middle
  }
  return outside
}

/** The point of the main cardioid's edge where the multiplier is e^(2 pi i turn). */
export function onCardioid(turn: number): { re: number; im: number } {
  const [x, y] = [Math.cos(2 * Math.PI * turn) / 2, Math.sin(2 * Math.PI * turn) / 2]
  return { re: x - x * x + y * y, im: y - 2 * x * y }
}
