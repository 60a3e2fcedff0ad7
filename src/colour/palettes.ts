// The palettes as data: stops round one cycle of the phase, and the colour of the set itself. Phase
// 0 is far outside the set, and the page's background. At phase 1 the first stop returns.

import type { Gradient } from './gradient.ts'

export const DEFAULT_PALETTE = 'tidal'

export const PALETTE_STOPS = {
  tidal: {
    title: 'Tidal',
    stops: [
      [0, '#0a1128'],
      [0.16, '#1c4c8f'],
      [0.32, '#6fb7dd'],
      [0.44, '#fbf6e6'],
      [0.58, '#f3b24d'],
      [0.72, '#a8442c'],
      [0.86, '#341130'],
    ],
    set: '#04060d',
  },
  ember: {
    title: 'Ember',
    stops: [
      [0, '#12080d'],
      [0.2, '#5c1220'],
      [0.38, '#c73a1d'],
      [0.52, '#f7a83c'],
      [0.62, '#fff1cf'],
      [0.76, '#c58a6a'],
      [0.9, '#3d1f2b'],
    ],
    set: '#060304',
  },
  glacier: {
    title: 'Glacier',
    stops: [
      [0, '#08141f'],
      [0.2, '#12506b'],
      [0.38, '#3fa7b5'],
      [0.52, '#d5f0ea'],
      [0.62, '#ffffff'],
      [0.76, '#93a9c9'],
      [0.9, '#26345c'],
    ],
    set: '#03080d',
  },
  moss: {
    title: 'Moss',
    stops: [
      [0, '#0d1710'],
      [0.2, '#2d5a33'],
      [0.38, '#8fae5d'],
      [0.52, '#f3eecb'],
      [0.66, '#d2a24c'],
      [0.8, '#7a4a22'],
      [0.92, '#271a16'],
    ],
    set: '#050906',
  },
  orchid: {
    title: 'Orchid',
    stops: [
      [0, '#120a26'],
      [0.18, '#43288a'],
      [0.36, '#a463c9'],
      [0.5, '#f5c9d6'],
      [0.6, '#fff6ec'],
      [0.74, '#e07a86'],
      [0.88, '#5a1a4a'],
    ],
    set: '#07040f',
  },
  verdigris: {
    title: 'Verdigris',
    stops: [
      [0, '#071a1c'],
      [0.2, '#1a5d5c'],
      [0.36, '#6fb59d'],
      [0.5, '#f0e6cd'],
      [0.64, '#d98e55'],
      [0.8, '#7c3a21'],
      [0.92, '#22191c'],
    ],
    set: '#030a0b',
  },
  dusk: {
    title: 'Dusk',
    stops: [
      [0, '#151428'],
      [0.2, '#3d3b72'],
      [0.36, '#93709f'],
      [0.5, '#f0a58f'],
      [0.6, '#ffe9c9'],
      [0.74, '#8fb0c4'],
      [0.88, '#2f4a6b'],
    ],
    set: '#08080f',
  },
  aurora: {
    title: 'Aurora',
    stops: [
      [0, '#060d1a'],
      [0.2, '#0f4a52'],
      [0.36, '#2fae7a'],
      [0.48, '#d6f5a8'],
      [0.6, '#7fc9d8'],
      [0.74, '#6a5bc4'],
      [0.88, '#2b1650'],
    ],
    set: '#02050b',
  },
  paper: {
    title: 'Paper',
    stops: [
      [0, '#f4efe4'],
      [0.22, '#d9c7a8'],
      [0.42, '#7f9aa8'],
      [0.56, '#27405c'],
      [0.7, '#8a5a4c'],
      [0.86, '#e0b48c'],
    ],
    set: '#1a1c24',
  },
  grey: {
    title: 'Grey',
    stops: [
      [0, '#101010'],
      [0.5, '#f4f4f4'],
    ],
    set: '#000000',
  },
  spectrum: {
    title: 'Spectrum',
    stops: [
      [0, '#1630d8'],
      [0.17, '#10b8e8'],
      [0.33, '#1cc240'],
      [0.38, '#58ca32'],
      [0.5, '#ffe60a'],
      [0.64, '#ff7a00'],
      [0.78, '#f00a2e'],
      [0.9, '#a010e0'],
    ],
    set: '#000000',
  },
  // black and white, each for two fifths of the cycle
  contrast: {
    title: 'Two-tone',
    stops: [
      [0, '#050505'],
      [0.385, '#050505'],
      [0.5, '#fafafa'],
      [0.885, '#fafafa'],
    ],
    set: '#e0a800',
  },
  // Without red (protan) and without green (deutan), blue and yellow are easiest to distinguish;
  // without blue (tritan), red and teal. In all three the lightness changes as well.
  protan: {
    title: 'Protan',
    stops: [
      [0, '#00204d'],
      [0.25, '#31446b'],
      [0.45, '#958f78'],
      [0.6, '#ffe945'],
      [0.75, '#c9b35b'],
      [0.9, '#4d5470'],
    ],
    set: '#000000',
  },
  deutan: {
    title: 'Deutan',
    stops: [
      [0, '#0b1e5b'],
      [0.22, '#2f6fdb'],
      [0.4, '#bcd9ff'],
      [0.52, '#fffbe8'],
      [0.66, '#ffc233'],
      [0.82, '#9a5b00'],
      [0.93, '#33200a'],
    ],
    set: '#000000',
  },
  tritan: {
    title: 'Tritan',
    stops: [
      [0, '#2b0a12'],
      [0.2, '#a3142f'],
      [0.36, '#f2637a'],
      [0.5, '#fdeef0'],
      [0.64, '#7fd3cf'],
      [0.8, '#0f7f80'],
      [0.92, '#062f33'],
    ],
    set: '#000000',
  },
  // the sky, which takes most of many pictures, is the paper's white
  print: {
    title: 'Print',
    stops: [
      [0, '#ffffff'],
      [0.3, '#cfe3ee'],
      [0.5, '#5b8fb0'],
      [0.64, '#1f3f5c'],
      [0.78, '#b55f3c'],
      [0.9, '#f3dfc8'],
    ],
    set: '#1a1a1a',
  },
} as const satisfies Record<string, Gradient & { title: string }>

export type PaletteName = keyof typeof PALETTE_STOPS
export const PALETTE_NAMES = Object.keys(PALETTE_STOPS) as PaletteName[]
