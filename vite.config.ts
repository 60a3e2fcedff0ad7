import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

// Leaflet's notice, which its licence wants to stay with every copy. The minifier drops comments.
const leaflet = createRequire(import.meta.url).resolve('leaflet')
const [notice] = /^\/\*[\s\S]*?\*\//.exec(readFileSync(leaflet, 'utf8'))!

export default defineConfig({
  root: fileURLToPath(new URL('src/web/', import.meta.url)),
  // URLs are relative to the page, so that it works under any path
  base: './',
  build: {
    outDir: fileURLToPath(new URL('dist/web/', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // pictures stay files: they are fetched when they become visible
    assetsInlineLimit: (path) => (path.endsWith('.webp') ? false : undefined),
    modulePreload: { polyfill: false },
    // the whole licences of what the page contains, beside it
    license: { fileName: 'licences.txt' },
    rolldownOptions: {
      // The page, and what has a fixed address: the layer for pages of others, which shares the
      // page's code, and the service worker, which shares none.
      input: {
        index: 'src/web/index.html',
        layer: 'src/web/layer/mandelbrotlayer.ts',
        serviceworker: 'src/web/offline/serviceworker.ts',
      },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: ({ name }) => (name === 'index' ? 'assets/[name]-[hash].js' : '[name].js'),
        postBanner: ({ moduleIds }) => (moduleIds.some((id) => id.includes('/leaflet/')) ? notice : ''),
      },
    },
  },
})
